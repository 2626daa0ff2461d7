"""Two videos in, one `Alignment` out: search, refine, decide."""

import os

from videoalignment.align.alignment import Alignment, Segment
from videoalignment.align.lines import Line, Pair
from videoalignment.devices import choose_device
from videoalignment.errors import VideoAlignmentError
from videoalignment.features.cache import FPS, cached_features
from videoalignment.features.store import FrameFeatures

MIN_OVERLAP_S = 3.0


def align_videos(
    a: str | os.PathLike,
    b: str | os.PathLike,
    *,
    backbone: str = "efficientnet_lite0",
    fps: float = FPS,
    min_overlap_s: float = MIN_OVERLAP_S,
    device: str = "auto",
) -> Alignment:
    """Align two video files.

    Args:
        a, b: the files; their features are cached by content.
        backbone: the network that describes frames.
        fps: frames a second that are described at most.
        min_overlap_s: length, seconds of the shorter video, of the stretches that are searched
            for; a shorter shared stretch is seldom found.
        device: "auto", "cpu" or "cuda".

    Raises:
        VideoAlignmentError: a file cannot be read.
    """
    features = [cached_features(p, backbone=backbone, fps=fps, device=device) for p in (a, b)]
    return align_features(*features, min_overlap_s=min_overlap_s, device=device)


def align_features(
    a: FrameFeatures,
    b: FrameFeatures,
    *,
    min_overlap_s: float = MIN_OVERLAP_S,
    device: str = "auto",
) -> Alignment:
    """Align two videos by their frame features; see `align_videos`.

    Raises:
        VideoAlignmentError: the features are of different width.
    """
    if a.descriptors.shape[1] != b.descriptors.shape[1]:
        raise VideoAlignmentError(
            f"features of {a.descriptors.shape[1]} and {b.descriptors.shape[1]} numbers a frame "
            "cannot be compared; make both with the same network"
        )
    if _in_order(a, b):
        return _align(a, b, min_overlap_s, device)
    return inverse(_align(b, a, min_overlap_s, device))


def inverse(alignment: Alignment) -> Alignment:
    """The same alignment with A and B exchanged."""
    speed = alignment.speed
    segments = sorted(map(_inverse_segment, alignment.segments), key=lambda s: s.begin_a_s)
    return Alignment(
        matched=alignment.matched,
        offset_s=-alignment.offset_s / speed,
        speed=1 / speed,
        score=alignment.score,
        confidence=alignment.confidence,
        overlap=_inverse_segment(alignment.overlap),
        segments=tuple(segments),
        uncertainty_s=alignment.uncertainty_s / speed,
        duration_a_s=alignment.duration_b_s,
        duration_b_s=alignment.duration_a_s,
    )


def _inverse_segment(segment: Segment) -> Segment:
    return Segment(
        begin_a_s=segment.begin_b_s,
        end_a_s=segment.end_b_s,
        begin_b_s=segment.begin_a_s,
        end_b_s=segment.end_a_s,
        speed=1 / segment.speed,
        score=segment.score,
    )


def _in_order(a: FrameFeatures, b: FrameFeatures) -> bool:
    """Whether A comes first in the order that makes aligning symmetric: the shorter video first."""
    if a.duration_s != b.duration_s:
        return a.duration_s < b.duration_s
    return a.descriptors.tobytes() <= b.descriptors.tobytes()


def _align(a: FrameFeatures, b: FrameFeatures, min_overlap_s: float, device: str) -> Alignment:
    """Align A, the shorter one, with B."""
    pair = Pair.of(a, b)
    lines = pair.lines(min_overlap_s, str(choose_device(device)))
    followed = pair.segments(lines)
    matched_s: dict[Line, float] = {}
    for stretch, line in followed:
        matched_s[line] = matched_s.get(line, 0.0) + stretch.end_a_s - stretch.begin_a_s
    best = max(matched_s, key=matched_s.get) if followed else lines[0]
    fit = best.fit
    begin_s = max(pair.a.begin_s, (pair.b.begin_s - fit.offset_s) / fit.speed)
    end_s = min(pair.a.end_s, (pair.b.end_s - fit.offset_s) / fit.speed)
    return Alignment(
        matched=bool(followed),
        offset_s=fit.offset_s,
        speed=fit.speed,
        score=best.verification.likeness,
        confidence=best.confidence,
        overlap=_segment(best, begin_s, end_s),
        segments=tuple(_segment(line, s.begin_a_s, s.end_a_s) for s, line in followed),
        uncertainty_s=fit.uncertainty_s,
        duration_a_s=pair.a.end_s,
        duration_b_s=pair.b.end_s,
    )


def _segment(line: Line, begin_a_s: float, end_a_s: float) -> Segment:
    """A stretch of A and where a line puts it in B."""
    return Segment(
        begin_a_s=begin_a_s,
        end_a_s=end_a_s,
        begin_b_s=line.fit.place_s(begin_a_s),
        end_b_s=line.fit.place_s(end_a_s),
        speed=line.fit.speed,
        score=line.verification.likeness,
    )

"""Two recordings in, one answer out: describe, search, refine, decide, by all that there is."""

import math
import os
from dataclasses import replace

import torch

from videoalignment.align.alignment import HALF_WIDTH, MATCHED_FROM, Alignment, Segment
from videoalignment.align.described import described, followed
from videoalignment.align.fusion import fused, likelier
from videoalignment.align.lines import Line, WhitenedPair
from videoalignment.align.look import look_again
from videoalignment.align.motion.pipeline import align_motion, motion_may_tell
from videoalignment.align.options import BACKBONE, AlignOptions, CompareBy
from videoalignment.align.other_moment import show_another_moment
from videoalignment.align.pair import AlignedPair, Recording
from videoalignment.align.reel import Reel
from videoalignment.align.repeats import rival_lines
from videoalignment.align.segments import Stretch
from videoalignment.align.settings import LOOK
from videoalignment.align.shot import Look
from videoalignment.align.sound.pipeline import align_sound
from videoalignment.align.uncertain import uncertainty
from videoalignment.devices import choose_device
from videoalignment.features.cache import FPS
from videoalignment.features.store import FrameFeatures
from videoalignment.time_map import TimeMap

_WORTH = 0.2  # of guesses that are less likely no rivals are looked for
_REFUTED = 0.01  # confidence that remains where what is small in the pictures is not the same
_BEYOND_DOUBT = 0.98  # what moves is not asked about surer answers


def align_videos(
    a: str | os.PathLike[str],
    b: str | os.PathLike[str],
    *,
    backbone: str = BACKBONE,
    fps: float = FPS,
    min_overlap_s: float | None = None,
    device: str | torch.device = "auto",
    min_confidence: float = MATCHED_FROM,
    by: CompareBy = "auto",
) -> Alignment:
    """Align two recordings; see `align_pair`, which also gives what the answer came from."""
    pair = align_pair(
        a,
        b,
        backbone=backbone,
        fps=fps,
        min_overlap_s=min_overlap_s,
        device=device,
        min_confidence=min_confidence,
        by=by,
    )
    return pair.alignment


def align_pair(
    a: str | os.PathLike[str] | Recording,
    b: str | os.PathLike[str] | Recording,
    *,
    backbone: str = BACKBONE,
    fps: float = FPS,
    min_overlap_s: float | None = None,
    device: str | torch.device = "auto",
    min_confidence: float = MATCHED_FROM,
    by: CompareBy = "auto",
) -> AlignedPair:
    """Align two recordings, and keep together all that a report or an editor's file is made from.

    Args:
        a, b: video or sound files, whose features are cached by content, or recordings whose
            features are at hand.
        backbone: the network that describes frames.
        fps: frames a second that are described at most.
        min_overlap_s: length, seconds of the shorter video, of the stretches of pictures that are
            searched for; a shorter shared stretch is seldom found. None is 3 s, or all of a shorter
            video.
        device: where to compute, e.g. "auto", "cpu", "cuda" or "cuda:1".
        min_confidence: the confidence from which the two match, above 0 and at most 1.
        by: what is compared: "picture", "sound", or "both", of which what one of the two lacks is
            left out; "motion", what moves, for cameras that film one event from other sides; or
            "auto", which is "both", and then "motion" where these leave doubt and one of the two
            has nothing to hear.

    Raises:
        VideoAlignmentError: a file cannot be read or lacks what is compared, an option has no such
            value, or the features cannot be compared.
    """
    options = AlignOptions(min_overlap_s, backbone, fps, device, min_confidence, by)
    one, other = described(a, b, options)
    if options.by == "motion":
        return AlignedPair(one, other, _by_motion(one, other, options), options)
    answer = _by_content(one, other, options)
    in_doubt = answer.confidence < max(_BEYOND_DOUBT, options.min_confidence)
    if options.by == "auto" and in_doubt and _motion_may_tell(one, other):
        one, other = followed(one), followed(other)
        answer = likelier(answer, _by_motion(one, other, options))
    return AlignedPair(one, other, answer, options)


def _motion_may_tell(a: Recording, b: Recording) -> bool:
    """Whether two recordings of which pictures and sounds are not sure may be views of one event.

    Whoever films one event hears the same, too.
    """
    heard = all(one.sound is not None and not one.sound.silent for one in (a, b))
    seen = all(one.video is not None or one.motion is not None for one in (a, b))
    return seen and not heard and all(motion_may_tell(one.duration_s) for one in (a, b))


def _by_motion(a: Recording, b: Recording, options: AlignOptions) -> Alignment:
    """Compare what moves, which was followed."""
    assert a.motion is not None and b.motion is not None
    moved = align_motion(a.motion, b.motion, min_confidence=options.min_confidence)
    return replace(moved, duration_a_s=a.duration_s, duration_b_s=b.duration_s)


def _by_content(a: Recording, b: Recording, options: AlignOptions) -> Alignment:
    """Compare pictures and sounds, what both have and what was asked for: one of them at least."""
    answers = []
    if options.by != "sound" and a.features is not None and b.features is not None:
        reels = _reel(a), _reel(b)
        answers.append(align_pictures(a.features, b.features, options, reels))
    if options.by != "picture" and a.sound is not None and b.sound is not None:
        sound = align_sound(a.sound, b.sound, min_confidence=options.min_confidence)
        answers.append(replace(sound, duration_a_s=a.duration_s, duration_b_s=b.duration_s))
    return answers[0] if len(answers) == 1 else fused(*answers)


def _reel(recording: Recording) -> Reel | None:
    if recording.video is None or recording.features is None:
        return None
    return Reel(recording.video, recording.features.duration_s)


def align_features(
    a: FrameFeatures,
    b: FrameFeatures,
    *,
    min_overlap_s: float | None = None,
    device: str | torch.device = "auto",
    min_confidence: float = MATCHED_FROM,
) -> Alignment:
    """Align two videos by their frame features alone; see `align_pair`, which in doubt also looks
    at the pictures.

    Raises:
        VideoAlignmentError: the features cannot be compared, or an option has no such value.
    """
    options = AlignOptions(min_overlap_s, device=device, min_confidence=min_confidence)
    return align_pictures(a, b, options)


def align_pictures(
    a: FrameFeatures,
    b: FrameFeatures,
    options: AlignOptions,
    reels: tuple[Reel | None, Reel | None] = (None, None),
    *,
    look_from: float = 0.0,
    expected: TimeMap | None = None,
) -> Alignment:
    """Align by picture, with the shorter video in A's part, so that B with A is the exact inverse.

    Args:
        a, b: the features of both.
        options: what was asked for.
        reels: the pictures of both, so far as they are at hand.
        look_from: the confidence from which these are looked at in doubt.
        expected: where others than these pictures put them, to some tenths of a second; what is
            found elsewhere is doubtful then, and that they lie there is not taken for granted but
            looked at, and may be refuted.

    Raises:
        VideoAlignmentError: the features cannot be compared.
    """
    a.check_comparable(b)
    if _in_order(a, b):
        return _align(a, b, options, reels, look_from, expected)
    turned = expected.inverse() if expected else None
    return _align(b, a, options, reels[::-1], look_from, turned).inverse()


def glance(a: FrameFeatures, b: FrameFeatures, options: AlignOptions) -> Alignment:
    """Align by picture in a sixth of the time: only the likeliest line is looked at, and speeds far
    from 1 are not.

    Of what `align_pictures` finds at speeds near 1 it misses little; its confidences are as good.

    Args:
        a, b: the features of both.
        options: what was asked for.

    Raises:
        VideoAlignmentError: the features cannot be compared.
    """
    a.check_comparable(b)
    if not _in_order(a, b):
        return glance(b, a, options).inverse()
    pair = WhitenedPair.of(a, b)
    window_s = options.window_s(pair.a.end_s - pair.a.begin_s)
    return _answered(pair, pair.likeliest(window_s, choose_device(options.device)), None, options)


def _in_order(a: FrameFeatures, b: FrameFeatures) -> bool:
    """Whether A comes first in the order that makes aligning symmetric: the shorter video first."""
    if a.duration_s != b.duration_s:
        return a.duration_s < b.duration_s
    return a.descriptors.tobytes() <= b.descriptors.tobytes()


def _align(
    a: FrameFeatures,
    b: FrameFeatures,
    options: AlignOptions,
    reels: tuple[Reel | None, Reel | None],
    look_from: float,
    expected: TimeMap | None,
) -> Alignment:
    """Align A, the shorter one, with B."""
    pair = WhitenedPair.of(a, b)
    window_s = options.window_s(pair.a.end_s - pair.a.begin_s)
    lines = pair.lines(window_s, choose_device(options.device))
    named = pair.along(expected, window_s) if expected else None
    if named:
        lines = sorted([*lines, named], key=lambda line: line.rank)
        doubtful = _leaves_doubt(pair, lines[0]) or not lines[0].is_same(named)
    else:
        doubtful = lines[0].confidence >= look_from and _leaves_doubt(pair, lines[0])
    seen, refuted = None, None
    if reels[0] and reels[1] and doubtful:
        both = reels[0], reels[1]
        lines, seen = look_again(*both, pair, lines, window_s, named)
        found = lines[0] if lines[0].confidence >= MATCHED_FROM else None
        there = found is not None and expected is not None and found.runs_along(expected)
        if found and not there and show_another_moment(*both, found.time_map, window_s):
            refuted = found.time_map
            # Who was sure of that knows nothing of these pictures.
            lines = [replace(line, confidence=min(line.confidence, _REFUTED)) for line in lines]
        if expected and not there and show_another_moment(*both, expected, window_s):
            refuted = expected
    return replace(_answered(pair, lines, seen, options), refutes=refuted)


def _answered(
    pair: WhitenedPair, lines: list[Line], seen: Look | None, options: AlignOptions
) -> Alignment:
    """The answer that lines give.

    Args:
        pair: the two videos.
        lines: what was found, the answer first.
        seen: the pictures that the first line was found in, if it was.
        options: what was asked for.
    """
    best, followed = _decided(pair, lines, seen, options)
    shared_s = best.time_map.overlap_s(pair.a.span_s, pair.b.span_s)
    measured = seen.pair if seen and best.by_pictures else pair
    known = uncertainty(measured.a, measured.b, best.fit)
    turning_s = seen.turning_s if seen and best.by_pictures else 0.0
    known = replace(known, place_s=math.hypot(known.place_s, HALF_WIDTH * turning_s))
    return Alignment(
        time_map=best.time_map,
        score=best.verification.likeness,
        confidence=best.confidence,
        overlap=_segment(best, *shared_s),
        segments=tuple(
            # a line that is refined once more may leave B at the ends
            _segment(line, *line.time_map.overlap_s((s.begin_a_s, s.end_a_s), pair.b.span_s))
            for s, line in followed
        ),
        uncertainty=known,
        duration_a_s=pair.a.end_s,
        duration_b_s=pair.b.end_s,
        min_confidence=options.min_confidence,
        rivals=rival_lines(pair.a, pair.b, best.time_map) if best.confidence > _WORTH else (),
        turning=turning_s > 0,
    )


def _leaves_doubt(pair: WhitenedPair, best: Line) -> bool:
    """Whether descriptors do not tell whether two videos meet, or not where, to a frame."""
    if best.confidence < LOOK.below:
        return True
    return uncertainty(pair.a, pair.b, best.fit).place_s > LOOK.vague_s


def _decided(
    pair: WhitenedPair, lines: list[Line], seen: Look | None, options: AlignOptions
) -> tuple[Line, list[tuple[Stretch, Line]]]:
    """The answer's line, and the stretches of A that match; none where the line is a guess.

    Args:
        pair: the two videos.
        lines: what was found, the answer first.
        seen: the pictures that the first line was found in, if it was.
        options: what was asked for.
    """
    if lines[0].confidence < options.min_confidence:
        return lines[0], []
    if seen and seen.whole:
        followed = seen.pair.cut(lines[:1], options.min_confidence)
    else:
        window_s = options.window_s(pair.a.end_s - pair.a.begin_s)
        device = choose_device(options.device)
        followed = pair.cut_whole(lines, options.min_confidence, window_s, device)
    matched_s: dict[Line, float] = {}
    for stretch, line in followed:
        matched_s[line] = matched_s.get(line, 0.0) + stretch.end_a_s - stretch.begin_a_s
    return max(matched_s, key=lambda line: matched_s[line]), followed


def _segment(line: Line, begin_a_s: float, end_a_s: float) -> Segment:
    """A stretch of A and where a line puts it in B."""
    return Segment(line.time_map, begin_a_s, end_a_s, line.verification.likeness)

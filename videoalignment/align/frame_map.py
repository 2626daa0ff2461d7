"""Which frame of B each frame of A shows, to the frame.

The alignment says where A lies in B, to a few frames. From there on the pictures themselves are
compared, every frame of both: frame_pictures.py says how much two differ, frame_path.py finds the
way through B that A takes.
"""

import itertools
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from videoalignment.align.alignment import Segment
from videoalignment.align.frame_cut import shared_cuts
from videoalignment.align.frame_path import Lane, best_frames
from videoalignment.align.frame_pictures import Pictures, compare_pictures, read_pictures
from videoalignment.errors import VideoAlignmentError

__all__ = ["FrameMap", "FrameRow", "FrameRun", "Status", "map_frames"]

Status = Literal["matched", "repeated", "dropped", "unmatched"]

_MARGIN_S = 10.0  # how far outside a segment its line is tried: a short stretch before a cut may
# have no segment of its own, and lie just beside the line of the next
_CLEARLY = 0.7  # what the difference of matching frames must fall to for a crop to be believed
_OUTSIDE_S = 2.0  # how far outside B a line may lie so that B's first and last frames are tried


@dataclass(frozen=True)
class FrameRow:
    """A frame of A and the frame of B that it shows, or one of the two alone."""

    frame_a: int | None
    """Counted from 0; None for a frame that A lacks."""
    time_a_s: float | None
    """When A shows it, seconds from A's first frame."""
    frame_b: int | None
    """Counted from 0; None where B has no such frame."""
    time_b_s: float | None
    status: Status
    """matched; repeated: A shows the frame of B that its frame before showed; dropped: A lacks
    this frame of B, but has one before and one after it; unmatched: B has no such frame."""


@dataclass(frozen=True)
class FrameRun:
    """Consecutive frames of A that are consecutive frames of B."""

    first_a: int
    first_b: int
    frames: int


@dataclass(frozen=True)
class FrameMap:
    """For every frame of A, in A's order, the frame of B that shows the same moment.

    Raises:
        VideoAlignmentError: there is not a frame of B, or -1, for every frame of A.
    """

    times_a_s: np.ndarray
    """When A's frames are shown, seconds from the first, shape (a,)."""
    times_b_s: np.ndarray
    """When B's frames are shown, seconds from the first, shape (b,)."""
    shown: np.ndarray
    """The frame of B that each frame of A shows, counted from 0; -1 for none; shape (a,)."""

    def __post_init__(self) -> None:
        if self.shown.shape != self.times_a_s.shape:
            raise VideoAlignmentError(
                f"`shown` has shape {self.shown.shape}: expected {self.times_a_s.shape}, a frame "
                "of B for each frame of A"
            )
        if self.shown.size and not -1 <= self.shown.min() <= self.shown.max() < self.frames_b:
            raise VideoAlignmentError(
                f"`shown` names frames {self.shown.min()} to {self.shown.max()}: expected frames "
                f"of B, 0 to {self.frames_b - 1}, or -1"
            )

    @property
    def frames_b(self) -> int:
        """How many frames B has."""
        return len(self.times_b_s)

    @cached_property
    def repeated(self) -> np.ndarray:
        """Which frames of A show what the frame before showed, bool, shape (a,)."""
        again = np.zeros(len(self.shown), bool)
        again[1:] = (self.shown[1:] == self.shown[:-1]) & (self.shown[1:] >= 0)
        return again

    @cached_property
    def dropped(self) -> np.ndarray:
        """The frames of B that A lacks though it has one before and one after, ascending.

        Before and after on A's clock: B's beginning and end do not count, nor does what lies
        between two stretches that A shows in another order.
        """
        gaps = [np.arange(0), *(np.arange(first, end) for _, first, end in self._gaps())]
        return np.setdiff1d(np.concatenate(gaps), self.shown)

    def _gaps(self) -> Iterator[tuple[int, int, int]]:
        """A frame of A, and the first frame of B and the one behind the last that it jumped."""
        frames_a = np.flatnonzero(self.shown >= 0)
        shown = self.shown[frames_a]
        for place in np.flatnonzero(np.diff(shown) > 1) + 1:
            yield int(frames_a[place]), int(shown[place - 1]) + 1, int(shown[place])

    def rows(self) -> Iterator[FrameRow]:
        """Every frame of A in A's order, each after the frames of B that A dropped before it."""
        gaps = {frame_a: range(first, end) for frame_a, first, end in self._gaps()}
        left = set(self.dropped.tolist())  # two jumps over one frame tell of it once
        for frame_a, (time_a_s, frame_b) in enumerate(
            zip(self.times_a_s.tolist(), self.shown.tolist(), strict=True)
        ):
            for missing in gaps.get(frame_a, ()):
                if missing in left:
                    left.remove(missing)
                    yield FrameRow(None, None, missing, float(self.times_b_s[missing]), "dropped")
            if frame_b < 0:
                yield FrameRow(frame_a, time_a_s, None, None, "unmatched")
            else:
                status: Status = "repeated" if self.repeated[frame_a] else "matched"
                yield FrameRow(frame_a, time_a_s, frame_b, float(self.times_b_s[frame_b]), status)

    def runs(self) -> list[FrameRun]:
        """The stretches in which A plays B frame by frame, without repeated frames, in A's order.

        What programs that compare pictures can be given: as many frames of A as of B.
        """
        frames_a = np.flatnonzero((self.shown >= 0) & ~self.repeated)
        if not frames_a.size:
            return []
        shown = self.shown[frames_a]
        cuts = np.flatnonzero((np.diff(frames_a) != 1) | (np.diff(shown) != 1)) + 1
        edges = [0, *cuts.tolist(), len(frames_a)]
        return [
            FrameRun(int(frames_a[begin]), int(shown[begin]), end - begin)
            for begin, end in itertools.pairwise(edges)
        ]

    def counts(self) -> dict[Status, int]:
        """How many rows have each status."""
        repeated, unmatched = int(self.repeated.sum()), int((self.shown < 0).sum())
        return {
            "matched": len(self.shown) - repeated - unmatched,
            "repeated": repeated,
            "dropped": len(self.dropped),
            "unmatched": unmatched,
        }


def map_frames(
    a: str | os.PathLike[str], b: str | os.PathLike[str], segments: Sequence[Segment]
) -> FrameMap:
    """Find the frame of B that each frame of A shows.

    Args:
        a, b: video files; all their frames are decoded, and held at thumbnail size.
        segments: where the two match, in A's order, as an alignment has them.

    Raises:
        UnusableFileError: a file cannot be read, or breaks off.
    """
    pictures = read_pictures(a), read_pictures(b)
    lanes = [_lane(segment, *pictures) for segment in segments]
    lanes = [lane for lane in lanes if len(lane.frames_a)]
    compared = compare_pictures(*pictures, lanes)
    cuts = shared_cuts(a, b, segments) if lanes else None
    if cuts:
        shared = compare_pictures(read_pictures(a, cuts[0]), read_pictures(b, cuts[1]), lanes)
        if shared.usual < _CLEARLY * compared.usual:
            compared = shared
    times_a_s, times_b_s = (shown.times_s for shown in pictures)
    return FrameMap(times_a_s, times_b_s, best_frames(times_a_s, times_b_s, lanes, compared))


def _lane(segment: Segment, a: Pictures, b: Pictures) -> Lane:
    """The frames of A on a segment and around it, and where its line puts each in B."""
    line = segment.time_map
    inside = (a.times_s >= segment.begin_a_s - _MARGIN_S) & (
        a.times_s <= segment.end_a_s + _MARGIN_S
    )
    times_b_s = line.to_b(a.times_s[inside])
    reaches = (times_b_s > -_OUTSIDE_S) & (times_b_s < b.times_s[-1] + _OUTSIDE_S)
    frames_a, times_b_s = np.flatnonzero(inside)[reaches], times_b_s[reaches]
    sure = (a.times_s[frames_a] >= segment.begin_a_s) & (a.times_s[frames_a] <= segment.end_a_s)
    return Lane(line.speed, frames_a, times_b_s, _nearest(b.times_s, times_b_s), sure)


def _nearest(times_s: np.ndarray, wanted_s: np.ndarray) -> np.ndarray:
    """Which of some ascending times is the nearest to each wanted one."""
    after = np.clip(np.searchsorted(times_s, wanted_s), 1, max(len(times_s) - 1, 1))
    before = after - 1
    after = np.minimum(after, len(times_s) - 1)
    return np.where(wanted_s - times_s[before] <= times_s[after] - wanted_s, before, after)

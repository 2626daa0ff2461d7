"""What of two videos' pictures the frame map compares: what both show, laid over each other.

A picture that was cropped, framed, stretched or mirrored differs from its source at every pixel, as
much as another frame does. Where points in pictures of the same moments agree on how the one lies
in the other (registration.py), thumbnails are made of what the two share.
"""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from videoalignment.align.alignment import Segment
from videoalignment.align.reel import Reel
from videoalignment.align.registration import Points, register, shrunk
from videoalignment.errors import UnusableFileError
from videoalignment.media.probe import probe_video

THUMBNAIL = (36, 64)
"""Height and width: enough to see a frame of motion."""

_MOMENTS = 6
_GLANCE_S = 0.3  # how much is decoded around a moment
_CLEARLY = 0.7  # what the difference of thumbnails must fall to for a cut to be believed


@dataclass(frozen=True)
class Cut:
    """A part of a video's picture."""

    size: tuple[int, int]
    """Height and width of the pictures that it is cut out of, pixels."""
    onto: np.ndarray
    """Affine map of their pixels onto thumbnails, four times as high and wide, shape (2, 3)."""

    @classmethod
    def whole(cls, size: tuple[int, int]) -> "Cut":
        """All of a picture."""
        down, across = 4 * THUMBNAIL[0] / size[0], 4 * THUMBNAIL[1] / size[1]
        return cls(size, np.array([[across, 0.0, 0.0], [0.0, down, 0.0]]))

    def thumbnail(self, picture: np.ndarray) -> np.ndarray:
        """The part of a grey picture of that size, uint8, shape `THUMBNAIL`."""
        return shrunk(picture, self.onto, THUMBNAIL)


def shared_cuts(
    a: str | os.PathLike[str], b: str | os.PathLike[str], segments: Sequence[Segment]
) -> tuple[Cut, Cut] | None:
    """Find what two videos share of the picture.

    Args:
        a, b: video files.
        segments: where they match, one at least.

    Returns:
        The part of A's and of B's picture; None where that is all of both, or cannot be told.

    Raises:
        UnusableFileError: a file cannot be read.
    """
    reels = _reel(a), _reel(b)
    moments = [
        shown
        for segment, time_a_s in _spread(segments)
        if (shown := _at(reels, time_a_s, segment.time_map.to_b(time_a_s)))
    ]
    found = register(*([Points.of(moment[side]) for moment in moments] for side in (0, 1)))
    laid = found and found.sharpened(moments).onto_shared(
        reels[0].size, reels[1].size, (4 * THUMBNAIL[0], 4 * THUMBNAIL[1])
    )
    if not laid:
        return None
    shared = Cut(reels[0].size, laid[0]), Cut(reels[1].size, laid[1])
    whole = Cut.whole(reels[0].size), Cut.whole(reels[1].size)
    return shared if _apart(moments, shared) < _CLEARLY * _apart(moments, whole) else None


def _at(
    reels: tuple[Reel, Reel], time_a_s: float, time_b_s: float
) -> tuple[np.ndarray, np.ndarray] | None:
    """The pictures of both at a moment; None where one cannot be decoded there."""
    pictures = []
    for reel, time_s in zip(reels, (time_a_s, time_b_s), strict=True):
        try:
            seen = reel.stretch(max(0.0, time_s - _GLANCE_S), time_s + _GLANCE_S)
        except UnusableFileError:
            return None  # reading all frames will say what is wrong, if anything is
        if seen is None:
            return None
        pictures.append(seen.frames[np.abs(seen.times_s - time_s).argmin()])
    return pictures[0], pictures[1]


def _apart(moments: Sequence[tuple[np.ndarray, np.ndarray]], cuts: tuple[Cut, Cut]) -> float:
    """How much thumbnails of the same moments differ, but for how bright and contrasty they are."""
    differences = []
    for pictures in moments:
        ours, theirs = (
            cut.thumbnail(picture).astype(float)
            for cut, picture in zip(cuts, pictures, strict=True)
        )
        levels = [(shown - shown.mean()) / (shown.std() + 1.0) for shown in (ours, theirs)]
        differences.append(np.square(levels[0] - levels[1]).mean())
    return float(np.median(differences))


def _reel(path: str | os.PathLike[str]) -> Reel:
    video = probe_video(path)
    return Reel(video, math.inf if video.duration_s is None else video.duration_s)


def _spread(segments: Sequence[Segment]) -> list[tuple[Segment, float]]:
    """Moments of A, evenly over all segments, and the segment of each."""
    lengths_s = np.array([segment.end_a_s - segment.begin_a_s for segment in segments])
    ends_s = np.cumsum(lengths_s)
    into_s = (np.arange(_MOMENTS) + 0.5) / _MOMENTS * ends_s[-1]
    places = np.searchsorted(ends_s, into_s).clip(max=len(segments) - 1)
    return [
        (segments[place], segments[place].end_a_s - (ends_s[place] - at_s))
        for place, at_s in zip(places, into_s.tolist(), strict=True)
    ]

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
from videoalignment.align.registration import Points, register, shrunk, softened
from videoalignment.errors import UnusableFileError
from videoalignment.media.probe import probe_video
from videoalignment.time_map import TimeMap

THUMBNAIL = (36, 64)
"""Height and width: enough to see a frame of motion."""

_MOMENTS = 6
_GLANCE_S = 0.3  # how much is decoded around a moment
_UNMOVED = 0.01  # of a picture's longer side, how far a corner may lie from its place


@dataclass(frozen=True)
class Cut:
    """A part of a video's picture."""

    size: tuple[int, int]
    """Height and width of the pictures that it is cut out of, pixels."""
    onto: np.ndarray
    """Affine map of their pixels onto thumbnails, shape (2, 3)."""

    def thumbnail(self, picture: np.ndarray) -> np.ndarray:
        """The part of a grey picture of that size, uint8, shape `THUMBNAIL`."""
        return shrunk(softened(picture), self.onto, THUMBNAIL)


def shared_cuts(
    a: str | os.PathLike[str], b: str | os.PathLike[str], segments: Sequence[Segment]
) -> tuple[Cut, Cut] | None:
    """Find what two videos share of the picture.

    Args:
        a, b: video files.
        segments: where they match, one at least.

    Returns:
        What may be the part of A's and of B's picture: a line that is off, and a camera that moves,
        look like a crop, too. None where it is all of both, or cannot be told.

    Raises:
        UnusableFileError: a file cannot be read.
    """
    reels = _reel(a), _reel(b)
    moments = [
        shown
        for segment, time_a_s in _spread(segments)
        if (shown := _at(reels, segment.time_map, time_a_s))
    ]
    ours, theirs = ([Points.of(shown[side]) for shown in moments] for side in (0, 1))
    found = register(ours, theirs)
    if found is None:
        return None
    found = found.sharpened(moments)
    height, width = size_a = reels[0].size
    size_b = reels[1].size
    unmoved = np.array([[0, 0], [width, 0], [0, height], [width, height]])
    if np.abs(found.corners(size_b) - unmoved).max() < _UNMOVED * max(size_a):
        return None
    laid = found.onto_shared(size_a, size_b, THUMBNAIL)
    return laid and (Cut(size_a, laid[0]), Cut(size_b, laid[1]))


def _at(
    reels: tuple[Reel, Reel], line: TimeMap, time_a_s: float
) -> tuple[np.ndarray, np.ndarray] | None:
    """The pictures of both at about a moment of A; None where one cannot be decoded there.

    B's is the one nearest to A's own picture, not to the moment: where a camera moves steadily,
    pictures of frames next to each other can be laid over each other just as those of the same.
    """
    pictures, time_s = [], time_a_s
    for reel in reels:
        try:
            seen = reel.stretch(max(0.0, time_s - _GLANCE_S), time_s + _GLANCE_S)
        except UnusableFileError:
            return None  # reading all frames will say what is wrong, if anything is
        if seen is None:
            return None
        nearest = np.abs(seen.times_s - time_s).argmin()
        pictures.append(seen.frames[nearest])
        time_s = line.to_b(float(seen.times_s[nearest]))
    return pictures[0], pictures[1]


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

"""What is left of a video where only its windows are kept."""

from dataclasses import dataclass

import numpy as np

from videoalignment.errors import OptionError
from videoalignment.index.describe import Description
from videoalignment.index.settings import STORED
from videoalignment.index.whitening import unit


@dataclass(frozen=True)
class WindowTrack:
    """The windows of a video, or of a stretch of one, where its moments are not kept."""

    vectors: np.ndarray
    """Of windows that lie end to end, unit norm, float32, shape (w, window_width)."""
    duration_s: float
    """How long it is; the last window may be cut short."""

    def __post_init__(self) -> None:
        shape, width = self.vectors.shape, STORED.window_width
        if len(shape) != 2 or not shape[0] or shape[1] != width:
            raise OptionError(f"`vectors` of shape {shape}: expected (w, {width})")
        if not np.isfinite(self.vectors).all() or not 0 < self.duration_s < np.inf:
            raise OptionError("`vectors` and `duration_s`: expected numbers that are finite")

    @property
    def count(self) -> int:
        """How many moments it stands for."""
        return len(self.vectors) * STORED.window_moments

    def windows(self) -> np.ndarray:
        """The vectors, as a `Description` gives them."""
        return self.vectors

    def part(self, begin: int, end: int) -> "WindowTrack":
        """The windows that begin between two moments."""
        first, last = (-(-moment // STORED.window_moments) for moment in (begin, end))
        begin_s, end_s = first * STORED.window_s, min(self.duration_s, last * STORED.window_s)
        return WindowTrack(self.vectors[first:last], max(end_s - begin_s, 1e-3))

    def votes_at(self, begins: np.ndarray) -> np.ndarray:
        """Windows that begin at given moments, as a mixture of the two that they lie in.

        Returns:
            Unit norm, float32, shape (w, window_width).
        """
        at = (begins / STORED.window_moments).clip(0, len(self.vectors) - 1)
        before = at.astype(int)
        after = (before + 1).clip(max=len(self.vectors) - 1)
        share = (at - before).astype(np.float32)[:, None]
        return unit((1 - share) * self.vectors[before] + share * self.vectors[after])


Kept = Description | WindowTrack
"""What an index keeps of a video, or of a stretch of one."""

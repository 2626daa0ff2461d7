"""What an index keeps of a video: its moments, whitened and rounded, and windows of them.

Frames are averaged over moments of equal length, so that nothing depends on frame rates. A window's
descriptor is made of the moments that are kept, the same way for queries and for videos.
"""

import os
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from videoalignment.align.footage import Footage
from videoalignment.errors import OptionError
from videoalignment.features.cache import cached_features
from videoalignment.features.frame_features import FrameFeatures
from videoalignment.index.settings import STORED
from videoalignment.index.whitening import Whitening, unit
from videoalignment.media.inside import Inside


@dataclass(frozen=True)
class Description:
    """The moments of a video, or of a stretch of one."""

    moments: np.ndarray
    """Whitened and rounded, int8, shape (n, width)."""
    duration_s: float
    """How long it is; the last moment may be cut short."""

    def __post_init__(self) -> None:
        shape = self.moments.shape
        if self.moments.dtype != np.int8 or len(shape) != 2 or shape[1] != STORED.width:
            raise OptionError(
                f"`moments`: {self.moments.dtype} of shape {shape}, expected int8 "
                f"(n, {STORED.width})"
            )
        if not (len(shape) and shape[0] and 0 < self.duration_s < np.inf):
            raise OptionError(f"`moments`: {shape[0]} of a video of {self.duration_s} s")

    @property
    def count(self) -> int:
        """How many moments there are."""
        return len(self.moments)

    def part(self, begin: int, end: int) -> "Description":
        """What lies between two moments."""
        begin_s, end_s = begin / STORED.rate_hz, min(self.duration_s, end / STORED.rate_hz)
        return Description(self.moments[begin:end], max(end_s - begin_s, 1e-3))

    def features(self) -> FrameFeatures:
        """The moments as features that can be aligned."""
        count, rate_hz = len(self.moments), STORED.rate_hz
        times_s = np.arange(count) / rate_hz
        duration_s = max(self.duration_s, float(times_s[-1]) + 1e-3)
        return FrameFeatures(self.moments.astype(np.float32), times_s, rate_hz, None, duration_s)

    def windows(self) -> np.ndarray:
        """What an engine keeps of windows that lie end to end, shape (w, window_width)."""
        return self.votes_at(np.arange(0, len(self.moments), STORED.window_moments))

    def votes_at(self, begins: np.ndarray) -> np.ndarray:
        """What an engine compares of windows that begin at given moments.

        Returns:
            The directions of `windows_at` along which scenes differ most, unit norm, float32,
            shape (w, window_width).
        """
        return unit(self.windows_at(begins)[:, : STORED.window_width])

    def windows_at(self, begins: np.ndarray, moments: int = STORED.window_moments) -> np.ndarray:
        """Descriptors of windows that begin at given moments, unit norm, shape (w, width).

        What a window lacks before the video's begin or after its end is left out of it.
        """
        ends = (begins + moments).clip(1, len(self.moments))
        begins = begins.clip(0, len(self.moments) - 1)
        return unit(self._sums[ends] - self._sums[begins])

    @cached_property
    def _sums(self) -> np.ndarray:
        """Sums of the moments before each, and of all, float32, shape (n + 1, width)."""
        sums = np.zeros((len(self.moments) + 1, self.moments.shape[1]), np.float32)
        np.cumsum(self.moments, axis=0, dtype=np.float32, out=sums[1:])
        return sums


def video_features(
    path: str | os.PathLike[str],
    whitening: Whitening,
    *,
    inside: Inside | None = None,
    device: str | torch.device = "auto",
) -> FrameFeatures:
    """The features of a file that a whitening is for, from the cache where they are there.

    Args:
        path: the video file.
        whitening: of the index.
        inside: the part of the picture that is described; all of it unless given.
        device: where to compute.

    Raises:
        VideoAlignmentError: the video cannot be read.
    """
    recipe = whitening.recipe
    return cached_features(
        path,
        backbone=recipe.network,
        level=recipe.level,
        fps=recipe.max_fps,
        inside=inside,
        device=device,
    )


def describe(features: FrameFeatures, whitening: Whitening) -> Description:
    """Describe a video.

    Raises:
        FeatureMismatchError: the features were made otherwise than the whitening asks for.
    """
    whitening.check(features)
    footage = Footage.of(features)
    length_s = footage.end_s - footage.begin_s
    count = max(1, int(np.ceil(length_s * STORED.rate_hz - 1e-6)))
    edges_s = footage.begin_s + np.arange(count + 1) / STORED.rate_hz
    if length_s * STORED.rate_hz > 1:
        edges_s[-1] = footage.end_s  # no more than there is
    return Description(whitening.kept(footage.averaged(edges_s)), max(length_s, 1e-3))

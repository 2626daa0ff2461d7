"""The points of one video, as the search compares them with those of another."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.fft

from videoalignment.align.motion.correlation import canonical
from videoalignment.align.motion.settings import SETTINGS
from videoalignment.features.motion_features import MotionFeatures

_HARDLY = 1e-3  # added to sums of squares, so that none is 0


@dataclass(frozen=True, eq=False)
class Moving:
    """What moves in one video; holds what several pairs of it share."""

    features: MotionFeatures

    @property
    def samples(self) -> int:
        """How many samples the video has."""
        return self.features.samples

    @cached_property
    def _laid_out(self) -> tuple[np.ndarray, np.ndarray]:
        velocities, seen = self.features.laid_out()
        speeds = np.sqrt(np.square(velocities).sum(axis=0))
        return velocities / (speeds + SETTINGS.fast), seen

    @property
    def velocities(self) -> np.ndarray:
        """Compressed velocities, 0 where a point is not seen, shape (2, points, samples)."""
        return self._laid_out[0]

    @property
    def seen(self) -> np.ndarray:
        """1 where a point is seen, else 0, shape (points, samples)."""
        return self._laid_out[1]

    @cached_property
    def span(self) -> tuple[int, int]:
        """The first sample at which a point is seen, and the one after the last."""
        seen = np.flatnonzero(self.seen.any(axis=0))
        return (int(seen[0]), int(seen[-1]) + 1) if len(seen) else (0, 0)

    @cached_property
    def memory(self) -> np.ndarray:
        """How like itself each point's motion is after 0, 1, 2... samples, shape (points, n).

        Either way: in what turns back and forth a few times, likeness and its reverse would cancel
        in the product of two such, and so few moments be counted as many.
        """
        steps = round(SETTINGS.memory_s * self.features.recipe.rate_hz)
        size = scipy.fft.next_fast_len(self.samples + steps, real=True)
        spectra = scipy.fft.rfft(self.velocities, size, axis=-1)
        sums = scipy.fft.irfft(np.square(np.abs(spectra)).sum(axis=0), size, axis=-1)[:, :steps]
        return np.abs(sums) / np.maximum(sums[:, :1], _HARDLY)

    @cached_property
    def weights(self) -> np.ndarray:
        """What share of a body each point stands for, shape (points,).

        Points that move alike are of one body, and tell one thing together.
        """
        (x, y), seen = self.velocities, self.seen
        together = seen @ seen.T
        noise = _HARDLY
        ours = ((x * x) @ seen.T + noise, (x * y) @ seen.T, (y * y) @ seen.T + noise)
        theirs = tuple(sums.T for sums in ours)
        sum_squares, product = canonical(ours, theirs, (x @ x.T, x @ y.T, y @ x.T, y @ y.T))
        root = np.sqrt(np.maximum(np.square(sum_squares) - 4 * product, 0))
        likeness = np.clip((sum_squares + root) / 2, 0, 1)
        likeness *= together / np.maximum(np.diag(together)[:, None], 1)
        np.fill_diagonal(likeness, 1)
        return 1 / likeness.sum(axis=1)

    def spectra(self, size: int) -> "Spectra":
        """Transforms of what is correlated with another video's, `size` samples long."""
        x, y = self.velocities
        kinds = (self.seen, x, y, x * x, x * y, y * y)
        return Spectra(*(scipy.fft.rfft(kind, size, axis=-1) for kind in kinds))


@dataclass(frozen=True)
class Spectra:
    """Transforms over time of all points of a video, complex64, shape (points, frequencies)."""

    seen: np.ndarray
    x: np.ndarray
    y: np.ndarray
    xx: np.ndarray
    xy: np.ndarray
    yy: np.ndarray

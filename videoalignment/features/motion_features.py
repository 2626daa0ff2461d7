"""What moves in one video as aligning compares it, checked when it is made."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from videoalignment.errors import FeatureMismatchError, OptionError
from videoalignment.features.frame_features import LONGEST_S
from videoalignment.features.number_recipe import NumberRecipe


@dataclass(frozen=True, kw_only=True)
class MotionRecipe(NumberRecipe):
    """All that decides which points are followed; see `motion.follow`."""

    of: ClassVar[str] = "motion"

    side: int = 480
    """Pixels of the longer side that pictures are scaled to."""
    most_fps: float = 30.0
    """Frames a second that are looked at, at most."""
    rate_hz: float = 20.0
    """Velocities a second."""
    smooth_s: float = 0.1
    """Standard deviation of the Gaussian that positions are smoothed with."""
    anew_s: float = 0.4
    """How often points are looked for anew."""
    points: int = 500
    """Followed at once, at most."""
    background: int = 100
    """Of these, found anywhere; the others where it moves."""
    shortest_s: float = 1.5
    """A point that is followed for less tells nothing."""
    still: float = 0.00625
    """Pictures' longer sides a second below which a point hardly moves."""
    least_moving_s: float = 0.3
    """How long, about, a point must have moved."""
    alike: float = 0.93
    """Points whose velocities correlate so much are one body's: the one that moves most stands for
    all."""
    at_once: int = 40
    """Points that are kept of any moment, at most."""
    most: int = 120
    """Points that are kept of a video, at most, for speed."""
    longest_s: float = 300.0
    """Later pictures are not looked at, for speed."""
    version: int = 2


@dataclass(frozen=True)
class MotionFeatures:
    """How points of one video move against its background.

    Raises:
        OptionError: shapes do not fit, or numbers are impossible; the message shows what was given.
        FeatureMismatchError: from `check_comparable`.
    """

    velocities: np.ndarray
    """Of all points, one point after the other, `rate_hz` a second, (right, down) in pictures'
    longer sides a second, float32, shape (samples, 2)."""
    begins: np.ndarray
    """Which sample of the video each point's first one is, int64, shape (points,)."""
    counts: np.ndarray
    """How many samples each point has, int64, shape (points,)."""
    duration_s: float
    """To the end of the last frame, from the first."""
    interval_s: float
    """What lies between two frames, mostly."""
    recipe: MotionRecipe
    """How points were followed."""

    def __post_init__(self) -> None:
        shape = getattr(self.velocities, "shape", None)
        if not isinstance(self.velocities, np.ndarray) or shape != (len(self.velocities), 2):
            raise OptionError(f"`velocities`: of shape {shape}, expected (samples, 2)")
        if self.velocities.dtype != np.float32 or not np.isfinite(self.velocities).all():
            raise OptionError("`velocities`: expected finite numbers, float32")
        for name in ("begins", "counts"):
            array = getattr(self, name)
            if not isinstance(array, np.ndarray) or array.dtype != np.int64 or array.ndim != 1:
                raise OptionError(f"`{name}`: expected int64 of one dimension")
        if not isinstance(self.recipe, MotionRecipe):
            raise OptionError(f"`recipe` {self.recipe!r}: expected a MotionRecipe")
        for name in ("duration_s", "interval_s"):
            value = getattr(self, name)
            if not isinstance(value, float) or not 0 <= value <= LONGEST_S:
                raise OptionError(f"`{name}` {value!r}: expected a number of seconds")
        self._check_points()

    def _check_points(self) -> None:
        fit = len(self.begins) == len(self.counts) and self.counts.sum() == len(self.velocities)
        if not fit or (self.counts < 1).any() or (self.begins < 0).any():
            raise OptionError("`counts`: do not fit the velocities; describe the video again")
        if len(self.begins) and (self.begins + self.counts).max() > self.samples:
            raise OptionError("`begins`: points outlast the video; describe it again")

    @property
    def samples(self) -> int:
        """How many samples there are of what was looked at of the video."""
        looked_at_s = min(self.duration_s, self.recipe.longest_s)
        return int(np.ceil(looked_at_s * self.recipe.rate_hz)) + 1

    def laid_out(self) -> tuple[np.ndarray, np.ndarray]:
        """Velocities over the whole video, 0 where a point is not seen, and where it is.

        Returns:
            float32, shape (2, points, samples), and float32, 0 or 1, shape (points, samples).
        """
        velocities = np.zeros((2, len(self.begins), self.samples), np.float32)
        seen = np.zeros((len(self.begins), self.samples), np.float32)
        end = 0
        for point, (begin, count) in enumerate(self.spans()):
            velocities[:, point, begin : begin + count] = self.velocities[end : end + count].T
            seen[point, begin : begin + count] = 1
            end += count
        return velocities, seen

    def spans(self) -> Iterator[tuple[int, int]]:
        """The first sample of the video at which each point is seen, and in how many it is."""
        return zip(self.begins.tolist(), self.counts.tolist(), strict=True)

    def check_comparable(self, other: "MotionFeatures") -> None:
        """Refuse to compare points that were followed in different ways.

        Raises:
            FeatureMismatchError: the recipes differ.
        """
        if self.recipe != other.recipe:
            raise FeatureMismatchError(
                "points that were followed in different ways cannot be compared; describe both "
                "videos in the same way"
            )

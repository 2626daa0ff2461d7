"""The frame descriptors of one video, checked when they are made."""

from dataclasses import dataclass

import numpy as np

from videoalignment.errors import FeatureMismatchError, OptionError
from videoalignment.provenance import FeatureRecipe

LONGEST_S = 100 * 3600.0
"""No video is taken to be longer: what follows allocates by a video's length."""
_HIGHEST_FPS = 10_000.0
# Nor may a small file claim a long video: beyond some hours there is a frame a minute at least.
_ANY_FRAMES_S = 3 * 3600.0
_A_FRAME_S = 60.0


@dataclass(frozen=True)
class FrameFeatures:
    """The frame descriptors of one video.

    Raises:
        OptionError: shapes do not fit, or numbers are impossible; the message shows what was given.
        FeatureMismatchError: from `check_comparable`.
    """

    descriptors: np.ndarray
    """Frame descriptors, unit norm, float32, shape (frames, d); a row a region where the recipe is
    regional."""
    times_s: np.ndarray
    """When each row's frame is shown, seconds from the video's first frame, float64, ascending,
    equal where a frame was sampled twice, shape (frames,)."""
    fps: float
    """Frames sampled a second."""
    recipe: FeatureRecipe | None
    """How the descriptors were made; None where nobody knows, as of published files."""
    duration_s: float
    """How long the video is, seconds: the end of its last frame."""
    truncated: str | None = None
    """How much was read, e.g. "3.20 s of 18.80 s", where the file breaks off; None if it is whole.
    """

    def __post_init__(self) -> None:
        if self.recipe is not None and not isinstance(self.recipe, FeatureRecipe):
            raise OptionError(f"`recipe` {self.recipe!r}: expected a FeatureRecipe or None")
        checked = {
            "descriptors": checked_descriptors(self.descriptors),
            "fps": _checked_number("fps", self.fps, 1 / LONGEST_S, _HIGHEST_FPS),
            "duration_s": _checked_number("duration_s", self.duration_s, 0, LONGEST_S),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)
        if self.duration_s > max(_ANY_FRAMES_S, _A_FRAME_S * len(self.descriptors)):
            raise OptionError(
                f"`duration_s` {self.duration_s:g}: only {len(self.descriptors)} frames for so long"
            )
        self._check_times()

    def _check_times(self) -> None:
        times_s, frames = self.times_s, len(self.descriptors)
        if not isinstance(times_s, np.ndarray) or times_s.shape != (frames,):
            shape = getattr(times_s, "shape", type(times_s).__name__)
            raise OptionError(f"`times_s`: {frames} frames but time stamps of shape {shape}")
        if times_s.dtype.kind not in "fiu":
            raise OptionError(f"`times_s`: time stamps are {times_s.dtype}, expected seconds")
        wrong = ~np.isfinite(times_s) | (times_s < 0)
        wrong[1:] |= times_s[1:] < times_s[:-1]
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise OptionError(
                f"`times_s`: frame {row} is at {times_s[row]} s; expected finite time stamps from "
                "0 on, ascending"
            )
        if times_s[-1] > self.duration_s * (1 + 1e-9):
            raise OptionError(
                f"`duration_s` {self.duration_s:g}: the last frame is at {times_s[-1]:g} s"
            )

    def check_comparable(self, other: "FrameFeatures") -> None:
        """Refuse to compare rows that say nothing about each other.

        Where the recipe of one is unknown, only the numbers a frame can be compared.

        Raises:
            FeatureMismatchError: they were made in different ways, or are of regions.
        """
        for features in (self, other):
            if features.recipe is not None and features.recipe.regional:
                raise FeatureMismatchError(
                    "features of regions, several rows a frame, cannot be compared frame by frame; "
                    "make them again without `regional`"
                )
        if self.recipe is not None and other.recipe is not None:
            self.recipe.check_comparable(other.recipe)
        widths = self.descriptors.shape[1], other.descriptors.shape[1]
        if widths[0] != widths[1]:
            raise FeatureMismatchError(
                f"features of {widths[0]} and {widths[1]} numbers a frame cannot be compared; "
                "make both with the same network"
            )


def checked_descriptors(array: np.ndarray) -> np.ndarray:
    """The same array as float32, once it is known to hold finite floats (frames, d).

    Raises:
        OptionError: it holds something else; the message shows what.
    """
    if not isinstance(array, np.ndarray) or array.dtype.kind != "f" or array.ndim != 2:
        held = f"{array.dtype} of shape {array.shape}" if isinstance(array, np.ndarray) else array
        raise OptionError(f"`descriptors`: holds {held}, expected floats (frames, d)")
    if array.size == 0:
        raise OptionError(
            f"`descriptors`: holds no frames, shape {array.shape}; extract the features again"
        )
    # The sum is finite only if every number is, and reads the array once; should it overflow
    # although all numbers are finite, the slow test decides.
    with np.errstate(over="ignore", invalid="ignore"):
        array = np.ascontiguousarray(array, dtype=np.float32)
        total = array.sum()
    if not np.isfinite(total) and not np.isfinite(array).all():
        row = int(np.flatnonzero(~np.isfinite(array).all(axis=1))[0])
        raise OptionError(
            f"`descriptors`: frame {row} is not finite (NaN or infinity); extract the features "
            "again"
        )
    return array


def _checked_number(name: str, value: object, least: float, most: float) -> float:
    # compared before it is made a float, for which an integer may be too large
    if (
        isinstance(value, int | float | np.integer | np.floating)
        and not isinstance(value, bool)
        and 0 < value <= most
        and value >= least
    ):
        return float(value)
    raise OptionError(f"`{name}` {value!r:.40}: expected a number above 0, {most:g} at most")

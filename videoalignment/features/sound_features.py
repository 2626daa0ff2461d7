"""The sound of one recording as aligning compares it, checked when it is made."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from videoalignment.errors import FeatureMismatchError, OptionError
from videoalignment.features.frame_features import LONGEST_S
from videoalignment.features.number_recipe import NumberRecipe

LEVEL_HZ = 50
"""Loudnesses a second."""
QUIETEST_DB = -120.0
"""What digital silence counts as."""
_SILENCE_DB = -80.0
# Less than this below what is loud in a recording is its own silence.
_QUIET_DB = 50.0
_LOUD_PERCENTILE = 95


@dataclass(frozen=True, kw_only=True)
class SoundRecipe(NumberRecipe):
    """All that decides how a sound is whitened; see `sound.whiten`."""

    of: ClassVar[str] = "sound"

    rate_hz: int = 8000
    """Samples a second."""
    window: int = 1024
    """Samples of the windows whose spectra are whitened: 128 ms. Of 512 to 4096, the longer ones
    tell more of music in noise and less where microphones move; in between lies this."""
    hop: int = 256
    """Samples from one window to the next."""
    lowest_hz: float = 150.0
    """Below it, rumble, handling and hum."""
    highest_hz: float = 3600.0
    """Above it, what low-rate codecs leave out."""
    usual_s: float = 0.6
    """Span whose mean magnitude is what is usual at a frequency: only what rises above it counts,
    so that hum and held notes, which repeat themselves at every period, do not."""
    most_novelty: float = 3.0
    """How many times what is usual a magnitude may count at most."""
    version: int = 1


@dataclass(frozen=True)
class SoundFeatures:
    """The whitened sound of one recording.

    Raises:
        OptionError: shapes do not fit, or numbers are impossible; the message shows what was given.
        FeatureMismatchError: from `check_comparable`.
    """

    whitened: np.ndarray
    """Sound in which all frequencies and all moments are about as loud, int8, shape (samples,)."""
    levels_db: np.ndarray
    """How loud the sound itself is, decibels from full scale, float16, `LEVEL_HZ` a second, shape
    (ceil(samples / rate * LEVEL_HZ),)."""
    begin_s: float
    """When the first sample is heard, seconds from the first frame of the recording's picture; from
    the begin of the file where it has none."""
    recipe: SoundRecipe
    """How the sound was whitened."""
    track: int = 0
    """Which of the recording's sound tracks it is, from 0."""

    def __post_init__(self) -> None:
        for name, dtype in (("whitened", np.int8), ("levels_db", np.float16)):
            array = getattr(self, name)
            if not isinstance(array, np.ndarray) or array.dtype != dtype or array.ndim != 1:
                held = getattr(array, "dtype", type(array).__name__)
                raise OptionError(
                    f"`{name}`: holds {held} of shape {getattr(array, 'shape', None)}, expected "
                    f"{np.dtype(dtype).name} of one dimension"
                )
        if not isinstance(self.recipe, SoundRecipe):
            raise OptionError(f"`recipe` {self.recipe!r}: expected a SoundRecipe")
        samples, levels = len(self.whitened), len(self.levels_db)
        if not 0 < samples <= LONGEST_S * self.recipe.rate_hz:
            raise OptionError(f"`whitened`: {samples} samples, expected some")
        if levels != -(-samples * LEVEL_HZ // self.recipe.rate_hz):
            raise OptionError(f"`levels_db`: {levels} loudnesses of {samples} samples")
        if not np.isfinite(self.levels_db).all():
            raise OptionError("`levels_db`: holds NaN or infinity; describe the sound again")
        if not isinstance(self.begin_s, float) or not abs(self.begin_s) <= LONGEST_S:
            raise OptionError(f"`begin_s` {self.begin_s!r}: expected a number of seconds")
        if type(self.track) is not int or self.track < 0:
            raise OptionError(f"`track` {self.track!r}: expected a number from 0")

    @property
    def length_s(self) -> float:
        """How long the sound is."""
        return len(self.whitened) / self.recipe.rate_hz

    @property
    def end_s(self) -> float:
        """When the last sample ends, on the clock of `begin_s`."""
        return self.begin_s + self.length_s

    @cached_property
    def sounding(self) -> np.ndarray:
        """Where there is something to hear, bool, as `levels_db`: not silence, nor as quiet as the
        recording's own."""
        levels = self.levels_db.astype(np.float32)
        loud_db = float(np.percentile(levels, _LOUD_PERCENTILE))
        return levels > max(_SILENCE_DB, loud_db - _QUIET_DB)

    @property
    def levels(self) -> np.ndarray:
        """How loud the sound is in parts of full scale, float32, as `levels_db`; 0 where it is
        digital silence."""
        levels_db = self.levels_db.astype(np.float32)
        return np.where(levels_db > QUIETEST_DB, 10 ** (levels_db / 20), np.float32(0))

    @property
    def silent(self) -> bool:
        """Whether there is nothing to hear at all."""
        return not self.sounding.any()

    def check_comparable(self, other: "SoundFeatures") -> None:
        """Refuse to compare what was whitened in different ways.

        Raises:
            FeatureMismatchError: the recipes differ.
        """
        if self.recipe != other.recipe:
            raise FeatureMismatchError(
                "sounds that were whitened in different ways cannot be compared; describe both in "
                "the same way"
            )

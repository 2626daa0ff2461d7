"""A recording's whitened sound, cut and brought to lower rates as the search needs it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from videoalignment.features.sound_features import LEVEL_HZ, SoundFeatures

COARSE = 2
"""The search works on every second sample: the lower half of the frequencies tells enough."""


@dataclass(frozen=True, eq=False)
class Heard:
    """What is heard of one recording; holds what several pairs of it share."""

    features: SoundFeatures

    @property
    def rate_hz(self) -> int:
        """Samples a second."""
        return self.features.recipe.rate_hz

    @cached_property
    def coarse(self) -> np.ndarray:
        """The sound at `rate_hz / COARSE`, float32, shape (ceil(samples / COARSE),)."""
        # Here, because importing it takes longer than aligning two clips by picture does.
        from scipy.signal import resample_poly

        return np.asarray(resample_poly(self.features.whitened.astype(np.float32), 1, COARSE))

    def cut(self, begins: np.ndarray, count: int) -> np.ndarray:
        """Pieces of `count` samples, silence beyond both ends.

        Args:
            begins: samples from the first, int, any, shape (n,).
            count: samples of each.

        Returns:
            float32, shape (n, count).
        """
        sound = self.features.whitened
        pieces = np.zeros((len(begins), count), np.float32)
        for piece, begin in zip(pieces, begins, strict=True):
            first, last = max(0, begin), min(len(sound), begin + count)
            if first < last:
                piece[first - begin : last - begin] = sound[first:last]
        return pieces

    def sample_at(self, time_s: np.ndarray) -> np.ndarray:
        """The sample, with a fraction, that is heard at a moment of the recording."""
        return (time_s - self.features.begin_s) * self.rate_hz

    def sounds_at(self, time_s: np.ndarray) -> np.ndarray:
        """Whether there is something to hear at moments, bool, of the same shape."""
        place = np.floor((time_s - self.features.begin_s) * LEVEL_HZ).astype(int)
        inside = (place >= 0) & (place < len(self.features.sounding))
        return inside & self.features.sounding[place.clip(0, len(self.features.sounding) - 1)]

"""What is cut, and what was."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Span:
    """A stretch of a group's clock as whole frames."""

    begin_s: float
    rate: Fraction
    """Frames a second."""
    frames: int

    @property
    def duration_s(self) -> float:
        return float(self.frames / self.rate)


@dataclass(frozen=True)
class CameraCut:
    """A recording that was cut."""

    path: Path
    source: Path
    copied: bool
    """Whether its picture was taken over as it is; sound is always encoded anew, to cut it exactly.
    """
    why: str
    """Why its picture was encoded anew; empty where it was not."""
    shown: np.ndarray
    """Which frame of the source each frame shows, from 0, shape (frames,); empty for sound only."""
    errors_s: np.ndarray
    """How much later than the frame's moment that picture was taken, seconds, same shape."""

    @property
    def became(self) -> str:
        """What became of its picture, in words."""
        if not len(self.shown):
            return "none"
        return "copied" if self.copied else "encoded anew"

"""How the clocks of two recordings lie to each other: the one place where that fact is written."""

import math
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from videoalignment.errors import OptionError

Times = TypeVar("Times", float, np.ndarray)


@dataclass(frozen=True)
class TimeMap:
    """The moment t of A is the moment offset_s + speed * t of B."""

    offset_s: float
    """The moment of B, seconds, at which A's first moment falls; negative where A begins first."""
    speed: float = 1.0
    """Seconds of B that pass in one second of A; 1 for an unchanged copy."""

    def __post_init__(self) -> None:
        if not math.isfinite(self.offset_s):
            raise OptionError(f"`offset_s` {self.offset_s}: expected a finite number of seconds")
        if not 0 < self.speed < math.inf:
            raise OptionError(f"`speed` {self.speed}: expected a finite number above 0")

    def to_b(self, time_a_s: Times) -> Times:
        """The moments of B that moments of A are, seconds, any shape."""
        return self.offset_s + self.speed * time_a_s

    def to_a(self, time_b_s: Times) -> Times:
        """The moments of A that moments of B are, seconds, any shape."""
        return (time_b_s - self.offset_s) / self.speed

    def inverse(self) -> "TimeMap":
        """The same with A and B exchanged."""
        return TimeMap(-self.offset_s / self.speed, 1 / self.speed)

    def then(self, other: "TimeMap") -> "TimeMap":
        """From A by way of B to C.

        Args:
            other: the moment t of B is the moment other.to_b(t) of C.
        """
        return TimeMap(other.to_b(self.offset_s), self.speed * other.speed)

    def overlap_s(self, a_s: tuple[float, float], b_s: tuple[float, float]) -> tuple[float, float]:
        """What of a stretch of A lies in a stretch of B, seconds of A; without length where none.

        Args:
            a_s: begin and end of the one, seconds of A.
            b_s: begin and end of the other, seconds of B.
        """
        begin_s = max(a_s[0], self.to_a(b_s[0]))
        return begin_s, max(begin_s, min(a_s[1], self.to_a(b_s[1])))

    def apart_s(self, other: "TimeMap", time_a_s: float) -> float:
        """How far apart two maps place a moment of A, seconds of B, never negative."""
        return abs(self.to_b(time_a_s) - other.to_b(time_a_s))

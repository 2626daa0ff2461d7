"""What speaks for each offset of two clips, as a function that can be moved, turned and summed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class OffsetCurve:
    """A function of whole offsets; 0 outside."""

    first: int
    """The lowest offset."""
    values: np.ndarray
    """Shape (offsets,)."""

    def moved(self, by: int) -> "OffsetCurve":
        """The same at offsets that are higher by so many."""
        return OffsetCurve(self.first + by, self.values)

    def turned(self) -> "OffsetCurve":
        """The same with both clips exchanged, whose offset is the negative one."""
        return OffsetCurve(1 - self.first - len(self.values), self.values[::-1])

    def highest(self) -> tuple[int, float]:
        """The offset with the highest value, and that value."""
        place = int(np.argmax(self.values))
        return self.first + place, float(self.values[place])

    def at(self, offset: int) -> float:
        """The value at an offset."""
        place = offset - self.first
        return float(self.values[place]) if 0 <= place < len(self.values) else 0.0

    def between(self, offset: int) -> float:
        """Where around an offset a parabola through three values is highest."""
        before, here, after = (self.at(offset + step) for step in (-1, 0, 1))
        curvature = 2 * here - before - after
        shift = (after - before) / 2 / curvature if curvature > 0 else 0.0
        return offset + min(0.5, max(-0.5, shift))

    def peaks(self, count: int, apart: int) -> list[tuple[int, float]]:
        """The highest offsets and their values, highest first, none within `apart` of another."""
        left, found = self.values.astype(float), []
        for _ in range(count):
            place = int(np.argmax(left))
            if left[place] == -np.inf:
                break
            found.append((self.first + place, float(left[place])))
            left[max(0, place - apart) : place + apart + 1] = -np.inf
        return found


def summed(curves: Sequence[OffsetCurve]) -> OffsetCurve:
    """The sum of one curve or more."""
    first = min(curve.first for curve in curves)
    end = max(curve.first + len(curve.values) for curve in curves)
    values = np.zeros(end - first, np.float32)
    for curve in curves:
        begin = curve.first - first
        values[begin : begin + len(curve.values)] += curve.values
    return OffsetCurve(first, values)

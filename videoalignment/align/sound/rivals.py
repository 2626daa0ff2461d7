"""What tells a line through time from others that are nearly as good.

Music that repeats itself is alike at its bars, and a loop that two recordings share is as alike at
every turn of it. Two lines can be told apart only by what differs between the two places of B that
they put a moment of A at: that is all the independent evidence there is. So both are compared in
the same moments of A, where the repeating part counts for neither.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from videoalignment.align.sound.settings import SETTINGS
from videoalignment.align.sound.verify import Verification


@dataclass(frozen=True)
class Rivalry:
    """How near other lines come to one."""

    likeness: float = 0.0
    """Likeness along the most alike other line in parts of this one's, 0..1."""
    told: float = SETTINGS.most_told
    """Standard errors by which this line is more alike than the other that comes nearest, in the
    moments of A that both put in B; negative where the other one is more alike."""

    @property
    def doubt(self) -> float:
        """How much speaks against the line, 0..1; music is somewhat alike at its bars."""
        return self.likeness**2


NO_RIVAL = Rivalry()

# Lines that are told apart by fewer standard errors cannot be told, where they are more than half
# as alike.
_TOLD = 3.0
_NEARLY = 0.5


def rivalry(line: Verification, others: Sequence[Verification]) -> Rivalry:
    """Compare a line with others that propose other places.

    Args:
        line: what agrees along the line.
        others: what agrees along each other one, more than by chance.
    """
    if not others or line.likeness <= 0:
        return NO_RIVAL
    return Rivalry(
        likeness=min(1.0, max(other.likeness for other in others) / line.likeness),
        told=min(told_apart(line, other) for other in others),
    )


def told_apart(line: Verification, other: Verification) -> float:
    """By how many standard errors one line is more alike than another where both are heard.

    Moments that follow on each other are put together first, so that one sound that differs is one
    piece of evidence. 0 where no moment of A is heard along both.
    """
    _, here, there = np.intersect1d(line.pieces, other.pieces, return_indices=True)
    differences = np.nan_to_num(line.cells[here] - other.cells[there]).ravel()
    together = round(SETTINGS.told_s / SETTINGS.cell_s)
    sums = differences.reshape(-1, together).sum(axis=1)
    error = float(np.sqrt(np.square(sums).sum()))
    return min(SETTINGS.most_told, float(sums.sum()) / error) if error > 0 else 0.0


def cannot_be_told(line: Verification, other: Verification) -> bool:
    """Whether another line is nearly as much alike where both are heard."""
    near = other.likeness > _NEARLY * line.likeness
    return near and told_apart(line, other) < _TOLD

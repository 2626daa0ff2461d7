"""Looking at a line moment by moment: how much agrees, and how much of that is independent?

Two videos that share nothing agree somewhere: a fade of one lies on a cut of the other, or both
drift slowly. Such an agreement may be strong, and yet it is *one* coincidence. So two questions are
asked of the changes that the two videos go through, each over an eighth of a second:

- How many agree? Changes are summed up in cells, each a short span of time in one direction of
  variation. For sums S of cells that agree by chance, as often for as against, sum(S) /
  sqrt(sum(S^2)) is about normal whatever their sizes, and n cells that all agree alike give
  sqrt(n); one strong cell gives 1. (Self-normalised sums: de la Peña, Lai, Shao, 2009.) A trend is
  the same change all along, which centring takes away, and a cut is one change.
- What lasts when the fifth of the time that agrees most is taken away? A fade changes many
  directions at once, but only once; what two videos share goes on.
"""

from dataclasses import dataclass

import numpy as np

from videoalignment.align.footage import Footage
from videoalignment.align.refine import Fit
from videoalignment.align.settings import SETTINGS


@dataclass(frozen=True)
class Verification:
    """How the moments that meet agree, and in how many independent ways."""

    likeness: float
    """Correlation of the moments that meet, 0..1, each video centred on its mean there."""
    changes: float
    """Root of the number of independent changes that agree; about normal by chance."""
    lasting: float
    """The same without the part of the time that agrees most; by chance lower still."""


def verify(a: Footage, b: Footage, fit: Fit) -> Verification:
    """Verify a fit over the stretch of A that it was fitted on.

    Args:
        a, b: the two videos, whitened.
        fit: what to verify.
    """
    length_s = fit.end_a_s - fit.begin_a_s
    count = int(np.clip(length_s * SETTINGS.moments_per_s, 8, SETTINGS.most_moments))
    edges_s = np.linspace(fit.begin_a_s, fit.end_a_s, count + 1)
    moments_a, moments_b = a.averaged(edges_s), b.averaged(fit.time_map.to_b(edges_s))
    moments_a -= moments_a.mean(axis=0)
    moments_b -= moments_b.mean(axis=0)
    norm = np.linalg.norm(moments_a) * np.linalg.norm(moments_b) + SETTINGS.noise * count
    span = max(1, round(SETTINGS.cell_s * count / length_s))
    cells = _sums(_changes(moments_a) * _changes(moments_b), span)
    weakest = cells.sum(axis=1).argsort()[: int(np.ceil(len(cells) * SETTINGS.weakest))]
    return Verification(
        likeness=float(np.clip((moments_a * moments_b).sum() / norm, 0, 1)),
        changes=independent(cells),
        lasting=independent(cells[weakest]),
    )


def independent(cells: np.ndarray) -> float:
    """Root of the number of cells that agree, were all alike; negative where most disagree.

    Args:
        cells: how much each agrees, any shape.
    """
    return float(cells.sum() / (np.sqrt(np.square(cells).sum()) + SETTINGS.noise))


def _changes(moments: np.ndarray) -> np.ndarray:
    """Changes from moment to moment, centred, the strong ones toned down, shape (n - lag, d).

    They are divided by the root of their size, so that a cut does not outweigh all the rest.
    """
    changes = moments[SETTINGS.change_moments :] - moments[: -SETTINGS.change_moments]
    changes -= changes.mean(axis=0)
    sizes = np.linalg.norm(changes, axis=1, keepdims=True)
    return changes / np.sqrt(sizes + SETTINGS.usual_change * sizes.mean() + SETTINGS.noise)


def _sums(agreement: np.ndarray, span: int) -> np.ndarray:
    """Sums over spans of time, shape (spans, d).

    Args:
        agreement: of every moment in every direction, shape (moments, d).
        span: how many moments.
    """
    spans = max(1, len(agreement) // span)
    begins = np.linspace(0, len(agreement), spans + 1).astype(int)[:-1]
    return np.add.reduceat(agreement, begins, axis=0, dtype=np.float64)

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
from videoalignment.time_map import TimeMap


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
    edges_s = _edges_s(fit.begin_a_s, fit.end_a_s)
    moments_a, moments_b = a.averaged(edges_s), b.averaged(fit.time_map.to_b(edges_s))
    moments_a -= moments_a.mean(axis=0)
    moments_b -= moments_b.mean(axis=0)
    norm = np.linalg.norm(moments_a) * np.linalg.norm(moments_b) + SETTINGS.noise * len(moments_a)
    cells = _in_cells(moments_a, moments_b, fit.end_a_s - fit.begin_a_s)
    weakest = cells.sum(axis=1).argsort()[: int(np.ceil(len(cells) * SETTINGS.weakest))]
    return Verification(
        likeness=float(np.clip((moments_a * moments_b).sum() / norm, 0, 1)),
        changes=independent(cells),
        lasting=independent(cells[weakest]),
    )


def changes_in_cells(
    a: Footage, b: Footage, line: TimeMap, begin_s: float, end_s: float
) -> np.ndarray:
    """How much the changes of two videos agree along a line, shape (spans of time, d).

    Args:
        a, b: the two videos, whitened.
        line: from A to B.
        begin_s, end_s: the stretch of A that is looked at.
    """
    edges_s = _edges_s(begin_s, end_s)
    moments_a, moments_b = a.averaged(edges_s), b.averaged(line.to_b(edges_s))
    return _in_cells(moments_a, moments_b, end_s - begin_s)


def independent(cells: np.ndarray) -> float:
    """Root of the number of cells that agree, were all alike; negative where most disagree.

    Args:
        cells: how much each agrees, any shape.
    """
    return float(cells.sum() / (np.sqrt(np.square(cells).sum()) + SETTINGS.noise))


def _edges_s(begin_s: float, end_s: float) -> np.ndarray:
    """Edges of the moments that are compared in a stretch."""
    count = int(np.clip((end_s - begin_s) * SETTINGS.moments_per_s, 8, SETTINGS.most_moments))
    return np.linspace(begin_s, end_s, count + 1)


def _in_cells(moments_a: np.ndarray, moments_b: np.ndarray, length_s: float) -> np.ndarray:
    """How much changes agree, in cells of time and direction, shape (spans, d)."""
    span = max(1, round(SETTINGS.cell_s * len(moments_a) / length_s))
    return _sums(_changes(moments_a) * _changes(moments_b), span)


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

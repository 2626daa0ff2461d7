"""The linear equations between the clocks of one group's files, around a rough placement.

Unknown are, for each file, the moment of the group's clock at which its middle lies, its rate, and
how late its sound is. A pair says that a moment of A is a moment of B, which is linear in all of
these, and how fast the one clock runs against the other. That recorders' clocks run alike, and that
a file's sound is not late against its picture, are further equations: the former holds always, of
files at their recorded speed; the latter, a *tie* of a file's two clocks, may be wrong, as any pair
may.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import coo_array, csr_array, vstack

from videoalignment.align.timeline.measurements import PairTable
from videoalignment.align.timeline.settings import TimelineSettings

_GAUGE_S = 1e-3  # the mean of all middles stays where it is, as exactly as that


@dataclass(frozen=True)
class Files:
    """A group's files, where they roughly lie. Columns of shape (files,)."""

    middle_s: np.ndarray
    """The group's moment of each file's middle."""
    rate: np.ndarray
    """Seconds of the group's clock that pass in one second of the file's."""
    duration_s: np.ndarray
    both: np.ndarray
    """Which have picture and sound, bool."""
    frame_s: np.ndarray
    """How long their pictures last, seconds of the file; 0 where that is not known."""

    def __len__(self) -> int:
        return len(self.rate)

    @property
    def usual(self) -> np.ndarray:
        """Which run at the speed at which they were recorded, bool."""
        return np.abs(np.log(self.rate)) < 1e-9


@dataclass(frozen=True)
class Equations:
    """matrix @ change = right, each equation to within a standard error. Columns of (equations,).

    Places of pairs come first, then their rates, the ties, and what always holds.
    """

    matrix: csr_array
    """A column for each file's middle, then for each one's relative rate, then for each lag."""
    right: np.ndarray
    sigma: np.ndarray
    tolerance: np.ndarray
    """Beyond which an equation is wrong; infinite for those that always hold."""
    cost: np.ndarray
    """Of calling it wrong; a pair's is 1."""
    pairs: int
    ties: np.ndarray
    """The number of each file's tie among the equations, -1 where it has none, shape (files,)."""

    @classmethod
    def of(cls, files: Files, table: PairTable, settings: TimelineSettings) -> "Equations":
        """What pairs say of a group's files.

        Args:
            files: where they roughly lie, those of recorded speed at rate 1.
            table: pairs, A and B places among the files.
            settings: the constants.
        """
        count, lags = len(files), np.flatnonzero(files.both)
        blocks = [
            _places(files, table, settings),
            _rates(files, table, settings),
            _ties(lags, count, settings),
            _always(files, settings),
        ]
        ties = np.full(count, -1)
        ties[lags] = 2 * len(table) + np.arange(len(lags))
        return cls(
            matrix=csr_array(vstack([block.matrix for block in blocks])),
            right=_column(block.right for block in blocks),
            sigma=_column(block.sigma for block in blocks),
            tolerance=_column(block.tolerance for block in blocks),
            cost=_column(block.cost for block in blocks),
            pairs=len(table),
            ties=ties,
        )

    def solved(self, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The change with the least sum of weighted squares, and what each equation misses."""
        factor = cho_factor(self.normal(weight))
        solution = np.zeros(self.matrix.shape[1])
        for _ in range(2):  # the second time for what rounding left
            left = self.right - self.matrix @ solution
            solution = solution + cho_solve(factor, self.matrix.T @ (weight * left))
        return solution, self.matrix @ solution - self.right

    def normal(self, weight: np.ndarray) -> np.ndarray:
        """The normal equations' matrix, shape (unknowns, unknowns)."""
        weighted = self.matrix.copy()
        weighted.data *= np.repeat(weight, np.diff(self.matrix.indptr))
        square: np.ndarray = (self.matrix.T @ weighted).toarray()
        # an unknown of which nothing speaks stays where it is
        square[np.diag_indices(len(square))] += 1e-9
        return square


@dataclass(frozen=True)
class _Block:
    matrix: coo_array
    right: np.ndarray
    sigma: np.ndarray
    tolerance: np.ndarray
    cost: np.ndarray


def _places(files: Files, table: PairTable, settings: TimelineSettings) -> _Block:
    """One for each pair: the moment of A that it knows best is a moment of B."""
    a, b = table.a, table.b
    from_middle_a_s = files.rate[a] * (table.time_a_s - files.duration_s[a] / 2)
    from_middle_b_s = files.rate[b] * (table.time_b_s - files.duration_s[b] / 2)
    count, one = len(files), np.ones(len(table))
    late_a, late_b = (table.by_sound & files.both[side] for side in (a, b))
    terms = [
        (a, one),
        (b, -one),
        (count + a, from_middle_a_s),
        (count + b, -from_middle_b_s),
        (2 * count + a, -1.0 * late_a),
        (2 * count + b, 1.0 * late_b),
    ]
    sigma = table.sigma_s * files.rate[b]
    return _Block(
        _matrix(terms, len(table), count),
        files.middle_s[b] + from_middle_b_s - files.middle_s[a] - from_middle_a_s,
        sigma,
        np.maximum(settings.sigmas * sigma, settings.least_tolerance_s),
        # of pairs that contradict each other the less sure one goes
        0.5 + 0.5 * table.confidence,
    )


def _rates(files: Files, table: PairTable, settings: TimelineSettings) -> _Block:
    """One for each pair: how fast A's clock runs against B's."""
    a, b, count, one = table.a, table.b, len(files), np.ones(len(table))
    least = np.where(table.by_sound, settings.sound_rate_sigma, settings.picture_rate_sigma)
    sigma = np.hypot(table.log_speed_sigma, least)
    return _Block(
        _matrix([(count + a, one), (count + b, -one)], len(table), count),
        table.log_speed - np.log(files.rate[a] / files.rate[b]),
        sigma,
        np.maximum(settings.sigmas * sigma, settings.least_rate_tolerance),
        np.full(len(table), settings.rate_cost),
    )


def _ties(lags: np.ndarray, count: int, settings: TimelineSettings) -> _Block:
    """One for each file with picture and sound: its sound is not late, but for a few metres of air
    and for how its frames were laid on their grid."""
    one = np.ones(len(lags))
    return _Block(
        _matrix([(2 * count + lags, one)], len(lags), count),
        0 * one,
        settings.tie_sigma_s * one,
        settings.lag_tolerance_s * one,
        settings.tie_cost * one,
    )


def _always(files: Files, settings: TimelineSettings) -> _Block:
    """Clocks of files at their recorded speed run alike, and the mean of all middles stays."""
    count, usual = len(files), np.flatnonzero(files.usual)
    clocks = _matrix([(count + usual, np.ones(len(usual)))], len(usual), count)
    mean = coo_array(
        (np.full(count, 1 / count), (np.zeros(count, int), np.arange(count))),
        shape=(1, 3 * count),
    )
    sigma = np.append(np.full(len(usual), settings.clock_sigma), _GAUGE_S)
    forever = np.full(len(sigma), np.inf)
    return _Block(vstack([clocks, mean]), 0 * sigma, sigma, forever, 0 * sigma)


def _matrix(terms: list[tuple[np.ndarray, np.ndarray]], rows: int, files: int) -> coo_array:
    """A sparse matrix from (column, value) of each row, any number of them a row."""
    row = np.tile(np.arange(rows), len(terms))
    column = _column(column for column, _ in terms)
    value = _column(value for _, value in terms)
    return coo_array((value, (row, column.astype(int))), shape=(rows, 3 * files))


def _column(parts: Iterable[np.ndarray]) -> np.ndarray:
    return np.concatenate(list(parts))

"""What chance would say of an offset: what the same points say when each moves at another moment.

How much agrees by chance depends on how many points are seen at once, for how long and how they
move: much at offsets at which one thing that comes and goes meets another. So each point of B is
let move as it does at other moments of its own time, forwards and backwards, while it is seen when
it is seen: then nothing is left to agree but chance.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from videoalignment.align.motion.correlation import Moments
from videoalignment.align.motion.moving import Moving
from videoalignment.align.motion.told import moments_apart, together, told


def chance(a: Moving, b: Moving, lags: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The scores of some lags that chance would give.

    Args:
        a, b: followed by one recipe.
        lags: samples of B at which A begins, shape (n,).

    Returns:
        Their means and standard deviations, shape (n,) each.
    """
    apart = moments_apart(a, b)
    meetings = [_Meeting.of(a, b, int(lag), apart) for lag in lags]
    scores = np.array([[one.score(moved) for one in meetings] for moved in _moved(b)])
    scores = scores.reshape(-1, len(lags))
    return scores.mean(axis=0), scores.std(axis=0, ddof=1)


def _moved(b: Moving) -> Iterator[np.ndarray]:
    """Velocities of all points, each point's taken from elsewhere in its time."""
    parts = [slice(begin, begin + count) for begin, count in b.features.spans()]
    for backwards in (True, False):
        for eighth in range(0 if backwards else 1, 8):
            velocities = b.velocities.copy()
            for point, part in enumerate(parts):
                own = velocities[:, point, part]
                own = own[:, ::-1] if backwards else own
                shift = round(eighth * own.shape[1] / 8)
                velocities[:, point, part] = np.roll(own, shift, axis=1)
            yield velocities


@dataclass(frozen=True)
class _Meeting:
    """Two videos at one lag: what does not depend on how the points of B move."""

    least: int
    of_b: np.ndarray
    """Which points of B are seen for long enough, bool, shape (points of B,)."""
    theirs: slice
    """The samples of B in which both videos are there."""
    seen: np.ndarray
    """Where the points of A are."""
    weights: tuple[np.ndarray, np.ndarray]
    velocities: np.ndarray
    """Of A, as all else of those points and samples alone, shape (2, points, samples)."""
    counts: np.ndarray
    ours: Moments
    apart: np.ndarray

    @classmethod
    def of(cls, a: Moving, b: Moving, lag: int, apart: np.ndarray) -> "_Meeting":
        begin, end = max(0, -lag), min(a.samples, b.samples - lag)
        ours, theirs = slice(begin, end), slice(begin + lag, end + lag)
        least = together(a)
        of_a = a.seen[:, ours].sum(axis=1) >= least
        of_b = b.seen[:, theirs].sum(axis=1) >= least
        seen_a, seen_b = a.seen[of_a, ours], b.seen[of_b, theirs]
        x, y = velocities = a.velocities[:, of_a, ours]
        return cls(
            least=least,
            of_b=of_b,
            theirs=theirs,
            seen=seen_a,
            weights=(a.weights[of_a], b.weights[of_b]),
            velocities=velocities,
            counts=seen_a @ seen_b.T,
            ours=((x * x) @ seen_b.T, (x * y) @ seen_b.T, (y * y) @ seen_b.T),
            apart=apart[np.ix_(of_a, of_b)],
        )

    def score(self, velocities: np.ndarray) -> float:
        """What all points say, those of B with such velocities."""
        if not self.counts.size:
            return 0.0
        seen, (xa, ya) = self.seen, self.velocities
        xb, yb = velocities[:, self.of_b, self.theirs]
        said = told(
            self.counts,
            self.ours,
            (seen @ (xb * xb).T, seen @ (xb * yb).T, seen @ (yb * yb).T),
            (xa @ xb.T, xa @ yb.T, ya @ xb.T, ya @ yb.T),
            self.apart,
            self.least,
        )
        of_a, of_b = self.weights
        return float(of_a @ said.max(axis=1) + of_b @ said.max(axis=0))

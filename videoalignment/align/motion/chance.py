"""What chance would say of an offset: what the same points say when each moves at another moment.

How much agrees by chance depends on how many points are seen at once, for how long and how they
move: much at offsets at which one thing that comes and goes meets another. So each point of B is
let move as it does at other moments of its own time, forwards and backwards, while it is seen when
it is seen: then nothing is left to agree but chance.
"""

from collections.abc import Iterator

import numpy as np

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
    scores = np.array(
        [[_score(a, b, moved, int(lag), apart) for lag in lags] for moved in _moved(b)]
    ).reshape(-1, len(lags))
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


def _score(a: Moving, b: Moving, velocities: np.ndarray, lag: int, apart: np.ndarray) -> float:
    """What all points say of one lag, those of B with such velocities."""
    begin, end = max(0, -lag), min(a.samples, b.samples - lag)
    ours, theirs = slice(begin, end), slice(begin + lag, end + lag)
    least = together(a)
    of_a = a.seen[:, ours].sum(axis=1) >= least
    of_b = b.seen[:, theirs].sum(axis=1) >= least
    if not (of_a.any() and of_b.any()):
        return 0.0
    seen_a, seen_b = a.seen[of_a, ours], b.seen[of_b, theirs]
    xa, ya = a.velocities[:, of_a, ours]
    xb, yb = velocities[:, of_b, theirs]
    said = told(
        seen_a @ seen_b.T,
        ((xa * xa) @ seen_b.T, (xa * ya) @ seen_b.T, (ya * ya) @ seen_b.T),
        (seen_a @ (xb * xb).T, seen_a @ (xb * yb).T, seen_a @ (yb * yb).T),
        (xa @ xb.T, xa @ yb.T, ya @ xb.T, ya @ yb.T),
        apart[np.ix_(of_a, of_b)],
        least,
    )
    return float(a.weights[of_a] @ said.max(axis=1) + b.weights[of_b] @ said.max(axis=0))

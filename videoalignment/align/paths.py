"""Paths through a table of gains: where two sequences run side by side, each at its own pace.

The best path is found by dynamic programming, as the best local alignment of two strings is (Smith
and Waterman, 1981), but for two things. Both sequences advance with every step, so that a path is
never upright: by one moment each, or one by one and the other by two or three, so that speeds from
a third to three times are followed. And a moment that is left out costs something.
"""

import numpy as np

_LONGEST_STEP = 3
_STEPS = ((1, 1), (1, 2), (2, 1), (1, 3), (3, 1))


def best_local_path(gains: np.ndarray, skip: float) -> tuple[np.ndarray, float]:
    """The path with the highest sum of gains, less what was skipped.

    Args:
        gains: of meeting moments, float32, shape (n, m); positive where they look alike.
        skip: what leaving out a moment of one sequence costs.

    Returns:
        Rows and columns of the path's cells, shape (cells, 2), both ascending, and its sum; no cell
        and 0 where no gain is positive.
    """
    n, m = gains.shape
    totals = np.zeros((n + _LONGEST_STEP, m + _LONGEST_STEP), np.float32)  # zeros all around
    best, other = np.empty(m, np.float32), np.empty(m, np.float32)
    for i in range(_LONGEST_STEP, n + _LONGEST_STEP):
        np.maximum(totals[i - 1, :-3], totals[i - 3, 2:-1], out=best)
        best -= skip
        np.maximum(best, totals[i - 1, 1:-2], out=best)
        np.maximum(best, totals[i - 2, 2:-1], out=best)
        best -= skip
        np.maximum(best, totals[i - 1, 2:-1], out=best)  # by one moment each; ends at 0 at least
        np.maximum(best, 0, out=best)
        np.add(best, gains[i - _LONGEST_STEP], out=other)
        np.maximum(other, 0, out=totals[i, _LONGEST_STEP:])
    row, column = np.unravel_index(int(totals.argmax()), totals.shape)
    end = totals[row, column]
    path = _traced_back(totals, int(row), int(column), skip)
    return path, float(end)


def pieces(gains: np.ndarray, drop: float) -> list[slice]:
    """Cut a path wherever it loses too much on the way.

    Args:
        gains: along the path, shape (cells,).
        drop: how far the sum may fall below its highest value before the path ends there.

    Returns:
        Stretches of the path, in order; each begins and ends with a gain.
    """
    found: list[slice] = []
    begin, end, total, highest = 0, 0, 0.0, 0.0
    for k, gain in enumerate([*gains.tolist(), -np.inf]):
        total += gain
        if total > highest:
            end, highest = k + 1, total
        elif total < highest - drop or (total <= 0 and end == begin):
            if end > begin:
                found.append(slice(begin, end))
            begin = end = k + 1
            total = highest = 0.0
    return found


def _traced_back(totals: np.ndarray, row: int, column: int, skip: float) -> np.ndarray:
    """The cells that led to a total, in order."""
    cells = []
    while totals[row, column] > 0:
        cells.append((row - _LONGEST_STEP, column - _LONGEST_STEP))
        before = [totals[row - i, column - j] - skip * (i + j - 2) for i, j in _STEPS]
        k = int(np.argmax(before))
        if before[k] <= 0:
            break
        row, column = row - _STEPS[k][0], column - _STEPS[k][1]
    return np.array(cells[::-1], int).reshape(-1, 2)

"""The best path through a table of gains, against all paths of small tables."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from videoalignment.align.paths import best_local_path

STEPS = ((1, 1), (1, 2), (2, 1), (1, 3), (3, 1))
TABLES = arrays(
    np.float32,
    array_shapes(min_dims=2, max_dims=2, max_side=7),
    elements=st.integers(-12, 8).map(lambda k: k / 4),  # sums of these are exact
)


def worth(path, gains: np.ndarray, skip: float) -> float:
    """Gains along a path less what it skips."""
    steps = np.diff(path, axis=0)
    return float(gains[tuple(np.transpose(path))].sum() - skip * (steps.sum() - 2 * len(steps)))


def best_of_all(gains: np.ndarray, skip: float) -> float:
    @cache
    def ending_at(i: int, j: int) -> float:
        before = [
            ending_at(i - di, j - dj) - skip * (di + dj - 2)
            for di, dj in STEPS
            if i >= di and j >= dj
        ]
        return float(gains[i, j]) + max([0.0, *before])

    n, m = gains.shape
    return max(0.0, *(ending_at(i, j) for i in range(n) for j in range(m)))


@given(TABLES, st.sampled_from([0.25, 1.0]))
def test_it_is_the_best_of_all_paths(gains, skip):
    path, total = best_local_path(gains, skip)
    assert total == pytest.approx(best_of_all(gains, skip))
    assert len(path) == 0 if total == 0 else worth(path, gains, skip) == pytest.approx(total)


@given(TABLES)
def test_both_sequences_advance_with_every_step(gains):
    steps = np.diff(best_local_path(gains, 0.25)[0], axis=0)
    assert {tuple(step) for step in steps.tolist()} <= set(STEPS)


@pytest.mark.parametrize("speed", [1 / 2, 1, 2])
def test_a_copy_of_another_speed_is_one_path(speed):
    gains = np.full((60, 60), -2, np.float32)
    at = np.arange(20)
    rows, columns = (5 + 2 * at, 9 + at) if speed < 1 else (5 + at, 9 + round(speed) * at)
    gains[rows, columns] = 4
    path, _ = best_local_path(gains, 1.0)
    assert path.tolist() == np.transpose([rows, columns]).tolist()

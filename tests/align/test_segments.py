"""The best path through states against trying all paths."""

from itertools import pairwise, product

import numpy as np
import pytest

from videoalignment.align.segments import best_path


@pytest.mark.parametrize("seed", range(20))
def test_thebest_path_is_the_best_of_all(seed):
    generator = np.random.default_rng(seed)
    gains, change = generator.normal(size=(3, 7)), generator.uniform(0, 2)

    def total(path):
        changes = sum(a != b for a, b in pairwise(path))
        return sum(gains[state, t] for t, state in enumerate(path)) - change * changes

    best = max(product(range(3), repeat=7), key=total)
    assert total(best_path(gains, change)) == pytest.approx(total(best))

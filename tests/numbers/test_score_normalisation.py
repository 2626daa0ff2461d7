"""Score normalisation against its formula, and on dull queries, where it should help."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from videoalignment.errors import FeatureMismatchError, OptionError
from videoalignment.score_normalisation import (
    extended_queries,
    extended_references,
    score_normalised,
)


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_equals_the_formula_both_ways():
    rng = np.random.default_rng(0)
    queries, references, unrelated = (unit(rng.standard_normal((n, 8))) for n in (5, 7, 6))
    wanted = [
        [float(q @ r) - 1.1 * max(float(q @ u) for u in unrelated) for r in references]
        for q in queries
    ]
    scores = score_normalised(queries @ references.T, queries @ unrelated.T, beta=1.1)
    np.testing.assert_allclose(scores, wanted, atol=1e-12)
    extended = extended_queries(queries, unrelated, beta=1.1)
    products = extended @ extended_references(references).T
    np.testing.assert_allclose(products, wanted, atol=1e-6)


def test_many_queries_are_normalised_as_one_by_one():
    rng = np.random.default_rng(1)
    queries, unrelated = rng.standard_normal((1500, 4)), rng.standard_normal((3, 4))
    together = extended_queries(queries, unrelated)
    for i in (0, 1023, 1024, 1499):
        one = extended_queries(queries[i : i + 1], unrelated)
        np.testing.assert_allclose(together[i], one[0], rtol=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_dull_queries_no_longer_outrank_the_copies_of_others(seed):
    """Videos share a common part; dull queries hold little else, and have no copy."""
    rng = np.random.default_rng(seed)
    common = unit(rng.standard_normal((1, 32)))

    def videos(count: int) -> np.ndarray:
        return unit(unit(rng.standard_normal((count, 32))) + 0.7 * common)

    references, unrelated = videos(60), videos(60)
    copies = unit(references[:20] + 1.1 * unit(rng.standard_normal((20, 32))))
    dull = unit(common + 0.3 * unit(rng.standard_normal((20, 32))))
    queries = np.concatenate([copies, dull])
    truth = np.zeros((40, 60), bool)
    truth[np.arange(20), np.arange(20)] = True
    plain = queries @ references.T
    normalised = score_normalised(plain, queries @ unrelated.T)
    assert (normalised.argsort(1) == plain.argsort(1)).all()  # each query's own ranking stays
    before, after = (average_precision_score(truth.ravel(), s.ravel()) for s in (plain, normalised))
    assert after > before + 0.1


@pytest.mark.parametrize("beta", [-0.1, np.nan, np.inf])
def test_a_wrong_beta_is_refused(beta):
    with pytest.raises(OptionError, match="`beta`"):
        score_normalised([[0.5]], [[0.1]], beta=beta)
    with pytest.raises(OptionError, match="`beta`"):
        extended_queries([[1.0]], [[1.0]], beta=beta)


def test_what_does_not_fit_is_refused():
    for similarities, unrelated in (([[1, 2]], [[1], [2]]), ([[1, 2]], [[]]), ([1, 2], [[1]])):
        with pytest.raises(OptionError, match="expected a row for each query"):
            score_normalised(similarities, unrelated)
    with pytest.raises(OptionError, match="at least one video"):
        extended_queries(np.ones((2, 3)), np.ones((0, 3)))
    with pytest.raises(FeatureMismatchError, match="queries of 3 dimensions and `unrelated` of 4"):
        extended_queries(np.ones((2, 3)), np.ones((2, 4)))
    with pytest.raises(OptionError, match="expected \\(videos, d\\)"):
        extended_references(np.ones(3))

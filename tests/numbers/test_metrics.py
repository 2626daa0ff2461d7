import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st

from videoalignment.metrics import (
    WeightedPrecisionRecall,
    average_precision,
    bootstrap_interval,
    mean_interval,
    precision_recall,
    share_below,
)


def test_share_below_is_strict():
    errors_s = [0.1, 0.0999, np.inf, 0.05]
    assert share_below(errors_s, 0.1) == 0.5
    assert share_below(errors_s, np.inf) == 0.75


def trapezoids(relevant: list[bool]) -> float:
    """Average precision by going down the ranking."""
    area, found = 0.0, 0
    for rank, right in enumerate(relevant):
        if right:
            before = found / rank if rank else 1.0
            found += 1
            area += (before + found / (rank + 1)) / 2
    return area / sum(relevant) if any(relevant) else 0.0


@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_average_precision_goes_down_the_ranking(relevant):
    ranks = np.flatnonzero(relevant)
    assert average_precision(ranks, len(ranks)) == pytest.approx(trapezoids(relevant))


def test_average_precision_by_hand():
    assert average_precision([0, 1, 2], 3) == 1
    assert average_precision([1], 1) == pytest.approx((0 + 1 / 2) / 2)
    assert average_precision([0], 2) == 0.5  # the other one was not found
    assert average_precision([], 0) == 0


@st.composite
def detections(draw):
    """Scores with ties, labels, at least one right, and each one's query."""
    n = draw(st.integers(1, 40))
    scores = draw(st.lists(st.integers(0, 12), min_size=n, max_size=n))
    labels = draw(st.lists(st.integers(0, 1), min_size=n, max_size=n).filter(any))
    query = draw(st.lists(st.integers(0, 5), min_size=n, max_size=n))
    return np.array(scores) / 4, np.array(labels), np.array(query)


@given(detections())
def test_curve_by_thresholds(drawn):
    scores, labels, _ = drawn
    curve = precision_recall(scores, labels)
    f1 = []
    for threshold in np.unique(scores):
        kept = labels[scores >= threshold]
        precision, recall = kept.mean(), kept.sum() / labels.sum()
        assert any(np.allclose((precision, recall), point)
                   for point in zip(curve.precision, curve.recall, strict=True))  # fmt: skip
        f1.append(2 * precision * recall / (precision + recall + 1e-7))
    assert curve.max_f1 == pytest.approx(max(f1))
    assert curve.area == pytest.approx(-np.trapezoid(curve.precision, curve.recall))


@settings(max_examples=300)
@given(detections(), st.lists(st.integers(0, 4), min_size=6, max_size=6))
def test_weights_equal_repeated_detections(drawn, weights):
    """Drawing a query three times is having its detections three times."""
    scores, labels, query = drawn
    times = np.array(weights)[query]
    repeated = np.repeat(scores, times), np.repeat(labels, times)
    area, max_f1 = WeightedPrecisionRecall(scores, labels, query, 6)(np.array(weights))
    if not repeated[1].any():
        assert np.isnan([area, max_f1]).all()
        return
    precision, recall, _ = sklearn.metrics.precision_recall_curve(repeated[1], repeated[0])
    f1 = 2 * precision * recall / (precision + recall + 1e-7)
    assert area == pytest.approx(sklearn.metrics.auc(recall, precision))
    assert max_f1 == pytest.approx(f1.max())


def test_drawn_once_each_is_the_curve_itself():
    rng = np.random.default_rng(0)
    scores, labels = rng.standard_normal(5000).round(2), rng.uniform(size=5000) < 0.1
    area, max_f1 = WeightedPrecisionRecall(scores, labels, rng.integers(9, size=5000), 9)(
        np.ones(9, int)
    )
    curve = precision_recall(scores, labels)
    assert (area, max_f1) == pytest.approx((curve.area, curve.max_f1))


def test_the_interval_of_a_mean_is_the_textbooks():
    """1.96 standard errors, for many values."""
    values = np.random.default_rng(0).standard_normal(2000)
    low, high = mean_interval(values)
    error = values.std() / len(values) ** 0.5
    assert (low, high) == pytest.approx(
        (values.mean() - 1.96 * error, values.mean() + 1.96 * error), abs=0.2 * error
    )


def test_intervals_are_the_same_every_time_and_change_with_the_seed():
    values = np.random.default_rng(0).standard_normal(50)
    assert mean_interval(values).tolist() == mean_interval(values).tolist()
    assert mean_interval(values).tolist() != mean_interval(values, seed=1).tolist()


def test_an_interval_a_number():
    ends = bootstrap_interval(lambda drawn: (drawn[0], drawn.sum()), 10)
    assert ends.shape == (2, 2)
    assert ends[:, 1].tolist() == [10, 10]


def test_draws_without_a_value_are_left_out():
    low, high = bootstrap_interval(lambda drawn: np.nan if drawn[0] else 1.0, 3)
    assert (low, high) == (1, 1)

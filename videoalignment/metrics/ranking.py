"""Metrics on arrays: pure functions.

Conventions: ranks count from 0; an error is in seconds and infinite where the wrong video was
found; curves and areas are those of the published protocols:

- localisation: Baraldi et al., LAMV, CVPR 2018, on data of Revaud et al., CVPR 2013;
- average precision: Revaud et al., the protocol of EVVE;
- precision and recall of segments: Jiang et al., VCDB, ECCV 2014, computed by scikit-learn;
- intervals: the percentile bootstrap (Efron and Tibshirani, 1993) over queries.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.sparse
from numpy.typing import ArrayLike


def share_below(errors_s: ArrayLike, threshold_s: float) -> float:
    """Share of queries whose error is strictly below a threshold.

    Args:
        errors_s: seconds, shape (queries,), infinite for a wrong match.
        threshold_s: seconds.
    """
    return float(np.mean(np.asarray(errors_s) < threshold_s))


def average_precision(ranks: ArrayLike, positives: int) -> float:
    """Area under the precision-recall curve by trapezoids, from the ranks of the positives.

    Args:
        ranks: ranks, from 0, at which positives were found, ascending, shape (found,).
        positives: how many positives there are; recall rises by 1 / positives at each.

    Returns:
        0 where there is no positive.
    """
    ranks = np.asarray(ranks, np.float64)
    if positives == 0:
        return 0.0
    order = np.arange(len(ranks))
    before = np.where(ranks == 0, 1.0, order / np.maximum(ranks, 1))
    after = (order + 1) / (ranks + 1)
    return float((before + after).sum() / (2 * positives))


@dataclass(frozen=True)
class PrecisionRecall:
    """A precision-recall curve and what sums it up."""

    precision: np.ndarray
    """Shape (thresholds + 1,), from the lowest threshold to the highest."""
    recall: np.ndarray
    area: float
    """Area under the curve, by trapezoids."""
    max_f1: float
    """The largest 2PR / (P + R + 1e-7)."""


def precision_recall(scores: ArrayLike, labels: ArrayLike) -> PrecisionRecall:
    """Precision and recall over all score thresholds.

    Args:
        scores: of detections, higher is surer, shape (n,).
        labels: 1 where a detection is right, else 0, shape (n,).
    """
    import sklearn.metrics

    precision, recall, _ = sklearn.metrics.precision_recall_curve(labels, scores)
    f1 = 2 * precision * recall / (precision + recall + 1e-7)
    area = sklearn.metrics.auc(recall, precision)
    return PrecisionRecall(precision, recall, float(area), float(f1.max()))


def bootstrap_interval(
    statistic: Callable[[np.ndarray], ArrayLike],
    queries: int,
    *,
    resamples: int = 1000,
    seed: int = 0,
) -> np.ndarray:
    """95 % percentile bootstrap interval over queries.

    Args:
        statistic: from how often each query was drawn, integers of shape (queries,), to a number
            or an array of s numbers.
        queries: how many queries there are.
        resamples: how often as many queries are drawn, with replacement.
        seed: of the draws.

    Returns:
        Lower and upper end, shape (2,) or (2, s).
    """
    rng = np.random.default_rng(seed)
    values = [
        statistic(np.bincount(rng.integers(queries, size=queries), minlength=queries))
        for _ in range(resamples)
    ]
    with warnings.catch_warnings():  # a number that no draw defines has no interval: nan
        warnings.filterwarnings("ignore", "All-NaN slice", RuntimeWarning)
        return np.nanpercentile(np.asarray(values, np.float64), [2.5, 97.5], axis=0)


def mean_interval(values: ArrayLike, *, seed: int = 0) -> np.ndarray:
    """95 % bootstrap interval of the mean over queries, from a value a query, shape (queries,)."""
    values = np.asarray(values, np.float64)
    return bootstrap_interval(lambda drawn: drawn @ values / len(values), len(values), seed=seed)


class WeightedPrecisionRecall:
    """Area and largest F1 of detections that count as often as their query was drawn.

    Made for thousands of resamples of millions of detections. Along a run of wrong detections
    recall stands still, so the run's end alone matters to the area; runs are summed by a sparse
    product.

    Args:
        scores, labels: as for `precision_recall`.
        query: the query of each detection, integers of shape (n,).
        queries: how many queries there are.
    """

    def __init__(
        self, scores: ArrayLike, labels: ArrayLike, query: ArrayLike, queries: int
    ) -> None:
        order = np.argsort(-np.asarray(scores), kind="stable")
        scores, labels = np.asarray(scores)[order], np.asarray(labels)[order]
        threshold = np.cumsum(np.diff(scores, prepend=scores[:1]) != 0)
        has_right = np.bincount(threshold, weights=labels) > 0
        # Every threshold with a right detection is a group, and every run between two of them.
        starts = has_right | np.append(False, has_right[:-1])
        group = np.cumsum(starts)[threshold]
        place = (group, np.asarray(query)[order])
        shape = (int(group[-1]) + 1, queries)
        self._right = scipy.sparse.csr_array((labels, place), shape=shape, dtype=np.float64)
        ones = np.ones(len(labels))
        self._all = scipy.sparse.csr_array((ones, place), shape=shape, dtype=np.float64)

    def __call__(self, drawn: np.ndarray) -> tuple[float, float]:
        """Area and largest F1, given how often each query was drawn; nan with none right."""
        right, seen = np.cumsum(self._right @ drawn), np.cumsum(self._all @ drawn)
        if right[-1] == 0:
            return np.nan, np.nan
        right, seen = right[seen > 0], seen[seen > 0]
        precision, recall = right / seen, right / right[-1]
        f1 = 2 * precision * recall / (precision + recall + 1e-7)
        area = np.trapezoid(np.append(1.0, precision), np.append(0.0, recall))
        return float(area), float(f1.max())

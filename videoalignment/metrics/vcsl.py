"""How VCSL scores copied segments.

Of one pair of videos, each axis of the boxes (the query's time and the reference's) is judged by
itself: precision is the share of the predicted lengths that lies within true boxes which the
prediction meets, recall the share of the true lengths that lies within predicted ones, and a pair's
precision (recall) is the product over the two axes.

Micro averages leave out the pairs whose precision (recall) is exactly 1: that is where the protocol
puts pairs without a prediction (without a true box). Perfect ones stay, as the 1e-6 that it adds to
lengths keeps them just below 1. Macro averages go over the pairs that have true boxes, query by
query, and leave out no other.

Source: He et al., "A Large-scale Comprehensive Dataset and Copy-overlap Aware Evaluation Protocol
for Segment-level Video Copy Detection", CVPR 2022.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from videoalignment.errors import OptionError
from videoalignment.metrics.boxes import intersections, length

_EPSILON = 1e-6
_AXES = ((0, 2), (1, 3))  # columns of begin and end on the query's and the reference's time


def pair_precision_recall(predicted: np.ndarray, true: np.ndarray) -> tuple[float, float]:
    """Precision and recall of one pair of videos.

    Args:
        predicted: boxes [q0, r0, q1, r1], seconds, shape (n, 4), as `checked_boxes` gives them.
        true: likewise, shape (g, 4).

    Returns:
        Precision and recall, 0..1; without predictions precision is 1, without true boxes recall.
    """
    if len(predicted) == 0 or len(true) == 0:
        return float(len(predicted) == 0), float(len(true) == 0)
    shared, meets = intersections(predicted, true)
    precision = recall = 1.0
    for begin, end in _AXES:
        stretches = shared[:, :, (begin, end)]
        hit = sum(length(row[met].tolist()) for row, met in zip(stretches, meets, strict=True))
        precision *= hit / (float((predicted[:, end] - predicted[:, begin]).sum()) + _EPSILON)
        columns = zip(stretches.transpose(1, 0, 2), meets.T, strict=True)
        found = sum(length(column[met].tolist()) for column, met in columns)
        recall *= found / (float((true[:, end] - true[:, begin]).sum()) + _EPSILON)
    return precision, recall


@dataclass(frozen=True)
class VcslScores:
    """What VCSL reports of a method; shares, 0..1."""

    precision: float
    recall: float
    f1: float
    frr: float
    """False rejection rate: copies of which nothing was predicted, weighted for balance."""
    far: float
    """False alarm rate: pairs without a copy for which something was predicted."""
    macro_precision: float
    macro_recall: float
    positives: int
    """Pairs that share a segment."""
    negatives: int


class VcslSums:
    """The scores of many pairs, summed up by query, so that queries may be drawn anew.

    Args:
        queries: the query of each pair, integers 0..Q-1 of shape (pairs,).
        precision, recall: of each pair, as `pair_precision_recall` gives them, shape (pairs,).
        positive: which pairs have true boxes, bool, shape (pairs,).

    Raises:
        OptionError: there is no pair, or the shapes differ.
    """

    def __init__(
        self,
        queries: Sequence[int] | np.ndarray,
        precision: Sequence[float] | np.ndarray,
        recall: Sequence[float] | np.ndarray,
        positive: Sequence[bool] | np.ndarray,
    ) -> None:
        queries, positive = np.asarray(queries, int), np.asarray(positive, bool)
        precision, recall = np.asarray(precision, np.float64), np.asarray(recall, np.float64)
        shapes = {queries.shape, precision.shape, recall.shape, positive.shape}
        if len(shapes) != 1 or queries.size == 0:
            raise OptionError(f"expected four lists of as many pairs, at least one, not {shapes}")
        self.queries = int(queries.max()) + 1

        def summed(values: np.ndarray) -> np.ndarray:
            return np.bincount(queries, weights=values, minlength=self.queries)

        self._pairs, self._positive = summed(np.ones(len(queries))), summed(positive)
        self._precision, self._recall = summed(precision * positive), summed(recall * positive)
        imprecise, missing = precision != 1, recall != 1
        self._imprecise, self._missing = summed(imprecise), summed(missing)
        self._imprecise_sum = summed(np.where(imprecise, precision, 0))
        self._missing_sum = summed(np.where(missing, recall, 0))
        self._rejections = summed((precision == 1) & (recall == 0))
        self._alarms = summed((precision == 0) & (recall == 1))

    def scores(self, drawn: np.ndarray | None = None) -> VcslScores:
        """The scores of all queries, or of queries that count as often as they were drawn.

        Args:
            drawn: integers, shape (queries,).
        """
        drawn = np.ones(self.queries) if drawn is None else drawn
        precision = _quotient(self._imprecise_sum @ drawn, self._imprecise @ drawn)
        recall = _quotient(self._missing_sum @ drawn, self._missing @ drawn)
        pairs, positives = self._pairs @ drawn, self._positive @ drawn
        ratio = _quotient(positives, pairs - positives, none=np.inf)
        has_copies = drawn * (self._positive > 0)
        return VcslScores(
            precision=precision,
            recall=recall,
            f1=_quotient(2 * precision * recall, precision + recall, none=0.0),
            frr=(1 + 1 / ratio if ratio else np.inf) * float(self._rejections @ drawn / pairs),
            far=(1 + ratio) * float(self._alarms @ drawn / pairs),
            macro_precision=self._mean_over_queries(self._precision, has_copies),
            macro_recall=self._mean_over_queries(self._recall, has_copies),
            positives=int(positives),
            negatives=int(pairs - positives),
        )

    def _mean_over_queries(self, sums: np.ndarray, drawn: np.ndarray) -> float:
        means = sums / np.maximum(self._positive, 1)
        return _quotient(means @ drawn, drawn.sum())


def _quotient(above: float, below: float, none: float = 1.0) -> float:
    """A mean over what there is; `none` where there is nothing."""
    return float(above / below) if below else none

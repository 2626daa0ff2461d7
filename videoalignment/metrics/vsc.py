"""How the Meta AI video similarity challenge (VSC2022) scores matches of videos.

*Segment AP* (matching track): predictions are taken by falling score, those of equal score
together. At every step each axis is judged over all pairs: how much of what was predicted lies
within the true boxes that a prediction meets, and how much of the true boxes was found. Precision
(recall) is the geometric mean over the two axes, and the area under the curve is the sum of
precision times the rise of recall.

*Pair micro-AP* (descriptor track): a pair's score is its highest; average precision over the pairs
predicted, times the share of the true pairs among them.

Source: Pizzi et al., "The 2023 Video Similarity Dataset and Challenge", arXiv 2306.09489.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from videoalignment.errors import OptionError
from videoalignment.metrics.boxes import Interval, length, union

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Match:
    """A copied segment, true or predicted."""

    query: str
    reference: str
    box: Box
    """Begin in the query and in the reference, end in the query and in the reference, seconds."""
    score: float = 1.0
    """How sure a prediction is; higher is surer."""

    def __post_init__(self) -> None:
        if not np.isfinite([*self.box, self.score]).all():
            raise OptionError(f"match {self}: expected finite numbers")
        if self.box[2] < self.box[0] or self.box[3] < self.box[1]:
            raise OptionError(f"match {self}: ends before it begins")


@dataclass(frozen=True)
class SegmentCurve:
    """Precision and recall after each group of equal scores, by falling score."""

    scores: np.ndarray
    """Shape (groups,)."""
    precision: np.ndarray
    recall: np.ndarray
    area: float
    """Segment AP, 0..1."""


class _Pair:
    """The true boxes and the predictions so far of one pair of videos."""

    def __init__(self, true: Sequence[Box]) -> None:
        self._unmet = list(true)
        self._met: tuple[list[Interval], list[Interval]] = ([], [])  # an axis each
        self._predicted: tuple[list[Interval], list[Interval]] = ([], [])
        self.covered = [0.0, 0.0, 0.0, 0.0]
        """Length of predictions within the true boxes that they meet, and in all, axis by axis."""

    def add(self, box: Box) -> None:
        """Take in one more prediction."""
        newly_met = [true for true in self._unmet if _meet(box, true)]
        self._unmet = [true for true in self._unmet if true not in newly_met]
        for axis in (0, 1):
            met, predicted = self._met[axis], self._predicted[axis]
            met[:] = union([*met, *((true[axis], true[axis + 2]) for true in newly_met)])
            predicted[:] = union([*predicted, (box[axis], box[axis + 2])])
            total = sum(end - begin for begin, end in predicted)
            self.covered[2 * axis : 2 * axis + 2] = _common(predicted, met), total


def _meet(a: Box, b: Box) -> bool:
    return all(max(a[i], b[i]) < min(a[i + 2], b[i + 2]) for i in (0, 1))


def _common(a: list[Interval], b: list[Interval]) -> float:
    """Length of what two lists of separate intervals, in order, have in common."""
    total, i, j = 0.0, 0, 0
    while i < len(a) and j < len(b):
        total += max(0.0, min(a[i][1], b[j][1]) - max(a[i][0], b[j][0]))
        if a[i][1] < b[j][1]:
            i += 1
        else:
            j += 1
    return total


def segment_curve(predictions: Iterable[Match], truth: Iterable[Match]) -> SegmentCurve:
    """Segment AP and the curve that it is the area of.

    Args:
        predictions: with their scores.
        truth: the copied segments.

    Raises:
        OptionError: there is no true segment.
    """
    true: dict[tuple[str, str], list[Box]] = defaultdict(list)
    for match in truth:
        true[match.query, match.reference].append(match.box)
    wanted = [
        sum(length((b[i], b[i + 2]) for b in boxes) for boxes in true.values()) for i in (0, 1)
    ]
    if not all(wanted):
        raise OptionError("there is no true segment to find")
    pairs: dict[tuple[str, str], _Pair] = {}
    sums = [0.0, 0.0, 0.0, 0.0]
    scores, precision, recall = [], [], []
    ordered = sorted(predictions, key=lambda match: -match.score)
    for score, group in groupby(ordered, key=lambda match: match.score):
        for match in group:
            key = match.query, match.reference
            pair = pairs.setdefault(key, _Pair(true.get(key, ())))
            before = tuple(pair.covered)
            pair.add(match.box)
            sums = [s - b + n for s, b, n in zip(sums, before, pair.covered, strict=True)]
        scores.append(score)
        precision.append(_geometric_mean(sums[::2], sums[1::2]))
        recall.append(_geometric_mean(sums[::2], wanted))
    rises = np.diff(recall, prepend=0.0)
    return SegmentCurve(
        np.array(scores), np.array(precision), np.array(recall), float(np.dot(precision, rises))
    )


def _geometric_mean(part: Sequence[float], whole: Sequence[float]) -> float:
    """Over both axes, the share that a part is of the whole; 0 of nothing."""
    if not all(whole):
        return 0.0
    return math.sqrt(max(0.0, part[0] / whole[0] * part[1] / whole[1]))


def pair_average_precision(predictions: Iterable[Match], truth: Iterable[Match]) -> float:
    """Pair micro-AP: are the right pairs of videos found, wherever the copy lies?

    Raises:
        OptionError: there is no true pair.
    """
    import sklearn.metrics

    true = {(match.query, match.reference) for match in truth}
    if not true:
        raise OptionError("there is no true pair to find")
    best: dict[tuple[str, str], float] = {}
    for match in predictions:
        key = match.query, match.reference
        best[key] = max(match.score, best.get(key, -np.inf))
    labels = [key in true for key in best]
    if not any(labels):
        return 0.0
    precision = sklearn.metrics.average_precision_score(labels, list(best.values()))
    return float(precision) * sum(labels) / len(true)

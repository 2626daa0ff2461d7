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

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

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


class SegmentSums:
    """What each prediction adds to what is covered, so that queries may be drawn anew.

    Args:
        predictions: with their scores.
        truth: the copied segments.

    Attributes:
        queries: names of all queries, in the order in which draws count them.

    Raises:
        OptionError: there is no true segment.
    """

    def __init__(self, predictions: Iterable[Match], truth: Iterable[Match]) -> None:
        true: dict[tuple[str, str], list[Box]] = defaultdict(list)
        for match in truth:
            true[match.query, match.reference].append(match.box)
        ordered = sorted(predictions, key=lambda match: -match.score)
        names = dict.fromkeys([query for query, _ in true] + [match.query for match in ordered])
        self.queries = tuple(names)
        number = {query: i for i, query in enumerate(self.queries)}
        self._wanted = np.zeros((len(number), 2))
        for (query, _), boxes in true.items():
            for axis in (0, 1):
                self._wanted[number[query], axis] += length((b[axis], b[axis + 2]) for b in boxes)
        if not self._wanted.sum(0).all():
            raise OptionError("there is no true segment to find")
        pairs: dict[tuple[str, str], _Pair] = {}
        gains = []
        for match in ordered:
            key = match.query, match.reference
            pair = pairs.setdefault(key, _Pair(true.get(key, ())))
            before = tuple(pair.covered)
            pair.add(match.box)
            gains.append([after - b for after, b in zip(pair.covered, before, strict=True)])
        self._gains = np.array(gains).reshape(-1, 4)
        self._query = np.array([number[match.query] for match in ordered], int)
        scores = np.array([match.score for match in ordered])
        self._last = np.flatnonzero(np.append(np.diff(scores) != 0, True)[: len(scores)])
        self._scores = scores[self._last]

    def curve(self, drawn: np.ndarray | None = None) -> SegmentCurve:
        """The curve of all queries, or of queries that count as often as they were drawn.

        Args:
            drawn: integers, shape (queries,).
        """
        drawn = np.ones(len(self.queries)) if drawn is None else drawn
        covered = np.cumsum(self._gains * drawn[self._query, None], axis=0)[self._last]
        precision = _geometric_mean(covered[:, ::2], covered[:, 1::2])
        recall = _geometric_mean(covered[:, ::2], drawn @ self._wanted)
        rises = np.diff(recall, prepend=0.0)
        return SegmentCurve(self._scores, precision, recall, float(precision @ rises))


def segment_curve(predictions: Iterable[Match], truth: Iterable[Match]) -> SegmentCurve:
    """Segment AP and the curve that it is the area of; see `SegmentSums`."""
    return SegmentSums(predictions, truth).curve()


def _geometric_mean(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Over both axes, the share that a part is of the whole, shape (groups,); 0 of nothing."""
    whole = np.broadcast_to(whole, part.shape)
    shares = np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0)
    mean: np.ndarray = np.sqrt(shares.prod(axis=1).clip(0))
    return mean


class PairSums:
    """Which pairs of videos were predicted, so that queries may be drawn anew.

    Args:
        predictions: with their scores; a pair's is its highest.
        truth: the copied segments.
        queries: names of all queries, in the order in which draws count them.

    Raises:
        OptionError: there is no true pair.
    """

    def __init__(
        self, predictions: Iterable[Match], truth: Iterable[Match], queries: Sequence[str]
    ) -> None:
        number = {query: i for i, query in enumerate(queries)}
        true = {(match.query, match.reference) for match in truth}
        if not true:
            raise OptionError("there is no true pair to find")
        best: dict[tuple[str, str], float] = {}
        for match in predictions:
            key = match.query, match.reference
            best[key] = max(match.score, best.get(key, -np.inf))
        scores = np.array(list(best.values()))
        order = np.argsort(-scores, kind="stable")
        self._right = np.array([pair in true for pair in best], float)[order]
        self._query = np.array([number[query] for query, _ in best], int)[order]
        self._last = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True)[: len(scores)])
        self._true = np.bincount([number[query] for query, _ in true], minlength=len(queries))

    def average_precision(self, drawn: np.ndarray | None = None) -> float:
        """Pair micro-AP of all queries, or of queries that count as often as they were drawn.

        Args:
            drawn: numbers, shape (queries,).
        """
        drawn = np.ones(len(self._true)) if drawn is None else drawn
        weights = drawn[self._query].astype(float)
        right = np.cumsum(weights * self._right)[self._last]
        seen = np.cumsum(weights)[self._last]
        wanted = float(self._true @ drawn)
        if not len(right) or right[-1] == 0:
            return 0.0
        precision = np.divide(right, seen, out=np.zeros_like(right), where=seen > 0)
        return float(precision @ np.diff(right, prepend=0.0)) / wanted


def pair_average_precision(
    predictions: Iterable[Match],
    truth: Iterable[Match],
    weights: Mapping[str, float] | None = None,
) -> float:
    """Pair micro-AP: are the right pairs of videos found, wherever the copy lies?

    Args:
        predictions: with their scores.
        truth: the copied segments.
        weights: how often each query counts; once unless given.

    Raises:
        OptionError: there is no true pair.
    """
    predictions, truth = list(predictions), list(truth)
    queries = list(dict.fromkeys(match.query for match in [*truth, *predictions]))
    drawn = None if weights is None else np.array([weights.get(query, 0.0) for query in queries])
    return PairSums(predictions, truth, queries).average_precision(drawn)

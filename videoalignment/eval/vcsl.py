"""VCSL: which stretches of two videos are copies? A method on VCSL's pairs, scored as VCSL does."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from videoalignment.datasets.segment_files import Boxes, Pair, boxes_text
from videoalignment.datasets.vcsl import VCSL
from videoalignment.errors import OptionError
from videoalignment.eval.copies import CopiesResult, find_copies
from videoalignment.eval.finder import SegmentFinder
from videoalignment.eval.protocol import Protocol
from videoalignment.eval.segment_scores import score_boxes
from videoalignment.eval.steps import Run
from videoalignment.metrics.boxes import checked_boxes
from videoalignment.metrics.vcsl import VcslSums, pair_precision_recall
from videoalignment.metrics.vsc import Match
from videoalignment.models import Model

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_THRESHOLDS = 200  # least scores that are tried
_NONE = np.zeros((0, 4))


@dataclass(frozen=True)
class Threshold:
    """From which score on a segment is predicted."""

    min_score: float
    comes_from: Literal["given", "the method's own", "the best on these labels"]
    """The last where a method does not say what it believes: the highest F1 on these very labels,
    what it could reach, not what it would."""
    tried: tuple[np.ndarray, np.ndarray]
    """Least scores, and the F1 of each."""

    @property
    def given(self) -> bool:
        """Whether somebody asked for it."""
        return self.comes_from == "given"


@dataclass(frozen=True, kw_only=True)
class VcslResult(CopiesResult):
    """How well copied segments were found."""

    threshold: Threshold

    def lines(self) -> list[str]:
        score, how = self.threshold.min_score, self.threshold.comes_from
        lines = [*super().lines(), f"segments from a score of {score:g} ({how})"]
        least, f1 = self.threshold.tried
        if how == "the method's own" and len(f1):
            best = f"from {least[f1.argmax()]:g} on, chosen on these labels: F1 {f1.max():.4f}"
            lines.append(best)
        return lines

    def details(self) -> dict[str, Any]:
        how = self.threshold.comes_from
        chosen = {
            "min_score": self.threshold.min_score,
            "given": self.threshold.given,
            "comes_from": how,
        }
        return {**super().details(), "threshold": chosen}

    def draw(self, axes: "Axes") -> None:
        """Draw F1 over the least score, and the one that was used."""
        axes.plot(*self.threshold.tried, color="C0", linewidth=2)
        axes.axvline(self.threshold.min_score, color="C1", linestyle="--")
        axes.set(xlabel="least score of a segment", ylabel="F1", ylim=(0, 1.02))


def evaluate_vcsl(
    dataset: VCSL, model: Model | SegmentFinder, run: Run, *, min_score: float | None = None
) -> VcslResult:
    """Find the segments of each listed pair, and score those that are sure enough.

    Args:
        dataset: VCSL.
        model: a model, on the device of `run`, or a finder.
        run: how to compute; its timings are filled.
        min_score: from which score on a segment is predicted. Unless given, a finder's own, and
            for a model the one with the highest F1 on the dataset's own labels: what it could
            reach, not what it would.

    Raises:
        VideoAlignmentError: an option or features cannot be used.
    """
    VcslCopies.check_options({"min_score": min_score})
    found = find_copies(dataset, model, run)
    with run.timed("evaluation"):
        threshold = _threshold(min_score, model, _f1_over_scores(dataset, found.matches))
        predicted: Boxes = dict.fromkeys(dataset.judged, _NONE)
        for match in found.matches:
            if match.score >= threshold.min_score:
                pair = match.query, match.reference
                predicted[pair] = np.concatenate([predicted[pair], [match.box]])
        scores = score_boxes(
            predicted, dataset.segments, dataset.judged, dataset.labels, seed=run.seed
        )
    return VcslResult(
        metrics=scores.metrics,
        queries=found.best(),
        pairs=found.pairs,
        longest_frames=found.longest_frames,
        scores=scores,
        predictions=("predictions.json", boxes_text(predicted)),
        threshold=threshold,
    )


def _threshold(
    given: float | None, method: Model | SegmentFinder, tried: tuple[np.ndarray, np.ndarray]
) -> Threshold:
    if given is not None:
        return Threshold(float(given), "given", tried)
    if isinstance(method, SegmentFinder) and method.min_score is not None:
        return Threshold(method.min_score, "the method's own", tried)
    best = float(tried[0][tried[1].argmax()]) if len(tried[0]) else 0.0
    return Threshold(best, "the best on these labels", tried)


def _f1_over_scores(dataset: VCSL, matches: Iterable[Match]) -> tuple[np.ndarray, np.ndarray]:
    """Least scores that are worth trying, and the F1 of each."""
    by_pair: dict[Pair, list[Match]] = {pair: [] for pair in dataset.judged}
    for match in matches:  # each query's by falling score, so each pair's too
        by_pair[match.query, match.reference].append(match)
    most = max(map(len, by_pair.values()))
    scores = np.full((len(by_pair), most), -np.inf)
    values = np.zeros((len(by_pair), most + 1, 2))  # with so many of a pair's matches
    for i, (pair, found) in enumerate(by_pair.items()):
        true = dataset.segments.get(pair, _NONE)
        boxes = checked_boxes([match.box for match in found])
        scores[i, : len(found)] = [match.score for match in found]
        for count in range(len(found) + 1):
            values[i, count] = pair_precision_recall(boxes[:count], true)
    positive = np.array([len(dataset.segments.get(pair, _NONE)) > 0 for pair in by_pair])
    seen = scores[scores > -np.inf]
    if not len(seen):
        return np.zeros(0), np.zeros(0)
    least = np.unique(np.quantile(seen, np.linspace(0, 1, _THRESHOLDS), method="nearest"))

    def f1(score: float) -> float:
        count = (scores >= score).sum(axis=1)
        precision, recall = values[np.arange(len(values)), count].T
        return VcslSums(np.zeros(len(values), int), precision, recall, positive).scores().f1

    return least, np.array([f1(score) for score in least.tolist()])


class VcslCopies(Protocol):
    """Copied segments of listed pairs, scored as VCSL does."""

    name = "vcsl"
    reads = ("segments", "judged", "labels", "candidates")
    takes_finders = True
    options: ClassVar[Mapping[str, Any]] = {"min_score": None}
    evaluate = staticmethod(evaluate_vcsl)  # type: ignore[assignment]  # takes fewer options

    @classmethod
    def check_options(cls, options: Mapping[str, Any]) -> None:
        value = options["min_score"]
        if value is not None and not (isinstance(value, Real) and math.isfinite(value)):
            raise OptionError(f"`min_score` {value!r}: expected a finite number")

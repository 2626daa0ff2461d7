"""VCSL: which stretches of two videos are copies? A model on VCSL's pairs, scored as VCSL does."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from videoalignment.datasets.segment_files import Boxes, boxes_text
from videoalignment.datasets.vcsl import VCSL
from videoalignment.errors import OptionError
from videoalignment.eval.copies import CopiesResult, Found, find_copies
from videoalignment.eval.protocol import Protocol
from videoalignment.eval.segment_scores import score_boxes
from videoalignment.eval.steps import Run
from videoalignment.metrics.vcsl import VcslSums, pair_precision_recall
from videoalignment.models import Model

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_THRESHOLDS = 200  # least scores that are tried
_NONE = np.zeros((0, 4))


@dataclass(frozen=True)
class Threshold:
    """From which score on a segment is predicted."""

    min_score: float
    given: bool
    """False where it is the one with the highest F1 on these very labels."""
    tried: tuple[np.ndarray, np.ndarray]
    """Least scores, and the F1 of each."""


@dataclass(frozen=True, kw_only=True)
class VcslResult(CopiesResult):
    """How well copied segments were found."""

    threshold: Threshold

    def lines(self) -> list[str]:
        how = "given" if self.threshold.given else "the best on these labels"
        return [*super().lines(), f"segments from a score of {self.threshold.min_score:g} ({how})"]

    def details(self) -> dict[str, Any]:
        chosen = {"min_score": self.threshold.min_score, "given": self.threshold.given}
        return {**super().details(), "threshold": chosen}

    def draw(self, axes: "Axes") -> None:
        """Draw F1 over the least score, and the one that was used."""
        axes.plot(*self.threshold.tried, color="C0", linewidth=2)
        axes.axvline(self.threshold.min_score, color="C1", linestyle="--")
        axes.set(xlabel="least score of a segment", ylabel="F1", ylim=(0, 1.02))


def evaluate_vcsl(
    dataset: VCSL, model: Model, run: Run, *, min_score: float | None = None
) -> VcslResult:
    """Find a segment in each listed pair, and score those that are sure enough.

    Args:
        dataset: VCSL.
        model: on the device of `run`.
        run: how to compute; its timings are filled.
        min_score: from which score on a segment is predicted. Unless given, the one with the
            highest F1 on the dataset's own labels: what the model could reach, not what it would.

    Raises:
        VideoAlignmentError: an option or features cannot be used.
    """
    VcslCopies.check_options({"min_score": min_score})
    found = find_copies(dataset, model, run)
    with run.timed("evaluation"):
        tried = _f1_over_scores(dataset, found)
        least = float(tried[0][tried[1].argmax()]) if min_score is None else float(min_score)
        predicted: Boxes = dict.fromkeys(dataset.judged, _NONE)
        for match in found.matches:
            if match.score >= least:
                predicted[match.query, match.reference] = np.array([match.box])
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
        threshold=Threshold(least, min_score is not None, tried),
    )


def _f1_over_scores(dataset: VCSL, found: Found) -> tuple[np.ndarray, np.ndarray]:
    """Least scores that are worth trying, and the F1 of each."""
    scores = np.array([match.score for match in found.matches])
    true = [dataset.segments.get((m.query, m.reference), _NONE) for m in found.matches]
    with_segment = np.array(
        [
            pair_precision_recall(np.array([match.box]), boxes)
            for match, boxes in zip(found.matches, true, strict=True)
        ]
    )
    without = np.array([pair_precision_recall(_NONE, boxes) for boxes in true])
    positive = np.array([len(boxes) > 0 for boxes in true])
    least = np.unique(np.quantile(scores, np.linspace(0, 1, _THRESHOLDS), method="nearest"))

    def f1(score: float) -> float:
        precision, recall = np.where((scores >= score)[:, None], with_segment, without).T
        return VcslSums(np.zeros(len(scores), int), precision, recall, positive).scores().f1

    return least, np.array([f1(score) for score in least.tolist()])


class VcslCopies(Protocol):
    """Copied segments of listed pairs, scored as VCSL does."""

    name = "vcsl"
    reads = ("segments", "judged", "labels", "candidates")
    options: ClassVar[Mapping[str, Any]] = {"min_score": None}
    evaluate = staticmethod(evaluate_vcsl)  # type: ignore[assignment]  # takes fewer options

    @classmethod
    def check_options(cls, options: Mapping[str, Any]) -> None:
        value = options["min_score"]
        if value is not None and not (isinstance(value, Real) and math.isfinite(value)):
            raise OptionError(f"`min_score` {value!r}: expected a finite number")

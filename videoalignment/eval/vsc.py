"""VSC: which references were copied, and where? Scored as VSC2022 does."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from videoalignment.datasets.segment_files import matches_text
from videoalignment.datasets.vsc import VSC
from videoalignment.errors import OptionError
from videoalignment.eval.copies import CopiesResult, find_copies
from videoalignment.eval.finder import SegmentFinder
from videoalignment.eval.protocol import Protocol
from videoalignment.eval.segment_scores import score_matches
from videoalignment.eval.steps import Run
from videoalignment.models import Model
from videoalignment.score_normalisation import BETA, check_beta

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_CANDIDATES = 20


class VscResult(CopiesResult):
    """How well copied segments were found."""

    def draw(self, axes: "Axes") -> None:
        """Draw precision over recall as the least score falls."""
        curve = self.scores.curve
        assert curve is not None  # this protocol always has one
        axes.step(curve.recall, curve.precision, where="pre", color="C0", linewidth=2)
        axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1.02), ylim=(0, 1.05))


def evaluate_vsc(
    dataset: VSC,
    model: Model | SegmentFinder,
    run: Run,
    *,
    candidates: int = _CANDIDATES,
    unrelated: str | None = None,
    unrelated_beta: float = BETA,
) -> VscResult:
    """Find the segments of each query's best references.

    Args:
        dataset: VSC.
        model: a model, on the device of `run`, or a finder.
        run: how to compute; its timings are filled.
        candidates: how many references of a query are predicted, or looked at by a finder.
        unrelated: a CSV file with the column video_id: videos with features in the same folder
            that share nothing with any query, to normalise scores by. Unless given, scores stay as
            they are.
        unrelated_beta: how much of a query's highest score among these is taken off.

    Raises:
        VideoAlignmentError: an option or features cannot be used.
    """
    options = {
        "candidates": candidates,
        "unrelated": unrelated,
        "unrelated_beta": unrelated_beta,
    }
    VscCopies.check_options(options)
    found = find_copies(
        dataset,
        model,
        run,
        candidates,
        unrelated=dataset.unrelated(Path(unrelated)) if unrelated else (),
        beta=unrelated_beta,
    )
    with run.timed("evaluation"):
        scores = score_matches(found.matches, dataset.truth, dataset.labels, seed=run.seed)
    return VscResult(
        metrics=scores.metrics,
        queries=found.best(),
        pairs=found.pairs,
        longest_frames=found.longest_frames,
        scores=scores,
        predictions=("predictions.csv", matches_text(found.matches)),
    )


class VscCopies(Protocol):
    """Segments copied from any reference, scored as VSC2022 does."""

    name = "vsc"
    reads = ("truth", "labels", "candidates")
    takes_finders = True
    options: ClassVar[Mapping[str, Any]] = {
        "candidates": _CANDIDATES,
        "unrelated": None,
        "unrelated_beta": BETA,
    }
    evaluate = staticmethod(evaluate_vsc)  # type: ignore[assignment]  # takes fewer options

    @classmethod
    def check_options(cls, options: Mapping[str, Any]) -> None:
        if options["candidates"] < 1:
            raise OptionError(f"`candidates` {options['candidates']!r}: expected 1 or more")
        check_beta("unrelated_beta", options["unrelated_beta"])

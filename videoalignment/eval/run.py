"""One evaluation from its options to its files: what the command lines call."""

import dataclasses
import platform
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

import torch

from videoalignment.datasets import DATASETS, EVVE, VCDB, VideoDataset
from videoalignment.devices import choose_device
from videoalignment.errors import VideoAlignmentError
from videoalignment.eval.descriptors import Run
from videoalignment.eval.localisation import evaluate_localisation
from videoalignment.eval.options import EvaluationOptions
from videoalignment.eval.result import Result
from videoalignment.eval.retrieval import evaluate_retrieval
from videoalignment.eval.segments import evaluate_segments
from videoalignment.files import make_folder
from videoalignment.models import CTE, MODELS, Model
from videoalignment.present.results import (
    RunRecord,
    format_table,
    protocol_lines,
    result_rows,
    write_results,
)

_VERSIONED = ("videoalignment", "torch", "numpy", "scipy", "scikit-learn")


@dataclass(frozen=True)
class Evaluation:
    """A finished evaluation."""

    options: EvaluationOptions
    result: Result
    record: RunRecord
    folder: Path
    """Where its files lie."""
    about: str
    """What the dataset is and where it lies, for people."""

    def __str__(self) -> str:
        """What the command lines print."""
        return "\n".join(
            [
                self.about,
                "",
                *protocol_lines(self.result),
                "",
                format_table(result_rows(self.options, self.result)),
                "",
                f"results.json, per_query.csv and plot.png are in {self.folder}",
            ]
        )


def run_evaluation(options: EvaluationOptions, output_dir: Path) -> Evaluation:
    """Evaluate a model on a dataset and write the results.

    Args:
        options: what to evaluate, and how.
        output_dir: the results go to a folder of their own in it, `options.run_name`.

    Raises:
        VideoAlignmentError: an option or a file cannot be used.
    """
    torch.manual_seed(options.seed)
    device = choose_device(options.device)
    if options.query_expansion and options.dataset != EVVE.name:
        raise VideoAlignmentError(
            f"query expansion re-ranks EVVE's database; {options.dataset} has none"
        )
    dataset = DATASETS[options.dataset](
        resnet_level=options.resnet_level,
        phase=options.phase,
        fold_index=options.fold_index,
        allow_missing=options.allow_missing,
    )
    run = Run(
        device,
        getattr(torch, options.precision),
        seed=options.seed,
        videos_ahead=options.b_s,
    )
    with torch.inference_mode():
        model = _make_model(options, dataset, run).to(device).eval()
        make_folder(output_dir)  # now: an evaluation can take minutes
        result = _evaluate(dataset, model, run, options)
    record = RunRecord(
        versions={"python": platform.python_version(), **{n: version(n) for n in _VERSIONED}},
        device=str(device),
        timings_s={stage: round(seconds, 3) for stage, seconds in run.timings_s.items()},
        finished_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
    )
    folder = output_dir / options.run_name
    write_results(folder, options, result, record)
    return Evaluation(options, result, record, folder, dataset.about)


def _make_model(options: EvaluationOptions, dataset: VideoDataset, run: Run) -> Model:
    """The model; CTE's common length holds the two longest videos put together."""
    if options.model == "CTE" and options.fft_length is None:
        with run.timed("features"):
            longest = dataset.longest_frames(options.b_s)
        # Of short videos, as long as the frequencies ask for.
        fft_length = max(2 * longest, 4 * (options.m or CTE.DEFAULT_M))
        options = dataclasses.replace(options, fft_length=fft_length)
    return MODELS[options.model](options)


def _evaluate(dataset: VideoDataset, model: Model, run: Run, options: EvaluationOptions) -> Result:
    if isinstance(dataset, EVVE):
        return evaluate_retrieval(
            dataset, model, run, rule=options.rule, query_expansion=options.query_expansion
        )
    if isinstance(dataset, VCDB):
        return evaluate_segments(dataset, model, run)
    return evaluate_localisation(dataset, model, run)

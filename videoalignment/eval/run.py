"""One evaluation, from its options to its result."""

import dataclasses
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.metadata import version

import torch

from videoalignment.datasets import DATASETS, VideoDataset
from videoalignment.devices import choose_device
from videoalignment.errors import OptionError
from videoalignment.eval import PROTOCOLS
from videoalignment.eval.options import EvaluationOptions
from videoalignment.eval.result import Result
from videoalignment.eval.steps import Run
from videoalignment.models import CTE, MODELS, Model

_VERSIONED = ("videoalignment", "torch", "numpy", "scipy", "scikit-learn")


@dataclass(frozen=True)
class RunRecord:
    """How a run was made."""

    versions: dict[str, str]
    device: str
    timings_s: dict[str, float]
    finished_at: str
    """UTC, ISO 8601."""


@dataclass(frozen=True)
class Evaluation:
    """A finished evaluation."""

    options: EvaluationOptions
    result: Result
    published: Mapping[str, float]
    """Numbers of a paper for exactly these options, percent, by the metric's name."""
    record: RunRecord
    about: str
    """What the dataset is and where it lies, for people."""


def run_evaluation(options: EvaluationOptions) -> Evaluation:
    """Evaluate a model on a dataset. Nothing is written.

    Args:
        options: what to evaluate, and how.

    Raises:
        VideoAlignmentError: an option or a file cannot be used.
    """
    torch.manual_seed(options.seed)
    device = choose_device(options.device)
    dataset_class = DATASETS[options.dataset]
    protocol = PROTOCOLS[dataset_class.protocol]
    protocol.check_fits(dataset_class)
    if options.query_expansion and "query_expansion" not in protocol.options:
        raise OptionError(f"query expansion re-ranks EVVE's database; {options.dataset} has none")
    dataset = dataset_class(
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
        chosen = {name: getattr(options, name) for name in protocol.options}
        result = protocol.evaluate(dataset, model, run, **chosen)
    return Evaluation(options, result, _published(options, dataset), _record(run), dataset.about)


def _record(run: Run) -> RunRecord:
    return RunRecord(
        versions={"python": platform.python_version(), **{n: version(n) for n in _VERSIONED}},
        device=str(run.device),
        timings_s={stage: round(seconds, 3) for stage, seconds in run.timings_s.items()},
        finished_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
    )


def _published(options: EvaluationOptions, dataset: VideoDataset) -> Mapping[str, float]:
    for published in dataset.published:
        as_published = EvaluationOptions(options.dataset, published.model, **published.options)
        if options.run_name == as_published.run_name:
            return published.percent
    return {}


def _make_model(options: EvaluationOptions, dataset: VideoDataset, run: Run) -> Model:
    """The model; CTE's common length holds the two longest videos put together."""
    if options.model == "CTE" and options.fft_length is None:
        with run.timed("features"):
            longest = dataset.longest_frames(options.b_s)
        # Of short videos, as long as the frequencies ask for.
        fft_length = max(2 * longest, 4 * (options.m or CTE.DEFAULT_M))
        options = dataclasses.replace(options, fft_length=fft_length)
    return MODELS[options.model](options)

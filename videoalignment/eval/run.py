"""One evaluation, from its options to its result."""

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.metadata import version
from types import SimpleNamespace

import torch

from videoalignment.datasets import DATASETS, VideoDataset
from videoalignment.devices import choose_device
from videoalignment.eval.finder import SegmentFinder
from videoalignment.eval.methods import METHODS
from videoalignment.eval.options import EvaluationOptions, ResolvedOptions, resolve_options
from videoalignment.eval.protocols import PROTOCOLS
from videoalignment.eval.result import Result
from videoalignment.eval.steps import Run
from videoalignment.models import Model
from videoalignment.version import __version__

_VERSIONED = ("torch", "numpy", "scipy", "scikit-learn")


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

    options: ResolvedOptions
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
    resolved = resolve_options(options)
    torch.manual_seed(resolved.seed)
    run = Run(
        choose_device(resolved.device),
        getattr(torch, resolved.precision),
        seed=resolved.seed,
        videos_ahead=resolved.b_s,
    )
    dataset = DATASETS[resolved.dataset](
        resnet_level=resolved.resnet_level,
        phase=resolved.phase,
        fold_index=resolved.fold_index,
        allow_missing=resolved.allow_missing,
    )
    protocol = PROTOCOLS[dataset.protocol]
    with torch.inference_mode():
        model = _make_method(resolved, dataset, run)
        result = protocol.evaluate(dataset, model, run, **resolved.protocol_options)
    return Evaluation(resolved, result, _published(resolved, dataset), _record(run), dataset.about)


def _make_method(
    options: ResolvedOptions, dataset: VideoDataset, run: Run
) -> Model | SegmentFinder:
    def longest_frames() -> int:
        with run.timed("features"):
            return dataset.longest_frames(run.videos_ahead)

    method = METHODS[options.model]
    if issubclass(method, SegmentFinder):
        return method(SimpleNamespace(**options.model_options))
    assert issubclass(method, Model)  # as the protocol has checked
    fitted = method.fit_options(options.model_options, longest_frames)
    fitted = method.fit_features(fitted, dataset.feature_recipe, longest_frames)
    return method(SimpleNamespace(**fitted)).to(run.device).eval()


def _published(options: ResolvedOptions, dataset: VideoDataset) -> Mapping[str, float]:
    # the class's own: a subclass is another dataset
    for published in vars(type(dataset)).get("published", ()):
        if (published.model, published.options) == (options.model, options.differing):
            percent: Mapping[str, float] = published.percent
            return percent
    return {}


def _record(run: Run) -> RunRecord:
    return RunRecord(
        versions={
            "python": platform.python_version(),
            "videoalignment": __version__,
            **{name: version(name) for name in _VERSIONED},
        },
        device=str(run.device),
        timings_s={stage: round(seconds, 3) for stage, seconds in run.timings_s.items()},
        finished_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
    )

"""What periods and training gain, on trees and scenes that no training has seen.

TRAIN, VAL and TEST are roots with Climbing, Madonna, VCDB and EVVE, with made-up features of
different seeds. For each dataset, LAMV is trained on TRAIN and stopped by VAL, once; then TMK,
TMK_Poullot, CTE, TMK with --T auto and LAMV are evaluated on every TEST. Queries of all TEST roots
are pooled; intervals are of the bootstrap over queries, for VCDB over roots. Only queries that have
an answer count. The made-up events of a root share one clock, so that clips of different ones seem
to overlap; which event a clip is of is read from the folder that its annotation names.

With --footage, LAMV is trained on one root like Demo's, and tested on others. By --weights shipped,
the weights of the package are tested instead of new ones.

example: python -m benchmarks.lamv --train train --val val --test a b c --out weights
example: python -m benchmarks.lamv --footage fit --test test demo --out weights --longest 4096
"""

import argparse
import logging
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch

from benchmarks.measuring import describe_machine
from videoalignment.datasets import DATASETS, AlignedClips, VideoDataset
from videoalignment.datasets.aligned import overlaps_of
from videoalignment.eval.localisation import LocalisationResult
from videoalignment.eval.protocols import PROTOCOLS
from videoalignment.eval.result import Result
from videoalignment.eval.retrieval import RetrievalResult
from videoalignment.eval.steps import Run
from videoalignment.lamv_weights import shipped_weights_path
from videoalignment.metrics import bootstrap_interval
from videoalignment.models import CTE, LAMV, TMK, Model, TMK_Poullot
from videoalignment.train import TrainingSettings, train_lamv
from videoalignment.train.clips import read_clips
from videoalignment.train.loop import Learner, best_epoch, train

TREES = ("Climbing", "Madonna", "VCDB", "EVVE")
Scores = dict[str, list[float]]
"""Of each metric, a number a query, or a root."""


MODELS = ("TMK", "TMK_Poullot", "CTE", "TMK --T auto", "LAMV")


def make_model(name: str, longest_frames: int, weights: Path) -> Model:
    """A model ready for videos of such a length."""
    if name == "LAMV":
        return LAMV(SimpleNamespace(lamv_weights=weights))
    if name == "TMK_Poullot":
        return TMK_Poullot()
    kind, given = (CTE, {}) if name == "CTE" else (TMK, {"T": "auto"} if "auto" in name else {})
    fitted = kind.fit_options(kind.resolve_options(given), lambda: longest_frames)
    return kind(SimpleNamespace(**fitted))


@torch.inference_mode()
def evaluated(dataset: VideoDataset, model: Model) -> Scores:
    """A number a query for each metric."""
    protocol = PROTOCOLS[dataset.protocol]
    result: Result = protocol.evaluate(dataset, model.eval(), Run(torch.device("cpu")))
    if isinstance(result, LocalisationResult):
        apart = ~np.eye(len(dataset.clips), dtype=bool)
        errors_s = result.errors_s[(dataset.overlaps & apart).any(1)]
        return {f"< {t:g} s": list(100.0 * (errors_s < t)) for t in (0.1, 1)}
    if isinstance(result, RetrievalResult):
        return {"mAP": [100 * query.average_precision for query in result.queries]}
    return {"F1": [100 * result.values["MaxF1"]]}


def tree(name: str, root: Path, longest_frames: int = 0) -> VideoDataset:
    """A made-up root, in which clips of different events do not overlap."""

    def overlaps(dataset: AlignedClips) -> np.ndarray:
        lines = (dataset.root / dataset.annotation).read_text(encoding="utf-8").splitlines()
        events = np.array([line.split("/")[0] for line in lines])
        return overlaps_of(dataset.clips) & (events[:, None] == events)

    kind = DATASETS[name]
    own = {"overlaps": property(overlaps)} if name in ("Climbing", "Madonna") else {}
    if longest_frames:
        own["published_longest_frames"] = longest_frames
    return type(name, (kind,), own)(root)


def weights_of_trees(
    name: str, sides: tuple[Path, Path], path: Path, longest: int, epochs: int
) -> None:
    """Train on one root, stopped by the other, unless that was done before."""
    if path.exists():
        return
    training, validation = (read_clips(tree(name, root)) for root in sides)
    fitted = LAMV.fit_options(LAMV.resolve_options({"T": "auto"}), lambda: longest)
    settings = TrainingSettings(epochs=epochs, most_clips=192)
    learner = Learner(LAMV(SimpleNamespace(**fitted)), settings, longest)
    history = train(learner, training, validation)
    best = best_epoch(history)
    print(f"{path.name}: {best} of {len(history) - 1} epochs, {len(training.pairs)} pairs")
    print(f"  before {history[0].validation}\n  after  {history[best].validation}", flush=True)
    learner.model.learnt().write(path)


def weights_of_footage(root: Path, path: Path, longest: int, epochs: int) -> None:
    """Train on a root like Demo's, unless that was done before."""
    if path.exists():
        return
    settings = TrainingSettings(epochs=epochs, patience=10)
    trained = train_lamv(DATASETS["Demo"], root=root, longest_frames=longest, settings=settings)
    trained.weights.write(path)
    print(f"{path.name}: {trained.best} of {len(trained.history) - 1} epochs")
    print(f"  before {trained.before.validation}\n  after  {trained.after.validation}")


def print_table(
    name: str, roots: list[Path], weights: Path, longest_frames: int, compared: list[str]
) -> None:
    """Evaluate models on a dataset's roots, and print a line a model."""
    print(f"\n{name}: {len(roots)} roots, offsets up to {longest_frames} frames")
    reference: Scores | None = None
    for model_name in compared:
        model = make_model(model_name, longest_frames, weights)
        pooled: Scores = {}
        for root in roots:
            dataset = tree(name, root, longest_frames)
            for metric, numbers in evaluated(dataset, model).items():
                pooled.setdefault(metric, []).extend(numbers)
        reference = reference or pooled
        print(f"| {model_name} | {' | '.join(_cells(pooled, reference))} |", flush=True)


def _cells(pooled: Scores, reference: Scores) -> Iterator[str]:
    """A mean with its interval, and the difference from the first model with its own."""
    for metric, numbers in pooled.items():
        values, first = np.array(numbers), np.array(reference[metric])

        def mean(drawn: np.ndarray, values: np.ndarray = values) -> float:
            return float((drawn @ values) / drawn.sum())

        low, high = bootstrap_interval(mean, len(values), seed=0)
        cell = f"{metric} {values.mean():.1f} ({low:.1f} to {high:.1f})"
        if pooled is not reference:
            difference = values - first

            def gain(drawn: np.ndarray, difference: np.ndarray = difference) -> float:
                return float((drawn @ difference) / drawn.sum())

            low, high = bootstrap_interval(gain, len(values), seed=0)
            cell += f", {difference.mean():+.1f} ({low:+.1f} to {high:+.1f})"
        yield f"{cell}, n {len(values)}"


def main() -> None:
    """Train, evaluate and print tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--train", type=Path, help="a root with the four datasets")
    parser.add_argument("--val", type=Path, help="another one")
    parser.add_argument("--footage", type=Path, help="a root like Demo's instead")
    parser.add_argument("--test", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder of the weights")
    parser.add_argument("--datasets", nargs="+", default=list(TREES))
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--longest", type=int, nargs="+", default=[200, 4096, 18886])
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--weights", choices=("trained", "shipped"), default="trained")
    arguments = parser.parse_args()
    print(describe_machine())
    logging.disable(logging.WARNING)  # made-up roots have no videos
    if arguments.train:
        for name in arguments.datasets:
            roots = [root / name for root in arguments.test]
            longest = max(DATASETS[name](root).longest_frames() for root in roots)
            weights = arguments.out / f"{name}_{longest}.safetensors"
            sides = arguments.train / name, arguments.val / name
            weights_of_trees(name, sides, weights, longest, arguments.epochs)
            print_table(name, roots, weights, longest, arguments.models)
        return
    for longest in arguments.longest:
        if arguments.weights == "shipped":
            weights = shipped_weights_path("efficientnet_lite0", 12, longest)
        else:
            weights = arguments.out / f"footage_{longest}.safetensors"
            weights_of_footage(arguments.footage, weights, longest, arguments.epochs)
        for root in arguments.test:
            print(f"\n{root}", end="")
            print_table("Demo", [root], weights, longest, arguments.models)


if __name__ == "__main__":
    main()

"""One training, from a dataset to what a kernel has learnt from it."""

import platform
from argparse import Namespace
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from videoalignment.datasets import VideoDataset
from videoalignment.devices import choose_device
from videoalignment.errors import OptionError
from videoalignment.lamv_weights import LamvWeights
from videoalignment.models.lamv import LAMV
from videoalignment.models.tmk import TrainableWhitening
from videoalignment.pca import Whitening
from videoalignment.periods import search_periods
from videoalignment.provenance import digest_of
from videoalignment.train.clips import TrainingClips, split
from videoalignment.train.look import Epoch
from videoalignment.train.loop import Learner, best_epoch, train
from videoalignment.train.settings import TrainingSettings
from videoalignment.version import __version__

_AUTO = "auto"


@dataclass(frozen=True)
class Trained:
    """A finished training."""

    weights: LamvWeights
    """What was learnt, with a record of how."""
    history: tuple[Epoch, ...]
    """What each epoch gave; the first is before any."""
    best: int
    """The epoch that the weights are of, 0 where training gained nothing."""

    @property
    def before(self) -> Epoch:
        """How the kernel did on the validation clips before it was trained."""
        return self.history[0]

    @property
    def after(self) -> Epoch:
        """How it does with the weights."""
        return self.history[self.best]


def train_lamv(
    dataset_class: type[VideoDataset],
    *,
    root: Path | str | None = None,
    fold_index: int = 0,
    model_options: Mapping[str, Any] | None = None,
    longest_frames: int | None = None,
    shortest_period: float | None = None,
    settings: TrainingSettings | None = None,
    device: str | torch.device = "auto",
    checkpoint: Path | None = None,
) -> Trained:
    """Train a kernel on a dataset's features, for features of the same kind.

    Args:
        dataset_class: of the dataset; its phases, or parts of it, are to learn from and to stop by.
        root: the dataset's folder; None for the one that `my_data` names.
        fold_index: which fold or part is to stop by.
        model_options: of LAMV by name, e.g. T and norm; T "auto" unless given, which are the
            documented periods for `longest_frames`.
        longest_frames: offsets up to that are searched; of the dataset's longest video unless
            given.
        shortest_period: search for periods from this one on, feature frames, instead of taking the
            documented ones, see `periods.search_periods`.
        settings: how to train.
        device: where to compute.
        checkpoint: a file that is written after each epoch, and gone on from where it is there.

    Raises:
        VideoAlignmentError: the dataset, an option or the checkpoint cannot be used.
    """
    settings = settings or TrainingSettings()
    where = choose_device(device)
    if longest_frames is not None and longest_frames < 1:
        raise OptionError(f"`longest_frames` {longest_frames}: expected 1 frame or more")
    options = _resolved(model_options or {}, shortest_period)  # before minutes of reading
    training, validation = split(dataset_class, fold_index, root=root)
    whole = dataset_class(root)
    longest = longest_frames or whole.longest_frames()
    recipe = whole.feature_recipe()
    torch.manual_seed(settings.seed)
    if shortest_period is not None:
        options["T"] = search_periods(longest, shortest=shortest_period)
    model = _make_model(options, longest, training, settings).to(where)
    learner = Learner(model, settings, longest)
    data = _digest(training, validation)
    about = f"{data} {digest_of(repr(sorted(options.items())).encode())}"
    history = train(learner, training, validation, checkpoint=checkpoint, about=about)
    best = best_epoch(history)
    record = {
        "dataset": whole.name,
        "data": data,
        "fold_index": fold_index,
        "longest_frames": longest,
        **_sizes(training, validation),
        **_course(history, best, settings),
    }
    return Trained(model.learnt(recipe, record), tuple(history), best)


def _sizes(training: TrainingClips, validation: TrainingClips) -> dict[str, Any]:
    return {
        "clips": {"train": len(training), "val": len(validation)},
        "pairs": {"train": len(training.pairs), "val": len(validation.pairs)},
    }


def _course(history: list[Epoch], best: int, settings: TrainingSettings) -> dict[str, Any]:
    return {
        "settings": asdict(settings),
        "epochs": len(history) - 1,
        "best_epoch": best,
        "before": asdict(history[0].validation),
        "after": asdict(history[best].validation),
        "versions": {"videoalignment": __version__, "torch": version("torch")},
    }


def results_json(trained: Trained) -> dict[str, Any]:
    """What came of a training, as JSON types: before, after, and each epoch."""
    return {
        "before": asdict(trained.before.validation),
        "after": asdict(trained.after.validation),
        "best_epoch": trained.best,
        "epochs": [asdict(epoch) for epoch in trained.history],
        "weights": {
            "digest": trained.weights.digest,
            "periods": list(trained.weights.kernel.periods),
            "weights": trained.weights.weights.tolist(),
            "strengths": list(trained.weights.strengths),
        },
        "recipe": trained.weights.recipe.to_json() if trained.weights.recipe else None,
        "training": dict(trained.weights.training),
        "python": platform.python_version(),
        "finished_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }


def _resolved(given: Mapping[str, Any], shortest_period: float | None) -> dict[str, Any]:
    if given.get("lamv_weights"):
        raise OptionError("`lamv_weights`: training begins with an untrained kernel")
    if shortest_period is not None and given.get("T", _AUTO) not in (_AUTO, [_AUTO]):
        raise OptionError("`shortest_period` does not apply: `T` names the periods")
    return LAMV.resolve_options({"T": _AUTO, **given})


def _make_model(
    options: Mapping[str, Any], longest: int, clips: TrainingClips, settings: TrainingSettings
) -> LAMV:
    model = LAMV(Namespace(**LAMV.fit_options(options, lambda: longest)))
    if settings.whiten and not model.whitenings:
        whitening = _plain_whitening(clips.sequences[0].descriptors.shape[1])
        model.whitenings.extend(
            TrainableWhitening(whitening) for _ in range(len(model.kernel.periods))
        )
    return model


def _plain_whitening(dimensions: int) -> Whitening:
    """One that changes nothing but the norm, to begin with."""
    return Whitening(torch.zeros(1, dimensions), torch.eye(dimensions))


def _digest(*parts: TrainingClips) -> str:
    """What stands for the clips and what is true of them."""

    def octets() -> Iterable[bytes]:
        for part in parts:
            yield np.packbits(part.unrelated).tobytes()
            yield repr([(pair.a, pair.b, pair.offset) for pair in part.pairs]).encode()
            for sequence in part.sequences:
                yield np.ascontiguousarray(sequence.descriptors).tobytes()
                yield sequence.times.tobytes()

    return digest_of(*octets())

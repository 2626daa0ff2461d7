"""Checkpoints: all that a training needs to go on where it was, as safetensors."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from videoalignment.errors import UnusableFileError
from videoalignment.files import readable_file, whole_file
from videoalignment.text import one_line
from videoalignment.train.look import Epoch, Look

_FORMAT = "videoalignment training 1"


@dataclass
class Checkpoint:
    """Where a training is."""

    now: dict[str, Tensor]
    """What it learns, by name."""
    best: dict[str, Tensor]
    """The same as it was after the best epoch."""
    history: list[Epoch]


def write_checkpoint(
    path: Path, kept: Checkpoint, identity: str, optimiser: torch.optim.Optimizer
) -> None:
    """Write a checkpoint, whole or not at all.

    Args:
        path: the file.
        kept: what to write.
        identity: of the training; it goes on from no other's checkpoint.
        optimiser: its moments go there too.

    Raises:
        UnusableFileError: it cannot be written.
    """
    tensors = {f"now/{name}": tensor for name, tensor in kept.now.items()}
    tensors |= {f"best/{name}": tensor for name, tensor in kept.best.items()}
    for number, moments in optimiser.state_dict()["state"].items():
        tensors |= {f"adam/{number}/{name}": moment for name, moment in moments.items()}
    about = {
        "format": _FORMAT,
        "identity": identity,
        "history": json.dumps([asdict(epoch) for epoch in kept.history]),
    }
    with whole_file(path) as file:
        file.write(save({n: t.contiguous().cpu() for n, t in tensors.items()}, about))


def read_checkpoint(
    path: Path, identity: str, optimiser: torch.optim.Optimizer
) -> Checkpoint | None:
    """Read a checkpoint, and give the optimiser its moments back.

    Returns:
        None where there is no file.

    Raises:
        UnusableFileError: the file is broken, or of another training.
    """
    if not path.exists():
        return None
    readable_file(path, "a checkpoint")
    try:
        with safe_open(path, "pt") as file:
            names = list(file.keys())
            about, tensors = file.metadata() or {}, {name: file.get_tensor(name) for name in names}
        if about.get("format") != _FORMAT:
            raise ValueError("no checkpoint of a training")
        if about.get("identity") != identity:
            raise ValueError("of a training with other settings or other clips")
        history = _history(json.loads(about["history"]))
        kept = Checkpoint(_part(tensors, "now/"), _part(tensors, "best/"), history)
        _give_back(optimiser, _part(tensors, "adam/"))
    except (SafetensorError, OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UnusableFileError(
            f"{path}: cannot be gone on from ({one_line(error)[:120]}); delete it to train anew"
        ) from error
    return kept


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}


def _history(content: list[dict[str, Any]]) -> list[Epoch]:
    return [Epoch(epoch["loss"], Look(**epoch["validation"])) for epoch in content]


def _give_back(optimiser: torch.optim.Optimizer, moments: dict[str, Tensor]) -> None:
    """Put moments back, named NUMBER/NAME."""
    state: dict[int, dict[str, Tensor]] = {}
    for key, moment in moments.items():
        number, _, name = key.partition("/")
        state.setdefault(int(number), {})[name] = moment
    optimiser.load_state_dict({**optimiser.state_dict(), "state": state})

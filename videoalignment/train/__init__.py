"""Training the temporal match kernel: clips and their features in, a file of weights out.

`train_lamv` does it on a dataset, `train_on_videos` on a folder of videos without annotations.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # from where type checkers, and the pages about the API, know the names
    from videoalignment.train.look import Epoch as Epoch
    from videoalignment.train.look import Look as Look
    from videoalignment.train.run import Trained as Trained
    from videoalignment.train.run import train_lamv as train_lamv
    from videoalignment.train.settings import TrainingSettings as TrainingSettings
    from videoalignment.train.videos import train_on_videos as train_on_videos

_HOMES = {
    "Epoch": "look",
    "Look": "look",
    "Trained": "run",
    "TrainingSettings": "settings",
    "train_lamv": "run",
    "train_on_videos": "videos",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

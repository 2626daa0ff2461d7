"""The datasets: which clips there are, where their features lie, what is true of them.

`DATASETS` lists them; names are loaded on first use, so that listing them is quick.
"""

import importlib
from typing import TYPE_CHECKING, Any

from videoalignment.registry import Registry

if TYPE_CHECKING:  # from where type checkers, and the pages about the API, know the names
    from videoalignment.datasets.aligned import AlignedClips as AlignedClips
    from videoalignment.datasets.annotations import Clip as Clip
    from videoalignment.datasets.annotations import CopyPair as CopyPair
    from videoalignment.datasets.annotations import EventVideo as EventVideo
    from videoalignment.datasets.base import FEATURE_FPS as FEATURE_FPS
    from videoalignment.datasets.base import FOLDS as FOLDS
    from videoalignment.datasets.base import PHASES as PHASES
    from videoalignment.datasets.base import ClipPair as ClipPair
    from videoalignment.datasets.base import FrameSequence as FrameSequence
    from videoalignment.datasets.base import Published as Published
    from videoalignment.datasets.base import VideoDataset as VideoDataset
    from videoalignment.datasets.base import time_stamps as time_stamps
    from videoalignment.datasets.climbing import Climbing as Climbing
    from videoalignment.datasets.copied import CopiedSegments as CopiedSegments
    from videoalignment.datasets.demo import Demo as Demo
    from videoalignment.datasets.evve import EVVE as EVVE
    from videoalignment.datasets.madonna import Madonna as Madonna
    from videoalignment.datasets.vcdb import VCDB as VCDB
    from videoalignment.datasets.vcsl import VCSL as VCSL
    from videoalignment.datasets.vsc import VSC as VSC

_HOMES = {
    "Climbing": "videoalignment.datasets.climbing:Climbing",
    "Madonna": "videoalignment.datasets.madonna:Madonna",
    "VCDB": "videoalignment.datasets.vcdb:VCDB",
    "EVVE": "videoalignment.datasets.evve:EVVE",
    "VCSL": "videoalignment.datasets.vcsl:VCSL",
    "VSC": "videoalignment.datasets.vsc:VSC",
    "Demo": "videoalignment.datasets.demo:Demo",
}
DATASETS: "Registry[type[VideoDataset]]" = Registry(
    "dataset", _HOMES, base="videoalignment.datasets.base:VideoDataset"
)

_OTHERS = {
    "AlignedClips": "aligned",
    "Clip": "annotations",
    "ClipPair": "base",
    "CopiedSegments": "copied",
    "CopyPair": "annotations",
    "EventVideo": "annotations",
    "FEATURE_FPS": "base",
    "FOLDS": "base",
    "FrameSequence": "base",
    "PHASES": "base",
    "Published": "base",
    "VideoDataset": "base",
    "time_stamps": "base",
}

__all__ = ["DATASETS", *_HOMES, *_OTHERS]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return DATASETS[name]
    if name in _OTHERS:
        return getattr(importlib.import_module(f"{__name__}.{_OTHERS[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

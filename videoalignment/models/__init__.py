"""The models: each folds a video's frame descriptors into one descriptor that scores all offsets.

`MODELS` lists them; names are loaded on first use, so that listing them needs no torch.
"""

import importlib
from typing import TYPE_CHECKING, Any

from videoalignment.registry import Registry

if TYPE_CHECKING:  # from where type checkers, and the pages about the API, know the names
    from videoalignment.models.base import Model as Model
    from videoalignment.models.cte import CTE as CTE
    from videoalignment.models.lamv import LAMV as LAMV
    from videoalignment.models.sum_aggregation import SumAggregation as SumAggregation
    from videoalignment.models.tmk import TMK as TMK
    from videoalignment.models.tmk import TMK_Poullot as TMK_Poullot
    from videoalignment.models.tmk import TrainableWhitening as TrainableWhitening

_HOMES = {
    "TMK": "videoalignment.models.tmk:TMK",
    "TMK_Poullot": "videoalignment.models.tmk:TMK_Poullot",
    "LAMV": "videoalignment.models.lamv:LAMV",
    "CTE": "videoalignment.models.cte:CTE",
    "SumAggregation": "videoalignment.models.sum_aggregation:SumAggregation",
}
MODELS: "Registry[type[Model]]" = Registry("model", _HOMES, base="videoalignment.models.base:Model")

__all__ = ["MODELS", "Model", "TrainableWhitening", *_HOMES]

_OTHERS = {
    "Model": "videoalignment.models.base",
    "TrainableWhitening": "videoalignment.models.tmk",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return MODELS[name]
    if name in _OTHERS:
        return getattr(importlib.import_module(_OTHERS[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

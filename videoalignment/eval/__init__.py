"""The protocols and what they give: a dataset and a model in, a result out.

`PROTOCOLS` lists them; names are loaded on first use, so that listing them is quick.
"""

import importlib
from typing import Any

from videoalignment.eval.protocols import PROTOCOLS

_OTHERS = {
    "Evaluation": "run",
    "EvaluationOptions": "options",
    "LocalisationResult": "localisation",
    "Metric": "result",
    "Protocol": "protocol",
    "QueryResult": "result",
    "Result": "result",
    "RetrievalResult": "retrieval",
    "Run": "steps",
    "SegmentsResult": "segments",
    "evaluate_localisation": "localisation",
    "evaluate_retrieval": "retrieval",
    "evaluate_segments": "segments",
    "run_evaluation": "run",
}

__all__ = ["PROTOCOLS", *_OTHERS]


def __getattr__(name: str) -> Any:
    if name in _OTHERS:
        return getattr(importlib.import_module(f"{__name__}.{_OTHERS[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

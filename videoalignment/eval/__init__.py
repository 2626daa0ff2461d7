"""The evaluators: a dataset and a model in, a result out. Names are loaded on first use."""

import importlib
from typing import Any

_MODULE_OF = {
    "Metric": "result",
    "QueryResult": "result",
    "Result": "result",
    "evaluate_localisation": "localisation",
    "evaluate_retrieval": "retrieval",
    "evaluate_segments": "segments",
}
__all__ = list(_MODULE_OF)


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULE_OF[name]}"), name)

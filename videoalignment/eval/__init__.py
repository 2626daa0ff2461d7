"""The protocols and what they give: a dataset and a model in, a result out.

`PROTOCOLS` lists them; names are loaded on first use, so that listing them is quick.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # from where type checkers, and the pages about the API, know the names
    from videoalignment.eval.finder import FoundSegment as FoundSegment
    from videoalignment.eval.finder import SegmentFinder as SegmentFinder
    from videoalignment.eval.localisation import LocalisationResult as LocalisationResult
    from videoalignment.eval.localisation import evaluate_localisation as evaluate_localisation
    from videoalignment.eval.options import EvaluationOptions as EvaluationOptions
    from videoalignment.eval.protocol import Protocol as Protocol
    from videoalignment.eval.result import Metric as Metric
    from videoalignment.eval.result import QueryResult as QueryResult
    from videoalignment.eval.result import Result as Result
    from videoalignment.eval.retrieval import RetrievalResult as RetrievalResult
    from videoalignment.eval.retrieval import evaluate_retrieval as evaluate_retrieval
    from videoalignment.eval.run import Evaluation as Evaluation
    from videoalignment.eval.run import run_evaluation as run_evaluation
    from videoalignment.eval.segments import SegmentsResult as SegmentsResult
    from videoalignment.eval.segments import evaluate_segments as evaluate_segments
    from videoalignment.eval.steps import Run as Run
    from videoalignment.eval.vcsl import VcslResult as VcslResult
    from videoalignment.eval.vcsl import evaluate_vcsl as evaluate_vcsl
    from videoalignment.eval.vsc import VscResult as VscResult
    from videoalignment.eval.vsc import evaluate_vsc as evaluate_vsc

from videoalignment.eval.protocols import PROTOCOLS

_OTHERS = {
    "Evaluation": "run",
    "EvaluationOptions": "options",
    "FoundSegment": "finder",
    "LocalisationResult": "localisation",
    "Metric": "result",
    "Protocol": "protocol",
    "QueryResult": "result",
    "Result": "result",
    "RetrievalResult": "retrieval",
    "Run": "steps",
    "SegmentFinder": "finder",
    "SegmentsResult": "segments",
    "VcslResult": "vcsl",
    "VscResult": "vsc",
    "evaluate_localisation": "localisation",
    "evaluate_retrieval": "retrieval",
    "evaluate_segments": "segments",
    "evaluate_vcsl": "vcsl",
    "evaluate_vsc": "vsc",
    "run_evaluation": "run",
}

__all__ = ["PROTOCOLS", *_OTHERS]


def __getattr__(name: str) -> Any:
    if name in _OTHERS:
        return getattr(importlib.import_module(f"{__name__}.{_OTHERS[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

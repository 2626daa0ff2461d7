"""The evaluators: a dataset and a model in, a result out."""

from videoalignment.eval.localisation import evaluate_localisation
from videoalignment.eval.result import Metric, QueryResult, Result
from videoalignment.eval.retrieval import evaluate_retrieval
from videoalignment.eval.segments import evaluate_segments

__all__ = [
    "Metric",
    "QueryResult",
    "Result",
    "evaluate_localisation",
    "evaluate_retrieval",
    "evaluate_segments",
]

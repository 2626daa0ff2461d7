"""Copied segments as a method finds them, and what they are judged to be worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from videoalignment.datasets.copied import CopiedSegments
from videoalignment.errors import VideoAlignmentError
from videoalignment.eval.finder import SegmentFinder
from videoalignment.eval.finder_copies import find_by_finder
from videoalignment.eval.model_copies import find_by_model
from videoalignment.eval.result import QueryResult, Result
from videoalignment.eval.segment_scores import SegmentScores
from videoalignment.eval.steps import Run
from videoalignment.metrics.vsc import Match
from videoalignment.models import Model


@dataclass(frozen=True, kw_only=True)
class CopiesResult(Result):
    """What a benchmark says of the segments that were found; a protocol adds how it is drawn."""

    scores: SegmentScores
    predictions: tuple[str, str]
    """Name and text of the file of predictions, in the benchmark's form."""

    def lines(self) -> list[str]:
        return [f"{metric.name} {metric.value:.4f}" for metric in self.metrics]

    def archive(self) -> dict[str, list[Any]]:
        return {}  # the implementation of 2019 knew no such protocol

    def details(self) -> dict[str, Any]:
        labels = self.scores.labels
        return {
            "labels": {"digest": labels.digest, "name": labels.name},
            "counts": dict(self.scores.counts),
        }

    def files(self) -> dict[str, str]:
        name, text = self.predictions
        return {name: text}


@dataclass(frozen=True)
class Found:
    """What was found in a dataset."""

    matches: tuple[Match, ...]
    """Query by query, each one's by falling score."""
    pairs: int
    """How many were scored."""
    longest_frames: int
    """Of the longest video that was looked at, in 1/15 s."""

    def best(self) -> tuple[QueryResult, ...]:
        """The highest of each query."""
        first: dict[str, Match] = {}
        for match in self.matches:
            first.setdefault(match.query, match)
        return tuple(
            QueryResult(
                query=match.query,
                match=match.reference,
                found_offset_s=match.box[0] - match.box[1],
                score=match.score,
            )
            for match in first.values()
        )


def find_copies(
    dataset: CopiedSegments,
    method: Model | SegmentFinder,
    run: Run,
    most: int | None = None,
    *,
    unrelated: Sequence[str] = (),
    beta: float = 0.0,
) -> Found:
    """Find the segments that each query shares with its candidates.

    Args:
        dataset: names each query's candidates.
        method: a model, on the device of `run`, which finds a segment a pair; or a finder, which
            finds any number.
        run: how to compute; its timings are filled.
        most: how many candidates of a query are kept, those of the highest scores; all unless
            given.
        unrelated: videos of the dataset's features folder that are known to share nothing with any
            query, to normalise scores by.
        beta: how much of a query's highest score among them is taken off its scores.

    Raises:
        VideoAlignmentError: there is no pair, or features cannot be used.
    """
    candidates = list(dataset.candidates())
    if not candidates:
        raise VideoAlignmentError(f"{dataset.root}: no pair has features of both videos")
    find = find_by_finder if isinstance(method, SegmentFinder) else find_by_model
    found, longest = find(dataset, method, run, candidates, most)  # type: ignore[arg-type]
    if unrelated:
        references = list(unrelated)
        queries = [(query, references) for query, _ in candidates]
        others, _ = find(dataset, method, run, queries, most)  # type: ignore[arg-type]
        found = normalised(found, others, beta)
    pairs = sum(len(references) for _, references in candidates)
    matches = (match for query, _ in candidates for match in found[query])
    return Found(tuple(matches), pairs, longest)


def normalised(
    found: Mapping[str, Sequence[Match]], unrelated: Mapping[str, Sequence[Match]], beta: float
) -> dict[str, list[Match]]:
    """Take `beta` times a query's highest score among unrelated videos off its scores.

    That is `score_normalisation.score_normalised` for matches: a query without a match there keeps
    its scores.

    Args:
        found: each query's matches.
        unrelated: those with videos that are known to share nothing with it.
        beta: how much is taken off.
    """
    taken_off = {
        query: beta * max((match.score for match in unrelated.get(query, ())), default=0.0)
        for query in found
    }
    return {
        query: [replace(match, score=match.score - taken_off[query]) for match in matches]
        for query, matches in found.items()
    }

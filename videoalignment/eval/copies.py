"""Copied segments as a model finds them: one a pair, the overlap of the two at the best offset."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from videoalignment.datasets import FEATURE_FPS
from videoalignment.datasets.copied import CopiedSegments
from videoalignment.errors import VideoAlignmentError
from videoalignment.eval.result import QueryResult, Result
from videoalignment.eval.segment_scores import SegmentScores
from videoalignment.eval.steps import Run, describe
from videoalignment.matching import best_offsets
from videoalignment.metrics.vsc import Box, Match
from videoalignment.models import Model
from videoalignment.progress import Progress
from videoalignment.spectrum import Spectra


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


def find_copies(dataset: CopiedSegments, model: Model, run: Run, most: int | None = None) -> Found:
    """Find a segment in each candidate pair of a dataset.

    Args:
        dataset: names each query's candidates.
        model: on the device of `run`.
        run: how to compute; its timings are filled.
        most: how many candidates of a query are kept, those of the highest scores; all unless
            given.

    Raises:
        VideoAlignmentError: there is no pair, or features cannot be used.
    """
    candidates = list(dataset.candidates())
    if not candidates:
        raise VideoAlignmentError(f"{dataset.root}: no pair has features of both videos")
    row = {clip.video: i for i, clip in enumerate(dataset.clips)}
    videos = _described(dataset, model, run)
    matches: list[Match] = []
    with run.timed("matching"), Progress("matching", len(candidates), "queries") as progress:
        for query, references in candidates:
            rows = [row[reference] for reference in references]
            boxes, scores = videos.matched(row[query], rows, run)
            order = scores.argsort(descending=True, stable=True)[:most].tolist()
            matches += [Match(query, references[k], boxes[k], float(scores[k])) for k in order]
            progress.advance()
    pairs = sum(len(references) for _, references in candidates)
    return Found(tuple(matches), pairs, max(videos.lengths))


@dataclass(frozen=True)
class _Videos:
    """The videos of a dataset, ready to be matched."""

    queries: Spectra
    database: Spectra
    lengths: list[int]
    """In 1/15 s."""

    def matched(self, query: int, references: list[int], run: Run) -> tuple[list[Box], Tensor]:
        """What a query shares with each of some references, and the scores of that."""
        longest, own = max(self.lengths), max(self.lengths[query], 1)
        lengths = [max(self.lengths[i], 1) for i in references]
        found = best_offsets(
            self.queries[query : query + 1],
            self.database[torch.tensor(references)],
            torch.arange(-longest, longest).float(),
            windows=[(longest - length + 1, longest + own) for length in lengths],  # they overlap
            precision=run.precision,
        )
        offsets, (scores,) = found.offsets[0].tolist(), found.scores
        pairs = zip(offsets, lengths, strict=True)
        return [overlap_box(offset, (own, length)) for offset, length in pairs], scores


def _described(dataset: CopiedSegments, model: Model, run: Run) -> _Videos:
    descriptors, lengths = [], []
    with Progress("describing", len(dataset.clips), "videos") as progress:
        for fv, frames in describe(dataset, model, dataset.clips, run, progress):
            descriptors.append(fv)
            lengths.append(dataset.length(frames))
    with run.timed("descriptors"):
        fv = torch.cat(descriptors)
        return _Videos(model.query_spectra(fv), model.spectra(fv), lengths)


def overlap_box(offset: float, lengths: tuple[int, int]) -> Box:
    """What a query and a reference share at an offset.

    Args:
        offset: x_query - x_reference of the same moment, in 1/15 s.
        lengths: of the query and of the reference, in 1/15 s.

    Returns:
        Begin in the query and in the reference, end in the two, seconds; empty where the two share
        nothing.
    """
    begin = max(0.0, offset)
    end = max(begin, min(float(lengths[0]), lengths[1] + offset))
    ends = (begin, begin - offset, end, end - offset)
    begin_q, begin_r, end_q, end_r = (end / FEATURE_FPS for end in ends)
    return begin_q, begin_r, end_q, end_r

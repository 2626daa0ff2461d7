"""Which references are worth a look at all frames: a search that bounds memory by blocks.

A video is cut into spans of some seconds, each described by the mean of its frames. A reference is
as close to a query as the closest pair of their spans; but a span that looks like everything
(black, a blur) would bring anything close. So each span of a query counts by how far a reference
stands out among *its* nearest ones: what is left of the similarity when that of the last one on the
span's own list is taken off.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from videoalignment.datasets.copied import CopiedSegments
from videoalignment.progress import Progress

_SPAN_S = 3.0
QUERY_SPANS = 4096
"""In memory at a time."""
REFERENCE_SPANS = 8192
"""Likewise."""


def shortlist(
    dataset: CopiedSegments,
    candidates: Sequence[tuple[str, list[str]]],
    count: int,
    *,
    ahead: int = 16,
) -> list[tuple[str, list[str]]]:
    """Keep each query's closest references.

    Args:
        dataset: where the features are.
        candidates: each query with its references; queries in a row may share one list.
        count: how many are kept.
        ahead: how many videos are read before they are needed.

    Returns:
        Each query with at most `count` references, the closest first.
    """
    kept: list[tuple[str, list[str]]] = []
    for _, group in groupby(candidates, key=lambda candidate: id(candidate[1])):
        queries = list(group)
        names = [query for query, _ in queries]
        kept += _closest(dataset, names, queries[0][1], count, ahead)
    return kept


def _closest(
    dataset: CopiedSegments, queries: list[str], references: list[str], count: int, ahead: int
) -> list[tuple[str, list[str]]]:
    """Each query with the closest of some references."""
    kept: list[tuple[str, list[str]]] = []
    for block in _span_blocks(dataset, queries, QUERY_SPANS, ahead):
        nearest = _Nearest(len(block.rows), count)
        done = 0
        with Progress("shortlist", len(references), "references") as progress:
            for others in _span_blocks(dataset, references, REFERENCE_SPANS, ahead):
                nearest.add(_by_video(block.rows @ others.rows.T, others.begins), done)
                done += len(others.begins)
                progress.advance(len(others.begins))
        ends = [*block.begins[1:], len(block.rows)]
        for name, begin, end in zip(block.names, block.begins, ends, strict=True):
            closest = nearest.of_spans(begin, end, count)
            kept.append((name, [references[i] for i in closest]))
    return kept


@dataclass(frozen=True)
class _Spans:
    """The spans of some videos."""

    names: list[str]
    rows: np.ndarray
    """Unit norm, float32, shape (spans, d)."""
    begins: list[int]
    """The first span of each video."""


def _span_blocks(
    dataset: CopiedSegments, names: list[str], most: int, ahead: int
) -> Iterator[_Spans]:
    """Read videos, as many at a time as have so many spans (one at least)."""
    frames = max(1, round(_SPAN_S * dataset.fps))
    rows: list[np.ndarray] = []
    begins, begin, total = [], 0, 0
    for k, descriptors in enumerate(dataset.read_descriptors(names, ahead)):
        starts = np.arange(0, max(1, len(descriptors)), frames)
        spans = (
            np.add.reduceat(descriptors, starts) if len(descriptors) else descriptors.sum(0)[None]
        )
        begins.append(total)
        rows.append(spans / (np.linalg.norm(spans, axis=1, keepdims=True) + 1e-6))
        total += len(starts)
        if total >= most or k + 1 == len(names):
            yield _Spans(names[begin : k + 1], np.concatenate(rows).astype(np.float32), begins)
            begin, rows, begins, total = k + 1, [], [], 0


def _by_video(similarity: np.ndarray, begins: list[int]) -> np.ndarray:
    """The closest span of each video: from shape (n, spans) to (n, videos)."""
    closest: np.ndarray = np.maximum.reduceat(similarity, begins, axis=1)
    return closest


class _Nearest:
    """The nearest videos of each of some spans, of all that were added.

    Args:
        spans: how many.
        count: how many videos a span's list holds.
    """

    def __init__(self, spans: int, count: int) -> None:
        self._count = count
        self._similarity = np.full((spans, 0), -np.inf, np.float32)
        self._video = np.zeros((spans, 0), np.int64)

    def add(self, similarity: np.ndarray, first: int) -> None:
        """Take in more videos.

        Args:
            similarity: of each span to each of them, shape (spans, videos).
            first: the number of the first.
        """
        numbers = np.broadcast_to(first + np.arange(similarity.shape[1]), similarity.shape)
        both = np.concatenate([self._similarity, similarity], axis=1)
        videos = np.concatenate([self._video, numbers], axis=1)
        if both.shape[1] > self._count + 1:  # one more tells what the list is worth
            top = np.argpartition(-both, self._count, axis=1)[:, : self._count + 1]
            both = np.take_along_axis(both, top, axis=1)
            videos = np.take_along_axis(videos, top, axis=1)
        self._similarity, self._video = both, videos

    def of_spans(self, begin: int, end: int, count: int) -> list[int]:
        """The videos that stand out most for one of these spans, best first."""
        similarity = self._similarity[begin:end]
        out = similarity - similarity.min(axis=1, keepdims=True)
        best: dict[int, float] = {}
        for video, value in zip(
            self._video[begin:end].ravel().tolist(), out.ravel().tolist(), strict=True
        ):
            best[video] = max(value, best.get(video, 0.0))
        return sorted(best, key=lambda video: (-best[video], video))[:count]

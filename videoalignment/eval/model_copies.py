"""Copied segments as a model finds them: one a pair, the overlap of the two at the best offset.

Descriptors of a video are far larger than its features of one frame a second. So references are
described a block at a time, queries are streamed past each block, and of a query no more than its
best matches are kept: memory does not grow with the number of videos.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from videoalignment.datasets import FEATURE_FPS
from videoalignment.datasets.copied import CopiedSegments, whole_videos
from videoalignment.eval.steps import Run, describe
from videoalignment.matching import best_offsets
from videoalignment.metrics.vsc import Box, Match
from videoalignment.models import Model
from videoalignment.progress import Progress
from videoalignment.spectrum import Spectra

BLOCK_BYTES = 1 << 30
"""Of the references' descriptors in memory at a time."""
_BATCH, _MOST_WAITING = 32, 128
"""Queries that are matched together, and about how many wait for others of their length."""

Candidates = Sequence[tuple[str, list[str]]]
"""Each query once, with its references."""


def find_by_model(
    dataset: CopiedSegments,
    model: Model,
    run: Run,
    candidates: Candidates,
    most: int | None,
    *,
    block_bytes: int = BLOCK_BYTES,
) -> tuple[dict[str, list[Match]], int]:
    """Find a segment in each pair.

    Args:
        dataset: where the features are.
        model: on the device of `run`.
        run: how to compute; its timings are filled.
        candidates: the pairs.
        most: how many references of a query are kept; all unless given.
        block_bytes: of the references' descriptors in memory at a time.

    Returns:
        Each query's matches by falling score, and the longest video, in 1/15 s.
    """
    names = list(dict.fromkeys(name for _, references in candidates for name in references))
    best: dict[str, list[Match]] = {query: [] for query, _ in candidates}
    longest = 0
    for block in _blocks(dataset, model, run, names, block_bytes):
        longest = max([longest, *block.lengths])
        queries = [(query, rows) for query, rows in block.rows_of(candidates) if rows]
        clips = whole_videos(query for query, _ in queries)
        with Progress("matching", len(queries), "queries") as progress:
            described = describe(dataset, model, clips, run, progress)
            for batch in _alike(dataset, queries, described):
                longest = max(longest, batch.length)
                with run.timed("matching"):
                    spectra = model.query_spectra(torch.cat(batch.descriptors))
                    for query, found in block.matched(batch, spectra, run, most):
                        kept = sorted([*best[query], *found], key=lambda m: -m.score)
                        best[query] = kept[:most]
    return best, longest


@dataclass
class _Batch:
    """Queries of one length with the same references: matched together, as products are fast."""

    length: int
    """In 1/15 s."""
    rows: list[int]
    """Of the references within their block."""
    names: list[str] = field(default_factory=list)
    descriptors: list[Tensor] = field(default_factory=list)


def _alike(
    dataset: CopiedSegments,
    queries: Sequence[tuple[str, list[int]]],
    described: Iterable[tuple[Tensor, int]],
) -> Iterator[_Batch]:
    """Collect queries that can be matched together, of which only so many wait."""
    waiting: dict[tuple[int, int], _Batch] = {}
    count = 0
    for (query, rows), (fv, frames) in zip(queries, described, strict=True):
        length = dataset.length(frames)
        batch = waiting.setdefault((length, id(rows)), _Batch(length, rows))
        batch.names.append(query)
        batch.descriptors.append(fv)
        count += 1
        if count == _MOST_WAITING or len(batch.names) == _BATCH:
            largest = waiting.pop(max(waiting, key=lambda key: len(waiting[key].names)))
            count -= len(largest.names)
            yield largest
    yield from waiting.values()


@dataclass(frozen=True)
class _Block:
    """Some references, ready to be matched."""

    names: list[str]
    spectra: Spectra
    lengths: list[int]
    """In 1/15 s."""

    def rows_of(self, candidates: Candidates) -> Iterator[tuple[str, list[int]]]:
        """Each query with those of its references that are in the block."""
        index = {name: i for i, name in enumerate(self.names)}
        references: list[str] | None = None
        for query, its_references in candidates:
            if its_references is not references:  # else all queries have the same, maybe many
                references = its_references
                rows = [index[name] for name in references if name in index]
            yield query, rows

    def matched(
        self, batch: _Batch, spectra: Spectra, run: Run, most: int | None
    ) -> Iterator[tuple[str, list[Match]]]:
        """The best of what each query shares with some of the block's references.

        Args:
            batch: the queries.
            spectra: theirs.
            run: how to compute.
            most: how many matches are wanted; all if None.
        """
        rows, own = batch.rows, max(batch.length, 1)
        longest = max(own, *self.lengths)
        lengths = [max(self.lengths[i], 1) for i in rows]
        all_of_them = rows == list(range(len(self.names)))
        found = best_offsets(
            spectra,
            self.spectra if all_of_them else self.spectra[torch.tensor(rows)],
            torch.arange(-longest, longest).float(),
            windows=[(longest - length + 1, longest + own) for length in lengths],  # they overlap
            precision=run.precision,
        )
        for query, offsets, scores in zip(batch.names, found.offsets, found.scores, strict=True):
            matches = []
            for k in scores.argsort(descending=True, stable=True)[:most].tolist():
                box = overlap_box(float(offsets[k]), (own, lengths[k]))
                matches.append(Match(query, self.names[rows[k]], box, float(scores[k])))
            yield query, matches


def _blocks(
    dataset: CopiedSegments, model: Model, run: Run, names: list[str], block_bytes: int
) -> Iterator[_Block]:
    """Describe references, as many at a time as fit into so many octets."""
    descriptors: list[Tensor] = []
    lengths: list[int] = []
    begin = 0
    with Progress("describing", len(names), "references") as progress:
        for fv, frames in describe(dataset, model, whole_videos(names), run, progress):
            descriptors.append(fv)
            lengths.append(dataset.length(frames))
            end = begin + len(descriptors)
            octets = fv.numel() * fv.element_size() * 2  # and as spectra
            if end == len(names) or len(descriptors) * octets >= block_bytes:
                with run.timed("descriptors"):
                    spectra = model.spectra(torch.cat(descriptors))
                yield _Block(names[begin:end], spectra, lengths)
                begin, descriptors, lengths = end, [], []


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

"""Copied segments as a finder finds them: all frames of two videos, pair by pair.

Where a query has more candidates than are kept, a shortlist comes first: videos are compared by the
means of short spans, blocks of queries with blocks of references.
"""

from collections.abc import Iterator

import numpy as np
import torch

from videoalignment.datasets.copied import CopiedSegments
from videoalignment.eval.finder import SegmentFinder
from videoalignment.eval.model_copies import Candidates
from videoalignment.eval.shortlist import shortlist
from videoalignment.eval.steps import Run
from videoalignment.features.store import FrameFeatures
from videoalignment.metrics.vsc import Match
from videoalignment.progress import Progress
from videoalignment.workers import map_in_order


def find_by_finder(
    dataset: CopiedSegments,
    finder: SegmentFinder,
    run: Run,
    candidates: Candidates,
    most: int | None,
) -> tuple[dict[str, list[Match]], int]:
    """Find the segments of each pair.

    Args:
        dataset: where the features are.
        finder: what looks for them.
        run: how to compute; its timings are filled.
        candidates: the pairs.
        most: how many references of a query are looked at, those of its shortlist; all unless
            given.

    Returns:
        Each query's matches by falling score, and the longest video, in 1/15 s.
    """
    if most is not None and any(len(references) > most for _, references in candidates):
        with run.timed("descriptors"):
            candidates = shortlist(dataset, candidates, most, ahead=run.videos_ahead)
    matches: dict[str, list[Match]] = {query: [] for query, _ in candidates}
    longest = 0

    def find(pair: tuple[str, str, FrameFeatures, FrameFeatures]) -> tuple[str, list[Match], int]:
        query, reference, *features = pair
        found = finder.find(*features)
        frames = max(len(side.descriptors) for side in features)
        return query, [Match(query, reference, s.box, s.score) for s in found], frames

    pairs = sum(len(references) for _, references in candidates)
    threads = torch.get_num_threads() if run.device.type == "cpu" else 1
    with run.timed("matching"), Progress("matching", pairs, "pairs") as progress:
        for query, found, frames in map_in_order(find, _pairs(dataset, candidates, run), threads):
            matches[query] += found
            longest = max(longest, dataset.length(frames))
            progress.advance()
    for found in matches.values():
        found.sort(key=lambda match: -match.score)
    return matches, longest


def _pairs(
    dataset: CopiedSegments, candidates: Candidates, run: Run
) -> Iterator[tuple[str, str, FrameFeatures, FrameFeatures]]:
    """Each pair with the features of both; those of a query and one reference at a time."""

    def features(rows: np.ndarray) -> FrameFeatures:
        times_s = np.arange(len(rows)) / dataset.fps
        return FrameFeatures(rows, times_s, dataset.fps, None, len(rows) / dataset.fps)

    for query, references in candidates:
        reader = dataset.read_descriptors([query, *references], run.videos_ahead)
        own = features(next(reader))
        for reference, rows in zip(references, reader, strict=True):
            yield query, reference, own, features(rows)

"""Segments (VCDB): which videos hold a copy of this segment, and where?"""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import torch

from videoalignment.annotations import Clip
from videoalignment.datasets import FEATURE_FPS, VCDB
from videoalignment.descriptors import Run, describe
from videoalignment.eval.result import Metric, QueryResult, Result, clip_name
from videoalignment.intervals import hundredths, overlap
from videoalignment.matching import BestOffsets, best_offsets
from videoalignment.metrics import WeightedPrecisionRecall, bootstrap_interval, precision_recall
from videoalignment.models import Model
from videoalignment.progress import Progress
from videoalignment.spectrum import Spectra

_QUERY_BLOCK = 512  # queries whose descriptors are in memory together


def evaluate_segments(dataset: VCDB, model: Model, run: Run) -> Result:
    """Find each annotated segment in every other whole video.

    A detection is the segment at its best offset, with that offset's score. Precision and recall
    go over all detections and the annotated copies that were missed.

    Args:
        dataset: VCDB.
        model: on the device of `run`.
        run: how to compute; its timings are filled.
    """
    whole = [Clip(video, 0, 0, 0) for video in dataset.videos]
    parts, lengths = [], []
    with Progress("describing videos", len(whole), "videos") as progress:
        for fv, frames in describe(dataset, model, whole, run, progress):
            parts.append(model.spectra(fv))
            lengths.append(frames)
    database, longest = Spectra.join(parts), max(lengths)
    windows = [(longest - frames, longest) for frames in lengths]
    offsets = torch.arange(-longest, 0).float()
    blocks = []
    with Progress("matching segments", len(dataset.clips), "segments") as progress:
        for queries in _blocks_of_queries(dataset, model, run, progress):
            with run.timed("matching"):
                blocks.append(
                    best_offsets(
                        queries, database, offsets, windows=windows, precision=run.precision
                    )
                )
    found = BestOffsets(
        torch.cat([block.scores for block in blocks]),
        torch.cat([block.offsets for block in blocks]),
    )
    with run.timed("evaluation"):
        return _segments_result(dataset, found, longest)


def _blocks_of_queries(
    dataset: VCDB, model: Model, run: Run, progress: Progress
) -> Iterator[Spectra]:
    parts = []
    for fv, _ in describe(dataset, model, dataset.clips, run, progress):
        parts.append(model.query_spectra(fv))
        if len(parts) == _QUERY_BLOCK:
            yield Spectra.join(parts)
            parts = []
    if parts:
        yield Spectra.join(parts)


def _segments_result(dataset: VCDB, found: BestOffsets, longest: int) -> Result:
    videos = {video: i for i, video in enumerate(dataset.videos)}
    own = np.array([videos[clip.video] for clip in dataset.clips])
    begins_s = -found.offsets.numpy().astype(np.float64) / FEATURE_FPS
    scores = found.scores.numpy()
    right, missed = _judge_segments(dataset, videos, begins_s)

    rows = np.arange(len(scores))
    others = np.ones(scores.shape, bool)
    others[rows, own] = False
    all_scores = np.concatenate([scores[others], np.zeros(missed.sum(), scores.dtype)])
    labels = np.concatenate([right[others], np.ones(missed.sum(), bool)]).astype(np.int64)
    query = np.concatenate([np.nonzero(others)[0], np.nonzero(missed)[0]])

    curve = precision_recall(all_scores, labels)
    resampled = WeightedPrecisionRecall(all_scores, labels, query, len(scores))
    low, high = bootstrap_interval(resampled, len(scores))
    metrics = (
        Metric("AUC", curve.area, low[0], high[0]),
        Metric("MaxF1", curve.max_f1, low[1], high[1]),
    )
    match = np.where(others, scores, -np.inf).argmax(1)
    queries = tuple(
        QueryResult(
            query=clip_name(clip),
            match=dataset.videos[match[i]],
            found_offset_s=float(-begins_s[i, match[i]]),
            true_offset_s=None,
            error_s=None,
            score=float(scores[i, match[i]]),
        )
        for i, clip in enumerate(dataset.clips)
    )
    return Result(metrics, queries, int(others.sum()), longest, detections=(all_scores, labels))


def _judge_segments(
    dataset: VCDB, videos: dict[str, int], begins_s: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Which detections are right, and which annotated copies were missed.

    Args:
        dataset: VCDB.
        videos: the column of each video.
        begins_s: where each query begins in each video as found, shape (queries, videos).

    Returns:
        Two bool arrays of that shape.
    """
    copies = defaultdict(list)  # (query's video, other video) -> rows of begin and end, own, other
    for copy in dataset.copies:
        a = (copy.begin_a_s, copy.end_a_s)
        b = (copy.begin_b_s, copy.end_b_s)
        copies[copy.video_a, copy.video_b].append(a + b)
        copies[copy.video_b, copy.video_a].append(b + a)
    partners = defaultdict(list)
    for (video, other), rows in copies.items():
        if video != other and other in videos:
            times = np.array(rows).T
            partners[video].append((videos[other], hundredths(*times[:2]), hundredths(*times[2:])))
    right = np.zeros(begins_s.shape, bool)
    missed = np.zeros(begins_s.shape, bool)
    for i, clip in enumerate(dataset.clips):
        query = hundredths(clip.begin_s, clip.end_s)
        for column, own, other in partners[clip.video]:
            begin_s = begins_s[i, column]
            detected = hundredths(begin_s, begin_s + clip.end_s - clip.begin_s)
            on_query = overlap(own, query)
            right[i, column] = (on_query & overlap(other, detected)).any()
            missed[i, column] = on_query.any() and not right[i, column]
    return right, missed

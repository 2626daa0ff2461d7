"""Localisation (Climbing, Madonna): which clip shows the same moment, and when exactly?"""

import numpy as np
import torch

from videoalignment.datasets import FEATURE_FPS, AlignedClips
from videoalignment.errors import VideoAlignmentError
from videoalignment.eval.descriptors import Run, describe, match_all
from videoalignment.eval.result import Metric, QueryResult, Result, clip_name
from videoalignment.matching import BestOffsets
from videoalignment.metrics import average_precision, mean_interval, share_below
from videoalignment.models import Model
from videoalignment.progress import Progress

THRESHOLDS_S = (0.1, 1, 10)
_RANKED = 50  # best pairs a query that the mean average precision looks at


def evaluate_localisation(dataset: AlignedClips, model: Model, run: Run) -> Result:
    """Find each clip's best match among all other clips, and the offset to it.

    The error is |offset found - true offset| where the two clips overlap, else infinite. On
    datasets that say so (`ranks_clips`), also the mean average precision of the 50 best pairs.

    Args:
        dataset: clips on the clock of an event.
        model: on the device of `run`.
        run: how to compute; its timings are filled.

    Raises:
        VideoAlignmentError: there is no second clip, or features cannot be used.
    """
    if len(dataset.clips) < 2:
        raise VideoAlignmentError(f"{dataset.root}: a single clip has no other clip to match")
    descriptors, lengths = [], []
    with Progress("describing", len(dataset.clips), "clips") as progress:
        for fv, frames in describe(dataset, model, dataset.clips, run, progress):
            descriptors.append(fv)
            lengths.append(frames)
    fv, longest = torch.cat(descriptors), max(dataset.published_longest_frames, *lengths)
    found = match_all(model.query_spectra(fv), model.spectra(fv), longest, run)
    with run.timed("evaluation"):
        return _localisation_result(dataset, found, longest, run.seed)


def _localisation_result(
    dataset: AlignedClips, found: BestOffsets, longest: int, seed: int
) -> Result:
    scores = found.scores.numpy().copy()
    np.fill_diagonal(scores, -np.inf)
    rows = np.arange(len(scores))
    match = scores.argmax(1)
    found_s = found.offsets.numpy()[rows, match].astype(np.float64) / FEATURE_FPS
    true_s = dataset.offsets_s[rows, match]
    right = dataset.overlaps[rows, match]
    errors_s = np.where(right, np.abs(found_s - true_s), np.inf)
    queries = tuple(
        QueryResult(
            query=clip_name(dataset.clips[i]),
            match=clip_name(dataset.clips[match[i]]),
            found_offset_s=float(found_s[i]),
            true_offset_s=float(true_s[i]) if right[i] else None,
            error_s=float(errors_s[i]),
            score=float(scores[i, match[i]]),
        )
        for i in rows
    )
    metrics = [
        Metric(f"<{t:g}s", share_below(errors_s, t), *mean_interval(errors_s < t, seed=seed))
        for t in THRESHOLDS_S
    ]
    if dataset.ranks_clips:
        precisions = _clip_average_precisions(scores, dataset.overlaps)
        interval = mean_interval(precisions, seed=seed)
        metrics.append(Metric("mAP", float(np.mean(precisions)), *interval))
    pairs = len(scores) * (len(scores) - 1)
    return Result(tuple(metrics), queries, pairs, longest, errors_s=errors_s)


def _clip_average_precisions(scores: np.ndarray, relevant: np.ndarray) -> list[float]:
    """Average precision of each query's best pairs, over the relevant ones among them."""
    ranking = np.argsort(-scores, axis=1, kind="stable")[:, :_RANKED]
    ranking = ranking[:, : len(scores) - 1]  # the query itself comes last
    found = (np.flatnonzero(relevant[i, ranked]) for i, ranked in enumerate(ranking))
    return [average_precision(ranks, len(ranks)) for ranks in found]

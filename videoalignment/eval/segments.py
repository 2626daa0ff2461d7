"""Segments (VCDB): which videos hold a copy of this segment, and where?"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from videoalignment.datasets import FEATURE_FPS, VCDB
from videoalignment.datasets.annotations import Clip
from videoalignment.eval.protocol import Protocol
from videoalignment.eval.result import Metric, QueryResult, Result, clip_name
from videoalignment.eval.steps import Run, describe
from videoalignment.intervals import hundredths, overlap
from videoalignment.matching import BestOffsets, best_offsets
from videoalignment.metrics import WeightedPrecisionRecall, bootstrap_interval, precision_recall
from videoalignment.models import Model
from videoalignment.progress import Progress
from videoalignment.spectrum import Spectra

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_RESAMPLES = 200  # of the bootstrap; each goes over millions of detections
_QUERY_BLOCK = 512  # queries whose descriptors are in memory together


@dataclass(frozen=True, kw_only=True)
class SegmentsResult(Result):
    """How well copies were told from other detections."""

    detections: tuple[np.ndarray, np.ndarray]
    """Scores and labels of all detections, both of shape (n,)."""

    def lines(self) -> list[str]:
        return [f"{name} test {self.values[name]:.2f}" for name in ("AUC", "MaxF1")]

    def archive(self) -> dict[str, list[Any]]:
        return {"precision_recall": [list(self.detections)]}

    def draw(self, axes: "Axes") -> None:
        """Draw the precision-recall curve over lines of equal F1."""
        curve = precision_recall(*self.detections)
        levels = np.linspace(0.01, 1, 200)
        for f1 in (0.2, 0.4, 0.6, 0.8):
            recall = levels[levels > f1 / 2]
            axes.plot(recall, f1 * recall / (2 * recall - f1), color="0.85", linewidth=1, zorder=0)
            axes.annotate(f"F1 = {f1}", (1, f1 / (2 - f1)), color="0.6", fontsize=8, ha="right")
        axes.plot(curve.recall, curve.precision, color="C0", linewidth=2)
        f1 = 2 * curve.precision * curve.recall / (curve.precision + curve.recall + 1e-7)
        best = int(f1.argmax())
        axes.plot(curve.recall[best], curve.precision[best], "o", color="C1")
        axes.annotate(
            f"largest F1 {curve.max_f1:.3f}",
            (curve.recall[best], curve.precision[best]),
            textcoords="offset points",
            xytext=(-8, -16),
            ha="right",
            color="C1",
        )
        axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1.02), ylim=(0, 1.05))


def evaluate_segments(dataset: VCDB, model: Model, run: Run) -> SegmentsResult:
    """Find each annotated segment in every other whole video.

    A detection is the segment at its best offset, with that offset's score. Precision and recall
    go over all detections and the annotated copies that were missed.

    Args:
        dataset: VCDB.
        model: on the device of `run`.
        run: how to compute; its timings are filled.
    """
    whole = [Clip(video, 0, 0, 0) for video in dataset.videos]
    descriptors, lengths = [], []
    with Progress("describing videos", len(whole), "videos") as progress:
        for fv, frames in describe(dataset, model, whole, run, progress):
            descriptors.append(fv)
            lengths.append(frames)
    with run.timed("descriptors"):
        database, longest = model.spectra(torch.cat(descriptors)), max(lengths)
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
        return _segments_result(dataset, found, longest, run.seed)


def _blocks_of_queries(
    dataset: VCDB, model: Model, run: Run, progress: Progress
) -> Iterator[Spectra]:
    described = describe(dataset, model, dataset.clips, run, progress)
    while block := [fv for fv, _ in islice(described, _QUERY_BLOCK)]:
        with run.timed("descriptors"):
            queries = model.query_spectra(torch.cat(block))
        yield queries


def _segments_result(dataset: VCDB, found: BestOffsets, longest: int, seed: int) -> SegmentsResult:
    columns = {video: i for i, video in enumerate(dataset.videos)}
    own = np.array([columns[clip.video] for clip in dataset.clips])
    begins_s = -found.offsets.numpy().astype(np.float64) / FEATURE_FPS
    scores = found.scores.numpy()
    right, missed = _judge(dataset, columns, begins_s)
    others = np.arange(scores.shape[1]) != own[:, None]

    # Every missed copy adds an entry of score 0. Read strictly, that entry is a copy (label 1)
    # which the method scores 0, and the detection elsewhere in the video is wrong. The published
    # numbers were made with these two labels exchanged.
    query = np.concatenate([np.nonzero(others)[0], np.nonzero(missed)[0]])
    all_scores = np.concatenate([scores[others], np.zeros(missed.sum(), scores.dtype)])
    added = np.ones(missed.sum(), bool)
    published = np.concatenate([(right | missed)[others], ~added])
    strict = np.concatenate([right[others], added])
    detections = _Detections(all_scores, query, len(scores), seed)
    metrics = detections.metrics(published, "")
    metrics += detections.metrics(strict, " strict")

    match = np.where(others, scores, -np.inf).argmax(1)
    queries = tuple(
        QueryResult(
            query=clip_name(clip),
            match=dataset.videos[match[i]],
            found_offset_s=float(-begins_s[i, match[i]]),
            score=float(scores[i, match[i]]),
        )
        for i, clip in enumerate(dataset.clips)
    )
    return SegmentsResult(
        metrics=metrics,
        queries=queries,
        pairs=int(others.sum()),
        longest_frames=longest,
        detections=(all_scores, published.astype(np.int64)),
    )


@dataclass(frozen=True)
class _Detections:
    """What a precision-recall curve is made from, labels aside."""

    scores: np.ndarray
    query: np.ndarray
    queries: int
    seed: int

    def metrics(self, labels: np.ndarray, suffix: str) -> tuple[Metric, ...]:
        """Area and largest F1 under these labels, with intervals over queries."""
        curve = precision_recall(self.scores, labels)
        resampled = WeightedPrecisionRecall(self.scores, labels, self.query, self.queries)
        low, high = bootstrap_interval(
            resampled, self.queries, resamples=_RESAMPLES, seed=self.seed
        )
        return (
            Metric(f"AUC{suffix}", curve.area, low[0], high[0]),
            Metric(f"MaxF1{suffix}", curve.max_f1, low[1], high[1]),
        )


def _judge(
    dataset: VCDB, columns: dict[str, int], begins_s: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Which detections are right, and which annotated copies were missed.

    Args:
        dataset: VCDB.
        columns: the column of each video.
        begins_s: where each query begins in each video as found, shape (queries, videos).

    Returns:
        Two bool arrays of that shape. Right: some annotated copy between the two videos overlaps
        the query on its side and the detection on the other. Missed: not right, although one
        overlaps the query.
    """
    copies = defaultdict(list)  # (video, other) -> begin and end in the video, then in the other
    for copy in dataset.copies:
        a, b = (copy.begin_a_s, copy.end_a_s), (copy.begin_b_s, copy.end_b_s)
        copies[copy.video_a, copy.video_b].append(a + b)
        copies[copy.video_b, copy.video_a].append(b + a)
    clips_of = defaultdict(list)
    for row, clip in enumerate(dataset.clips):
        clips_of[clip.video].append(row)
    clip_begins_s, clip_ends_s = np.array([(c.begin_s, c.end_s) for c in dataset.clips]).T
    right, missed = np.zeros((2, *begins_s.shape), bool)
    for (video, other), rows in copies.items():
        if video == other or other not in columns:
            continue
        i, j = clips_of[video], columns[other]
        begin_s, end_s = clip_begins_s[i, None], clip_ends_s[i, None]
        found_s = begins_s[i, j][:, None]
        times_s = np.array(rows).T
        on_query = overlap(hundredths(*times_s[:2]), hundredths(begin_s, end_s))
        on_other = overlap(hundredths(*times_s[2:]), hundredths(found_s, found_s + end_s - begin_s))
        right[i, j] = (on_query & on_other).any(1)
        missed[i, j] = on_query.any(1) & ~right[i, j]
    return right, missed


class Segments(Protocol):
    """Each annotated segment in every other whole video."""

    name = "segments"
    reads = ("copies",)
    evaluate = staticmethod(evaluate_segments)  # type: ignore[assignment]  # takes fewer options

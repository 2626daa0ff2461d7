"""Localisation (Climbing, Madonna): which clip shows the same moment, and when exactly?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch

from videoalignment.datasets import FEATURE_FPS, AlignedClips
from videoalignment.errors import OptionError, VideoAlignmentError
from videoalignment.eval.event_clock import EventClock, event_clock, pair_curves
from videoalignment.eval.protocol import Protocol
from videoalignment.eval.result import Metric, QueryResult, Result, clip_name
from videoalignment.eval.steps import Run, describe, match_all
from videoalignment.matching import BestOffsets
from videoalignment.metrics import average_precision, mean_interval, share_below
from videoalignment.models import Model
from videoalignment.progress import Progress

if TYPE_CHECKING:
    from matplotlib.axes import Axes

THRESHOLDS_S = (0.1, 1, 10)
_ON_TIMELINE = " on the timeline"
_RANKED = 50  # best pairs a query that the mean average precision looks at


@dataclass(frozen=True, kw_only=True)
class LocalisedClip(QueryResult):
    """What was found for one clip."""

    true_offset_s: float | None
    """The offset as annotated; None where query and match share no moment."""
    error_s: float
    """Infinite where they share none."""


@dataclass(frozen=True, kw_only=True)
class LocalisationResult(Result):
    """How many clips were found, and how exactly."""

    queries: tuple[LocalisedClip, ...]
    errors_s: np.ndarray
    """Of each query, infinite where the match is wrong, shape (queries,)."""
    placed: tuple[LocalisedClip, ...] = ()
    """The same clips once all pairs are solved together; empty where that was not asked for."""
    clock: EventClock | None = None
    """That solution, of the queries in their order."""

    def lines(self) -> list[str]:
        values = self.values
        lines = [
            f"Localization error <{t:g}s: {100 * values[f'<{t:g}s']:.2f}%" for t in THRESHOLDS_S
        ]
        if "mAP" in values:
            lines.append(f"Overall mAP: {values['mAP']:.2f}")
        if self.placed:
            lines += [
                f"Localization error <{t:g}s{_ON_TIMELINE}: "
                f"{100 * values[f'<{t:g}s{_ON_TIMELINE}']:.2f}%"
                for t in THRESHOLDS_S
            ]
        return lines

    def rows(self) -> Iterator[tuple[str | float | None, ...]]:
        for found in self.queries:
            yield (
                *(found.query, found.match, found.found_offset_s),
                *(found.true_offset_s, found.error_s, found.score),
            )

    def details(self) -> dict[str, Any]:
        if self.clock is None:
            return {}
        sizes = np.bincount(self.clock.group)
        largest_first = np.argsort(-sizes, kind="stable").tolist()
        together: list[tuple[int, float, str]] = []
        alone: list[str] = []
        columns = (self.queries, self.clock.group.tolist(), self.clock.begin.tolist())
        for found, group, begin in zip(*columns, strict=True):
            if sizes[group] > 1:
                number = 1 + largest_first.index(group)
                together.append((number, begin / FEATURE_FPS, found.query))
            else:
                alone.append(found.query)
        places = [
            {"group": number, "clip": clip, "begin_s": begin_s}
            for number, begin_s, clip in sorted(together)
        ]
        return {"timeline": [*places, *({"group": None, "clip": clip} for clip in alone)]}

    def archive(self) -> dict[str, list[Any]]:
        content = {"map": [self.values["mAP"]]} if "mAP" in self.values else {}
        return content | {"loc_errors": [self.errors_s]}

    def draw(self, axes: "Axes") -> None:
        """Draw the share of queries below every error, with the intervals at the thresholds."""
        errors_s = np.sort(self.errors_s)
        thresholds_s = np.logspace(-2, 2, 400)
        share = 100 * np.searchsorted(errors_s, thresholds_s) / len(errors_s)
        axes.plot(thresholds_s, share, color="C0", linewidth=2)
        if self.placed:
            placed_s = np.sort([found.error_s for found in self.placed])
            share = 100 * np.searchsorted(placed_s, thresholds_s) / len(placed_s)
            axes.plot(thresholds_s, share, color="C1", linestyle="--", label=_ON_TIMELINE.strip())
            axes.legend(loc="upper left")
        for threshold_s, metric in zip(THRESHOLDS_S, self.metrics, strict=False):
            value, low, high = (100 * n for n in (metric.value, metric.low, metric.high))
            ends = [[abs(value - low)], [abs(high - value)]]
            axes.errorbar(threshold_s, value, ends, fmt="o", color="C1", capsize=4)
            axes.annotate(
                f"{value:.1f} %",
                (threshold_s, value),
                textcoords="offset points",
                xytext=(8, -14),
                color="C1",
            )
        axes.set(xscale="log", xlim=(0.01, 100), ylim=(0, 105))
        axes.set(xlabel="offset error (s)", ylabel=f"share of {len(errors_s)} queries (%)")
        axes.set_xticks([0.01, 0.1, 1, 10, 100], ["0.01", "0.1", "1", "10", "100"])
        axes.grid(alpha=0.3)


def evaluate_localisation(
    dataset: AlignedClips, model: Model, run: Run, *, timeline: int = 0
) -> LocalisationResult:
    """Find each clip's best match among all other clips, and the offset to it.

    The error is |offset found - true offset| where the two clips overlap, else infinite. On
    datasets that say so (`ranks_clips`), also the mean average precision of the 50 best pairs.

    Args:
        dataset: clips on the clock of an event.
        model: on the device of `run`.
        run: how to compute; its timings are filled.
        timeline: 1 to put the clips on clocks by the score curves of all pairs together, too, and
            to take each clip's match and offset from there.

    Raises:
        VideoAlignmentError: there is no second clip, or features cannot be used.
    """
    Localisation.check_options({"timeline": timeline})
    if len(dataset.clips) < 2:
        raise VideoAlignmentError(f"{dataset.root}: a single clip has no other clip to match")
    descriptors, lengths = [], []
    with Progress("describing", len(dataset.clips), "clips") as progress:
        for fv, frames in describe(dataset, model, dataset.clips, run, progress):
            descriptors.append(fv)
            lengths.append(frames)
    fv, longest = torch.cat(descriptors), max(dataset.published_longest_frames, *lengths)
    queries, database = model.query_spectra(fv), model.spectra(fv)
    found = match_all(queries, database, longest, run)
    with run.timed("evaluation"):
        result = _localisation_result(dataset, found, longest, run.seed)
    if not timeline:
        return result
    with run.timed("matching"):
        clock = event_clock(pair_curves(queries, database, lengths), len(lengths))
    with run.timed("evaluation"):
        return _on_timeline(dataset, result, clock, run.seed)


def _localisation_result(
    dataset: AlignedClips, found: BestOffsets, longest: int, seed: int
) -> LocalisationResult:
    scores = found.scores.numpy().copy()
    np.fill_diagonal(scores, -np.inf)
    rows = np.arange(len(scores))
    match = scores.argmax(1)
    found_s = found.offsets.numpy()[rows, match].astype(np.float64) / FEATURE_FPS
    true_s = dataset.offsets_s[rows, match]
    right = dataset.overlaps[rows, match]
    errors_s = np.where(right, np.abs(found_s - true_s), np.inf)
    queries = tuple(
        LocalisedClip(
            query=clip_name(dataset.clips[i]),
            match=clip_name(dataset.clips[match[i]]),
            found_offset_s=float(found_s[i]),
            true_offset_s=float(true_s[i]) if right[i] else None,
            error_s=float(errors_s[i]),
            score=float(scores[i, match[i]]),
        )
        for i in rows
    )
    metrics = _metrics(errors_s, seed)
    if dataset.ranks_clips:
        precisions = _clip_average_precisions(scores, dataset.overlaps)
        interval = mean_interval(precisions, seed=seed)
        metrics.append(Metric("mAP", float(np.mean(precisions)), *interval))
    pairs = len(scores) * (len(scores) - 1)
    return LocalisationResult(
        metrics=tuple(metrics),
        queries=queries,
        pairs=pairs,
        longest_frames=longest,
        errors_s=errors_s,
    )


def _on_timeline(
    dataset: AlignedClips, result: LocalisationResult, clock: EventClock, seed: int
) -> LocalisationResult:
    """Add what each clip's best match is on its event's clock; a clip alone keeps its own."""
    placed = list(result.queries)
    for i, j in enumerate(clock.match):
        if j < 0:
            continue
        found_s = float(clock.begin[j] - clock.begin[i]) / FEATURE_FPS
        true_s = float(dataset.offsets_s[i, j]) if dataset.overlaps[i, j] else None
        placed[i] = replace(
            placed[i],
            match=clip_name(dataset.clips[j]),
            found_offset_s=found_s,
            true_offset_s=true_s,
            error_s=np.inf if true_s is None else abs(found_s - true_s),
        )
    errors_s = np.array([found.error_s for found in placed])
    metrics = _metrics(errors_s, seed, _ON_TIMELINE)
    return replace(result, metrics=(*result.metrics, *metrics), placed=tuple(placed), clock=clock)


def _metrics(errors_s: np.ndarray, seed: int, suffix: str = "") -> list[Metric]:
    """The shares of errors below the thresholds, with their intervals."""
    return [
        Metric(
            f"<{t:g}s{suffix}",
            share_below(errors_s, t),
            *mean_interval(errors_s < t, seed=seed),
        )
        for t in THRESHOLDS_S
    ]


def _clip_average_precisions(scores: np.ndarray, relevant: np.ndarray) -> list[float]:
    """Average precision of each query's best pairs, over the relevant ones among them."""
    ranking = np.argsort(-scores, axis=1, kind="stable")[:, :_RANKED]
    ranking = ranking[:, : len(scores) - 1]  # the query itself comes last
    found = (np.flatnonzero(relevant[i, ranked]) for i, ranked in enumerate(ranking))
    return [average_precision(ranks, len(ranks)) for ranks in found]


class Localisation(Protocol):
    """Each clip's best match among all other clips, and the offset to it."""

    name = "localisation"
    reads = ("overlaps", "offsets_s", "ranks_clips")
    options: ClassVar[Mapping[str, Any]] = {"timeline": 0}
    evaluate = staticmethod(evaluate_localisation)  # type: ignore[assignment]  # takes fewer options

    @classmethod
    def check_options(cls, options: Mapping[str, Any]) -> None:
        if options["timeline"] not in (0, 1):
            raise OptionError(f"`timeline` {options['timeline']}: expected 0 or 1")

    @classmethod
    def differing_options(cls, options: Mapping[str, Any]) -> dict[str, Any]:
        """None: a timeline adds metrics, and changes none of those that were published."""
        return {}

    @classmethod
    def name_options(cls, options: Mapping[str, Any]) -> dict[str, Any]:
        return {"timeline": None} if options["timeline"] else {}

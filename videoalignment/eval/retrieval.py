"""Retrieval (EVVE): which videos show the same event?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from videoalignment.datasets import EVVE, FEATURE_FPS
from videoalignment.datasets.annotations import EventVideo
from videoalignment.errors import OptionError
from videoalignment.eval.protocol import Protocol
from videoalignment.eval.result import Metric, QueryResult, Result
from videoalignment.eval.steps import Run, describe, match_all
from videoalignment.matching import BestOffsets
from videoalignment.metrics import average_precision, bootstrap_interval, mean_interval
from videoalignment.models import Model
from videoalignment.progress import Progress, track

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RULES = {"reference": -1, "official": 0}
"""The label whose videos of the query's event are taken out of the ranking."""

EXPANSIONS = ("aqe", "don")
_EXPANDED_BY = 10  # best videos that are added to the query
_DISTRACTORS = 2000  # best videos whose mean "don" subtracts


@dataclass(frozen=True, kw_only=True)
class RankedQuery(QueryResult):
    """What was found for one query."""

    average_precision: float
    """Of its ranking."""


@dataclass(frozen=True, kw_only=True)
class RetrievalResult(Result):
    """How far up in the rankings the videos of each event are."""

    queries: tuple[RankedQuery, ...]
    event_means: dict[str, float]
    """Mean average precision of each event."""

    columns = (*Result.columns, "average_precision")

    def lines(self) -> list[str]:
        lines = [f"{event}\t{mean:.2f}" for event, mean in self.event_means.items()]
        lines.append(f"Overall mAP: {self.values['mAP']:.2f}")
        lines.append(f"Mean over events: {self.values['mAP over events']:.2f}")
        return lines

    def rows(self) -> Iterator[tuple[str | float | None, ...]]:
        for row, found in zip(super().rows(), self.queries, strict=True):
            yield (*row, found.average_precision)

    def archive(self) -> dict[str, list[Any]]:
        return {"map": [self.values["mAP"]]}

    def details(self) -> dict[str, Any]:
        return {"events": self.event_means}

    def draw(self, axes: "Axes") -> None:
        """Draw a bar an event, the best on top, and the mean over all queries."""
        events = sorted(self.event_means.items(), key=lambda item: item[1])
        names = [name.replace("+", " ") for name, _ in events]
        bars = axes.barh(names, [100 * mean for _, mean in events], color="C0")
        axes.bar_label(bars, fmt="%.1f", padding=3, fontsize=8)
        overall = 100 * self.values["mAP"]
        axes.axvline(overall, color="C1", linestyle="--")
        axes.annotate(
            f"mean over queries {overall:.1f}",
            (overall, -0.6),
            textcoords="offset points",
            xytext=(4, 0),
            color="C1",
            fontsize=8,
        )
        axes.set(xlabel="mean average precision (%)", xlim=(0, 105))
        axes.tick_params(axis="y", labelsize=8)


def evaluate_retrieval(
    dataset: EVVE,
    model: Model,
    run: Run,
    *,
    rule: str = "reference",
    query_expansion: str | None = None,
) -> RetrievalResult:
    """Rank the whole database for each query by its score at the best offset.

    Args:
        dataset: EVVE.
        model: on the device of `run`.
        run: how to compute; its timings are filled.
        rule: what is taken out of a ranking before ranks are counted: "reference" the videos of
            the query's event labelled -1, the rule behind the published numbers, "official" those
            labelled 0.
        query_expansion: "aqe" adds the best videos, aligned, to the query and ranks again; "don"
            also subtracts the mean of many.

    Raises:
        VideoAlignmentError: an unknown rule or expansion, or features cannot be used.
    """
    Retrieval.check_options({"rule": rule, "query_expansion": query_expansion})
    sides, longest = _describe_sides(dataset, model, run)
    database = model.spectra(sides["database"])
    found = match_all(model.query_spectra(sides["query"]), database, longest, run)
    if query_expansion:
        with run.timed("matching"):
            expanded = _expand(
                sides["query"], sides["database"], found, model, query_expansion == "don"
            )
        found = match_all(model.query_spectra(expanded), database, longest, run)
    with run.timed("evaluation"):
        return _retrieval_result(dataset, found, RULES[rule], longest, run.seed)


def _describe_sides(dataset: EVVE, model: Model, run: Run) -> tuple[dict[str, Tensor], int]:
    """Raw descriptors of the queries and of the database, and the longest video's frames."""
    sides: dict[str, list[Tensor]] = {"query": [], "database": []}
    longest = dataset.published_longest_frames
    with Progress("describing", len(dataset.clips), "videos") as progress:
        described = describe(dataset, model, dataset.clips, run, progress)
        for label, (fv, frames) in zip(dataset.labels, described, strict=True):
            sides[label.split].append(fv)
            longest = max(longest, frames)
    return {split: torch.cat(parts) for split, parts in sides.items()}, longest


def _expand(
    queries: Tensor, database: Tensor, found: BestOffsets, model: Model, subtract_mean: bool
) -> Tensor:
    """Queries joined by their best videos, each shifted to where it fits best.

    Args:
        queries, database: raw descriptors, shapes (Q, ...) and (N, ...).
        found: the first ranking.
        model: made the descriptors.
        subtract_mean: also subtract the mean of the 2000 best.

    Returns:
        Raw descriptors, shape (Q, ...).

    Source: Douze, Revaud, Schmid, Jégou, "Stable hyper-pooling and query expansion for event
    detection", ICCV 2013.
    """
    ranking = found.scores.argsort(dim=1, descending=True, stable=True)
    expanded = torch.empty_like(queries)
    for i in track(range(len(queries)), "expanding", len(queries), "queries"):
        best = ranking[i, :_EXPANDED_BY]
        offsets = found.offsets[i, best].to(database.device)
        shifted = model.shift_fv(database[best], offsets)
        expanded[i] = (queries[i] + shifted.sum(0)) / (1 + _EXPANDED_BY)
        if subtract_mean:
            expanded[i] -= database[ranking[i, :_DISTRACTORS]].sum(0) / _DISTRACTORS
    return expanded


@dataclass(frozen=True)
class _Ranking:
    """How well one query's event was found."""

    event: str
    precision: float
    best: int
    """The column of the best video."""


def _rank(
    query: EventVideo, database: list[EventVideo], scores: np.ndarray, left_out: int
) -> _Ranking:
    """Average precision of one ranking.

    Args:
        query, database: labels.
        scores: of the database's videos, shape (N,).
        left_out: the label whose videos of the query's event are taken out of the ranking.
    """
    order = np.argsort(-scores, kind="stable")
    labels = np.array(
        [database[j].label if database[j].event == query.event else None for j in order]
    )
    kept = labels[labels != left_out]
    ranks = np.flatnonzero(kept == 1)
    return _Ranking(query.event, average_precision(ranks, len(ranks)), int(order[0]))


def _retrieval_result(
    dataset: EVVE, found: BestOffsets, left_out: int, longest: int, seed: int
) -> RetrievalResult:
    queries = [label for label in dataset.labels if label.split == "query"]
    database = [label for label in dataset.labels if label.split == "database"]
    scores = found.scores.numpy()
    rankings = [
        _rank(query, database, row, left_out) for query, row in zip(queries, scores, strict=True)
    ]
    precisions = np.array([ranking.precision for ranking in rankings])
    events = sorted({ranking.event for ranking in rankings})
    membership = np.array([[r.event == event for r in rankings] for event in events], float)

    def mean_over_events(drawn: np.ndarray) -> float:
        weights = membership * drawn
        counts = weights.sum(1)
        return float(np.mean((weights @ precisions)[counts > 0] / counts[counts > 0]))

    once = np.ones(len(queries), int)
    metrics = (
        Metric("mAP", float(precisions.mean()), *mean_interval(precisions, seed=seed)),
        Metric(
            "mAP over events",
            mean_over_events(once),
            *bootstrap_interval(mean_over_events, len(queries), seed=seed),
        ),
    )
    rows = tuple(
        RankedQuery(
            query=query.video,
            match=database[ranking.best].video,
            found_offset_s=float(found.offsets[i, ranking.best]) / FEATURE_FPS,
            score=float(scores[i, ranking.best]),
            average_precision=ranking.precision,
        )
        for i, (query, ranking) in enumerate(zip(queries, rankings, strict=True))
    )
    means = membership @ precisions / membership.sum(1)
    return RetrievalResult(
        metrics=metrics,
        queries=rows,
        pairs=scores.size,
        longest_frames=longest,
        event_means=dict(zip(events, map(float, means), strict=True)),
    )


class Retrieval(Protocol):
    """The whole database ranked for each query."""

    name = "retrieval"
    options: ClassVar[dict[str, Any]] = {"query_expansion": None, "rule": "reference"}
    reads = ("labels",)
    evaluate = staticmethod(evaluate_retrieval)  # type: ignore[assignment]  # takes fewer options

    @classmethod
    def check_options(cls, options: Mapping[str, Any]) -> None:
        for name, known in (("rule", RULES), ("query_expansion", (None, *EXPANSIONS))):
            if options[name] not in known:
                expected = ", ".join(filter(None, known))
                raise OptionError(f"`{name}` {options[name]!r}: expected one of {expected}")

    @classmethod
    def name_options(cls, options: Mapping[str, Any]) -> dict[str, Any]:
        """An expansion's name says all."""
        named = super().name_options(options)
        expansion = named.pop("query_expansion", None)
        return ({expansion: None} if expansion else {}) | named

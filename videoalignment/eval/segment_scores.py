"""Anybody's predictions of copied segments, scored by the protocol of a benchmark."""

import hashlib
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from videoalignment.datasets.segment_files import Boxes, Pair, read_boxes, read_matches, read_pairs
from videoalignment.errors import OptionError
from videoalignment.eval.result import Metric
from videoalignment.metrics import bootstrap_interval
from videoalignment.metrics.vcsl import VcslScores, VcslSums, pair_precision_recall
from videoalignment.metrics.vsc import (
    Match,
    PairSums,
    SegmentCurve,
    SegmentSums,
)
from videoalignment.progress import track

_log = logging.getLogger(__name__)

_KNOWN_LABELS = {
    "7c1d9bd85e1a7884": "VCSL, test part, version of 2022",
    "eaa6b002ad485d06": "VSC2022, training part",
}
_VSC_RESAMPLES = 200  # each goes over all predictions


@dataclass(frozen=True)
class Labels:
    """The true segments that predictions are scored against: versions differ, so name the one."""

    file: Path
    digest: str
    """Of the content, whatever the order and the form of numbers, 16 hexadecimal digits."""
    name: str | None
    """What is known to have this digest."""

    @classmethod
    def of(cls, file: Path, segments: list[list[Any]]) -> "Labels":
        """The labels of a file.

        Args:
            file: as the user named it.
            segments: [query, reference, q0, r0, q1, r1] each, in any order.
        """
        content = json.dumps(sorted(segments)).encode()
        digest = hashlib.blake2b(content, digest_size=8).hexdigest()
        return cls(file, digest, _KNOWN_LABELS.get(digest))


@dataclass(frozen=True)
class SegmentScores:
    """What a protocol says of predictions."""

    protocol: str
    """"vcsl" or "vsc"."""
    labels: Labels
    metrics: tuple[Metric, ...]
    """Shares from 0 to 1, each with its 95 % bootstrap interval over queries."""
    counts: Mapping[str, int]
    """How much was scored."""
    queries: tuple[tuple[str, Mapping[str, float]], ...] = ()
    """A row a query, where the protocol defines one: its name and its numbers."""
    curve: SegmentCurve | None = None
    """Precision and recall over scores, where predictions have some."""

    def named(self, name: str) -> Metric:
        """The metric of that name."""
        return next(metric for metric in self.metrics if metric.name == name)


def score_segments(
    protocol: str, predictions: Path, labels: Path, pairs: Path | None = None, *, seed: int = 0
) -> SegmentScores:
    """Score a file of predictions.

    Args:
        protocol: one of `SCORERS`.
        predictions: in the benchmark's own form (`segment_files`).
        labels: likewise; for "vcsl" a folder with VCDB's annotations too.
        pairs: which pairs are judged ("vcsl"); those of the predictions unless given.
        seed: of the bootstrap intervals.

    Raises:
        OptionError: there is no such protocol, or it judges no list of pairs.
        UnusableFileError: a file is missing or not of that form; the message names the line.
    """
    if protocol not in SCORERS:
        raise OptionError(f"`protocol` {protocol!r}: expected one of {', '.join(SCORERS)}")
    return SCORERS[protocol](predictions, labels, pairs, seed)


def _metrics(
    names: Sequence[str], values: Sequence[float], low: np.ndarray, high: np.ndarray
) -> tuple[Metric, ...]:
    return tuple(map(Metric, names, map(float, values), low.tolist(), high.tolist()))


# ------------------------------------------------------------------------------- VCSL


def _score_vcsl(predictions: Path, labels: Path, pairs: Path | None, seed: int) -> SegmentScores:
    listed = [] if pairs is None else read_pairs(pairs)
    predicted, true = read_boxes(predictions, listed), read_boxes(labels, listed)
    judged = list(predicted) if pairs is None else listed
    if not judged:
        raise OptionError(f"{predictions}: holds no pair; give `pairs`, the pairs to judge")
    _warn_of_the_rest(predicted, true, judged, pairs)
    return score_boxes(predicted, true, judged, labels, seed=seed)


def score_boxes(
    predicted: Boxes,
    true: Boxes,
    judged: Sequence[Pair],
    labels: Path,
    *,
    resamples: int = 1000,
    seed: int = 0,
) -> SegmentScores:
    """Score boxes by VCSL's protocol.

    Args:
        predicted: the boxes of each pair; none where a pair is missing.
        true: likewise.
        judged: the pairs that count, at least one.
        labels: where the true boxes were read from, to be named.
        resamples: draws of the bootstrap intervals.
        seed: of these draws.
    """
    none = np.zeros((0, 4))
    scored = [
        pair_precision_recall(predicted.get(pair, none), true.get(pair, none))
        for pair in track(judged, "scoring", len(judged), "pairs")
    ]
    precision, recall = np.array(scored).T
    names = list(dict.fromkeys(query for query, _ in judged))
    number = {name: i for i, name in enumerate(names)}
    queries = np.array([number[query] for query, _ in judged])
    positive = np.array([len(true.get(pair, none)) > 0 for pair in judged])
    sums = VcslSums(queries, precision, recall, positive)
    scores = sums.scores()
    low, high = bootstrap_interval(
        lambda drawn: _vcsl_values(sums.scores(drawn)),
        sums.queries,
        resamples=resamples,
        seed=seed,
    )
    return SegmentScores(
        "vcsl",
        _labels_of_boxes(labels, true),
        _metrics(_VCSL_METRICS, _vcsl_values(scores), low, high),
        {
            "pairs": len(judged),
            "positives": scores.positives,
            "negatives": scores.negatives,
            "queries": len(names),
        },
        _query_rows(names, queries, precision, recall, positive),
    )


_VCSL_METRICS = ("recall", "precision", "f1", "frr", "far", "macro_recall", "macro_precision")


def _vcsl_values(scores: VcslScores) -> list[float]:
    return [getattr(scores, name) for name in _VCSL_METRICS]


def _warn_of_the_rest(
    predicted: Boxes, true: Boxes, judged: list[tuple[str, str]], pairs: Path | None
) -> None:
    """Say what is in a file and does not count."""
    inside = set(judged)
    if pairs is None and (left_out := len(true.keys() - inside)):
        _log.warning(
            "%d of %d labelled pairs are not in the predictions and are not judged; "
            "give `pairs` to count them as missed",
            left_out,
            len(true),
        )
    if left_out := len(predicted.keys() - inside):
        _log.warning("%d predicted pairs are not among the judged ones", left_out)


def _query_rows(
    names: list[str],
    queries: np.ndarray,
    precision: np.ndarray,
    recall: np.ndarray,
    positive: np.ndarray,
) -> tuple[tuple[str, dict[str, float]], ...]:
    """Each query's pairs, copies, and its mean precision and recall over these."""
    pairs = np.bincount(queries, minlength=len(names))
    copies = np.bincount(queries, weights=positive, minlength=len(names))
    means = [
        np.bincount(queries, weights=values * positive, minlength=len(names))
        / np.maximum(copies, 1)
        for values in (precision, recall)
    ]
    return tuple(
        (
            name,
            {
                "pairs": int(pairs[i]),
                "copies": int(copies[i]),
                "precision": float(means[0][i]) if copies[i] else float("nan"),
                "recall": float(means[1][i]) if copies[i] else float("nan"),
            },
        )
        for i, name in enumerate(names)
    )


def _labels_of_boxes(file: Path, true: Boxes) -> Labels:
    return Labels.of(
        file, [[*pair, *box] for pair, boxes in true.items() for box in boxes.tolist()]
    )


# ---------------------------------------------------------------------------- VSC2022


def _score_vsc(predictions: Path, labels: Path, pairs: Path | None, seed: int) -> SegmentScores:
    if pairs is not None:
        raise OptionError("`pairs`: vsc judges all predictions; leave it out")
    truth = read_matches(labels, scored=False)
    return score_matches(read_matches(predictions, scored=True), truth, labels, seed=seed)


def score_matches(
    predicted: Sequence[Match], truth: Sequence[Match], labels: Path, *, seed: int = 0
) -> SegmentScores:
    """Score matches by the protocol of VSC2022.

    Args:
        predicted: with their scores.
        truth: the copied segments, at least one.
        labels: where these were read from, to be named.
        seed: of the bootstrap intervals.

    Raises:
        OptionError: there is no true segment.
    """
    sums = SegmentSums(predicted, truth)
    pairs = PairSums(predicted, truth, sums.queries)
    true_queries = np.isin(sums.queries, [match.query for match in truth])

    def values(drawn: np.ndarray | None) -> tuple[float, float]:
        if drawn is not None and not drawn[true_queries].any():
            return np.nan, np.nan
        return sums.curve(drawn).area, pairs.average_precision(drawn)

    low, high = bootstrap_interval(values, len(sums.queries), resamples=_VSC_RESAMPLES, seed=seed)
    return SegmentScores(
        "vsc",
        _labels_of_matches(labels, truth),
        _metrics(("segment_ap", "pairwise_micro_ap"), values(None), low, high),
        {
            "predictions": len(predicted),
            "true_segments": len(truth),
            "queries": len(sums.queries),
        },
        curve=sums.curve(),
    )


def _labels_of_matches(file: Path, truth: Sequence[Match]) -> Labels:
    return Labels.of(file, [[match.query, match.reference, *match.box] for match in truth])


Scorer = Callable[[Path, Path, Path | None, int], SegmentScores]
SCORERS: Mapping[str, Scorer] = {"vcsl": _score_vcsl, "vsc": _score_vsc}

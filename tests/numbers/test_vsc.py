"""VSC2022's scores against stored outputs of the reference evaluator and a raster of the axes."""

import csv
import json
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from videoalignment.errors import OptionError
from videoalignment.metrics.vsc import (
    Match,
    SegmentSums,
    pair_average_precision,
    segment_curve,
)


def read(path) -> list[Match]:
    with path.open(newline="") as file:
        return [
            Match(
                row["query_id"],
                row["ref_id"],
                tuple(float(row[c]) for c in ("query_start", "ref_start", "query_end", "ref_end")),
                float(row.get("score", 1)),
            )
            for row in csv.DictReader(file)
        ]


@pytest.mark.parametrize("run", [1, 2])
def test_both_scores_equal_the_reference(shared, run):
    truth = read(shared / "data" / "vsc" / "train_matching_ground_truth.csv")
    predictions = read(shared / "golden" / "segments" / f"vsc_{run}.csv")
    wanted = json.loads((shared / "golden" / "segments" / f"vsc_{run}.json").read_text())
    assert segment_curve(predictions, truth).area == pytest.approx(wanted["segment_ap"], abs=1e-6)
    area = pair_average_precision(predictions, truth)
    assert area == pytest.approx(wanted["pairwise_micro_ap"], abs=1e-6)


SPANS = st.tuples(st.integers(0, 10), st.integers(1, 6))
MATCHES = st.builds(
    lambda pair, q, r, score: Match("Q", pair, (q[0], r[0], sum(q), sum(r)), score),
    st.sampled_from("RST"),
    SPANS,
    SPANS,
    st.sampled_from([0.1, 0.5, 0.9]),
)


def cells(matches, axis: int) -> set[tuple[str, int]]:
    return {(m.reference, t) for m in matches for t in range(m.box[axis], m.box[axis + 2])}


def obvious_area(predictions, truth) -> float:
    area, recall_before = 0.0, 0.0
    for score in sorted({m.score for m in predictions}, reverse=True):
        taken = [m for m in predictions if m.score >= score]
        met = [
            t
            for t in truth
            if any(cells([t], 0) & cells([m], 0) and cells([t], 1) & cells([m], 1) for m in taken)
        ]
        precision = recall = 1.0
        for axis in (0, 1):
            hit = len(cells(taken, axis) & cells(met, axis))
            precision *= hit / len(cells(taken, axis))
            recall *= hit / len(cells(truth, axis))
        area += precision**0.5 * (recall**0.5 - recall_before)
        recall_before = recall**0.5
    return area


@given(st.lists(MATCHES, max_size=6), st.lists(MATCHES, min_size=1, max_size=4))
def test_segment_ap_equals_a_raster_of_the_axes(predictions, truth):
    assert segment_curve(predictions, truth).area == pytest.approx(obvious_area(predictions, truth))


def renamed(matches: list[Match], copy: int) -> list[Match]:
    return [replace(match, query=f"{match.query}{copy}") for match in matches]


@given(
    st.lists(MATCHES, max_size=4),
    st.lists(MATCHES, max_size=4),
    st.lists(MATCHES, min_size=1, max_size=3),
    st.lists(MATCHES, max_size=3),
)
def test_a_query_drawn_twice_counts_as_two(predicted_a, predicted_b, true_a, true_b):
    predictions = renamed(predicted_a, 0) + renamed(predicted_b, 1)
    truth = renamed(true_a, 0) + renamed(true_b, 1)
    sums = SegmentSums(predictions, truth)
    drawn = np.array([2 if name == "Q0" else 1 for name in sums.queries])
    more = predictions + renamed(predicted_a, 2), truth + renamed(true_a, 2)
    assert sums.curve(drawn).area == pytest.approx(segment_curve(*more).area)
    weights = {"Q0": 2, "Q1": 1}
    twice = pair_average_precision(predictions, truth, weights)
    assert twice == pytest.approx(pair_average_precision(*more))


@given(st.lists(MATCHES, min_size=1, max_size=6), st.lists(MATCHES, min_size=1, max_size=4))
def test_the_order_of_predictions_does_not_matter(predictions, truth):
    shuffled = random.Random(0).sample(predictions, len(predictions))
    same = segment_curve(shuffled, truth).area
    assert same == pytest.approx(segment_curve(predictions, truth).area)


def test_perfect_predictions_score_one():
    truth = [Match("Q", "R", (0, 5, 10, 15)), Match("Q", "S", (3, 0, 4, 1))]
    assert segment_curve(truth, truth).area == pytest.approx(1)
    assert pair_average_precision(truth, truth) == pytest.approx(1)


def test_true_pairs_that_nobody_predicts_count():
    truth = [Match("Q", "R", (0, 5, 10, 15)), Match("Q", "S", (3, 0, 4, 1))]
    assert pair_average_precision(truth[:1], truth) == pytest.approx(0.5)
    assert pair_average_precision([], truth) == 0


@pytest.mark.parametrize("box", [(0, 0, -1, 1), (0, 0, 1, -1), (0, 0, float("nan"), 1)])
def test_a_match_that_cannot_be_is_refused(box):
    with pytest.raises(OptionError):
        Match("Q", "R", box)


def test_nothing_to_find_is_refused():
    with pytest.raises(OptionError, match="no true segment"):
        segment_curve([Match("Q", "R", (0, 0, 1, 1))], [])


@given(st.lists(MATCHES, max_size=12), st.lists(MATCHES, min_size=1, max_size=4))
def test_pair_micro_ap_is_that_of_scikit_learn(predictions, truth):
    true, best = {m.reference for m in truth}, {}
    for match in predictions:
        best[match.reference] = max(match.score, best.get(match.reference, -1))
    wanted = 0.0
    if found := true & best.keys():
        precision = average_precision_score([pair in true for pair in best], list(best.values()))
        wanted = precision * len(found) / len(true)
    assert pair_average_precision(predictions, truth) == pytest.approx(wanted)

"""VCSL's scores against stored outputs of the reference evaluator and a raster of the timeline."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from videoalignment.errors import OptionError
from videoalignment.metrics.boxes import checked_boxes
from videoalignment.metrics.vcsl import VcslSums, pair_precision_recall


@pytest.fixture(scope="module")
def labels(shared) -> dict[str, list]:
    return json.loads((shared / "data" / "vcsl" / "label_file_test.json").read_text())


@pytest.fixture(scope="module", params=[1, 2])
def golden_run(request, shared) -> dict:
    path = shared / "golden" / "segments" / f"vcsl_{request.param}.json"
    return json.loads(path.read_text())


def scored(predictions: dict[str, list], labels: dict[str, list], pair: str) -> tuple[float, float]:
    return pair_precision_recall(
        checked_boxes(predictions[pair]), checked_boxes(labels.get(pair, []))
    )


def test_pairs_equal_the_reference(golden_run, labels):
    for pair, wanted in golden_run["per_pair"].items():
        precision, recall = scored(golden_run["predictions"], labels, pair)
        assert precision == pytest.approx(wanted["precision"], abs=1e-6)
        assert recall == pytest.approx(wanted["recall"], abs=1e-6)


def test_averages_equal_the_reference(golden_run, labels):
    pairs = list(golden_run["predictions"])
    precision, recall = zip(
        *(scored(golden_run["predictions"], labels, pair) for pair in pairs), strict=True
    )
    names = [pair.split("-")[0] for pair in pairs]
    queries = np.unique(names, return_inverse=True)[1]
    scores = VcslSums(queries, precision, recall, [pair in labels for pair in pairs]).scores()
    wanted = golden_run["expected"]
    for name in ("precision", "recall", "f1", "frr", "far"):
        assert getattr(scores, name) == pytest.approx(wanted[name], abs=1e-6), name
    assert (scores.positives, scores.negatives) == (wanted["positives"], wanted["negatives"])
    macro = wanted["macro_over_queries"]
    assert scores.macro_precision == pytest.approx(macro["precision"], abs=1e-6)
    assert scores.macro_recall == pytest.approx(macro["recall"], abs=1e-6)


# Whole numbers, so that a raster of unit cells holds all there is to know.
SPANS = st.tuples(st.integers(0, 12), st.integers(1, 6)).map(lambda s: (s[0], s[0] + s[1]))
BOXES = st.lists(
    st.tuples(SPANS, SPANS).map(lambda s: [s[0][0], s[1][0], s[0][1], s[1][1]]), max_size=4
)


def cells(box: list[int], axis: int) -> set[int]:
    return set(range(box[axis], box[axis + 2]))


def covered_share(boxes: list, others: list) -> float:
    """The share of the boxes' lengths that lies within others which they meet, both axes."""
    share = 1.0
    for axis in (0, 1):
        total = sum(len(cells(box, axis)) for box in boxes)
        hit = 0
        for box in boxes:
            met = [o for o in others if cells(box, 0) & cells(o, 0) and cells(box, 1) & cells(o, 1)]
            hit += len(cells(box, axis) & set().union(*(cells(o, axis) for o in met)))
        share *= hit / total
    return share


@given(BOXES, BOXES)
def test_a_pair_equals_a_raster_of_its_timeline(predicted, true):
    precision, recall = pair_precision_recall(checked_boxes(predicted), checked_boxes(true))
    if predicted and true:
        assert precision == pytest.approx(covered_share(predicted, true), abs=1e-5)
        assert recall == pytest.approx(covered_share(true, predicted), abs=1e-5)
    else:
        assert (precision, recall) == (float(not predicted), float(not true))


@given(st.data())
def test_drawing_queries_anew_equals_repeating_their_pairs(data):
    share = st.sampled_from([0.0, 0.25, 0.5, 1.0])
    pairs = data.draw(
        st.lists(st.tuples(st.integers(0, 3), share, share, st.booleans()), min_size=1, max_size=12)
    )
    queries, precision, recall, positive = zip(*pairs, strict=True)
    sums = VcslSums(queries, precision, recall, positive)
    drawn = np.zeros(sums.queries, int)
    drawn[list(set(queries))] = 2
    once, twice = sums.scores(), sums.scores(drawn)
    assert (twice.precision, twice.recall) == pytest.approx((once.precision, once.recall))
    assert twice.positives == 2 * once.positives
    assert twice.macro_recall == pytest.approx(once.macro_recall)


@pytest.mark.parametrize(
    "boxes", [[[1, 2, 3]], [[0, 0, np.nan, 1]], [[0, 0, np.inf, 1]], [["a", 0, 1, 1]], 3, {}]
)
def test_what_is_no_box_is_refused(boxes):
    with pytest.raises(OptionError):
        checked_boxes(boxes)

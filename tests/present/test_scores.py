"""Scored predictions as a table, JSON, CSV and a picture."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from videoalignment.eval.result import Metric
from videoalignment.eval.segment_scores import Labels, SegmentScores
from videoalignment.metrics.vsc import SegmentCurve
from videoalignment.present.scores import scores_document, scores_figure, scores_text, write_scores

LABELS = Labels(Path("labels\n.json"), "0123456789abcdef", None)
VCSL = SegmentScores(
    "vcsl",
    LABELS,
    (Metric("f1", 0.5, 0.4, 0.6), Metric("macro_recall", 0.25, np.nan, 0.5)),
    {"pairs": 3, "positives": 2},
    (("a", {"precision": 0.5, "recall": 1.0}), ("b", {"precision": np.nan, "recall": np.nan})),
)
VSC = SegmentScores(
    "vsc",
    LABELS,
    (Metric("segment_ap", 0.7, 0.6, 0.8), Metric("pairwise_micro_ap", 0.75, 0.7, 0.8)),
    {"predictions": 9},
    curve=SegmentCurve(np.array([0.9, 0.1]), np.array([1.0, 0.5]), np.array([0.5, 0.9]), 0.7),
)


def test_the_document_has_fractions_and_macro_apart():
    document = scores_document(VCSL)
    assert document["metrics"] == {"f1": 0.5, "macro": {"recall": 0.25}}
    assert document["intervals"] == {"f1": [0.4, 0.6], "macro": {"recall": [None, 0.5]}}
    assert document["labels"]["digest"] == LABELS.digest
    json.dumps(document, allow_nan=False)


def test_the_table_shows_published_rows_beside_ours():
    text = scores_text(VCSL)
    rows = {line.split("  ")[0]: line.split() for line in text.splitlines()}
    assert rows["these predictions"][2] == "50.00"
    assert rows["TransVCL (test part)"][-1] == "66.51"
    assert "a version that is not known here" in text
    assert "labels\n" not in text  # a name cannot break the line


def test_the_files_hold_the_same_numbers(tmp_path):
    write_scores(tmp_path, VCSL)
    assert json.loads((tmp_path / "scores.json").read_text()) == scores_document(VCSL)
    with (tmp_path / "per_query.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["query"] for row in rows] == ["a", "b"]
    assert (rows[0]["precision"], rows[1]["precision"]) == ("0.5", "")


def test_the_picture_shows_the_curve_and_the_published_bars():
    bars, curve = scores_figure(VSC).axes
    widths = [bar.get_width() for bar in bars.patches]
    assert widths == pytest.approx([36.50, 46.92, 91.53, 70.0])
    np.testing.assert_allclose(curve.lines[0].get_xdata(), VSC.curve.recall)
    np.testing.assert_allclose(curve.lines[0].get_ydata(), VSC.curve.precision)


def test_the_picture_shows_how_queries_spread():
    _, spread = scores_figure(VCSL).axes
    precision, recall = spread.lines
    assert list(precision.get_xdata()) == [0.5]
    assert list(recall.get_xdata()) == [1.0]

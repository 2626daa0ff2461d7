"""Files of predictions, scored: against the reference's outputs, and wrong in every way."""

import json
import logging
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from videoalignment.datasets.segment_files import read_boxes, read_matches, read_pairs
from videoalignment.errors import OptionError, UnusableFileError
from videoalignment.eval.segment_scores import score_boxes, score_segments
from videoalignment.metrics.vsc import Match, segment_curve

TRUE = {"a-x": [[0, 10, 20, 30]], "a-y": [[5, 5, 15, 15], [40, 0, 50, 10]], "b-x": [[0, 0, 9, 9]]}
FOUND = {"a-x": [[0, 10, 20, 30]], "a-y": [], "b-z": [[1, 1, 5, 5]], "b-x": [[0, 0, 9, 9]]}
CSV = "query_id,ref_id,query_start,query_end,ref_start,ref_end,score\n"


@pytest.fixture
def write(tmp_path):
    def written(name: str, content: object):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return written


def value(scores, name: str) -> float:
    return scores.named(name).value


@pytest.mark.parametrize("run", [1, 2])
def test_vcsl_equals_the_reference(shared, write, run):
    golden = json.loads((shared / "golden" / "segments" / f"vcsl_{run}.json").read_text())
    labels = shared / "data" / "vcsl" / "label_file_test.json"
    scores = score_segments("vcsl", write("p.json", golden["predictions"]), labels)
    for name in ("recall", "precision", "f1", "frr", "far"):
        assert value(scores, name) == pytest.approx(golden["expected"][name], abs=1e-6)
    assert scores.labels.name == "VCSL, test part, version of 2022"
    for metric in scores.metrics:
        assert metric.low <= metric.value <= metric.high


@pytest.mark.parametrize("run", [1, 2])
def test_vsc_equals_the_reference(shared, run):
    golden = json.loads((shared / "golden" / "segments" / f"vsc_{run}.json").read_text())
    labels = shared / "data" / "vsc" / "train_matching_ground_truth.csv"
    scores = score_segments("vsc", shared / "golden" / "segments" / f"vsc_{run}.csv", labels)
    for name in ("segment_ap", "pairwise_micro_ap"):
        assert value(scores, name) == pytest.approx(golden[name], abs=1e-6)
    assert scores.labels.name == "VSC2022, training part"


def test_the_pairs_of_the_predictions_are_judged_unless_others_are_named(write, caplog):
    found = {pair: boxes for pair, boxes in FOUND.items() if pair != "a-y"}
    files = write("found.json", found), write("true.json", TRUE)
    with caplog.at_level(logging.WARNING):
        scores = score_segments("vcsl", *files)
    assert scores.counts["pairs"] == 3
    assert "1 of 3 labelled pairs are not in the predictions" in caplog.text
    pairs = write("pairs.csv", "query_id,reference_id\na,x\na,y\nb,x\n")
    scores = score_segments("vcsl", *files, pairs)
    assert scores.counts["pairs"] == 3
    assert value(scores, "frr") == pytest.approx(1 / 3)  # a-y is missed, and no pair is negative


def test_labels_have_one_digest_whatever_their_order(write):
    found = write("found.json", FOUND)
    turned = {pair: boxes[::-1] for pair, boxes in reversed(TRUE.items())}
    one, other = (
        score_segments("vcsl", found, write(name, labels)).labels
        for name, labels in (("1.json", TRUE), ("2.json", turned))
    )
    assert (one.digest, one.name) == (other.digest, None)
    changed = {**TRUE, "a-x": [[0, 10, 20, 31]]}
    assert score_segments("vcsl", found, write("3.json", changed)).labels.digest != one.digest


def test_vcdb_annotations_are_labels_in_both_directions(tmp_path, write):
    folder = tmp_path / "annotation"
    folder.mkdir()
    (folder / "group.txt").write_text("A.mp4,B.flv,00:00:01,00:00:11,00:01:00,00:01:10\n")
    found = write("found.json", {"A-B": [[1, 60, 11, 70]], "B-A": [[60, 1, 70, 11]]})
    scores = score_segments("vcsl", found, folder)
    assert value(scores, "macro_precision") == pytest.approx(1)
    assert value(scores, "macro_recall") == pytest.approx(1)


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        ("{", r"line 1, column 2: not JSON"),
        ("[" * 100_000, "nested too deeply|not JSON"),
        ("[1, 2]", "expected an object"),
        ('{"ab": []}', "line 1: pair ab: the key is not of the form query-reference"),
        ('{"a-b-c": []}', "line 1: pair a-b-c: the key has several hyphens, .*; give `pairs`"),
        ('{"-b": []}', "line 1: pair -b: the key is not of the form"),
        ('{"a-b": [[1, 2, 3]]}', r"pair a-b: boxes of shape \(1, 3\)"),
        ('{"a-b": [1, 2, 3, 4]}', r"pair a-b: boxes of shape \(4,\)"),
        ('{"a-b": [[1, 2, 3, 4], [1, 2]]}', "pair a-b: boxes must be rows"),
        ('{"a-b": [],\n\n"a-c": [["x", 2, 3, 4]]}', "line 3: pair a-c: boxes must be rows"),
        ('{"a-b": [[1, 2, Infinity, 4]]}', "pair a-b: box .* expected finite"),
        ('{"a-b": [[1, 2, 1' + 400 * "0" + ", 4]]}", "pair a-b: boxes must be rows"),
        ('{"a-b": [[1, 2, 1' + 5000 * "0" + ", 4]]}", "not such JSON"),
        ('{"a-b": [[1, 2, NaN, 4]]}', "pair a-b: box .* expected finite"),
        ('{"a-b": {"q": 1}}', "pair a-b: boxes must be rows"),
    ],
)
def test_what_is_wrong_with_boxes_names_the_file_and_the_pair(write, content, wrong):
    path = write("boxes.json", content)
    with pytest.raises(UnusableFileError, match=wrong) as error:
        read_boxes(path)
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        ("", "has no column query_id, ref_id"),
        ("query_id,ref_id\n", "has no column query_start"),
        (CSV + "Q,R,0,1,0,1,0.5\nQ,R,0,1,0,one,0.5\n", "line 3: expected numbers"),
        (CSV + "Q,R,0,1,0,1\n", "line 2: a value is missing"),
        (CSV + "Q,R,5,1,0,1,0.5\n", "line 2: match .* ends before it begins"),
        (CSV + "Q,R,0,nan,0,1,0.5\n", "line 2: match .* expected finite numbers"),
        (CSV + "Q,R,0,1,0,1,-inf\n", "line 2: match .* expected finite numbers"),
        (CSV + "Q,R,0,1,0,1,0,5\n", "line 2: more values than columns"),
        (CSV + "Q,R,0,1,0,1,0.5\n,R,0,1,0,1,0.5\n", "line 3: a value is missing"),
        (CSV + 'Q,"R,0,1,0,1,0.5\n', "line 2: not CSV"),
        (CSV + "Q" * 200_000 + ",R,0,1,0,1,0.5\n", "line 2: not CSV"),
        (CSV.replace(",", ";"), "has no column query_id"),
    ],
)
def test_what_is_wrong_with_matches_names_the_file_and_the_line(write, content, wrong):
    path = write("matches.csv", content)
    with pytest.raises(UnusableFileError, match=wrong) as error:
        read_matches(path, scored=True)
    assert str(error.value).startswith(str(path))


def test_missing_files_empty_pairs_and_unknown_protocols(tmp_path, write):
    missing = tmp_path / "none"
    for read in (read_boxes, read_pairs, lambda path: read_matches(path, scored=False)):
        with pytest.raises(UnusableFileError, match="no such file"):
            read(missing)
    with pytest.raises(UnusableFileError, match="lists no pair"):
        read_pairs(write("pairs.csv", "query_id,reference_id\n"))
    with pytest.raises(OptionError, match="expected one of vcsl, vsc"):
        score_segments("voc", missing, missing)
    with pytest.raises(OptionError, match="`pairs`"):
        score_segments("vsc", missing, missing, missing)


# ------------------------------------------------------------------ files as they come


def test_hyphens_in_names_are_parted_by_the_pairs(write):
    true = {"a-1-x-2": [[0, 0, 10, 10]], "b-3-y": [[0, 0, 5, 5]]}
    found = {"a-1-x-2": [[0, 0, 10, 10]], "b-3-y": [], "zz-9-unlisted": [[0, 0, 1, 1]]}
    pairs = write("pairs.csv", "query_id,reference_id\na-1,x-2\nb-3,y\n")
    scores = score_segments("vcsl", write("f.json", found), write("t.json", true), pairs)
    assert [name for name, _ in scores.queries] == ["a-1", "b-3"]
    assert value(scores, "macro_recall") == pytest.approx(0.5)
    both_ways = write("both.csv", "query_id,reference_id\na,1-x-2\na-1,x-2\n")
    with pytest.raises(UnusableFileError, match="pair a-1-x-2: the key has several hyphens"):
        score_segments("vcsl", write("f.json", found), write("t.json", true), both_ways)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_mark_of_utf8_and_the_line_ends_of_windows_change_nothing(tmp_path, mark, end):
    boxes, matches, pairs = (tmp_path / name for name in ("b.json", "m.csv", "p.csv"))
    boxes.write_bytes(mark + json.dumps(TRUE, indent=1).replace("\n", end).encode())
    matches.write_bytes(mark + (CSV + "Q,R,0,1,2,3,0.5\n").replace("\n", end).encode())
    pairs.write_bytes(mark + "query_id,reference_id\na,x\n".replace("\n", end).encode())
    assert {"-".join(pair): rows.tolist() for pair, rows in read_boxes(boxes).items()} == TRUE
    assert read_matches(matches, scored=True) == [Match("Q", "R", (0, 2, 1, 3), 0.5)]
    assert read_pairs(pairs) == [("a", "x")]


def test_columns_in_any_order_and_further_ones(write):
    columns = "score,rn,ref_id,query_id,ref_end,ref_start,query_end,query_start\n"
    (match,) = read_matches(write("m.csv", columns + "0.5,1,R,Q,4,3,2,1\n"), scored=True)
    assert match == Match("Q", "R", (1, 3, 2, 4), 0.5)


def test_a_key_that_stands_there_twice_is_said(write, caplog):
    with caplog.at_level(logging.WARNING):
        boxes = read_boxes(write("b.json", '{"a-b": [], "a-b": [[0, 0, 1, 1]]}'))
    assert boxes["a", "b"].tolist() == [[0, 0, 1, 1]]
    assert "1 keys stand there twice, the last of each counts; the first is a-b" in caplog.text


@pytest.mark.parametrize("read", [read_boxes, read_pairs, lambda p: read_matches(p, scored=True)])
def test_what_is_no_text_names_the_line(tmp_path, read):
    path = tmp_path / "file"
    path.write_bytes(b"query_id\n\xff\xfe\n")
    with pytest.raises(UnusableFileError, match="file, line 2: not UTF-8 text"):
        read(path)


def test_no_predictions_at_all(write):
    truth = write("t.csv", CSV.replace(",score", "") + "Q,R,0,1,0,1\n")
    scores = score_segments("vsc", write("p.csv", CSV), truth)
    assert [value(scores, name) for name in ("segment_ap", "pairwise_micro_ap")] == [0, 0]
    with pytest.raises(OptionError, match="holds no pair; give `pairs`"):
        score_segments("vcsl", write("p.json", {}), write("t.json", TRUE))
    pairs = write("pairs.csv", "query_id,reference_id\na,x\na,q\n")
    scores = score_segments("vcsl", write("p.json", {}), write("t.json", TRUE), pairs)
    assert (value(scores, "frr"), value(scores, "far"), value(scores, "f1")) == (1, 0, 0)


# ------------------------------------------------------------------ a slow and obvious second way

EDGES = st.integers(0, 8).map(lambda k: k / 2)
BOX = st.tuples(EDGES, EDGES, EDGES, EDGES).map(  # ends may meet their begins
    lambda e: [min(e[0], e[1]), min(e[2], e[3]), max(e[0], e[1]), max(e[2], e[3])]
)
BY_PAIR = st.dictionaries(
    st.tuples(st.sampled_from(["a", "b-1", "3"]), st.sampled_from(["x", "4-y"])),
    st.lists(BOX, max_size=3),
)


def covered(boxes: list, axis: int) -> set[float]:
    """Half seconds within the boxes on an axis."""
    halves = (np.arange(box[axis], box[axis + 2], 0.5).tolist() for box in boxes)
    return set().union(*halves)


def shares(of: list, within: list) -> float:
    """The product over both axes of how much of some boxes lies in others that they meet."""
    share = 1.0
    for axis in (0, 1):
        hit = 0.0
        for box in of:
            meets = [o for o in within if all(covered([box], a) & covered([o], a) for a in (0, 1))]
            hit += len(covered([box], axis) & covered(meets, axis)) / 2
        share *= hit / (sum(box[axis + 2] - box[axis] for box in of) + 1e-6)
    return share


def obvious_vcsl(predicted: dict, true: dict, judged: list) -> dict[str, float]:
    rows = []
    for pair in judged:
        p, t = predicted.get(pair, []), true.get(pair, [])
        precision = shares(p, t) if p and t else float(not p)
        rows.append((pair[0], precision, shares(t, p) if p and t else float(not t), bool(t)))
    precisions = [p for _, p, _, _ in rows if p != 1]
    recalls = [r for _, _, r, _ in rows if r != 1]
    precision, recall = (np.mean(v) if v else np.nan for v in (precisions, recalls))
    positives = sum(t for *_, t in rows)
    ratio = positives / (len(rows) - positives) if positives < len(rows) else np.inf
    misses = sum((p, r) == (1, 0) for _, p, r, _ in rows) / len(rows)
    alarms = sum((p, r) == (0, 1) for _, p, r, _ in rows) / len(rows)
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / (precision + recall) if precision + recall else 0.0,
        "frr": (1 + 1 / ratio) * misses if ratio else np.nan,
        "far": (1 + ratio) * alarms if ratio < np.inf else np.nan,
    }


@given(BY_PAIR, BY_PAIR, st.sets(st.tuples(st.sampled_from("ab3"), st.sampled_from("xy"))))
def test_vcsl_is_what_its_definition_says(predicted, true, more):
    judged = list(dict.fromkeys([*predicted, *more]))
    if not judged:
        return
    arrays = [{p: np.array(b).reshape(-1, 4) for p, b in d.items()} for d in (predicted, true)]
    scores = score_boxes(*arrays, judged, Path("made-up"), resamples=1)
    for name, wanted in obvious_vcsl(predicted, true, judged).items():
        if np.isfinite(wanted):
            assert value(scores, name) == pytest.approx(wanted, abs=1e-6), name


MATCHES = st.lists(
    st.builds(
        lambda q, r, box, score: Match(q, r, tuple(box), score),
        *(st.sampled_from(["Q", "Q-1"]), st.sampled_from(["R", "S"]), BOX),
        st.sampled_from([-1.0, 0.0, 0.5]),
    ),
    max_size=8,
)


def obvious_vsc(predicted: list[Match], truth: list[Match]) -> float:
    """Segment AP: everything anew at every score, on a raster of half seconds."""
    area = before = 0.0
    for score in sorted({match.score for match in predicted}, reverse=True):
        sums = np.zeros((3, 2))  # shared, predicted and true half seconds of each axis
        for pair in {(m.query, m.reference) for m in [*predicted, *truth]}:
            own = [m.box for m in predicted if (m.query, m.reference) == pair and m.score >= score]
            true = [m.box for m in truth if (m.query, m.reference) == pair]
            met = [
                t
                for t in true
                if any(all(covered([t], a) & covered([p], a) for a in (0, 1)) for p in own)
            ]
            for axis in (0, 1):
                sums[0, axis] += len(covered(own, axis) & covered(met, axis))
                sums[1, axis] += len(covered(own, axis))
                sums[2, axis] += len(covered(true, axis))
        precision = np.sqrt(np.prod(sums[0] / np.maximum(sums[1], 1)))
        recall = np.sqrt(np.prod(sums[0] / sums[2]))
        area, before = area + precision * (recall - before), recall
    return float(area)


@given(MATCHES, MATCHES)
def test_segment_ap_is_what_its_definition_says(predicted, truth):
    if not all(any(m.box[a + 2] > m.box[a] for m in truth) for a in (0, 1)):
        return
    area = segment_curve(predicted, truth).area
    assert area == pytest.approx(obvious_vsc(predicted, truth), abs=1e-9)
    again = segment_curve([*predicted, *predicted], truth).area  # said twice counts once
    assert again == pytest.approx(area)

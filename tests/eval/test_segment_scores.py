"""Files of predictions, scored: against the reference's outputs, and wrong in every way."""

import json
import logging

import pytest

from videoalignment.datasets.segment_files import read_boxes, read_matches, read_pairs
from videoalignment.errors import OptionError, UnusableFileError
from videoalignment.eval.segment_scores import score_segments

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
        ('{"ab": []}', "key 'ab', expected query-reference"),
        ('{"a-b-c": []}', "key 'a-b-c', expected query-reference"),
        ('{"a-b": [[1, 2, 3]]}', r"pair a-b: boxes of shape \(1, 3\)"),
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

"""VCSL and VSC on planted copies: right places, files as the benchmarks want them, one score."""

import json
import logging

import numpy as np
import pytest
import torch
from copied import SPEEDS, plant, write_vcsl, write_vsc

from videoalignment.datasets import VCSL, VSC
from videoalignment.datasets.segment_files import read_boxes, read_matches
from videoalignment.errors import (
    FeatureMismatchError,
    OptionError,
    UnusableFileError,
    VideoAlignmentError,
)
from videoalignment.eval import EvaluationOptions, Run, run_evaluation
from videoalignment.eval.copies import find_copies
from videoalignment.eval.model_copies import overlap_box
from videoalignment.eval.segment_scores import score_segments
from videoalignment.features.store import FrameFeatures, write_features
from videoalignment.metrics.boxes import intersections
from videoalignment.models import MODELS
from videoalignment.present.results import write_results

EASY = {"most_segments": 1, "speeds": (1.0,)}


def evaluated(dataset: str, root, monkeypatch, model: str = "CTE", **options):
    monkeypatch.setenv(f"VIDEOALIGNMENT_{dataset}", str(root))
    of_model = {"m": 64} if model == "CTE" else {}
    return run_evaluation(EvaluationOptions(dataset, model, device="cpu", own=options, **of_model))


def test_planted_segments_are_found_and_scored_as_the_file_is(tmp_path, monkeypatch):
    root = write_vcsl(tmp_path / "VCSL", plant(seed=1))
    evaluation = evaluated("VCSL", root, monkeypatch)
    folder = write_results(evaluation, tmp_path / "results")
    files = folder / "predictions.json", root / "label_file_test.json", root / "pair_file_test.csv"
    again = score_segments("vcsl", *files)
    for metric in again.metrics:
        assert evaluation.result.values[metric.name] == pytest.approx(
            metric.value, abs=1e-4, nan_ok=True
        )
    assert {path.name for path in folder.iterdir()} == {
        "results.json", "predictions.json", "plot.png", "per_query.csv", "tests_VCSL.pkl"
    }  # fmt: skip
    written = json.loads((folder / "results.json").read_text())
    assert written["labels"]["digest"] == again.labels.digest
    assert written["threshold"]["given"] is False
    planted, found = (
        read_boxes(root / "label_file_test.json"),
        read_boxes(folder / "predictions.json"),
    )
    met = [intersections(found[pair], boxes)[1].any() for pair, boxes in planted.items()]
    assert np.mean(met) >= 0.75


@pytest.mark.parametrize(("model", "within_s"), [("TMK", 0.5), ("TMK_Poullot", 4), ("CTE", 0.5)])
@pytest.mark.parametrize("fps", [1.0, 2.0])
def test_the_place_is_right_at_any_frame_rate(tmp_path, model, within_s, fps):
    planted = plant(seed=2, fps=fps, noise=0.1, **EASY)
    dataset = VCSL(write_vcsl(tmp_path, planted))
    assert dataset.fps == fps
    options = type("Options", (), {"m": 64, "fft_length": 4000} if model == "CTE" else {})
    found = find_copies(dataset, MODELS[model](options), Run(torch.device("cpu")))
    offsets_s = {(m.query, m.reference): m.box[0] - m.box[1] for m in found.matches}
    for pair, boxes in planted.segments.items():
        assert offsets_s[pair] == pytest.approx(boxes[0][0] - boxes[0][1], abs=within_s)


def test_a_given_least_score_is_kept(tmp_path, monkeypatch):
    root = write_vcsl(tmp_path, plant(seed=1, **EASY))
    nothing = evaluated("VCSL", root, monkeypatch, min_score=1e9).result
    assert nothing.values["frr"] == pytest.approx(1)
    assert not any(json.loads(nothing.files()["predictions.json"]).values())
    everything = evaluated("VCSL", root, monkeypatch, min_score=-1e9).result
    assert everything.values["far"] == pytest.approx(1)
    assert everything.threshold.given


@pytest.mark.parametrize("wrong", ["much", float("nan")])
def test_a_least_score_that_is_none_is_refused(tmp_path, monkeypatch, wrong):
    root = write_vcsl(tmp_path, plant(queries=1))
    with pytest.raises(OptionError, match="`min_score`"):
        evaluated("VCSL", root, monkeypatch, min_score=wrong)


def test_vsc_finds_the_copied_references(tmp_path, monkeypatch):
    root = write_vsc(tmp_path / "VSC", plant(seed=3, noise=0.1, **EASY))
    evaluation = evaluated("VSC", root, monkeypatch, candidates=3)
    folder = write_results(evaluation, tmp_path / "results")
    matches = read_matches(folder / "predictions.csv", scored=True)
    assert len(matches) == 4 * 3
    again = score_segments(
        "vsc", folder / "predictions.csv", root / "train_matching_ground_truth.csv"
    )
    for metric in again.metrics:
        assert evaluation.result.values[metric.name] == pytest.approx(metric.value, abs=1e-4)
    assert evaluation.result.values["pairwise_micro_ap"] > 0.6
    with pytest.raises(OptionError, match="`candidates` 0"):
        evaluated("VSC", root, monkeypatch, candidates=0)


@pytest.mark.parametrize("fps", [1.0, 4.0])
def test_planted_segments_lie_where_the_labels_say(fps):
    """Of the generator: frames at both ends of every box look alike, whatever the speed."""
    planted = plant(seed=6, fps=fps, noise=0.1)
    for (query, reference), boxes in planted.segments.items():
        assert len(boxes) <= 3
        for q0, r0, q1, r1 in boxes:
            assert round((r1 - r0) / (q1 - q0), 6) in SPEEDS
            for share in (0, 0.5, 0.9):
                at = round((q0 + round(share * (q1 - q0) * fps) / fps) * fps)
                there = round((r0 + (at / fps - q0) * (r1 - r0) / (q1 - q0)) * fps)
                copy, source = planted.features[query][at], planted.features[reference]
                near = source[max(0, there - 1) : there + 2]  # half a frame is rounded either way
                assert (near @ copy).max() > 0.9


def test_the_overlap_at_an_offset():
    # the query's moment 2 s is the reference's begin
    assert overlap_box(30, (150, 60)) == (2, 0, 6, 4)
    assert overlap_box(-45, (150, 120)) == (0, 3, 5, 8)
    begin_q, begin_r, end_q, end_r = overlap_box(300, (150, 60))
    assert (begin_q, begin_r) == (end_q, end_r)  # nothing is shared


def test_videos_without_features_are_left_out_with_their_pairs(tmp_path, caplog):
    root = write_vcsl(tmp_path, plant(seed=4))
    (root / "features" / "R0.npy").unlink()
    with pytest.raises(VideoAlignmentError, match="1 of 12 feature files"):
        VCSL(root)
    with caplog.at_level(logging.WARNING):
        dataset = VCSL(root, allow_missing=True)
    assert ("Q0", "R0") not in dataset.judged
    assert len(dataset.judged) == 7
    assert len(dataset.listed) == 8


def test_training_pairs_have_the_offset_of_every_segment(tmp_path):
    planted = plant(seed=5)
    dataset = VCSL(write_vcsl(tmp_path, planted))
    wanted = {
        (*pair, q0 - r0) for pair, boxes in planted.segments.items() for q0, r0, _, _ in boxes
    }
    names = [clip.video for clip in dataset.clips]
    assert {(names[p.a], names[p.b], p.offset_s) for p in dataset.pairs} == wanted


def test_files_of_two_rates_are_refused(tmp_path):
    planted = plant(queries=1, fps=2.0)
    dataset = VCSL(write_vcsl(tmp_path, planted))
    assert dataset.fps == 2
    array = planted.features["R0"]
    other = FrameFeatures(array, np.arange(len(array)) / 4, 4.0, None, len(array) / 4)
    write_features(tmp_path / "features" / "R0.npz", other)
    with pytest.raises(FeatureMismatchError, match=r"R0\.npz: 4 frames a second, expected 2"):
        list(dataset.read_descriptors(dataset.videos))


def test_what_is_missing_in_a_root_is_named(tmp_path):
    root = write_vsc(tmp_path, plant(queries=1))
    (root / "train_query_metadata.csv").write_text("name\nQ0\n")
    with pytest.raises(UnusableFileError, match="has no column video_id"):
        VSC(root)
    (root / "train_query_metadata.csv").write_text("video_id\n")
    with pytest.raises(UnusableFileError, match="lists no video"):
        VSC(root)

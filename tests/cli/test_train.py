"""`videoalignment train`, and evaluating with what it wrote."""

import json

import pytest
from made_up import write_aligned

from videoalignment.lamv_weights import read_lamv_weights


@pytest.fixture
def climbing(tmp_path, monkeypatch):
    root = write_aligned(tmp_path / "Climbing", "Climbing", events=5)
    monkeypatch.setenv("VIDEOALIGNMENT_CLIMBING", str(root))
    return root


def test_it_trains_says_before_and_after_and_main_takes_the_weights(run, climbing, tmp_path):
    out, results = tmp_path / "weights.safetensors", tmp_path / "results"
    words = ["--epochs", "2", "--T", "211", "83.5", "--m", "5", "--longest-frames", "400"]
    done = run(
        "videoalignment", "train", "Climbing", "--out", out, "--results-dir", results, *words
    )
    assert done.status == 0, done.err
    assert "pairs placed within 0.1 s" in done.out and str(out) in done.out
    assert read_lamv_weights(out).kernel.periods == (211.0, 83.5)
    assert [path.name for path in tmp_path.glob("*.safetensors")] == [out.name]
    content = json.loads((results / "results.json").read_text())
    assert content["weights"]["digest"] == read_lamv_weights(out).digest
    assert content["after"]["loss"] <= content["before"]["loss"]
    assert len(content["epochs"]) == 3
    assert (results / "plot.png").stat().st_size > 10_000
    words = ["--dataset_test", "Climbing", "--model", "LAMV", "--lamv_weights", out]
    done = run("main.py", *words, "--output_dir", tmp_path / "evaluated")
    assert done.status == 0, done.err
    digest = read_lamv_weights(out).digest[:8]
    assert list((tmp_path / "evaluated").glob(f"LAMV_Climbing_lamv_weights-{digest}*/plot.png"))


def test_auto_periods_evaluate(run, climbing, tmp_path):
    words = ["--dataset_test", "Climbing", "--T", "auto", "--output_dir", tmp_path]
    done = run("main.py", *words)
    assert done.status == 0, done.err
    content = json.loads((tmp_path / "TMK_Climbing_T-auto" / "results.json").read_text())
    assert content["options"]["T"] == "auto"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nothing", "--out", "w.safetensors"], "neither a folder of videos nor one of Climbing"),
        (["Climbing", "--out", "w.pth"], "--out w.pth: its name must end in .safetensors"),
        (["Climbing", "--out", "w.safetensors", "--epochs", "-1"], "--epochs -1: expected"),
        (["Climbing", "--out", "w.safetensors", "--m", "4"], "--m does not apply"),
        (["Climbing", "--out", "w.safetensors", "--T", "5", "x"], "--T: 'x' is neither a number"),
        (["Climbing", "--out", "w.safetensors", "--fold-index", "9"], "--fold-index 9"),
        (
            ["Climbing", "--out", "w.safetensors", "--T", "5", "--shortest-period", "45"],
            "--shortest-period does not apply: --T names the periods",
        ),
        (
            ["Climbing", "--out", "w.safetensors", "--T", "5", "--longest-frames", "-5"],
            "--longest-frames -5: expected 1 frame or more",
        ),
        (["Climbing"], "missing: --out"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(run, climbing, words, message):
    done = run("videoalignment", "train", *words)
    assert done.status == 2
    assert done.err.startswith("error: ") and done.err.count("\n") == 1
    assert message in done.err

"""Finders of segments on VCSL and VSC: several a pair, shortlists, unrelated videos, one's own."""

import json
import sys

import numpy as np
import pytest
import torch
from copied import plant, write_vcsl, write_vsc

from videoalignment.datasets import VCSL, VSC
from videoalignment.datasets.segment_files import read_boxes, read_matches
from videoalignment.errors import OptionError, UnusableFileError, VideoAlignmentError
from videoalignment.eval import EvaluationOptions, Run, run_evaluation
from videoalignment.eval.copies import find_copies, normalised
from videoalignment.eval.finder import CoarseFinder
from videoalignment.eval.model_copies import find_by_model
from videoalignment.eval.options import resolve_options
from videoalignment.eval.segment_scores import score_segments
from videoalignment.eval.shortlist import shortlist
from videoalignment.metrics.vsc import Match
from videoalignment.models import TMK
from videoalignment.present.results import evaluation_text, write_results
from videoalignment.score_normalisation import score_normalised

OWN = '''
from videoalignment.eval import FoundSegment, SegmentFinder


class Whole(SegmentFinder):
    """Believes that all videos are copies from end to end."""

    options = {"score": 1.0}

    def find(self, query, reference):
        box = (0, 0, query.duration_s, reference.duration_s)
        return [FoundSegment(box, self.settings["score"])]
'''


def evaluated(dataset: str, root, monkeypatch, model: str = "align", **own):
    monkeypatch.setenv(f"VIDEOALIGNMENT_{dataset}", str(root))
    return run_evaluation(EvaluationOptions(dataset, model, device="cpu", own=own))


@pytest.fixture
def run() -> Run:
    return Run(torch.device("cpu"))


def test_align_finds_several_segments_a_pair_and_says_what_it_believes(tmp_path, monkeypatch):
    root = write_vcsl(tmp_path / "VCSL", plant(seed=1))
    evaluation = evaluated("VCSL", root, monkeypatch)
    assert evaluation.result.values["f1"] > 0.85
    assert evaluation.result.threshold.comes_from == "the method's own"
    folder = write_results(evaluation, tmp_path / "results")
    assert folder.name == "align_VCSL"
    assert "segments from a score of 0.35 (the method's own)" in evaluation_text(evaluation, folder)
    found, true = (read_boxes(f) for f in (folder / "predictions.json", dataset_labels(root)))
    assert max(map(len, true.values())) > 1
    assert [len(found[pair]) for pair in true] == [len(boxes) for boxes in true.values()]
    files = folder / "predictions.json", dataset_labels(root), root / "pair_file_test.csv"
    for metric in score_segments("vcsl", *files).metrics:
        assert evaluation.result.values[metric.name] == pytest.approx(
            metric.value, abs=1e-4, nan_ok=True
        )
    assert json.loads((folder / "results.json").read_text())["threshold"]["min_score"] == 0.35


def dataset_labels(root):
    return root / "label_file_test.json"


def test_the_best_least_score_of_several_segments_a_pair_is_the_best(tmp_path, monkeypatch):
    root = write_vcsl(tmp_path, plant(seed=5, noise=1.5))
    scores, f1 = evaluated("VCSL", root, monkeypatch).result.threshold.tried
    for i in (0, len(scores) // 2, int(f1.argmax())):
        given = evaluated("VCSL", root, monkeypatch, min_score=float(scores[i])).result
        assert given.values["f1"] == pytest.approx(f1[i])


def test_align_on_vsc(tmp_path, monkeypatch):
    root = write_vsc(tmp_path / "VSC", plant(seed=3, queries=6))
    evaluation = evaluated("VSC", root, monkeypatch, candidates=4)
    assert evaluation.result.values["pairwise_micro_ap"] > 0.9
    assert evaluation.result.values["segment_ap"] > 0.6
    folder = write_results(evaluation, tmp_path / "results")
    matches = read_matches(folder / "predictions.csv", scored=True)
    assert {m.reference for m in matches if m.query == "Q0"} >= {"R0"}


def test_align_goes_with_datasets_that_ask_for_segments():
    with pytest.raises(OptionError, match="`model` align finds copied segments, which Madonna"):
        resolve_options(EvaluationOptions("Madonna", "align"))
    with pytest.raises(OptionError, match="`m` does not apply: align takes no options"):
        resolve_options(EvaluationOptions("VCSL", "align", m=3))


def test_a_finder_of_ones_own(tmp_path, monkeypatch):
    (tmp_path / "own_finder.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    root = write_vcsl(tmp_path / "VCSL", plant(seed=1))
    result = evaluated("VCSL", root, monkeypatch, "own_finder:Whole", score=2.0).result
    assert result.threshold.comes_from == "the best on these labels"
    assert result.threshold.min_score == 2
    assert result.values["far"] == pytest.approx(1)
    sys.modules.pop("own_finder", None)


# ------------------------------------------------------------------ blocks


@pytest.mark.parametrize("block_bytes", [1, 2_000_000])
def test_blocks_change_nothing(tmp_path, run, block_bytes):
    dataset = VSC(write_vsc(tmp_path, plant(seed=7, queries=5)))
    candidates = list(dataset.candidates())
    whole, longest = find_by_model(dataset, TMK(), run, candidates, 3)
    parts = find_by_model(dataset, TMK(), run, candidates, 3, block_bytes=block_bytes)
    assert parts[1] == longest
    for query, matches in whole.items():
        others = parts[0][query]
        assert [m.reference for m in others] == [m.reference for m in matches]
        assert [m.box for m in others] == [m.box for m in matches]
        assert [m.score for m in others] == pytest.approx([m.score for m in matches], rel=1e-5)


def test_the_shortlist_is_that_of_all_spans_at_once(tmp_path, monkeypatch):
    """Against all similarities in one table; with small blocks, so that there are many."""
    planted = plant(seed=8, queries=6)
    dataset = VSC(write_vsc(tmp_path, planted))
    candidates, count = list(dataset.candidates()), 4
    monkeypatch.setattr("videoalignment.eval.shortlist.QUERY_SPANS", 40)
    monkeypatch.setattr("videoalignment.eval.shortlist.REFERENCE_SPANS", 60)
    listed = dict(shortlist(dataset, candidates, count))

    def spans(name: str) -> np.ndarray:
        rows = planted.features[name]
        means = np.stack([rows[i : i + 3].sum(0) for i in range(0, len(rows), 3)])
        return means / np.linalg.norm(means, axis=1, keepdims=True)

    for query, references in candidates:
        table = np.stack([(spans(query) @ spans(r).T).max(1) for r in references], axis=1)
        last = np.sort(table, axis=1)[:, -(count + 1)]
        order = np.argsort(-(table - last[:, None]).max(0))[:count]
        assert listed[query] == [references[i] for i in order]


def test_black_does_not_fill_the_shortlist(tmp_path):
    planted = plant(seed=9, queries=12, most_segments=1)
    black = planted.features["Q0"][0]
    for rows in planted.features.values():
        rows[:6] = black  # all fade in alike
    dataset = VSC(write_vsc(tmp_path, planted))
    listed = dict(shortlist(dataset, list(dataset.candidates()), 2))
    assert sum(f"R{query[1:]}" in references for query, references in listed.items()) >= 11


# ------------------------------------------------------------------ score normalisation


def test_normalised_matches_are_normalised_scores():
    scores, unrelated = np.array([[0.7, 0.2], [0.8, 0.4]]), np.array([[0.2, 0.1], [0.7, 0.8]])

    def matches(table: np.ndarray, names: str) -> dict[str, list[Match]]:
        return {
            f"Q{i}": [
                Match(f"Q{i}", name, (0, 0, 1, 1), score)
                for name, score in zip(names, row, strict=True)
            ]
            for i, row in enumerate(table.tolist())
        }

    found = normalised(matches(scores, "ab"), matches(unrelated, "uv"), 1.2)
    got = [[match.score for match in row] for row in found.values()]
    np.testing.assert_allclose(got, score_normalised(scores, unrelated, beta=1.2))
    alone = {"Q0": [Match("Q0", "a", (0, 0, 1, 1), 0.5)]}
    assert normalised(alone, {"Q0": []}, 1.2) == alone


def dull_tree(tmp_path, seed: int):
    """Queries that share something, and as many that look like everything and share nothing."""
    planted = plant(seed=seed, queries=12, most_segments=1, speeds=(1.0,), noise=0.6)
    rng = np.random.default_rng(seed)
    for name in [f"U{i}" for i in range(8)]:
        planted.features[name] = plant(seed=100 + seed + int(name[1:]), queries=1).features["S0"]
    common = np.mean([rows.mean(0) for rows in planted.features.values()], axis=0)
    direction = common / np.linalg.norm(common)
    for name, rows in planted.features.items():
        blurred = 3.0 if name.startswith("Q") and int(name[1:]) % 2 else 0.8
        mixed = rows + blurred * direction + 0.02 * rng.standard_normal(rows.shape)
        planted.features[name] = (mixed / np.linalg.norm(mixed, axis=1, keepdims=True)).astype(
            np.float32
        )
    for i in range(1, 12, 2):  # what is blurred shows nothing of its source
        planted.segments.pop((f"Q{i}", f"R{i}"))
    root = write_vsc(tmp_path, planted)
    unrelated = root / "unrelated.csv"
    unrelated.write_text("video_id\n" + "".join(f"U{i}\n" for i in range(8)))
    return root, unrelated


@pytest.mark.parametrize("seed", [1, 2])
def test_score_normalisation_helps_where_queries_look_like_everything(tmp_path, monkeypatch, seed):
    root, unrelated = dull_tree(tmp_path, seed)
    plain = evaluated("VSC", root, monkeypatch, "SumAggregation", candidates=5)
    with_norm = evaluated(
        "VSC", root, monkeypatch, "SumAggregation", candidates=5, unrelated=str(unrelated)
    )
    before, after = (e.result.values["pairwise_micro_ap"] for e in (plain, with_norm))
    assert after > before + 0.1
    assert plain.options.run_name != with_norm.options.run_name


def test_unrelated_videos_must_be_there_and_unrelated(tmp_path, monkeypatch):
    root, _ = dull_tree(tmp_path, 1)
    wrong = tmp_path / "wrong.csv"
    for content, said in (
        ("video_id\nR0\n", r"wrong\.csv: R0 has copies in"),
        ("video_id\nnobody\n", r"nobody\.pkl: no such file, of a video that .*wrong\.csv names"),
        ("name\nU0\n", "has no column video_id"),
    ):
        wrong.write_text(content)
        with pytest.raises((VideoAlignmentError, UnusableFileError), match=said):
            evaluated("VSC", root, monkeypatch, "SumAggregation", unrelated=str(wrong))
    with pytest.raises(OptionError, match="`unrelated_beta` nan"):
        evaluated("VSC", root, monkeypatch, unrelated_beta=float("nan"))


def test_a_finder_normalises_too(tmp_path, run):
    root, unrelated = dull_tree(tmp_path, 1)
    dataset = VSC(root)
    names = dataset.unrelated(unrelated)
    found = find_copies(dataset, CoarseFinder(), run, 5)
    less = find_copies(dataset, CoarseFinder(), run, 5, unrelated=names, beta=1.0)
    assert len(less.matches) == len(found.matches)
    assert all(b.score <= a.score for a, b in zip(found.matches, less.matches, strict=True))


def test_pairs_without_features_are_left_out(tmp_path, run):
    root = write_vcsl(tmp_path, plant(seed=4))
    (root / "features" / "R0.npy").unlink()
    found = find_copies(VCSL(root, allow_missing=True), CoarseFinder(), run)
    assert found.pairs == 7

"""`videoalignment tmk` as people and programs use it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tmk_made_up import folded, moving_features

from videoalignment.features.tmk_hash import hash_video
from videoalignment.tmk_files import read_hash, to_bytes, write_hash


def run(*arguments: str | Path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "videoalignment", "tmk", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.fixture(scope="module")
def hashes(tmp_path_factory) -> Path:
    """Three hashes: a video, a clip of it, and another video."""
    folder = tmp_path_factory.mktemp("hashes")
    write_hash(folder / "video.tmk", folded(moving_features(0, 20)))
    write_hash(folder / "clip.tmk", folded(moving_features(0, 8, begin_s=4)))
    write_hash(folder / "other.tmk", folded(moving_features(1, 10)))
    return folder


def test_scores_as_a_table_and_as_json(hashes):
    ended = run("score", hashes / "clip.tmk", hashes / "video.tmk", hashes / "other.tmk")
    assert ended.returncode == 0, ended.stderr
    assert len(ended.stdout.splitlines()) == 4
    asked = run("score", hashes / "clip.tmk", "--against", hashes, "--json", "-")
    pairs = json.loads(asked.stdout)["pairs"]
    assert [set(pair) for pair in pairs] == [{"a", "b", "level1", "level2"}] * 3
    assert {Path(pair["a"]).name for pair in pairs} == {"clip.tmk"}
    assert next(p for p in pairs if p["b"].endswith("clip.tmk"))["level2"] == pytest.approx(1)


def test_clusters_as_text_and_as_json(hashes, tmp_path):
    ended = run("cluster", hashes, "--json", tmp_path / "answer.json")
    assert ended.returncode == 0, ended.stderr
    assert "3 files: 1 clusters, 1 files alone" in ended.stdout
    clusters = json.loads((tmp_path / "answer.json").read_text())["clusters"]
    names = [[Path(file).name for file in cluster] for cluster in clusters]
    assert names == [["clip.tmk", "video.tmk"], ["other.tmk"]]
    alone = run("cluster", hashes, "--level1", 1, "--json", "-")
    assert len(json.loads(alone.stdout)["clusters"]) == 3


def test_a_place_and_no_place(hashes):
    found = run("align", hashes / "clip.tmk", hashes / "video.tmk", "--json", "-")
    answer = json.loads(found.stdout)
    assert found.returncode == 0
    assert answer["found"]
    assert answer["offset_s"] == pytest.approx(4, abs=answer["uncertainty_s"])
    said = run("align", hashes / "video.tmk", hashes / "clip.tmk")
    assert said.returncode == 0
    assert "clip.tmk begins 4.0" in said.stdout
    nothing = run("align", hashes / "clip.tmk", hashes / "other.tmk")
    assert nothing.returncode == 1
    assert "cannot tell" in nothing.stdout


def test_hashing_skips_goes_on_and_verifies(make_video, tmp_path):
    video = make_video("videos/a.mp4")
    (tmp_path / "videos" / "bad.mp4").write_text("hello\n" * 100)
    out = tmp_path / "out"
    first = run("hash", tmp_path / "videos", "--out", out)
    assert first.returncode == 2
    assert first.stdout == "1 videos hashed, 1 failed\n"
    assert "bad.mp4" in first.stderr
    assert len(first.stderr.splitlines()) == 1
    assert to_bytes(read_hash(out / "a.tmk")) == to_bytes(hash_video(video))
    again = run("hash", video, "--out", out, "--at_once", 1)  # underscores are taken too
    assert again.returncode == 0
    assert again.stdout.startswith("0 videos hashed, 1 done before")
    same = run("verify", video, out / "a.tmk")
    assert same.returncode == 0
    assert "to the byte" in same.stdout
    other = make_video("b.mp4", source="testsrc2=size=160x120:rate=30:duration=1")
    differs = run("verify", other, out / "a.tmk", "--json", "-")
    assert differs.returncode == 1
    assert json.loads(differs.stdout)["frames"] == [
        hash_video(other).frames,
        hash_video(video).frames,
    ]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["score", "{hashes}/none.tmk", "{hashes}"], "none.tmk: no such file or folder"),
        (["score", "{hashes}/clip.tmk"], "one hash alone has no pair"),
        (["score", "{hashes}", "--json", "{hashes}/clip.tmk"], "would overwrite the input"),
        (["cluster", "{hashes}", "--json", "{hashes}"], "is a folder"),
        (["cluster", "{hashes}", "--level1", "7"], "expected a number from -1 to 1"),
        (["align", "{hashes}/clip.tmk", "{hashes}/clip.tmk", "--min-overlap", "0"], "above 0"),
        (["verify", "{hashes}/none.mp4", "{hashes}/clip.tmk"], "none.mp4: no such file"),
        (["hash", "{hashes}", "--out", "{hashes}/clip.tmk"], "holds no videos"),
    ],
)
def test_mistakes_are_one_line(hashes, arguments, complaint):
    ended = run(*(argument.format(hashes=hashes) for argument in arguments))
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert complaint in ended.stderr
    assert len(ended.stderr.splitlines()) == 1

"""`videoalignment tmk ...` from a video to answers."""

import json

import pytest


@pytest.fixture
def tmk(run):
    return lambda *words: run("videoalignment", "tmk", *words)


def test_from_videos_to_answers(tmk, make_video, tmp_path):
    out = tmp_path / "hashes"
    pictures = {name: f"{name}=s=64x64:r=15:d=6" for name in ("testsrc", "testsrc2")}
    videos = [make_video(f"{name}.mp4", source=source) for name, source in pictures.items()]
    made = tmk("hash", videos[0], "--out", out, videos[1], "--at_once", "1")
    assert (made.status, made.out) == (0, "2 videos hashed\n"), made.err
    again = tmk("hash", *videos, "--out", out, "--allow-truncated")
    assert (again.status, again.out) == (0, "0 videos hashed, 2 done before\n")
    assert again.err == "--overwrite makes again what was done before\n"
    one, other = (out / f"{video.stem}.tmk" for video in videos)
    assert tmk("verify", videos[0], one).status == 0
    assert tmk("verify", videos[0], other).status == 1
    pairs = json.loads(tmk("score", one, "--against", one, "--against", other, "--json", "-").out)
    assert len(pairs["pairs"]) == 2
    assert tmk("cluster", out, "--level1", "1", "--level2", "1").status == 0
    written = tmk("align", one, one, "--min_overlap", "2", "--json", tmp_path / "answer.json")
    assert written.status in (0, 1)
    assert written.err == f"wrote {tmp_path / 'answer.json'}\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["hash", "gone.mp4", "--out", "o", "--at_once", "0"], "--at-once 0: must be 1 or more"),
        (["hash", "gone.mp4", "--out", "o"], "gone.mp4"),
        (["cluster", "gone.tmk", "--level1", "2"], "gone.tmk"),
        (["align", "gone.tmk", "b.tmk"], "gone.tmk"),
        (["align", "a.tmk", "b.tmk", "--json", "a.tmk"], "--json a.tmk: would overwrite"),
    ],
)
def test_misuse_is_one_line(tmk, words, message):
    ended = tmk(*words)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith("error: ")
    assert ended.err.count("\n") == 1
    assert message in ended.err

"""`videoalignment sync` where neither sound nor picture joins cameras: by what moves in them."""

import json
from functools import partial

import pytest
from bodies import Event, write_film
from ramps import run_ffmpeg
from sounds import event, write_sound

pytestmark = pytest.mark.usefixtures("own_cache")

RATE_HZ = 16_000
BEGINS_S = {"left.mp4": 0.0, "middle.mp4": 3.4, "right.mp4": 5.15}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three silent cameras round one event, and one of another."""
    folder = tmp_path_factory.mktemp("cameras")
    sides = dict(zip(BEGINS_S, (0, 70, 145), strict=True))
    for name, begin_s in BEGINS_S.items():
        write_film(folder / name, Event(11), sides[name], begin_s, 14)
    write_film(folder / "stranger.mp4", Event(21), 30, 0, 14)
    return folder


@pytest.fixture
def timeline(run, tmp_path):
    """What the command finds, as JSON."""

    def sync(*arguments):
        ended = run("videoalignment", "sync", *arguments, "--out", tmp_path / "out", "--json", "-")
        assert ended.status in (0, 1), ended.err
        return json.loads(ended.out)

    return sync


def begins_s(group: dict) -> dict[str, float]:
    """When each file of a group begins, by its name."""
    return {file["file"].rsplit("/", 1)[-1]: file["begin_s"] for file in group["files"]}


@pytest.mark.parametrize("by", ["auto", "motion"])
def test_cameras_on_other_sides_are_placed_and_strangers_are_not(timeline, folder, by):
    found = timeline(folder, "--by", by)
    (group,) = found["groups"]
    assert begins_s(group) == pytest.approx(BEGINS_S, abs=0.08)
    assert {pair["by"] for pair in group["pairs"]} == {"motion"}
    assert all(file["confidence"] > 0.5 for file in group["files"])
    (unplaced,) = found["unplaced"]
    assert unplaced["file"].endswith("stranger.mp4")


def test_they_are_left_apart_when_motion_is_not_asked_for(timeline, folder):
    assert timeline(folder, "--by", "both")["groups"] == []


def test_a_silent_camera_joins_those_that_sound_holds_together(timeline, folder, tmp_path):
    sound = event(5, 22, RATE_HZ)
    for name in ("left.mp4", "middle.mp4"):
        begin = round(BEGINS_S[name] * RATE_HZ)
        heard = write_sound(
            tmp_path / f"{name}.wav", sound[begin : begin + 14 * RATE_HZ], rate_hz=RATE_HZ
        )
        run_ffmpeg("-i", folder / name, "-i", heard, "-c:v", "copy", "-c:a", "aac", tmp_path / name)
    found = timeline(tmp_path / "left.mp4", tmp_path / "middle.mp4", folder / "right.mp4")
    (group,) = found["groups"]
    assert begins_s(group) == pytest.approx(BEGINS_S, abs=0.08)
    assert sorted(pair["by"] for pair in group["pairs"] if pair["by"] != "picture") == [
        "motion",
        "sound",
    ]


def test_a_recorder_has_nothing_that_moves(run, folder, tmp_path):
    recorder = tmp_path / "recorder.wav"
    write_sound(recorder, event(5, 8, RATE_HZ), rate_hz=RATE_HZ)
    sync = partial(run, "videoalignment", "sync", "--out", tmp_path / "out", "--by", "motion")
    ended = sync(folder / "left.mp4", folder / "right.mp4", recorder)
    assert "recorder.wav: cannot be used: has no picture" in ended.err + ended.out

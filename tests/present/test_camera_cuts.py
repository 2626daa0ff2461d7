"""Cameras cut to one span, whose frames carry their numbers."""

import csv
import os
import signal
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numbered import clicks_heard, numbers_shown, write_clicks, write_numbered
from placed import group_of, placed, timeline_of
from ramps import run_ffmpeg
from waiting import wait_until

from videoalignment.align.timeline.records import PlacedFile, Timeline
from videoalignment.errors import OptionError, VideoAlignmentError
from videoalignment.media.frame_times import frame_times
from videoalignment.media.probe import probe_video
from videoalignment.media.samples import RATE_HZ, read_samples
from videoalignment.present.cameras import shared_span, write_camera_cuts
from videoalignment.time_map import TimeMap


@pytest.fixture(scope="module")
def footage(tmp_path_factory) -> dict[str, PlacedFile]:
    """Cameras of all kinds around the span from 2.013 to about 4.5 s."""
    folder = tmp_path_factory.mktemp("footage")
    sound = write_clicks(folder / "event.wav", 8.0)
    late = write_clicks(folder / "late.wav", 6.0, late_s=0.2)
    dropped = ("-vf", "select='mod(n*7,11)',setpts=PTS", "-fps_mode", "vfr")

    def video(name: str, frames: int, fps: str, *extra: str, **options) -> Path:
        return write_numbered(folder / name, frames, fps, *extra, **options)

    return {
        # begins last and has the common rate: a copy will do
        "last": placed(
            video("last.mp4", 80, "30", key_every=15, sound=None), 2.013, 80 / 30, sound=False
        ),
        "intra": placed(
            video("intra.mov", 150, "30", key_every=1), 2.013 - 12 / 30 + 0.004, 5.0, sound=False
        ),
        "b": placed(
            video("b frames.mp4", 180, "30", key_every=100, sound=sound), 0.0, 6.0, sound=True
        ),
        "pal": placed(video("pal.mkv", 140, "25"), 0.503, 5.6, sound=False),
        "fast": placed(video("fast.mp4", 420, "60"), 0.2501, 7.0, sound=False),
        "vfr": placed(video("vfr.mp4", 150, "30", *dropped), 1.0, 5.0, sound=False),
        "drift": placed(
            video("drift.mp4", 180, "30", sound=late), 1.0, 6.0, 1.004, sound_lag_s=0.2
        ),
        "recorder": placed(
            write_clicks(folder / "recorder.wav", 8.0, speed=1.0002),
            0.0,
            8.0,
            1.0002,
            picture=False,
        ),
        "short": placed(video("short.mp4", 30, "30"), 0.0, 1.0, sound=False),
    }


ALL = ("b", "recorder", "fast", "pal", "vfr", "drift", "intra", "last")


@pytest.fixture(scope="module")
def cut(tmp_path_factory, footage):
    """All but the short one, cut."""
    folder = tmp_path_factory.mktemp("cut")
    timeline = timeline_of(group_of(*(footage[name] for name in ALL)))
    cuts = write_camera_cuts(folder, timeline)
    return folder, dict(zip(ALL, cuts, strict=True))


BEGIN_S, RATE = 2.013, Fraction(30)


def test_all_have_the_same_frames_at_one_rate(cut, footage):
    folder, cuts = cut
    frames = 80  # of the last one, which also ends first
    for name, each in cuts.items():
        if name == "recorder":
            continue
        assert len(numbers_shown(each.path)) == frames, name
        assert probe_video(each.path).fps == 30
        steps_us = np.diff(frame_times(each.path).stamps_us)
        assert np.abs(steps_us - 1e6 / 30).max() < 10
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [each.path.name for each in cuts.values()] + ["cuts.csv", "frames.csv"]
    )


@pytest.mark.parametrize("name", [name for name in ALL if name != "recorder"])
def test_each_frame_is_the_nearest(cut, footage, name):
    """Against all frames of the source, one by one."""
    file, each = footage[name], cut[1][name]
    stamps_us = frame_times(file.file).stamps_us
    numbers = numbers_shown(file.file)
    taken_s = file.begin_s + file.rate * (stamps_us - stamps_us[0]) / 1e6
    wanted_s = BEGIN_S + np.arange(80) / 30
    apart_s = np.abs(taken_s[None, :] - wanted_s[:, None])
    shown = numbers_shown(each.path)
    places = np.searchsorted(numbers, shown)
    assert (numbers[places] == shown).all()
    np.testing.assert_allclose(
        apart_s[np.arange(80), places], apart_s.min(axis=1), rtol=0, atol=3e-6
    )
    # and told as it is
    assert (places == each.shown).all()
    np.testing.assert_allclose(each.errors_s, taken_s[places] - wanted_s, rtol=0, atol=2e-6)


def test_copies_are_copies_and_the_rest_is_told(cut):
    _, cuts = cut
    told = {name: (each.copied, each.why) for name, each in cuts.items()}
    assert told["last"] == (True, "")
    assert told["intra"] == (True, "")
    assert told["b"] == (False, "no key frame at the cut")
    assert told["pal"] == (False, "not 30 frames a second, evenly")
    assert told["fast"] == (False, "not 30 frames a second, evenly")
    assert told["vfr"] == (False, "not 30 frames a second, evenly")
    assert told["drift"][0] is False
    assert told["recorder"] == (False, "sound only")


def test_tables_say_what_was_done(cut, footage):
    folder, cuts = cut
    rows = _rows(folder / "frames.csv")
    assert len(rows) == 80
    assert [float(row["time_s"]) for row in rows[:2]] == pytest.approx([2.013, 2.013 + 1 / 30])
    assert [int(row["pal.mkv frame"]) for row in rows] == cuts["pal"].shown.tolist()
    worst_s = max(abs(float(row["pal.mkv error_s"])) for row in rows)
    assert 0.015 < worst_s <= 0.5 / 25 + 1e-3
    table = {Path(row["source"]).name: row for row in _rows(folder / "cuts.csv")}
    assert table["last.mp4"]["picture"] == "copied"
    assert table["pal.mkv"]["picture"] == "encoded anew"
    assert table["recorder.wav"]["picture"] == "none"
    assert float(table["pal.mkv"]["worst_error_s"]) == pytest.approx(worst_s, abs=1e-6)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_near_rates_are_told_apart(tmp_path, footage):
    """30 frames a second beside two of 29.97: a frame comes too much every half minute."""
    ntsc = write_numbered(tmp_path / "ntsc.mp4", 150, "30000/1001")
    twice = (placed(ntsc, 0.5, 5.0, sound=False), placed(ntsc, 0.51, 5.0, sound=False))
    cuts = write_camera_cuts(tmp_path / "cut", timeline_of(group_of(footage["b"], *twice)))
    assert cuts[0].why == "not 29.97 frames a second, evenly"


@pytest.mark.parametrize("name", ["b", "drift", "recorder"])
def test_sound_is_in_step(cut, name):
    """The event clicks at each whole second; all clocks and lags are taken out."""
    heard_s = clicks_heard(cut[1][name].path)
    # The drifting camera's own seconds are the event's only after its clock is corrected.
    truth_s = np.array([3.0, 4.0]) if name != "drift" else 1.0 + 1.004 * np.array([2.0, 3.0])
    np.testing.assert_allclose(heard_s, truth_s - BEGIN_S, rtol=0, atol=0.0004)


@pytest.mark.parametrize("key_every", [1, 100], ids=["copied", "encoded anew"])
def test_sound_keeps_to_its_picture(tmp_path, footage, key_every):
    """By time stamps, as players do it, whether the picture is copied or not."""
    sound = write_clicks(tmp_path / "clicks.wav", 6.0)
    path = write_numbered(tmp_path / "a.mp4", 150, "30", key_every=key_every, sound=sound)
    group = group_of(placed(path, 0.0, 5.0), replace(footage["last"], time_map=TimeMap(13 / 30)))
    cuts = write_camera_cuts(tmp_path / "cut", timeline_of(group))
    assert cuts[0].copied == (key_every == 1)
    samples = read_samples(cuts[0].path)
    levels = np.abs(np.concatenate([block.samples for block in samples]))
    first_click_s = np.flatnonzero(levels > 0.1)[0] / RATE_HZ + samples.begin_s
    assert first_click_s == pytest.approx(1 - 13 / 30, abs=0.0015)


@pytest.mark.parametrize(
    ("name", "fps", "extra"),
    [
        ("b.mp4", "30", ()),  # whose frames are not stored in the order of display
        ("intra.mov", "30", ("-timecode", "10:20:30:04", "-c:v", "prores_ks", "-crf", "0")),
        ("intra.mkv", "30", ("-g", "1")),
        ("drawn.mov", "24", ("-timecode", "10:20:30:04")),
    ],
)
def test_every_cut_begins_with_its_first_frame(tmp_path, footage, name, fps, extra):
    """At time 0, copied or not, so that cuts laid side by side are in step. The camera's timecode
    is of a frame that may not be there."""
    sound = write_clicks(tmp_path / "clicks.wav", 4.0)
    path = write_numbered(tmp_path / name, 4 * int(fps), fps, *extra, sound=sound)
    group = group_of(footage["b"], footage["intra"], placed(path, 2.0, 4.0))
    last = write_camera_cuts(tmp_path / "cut", timeline_of(group))[-1]
    assert last.copied == (name != "drawn.mov")
    assert abs(frame_times(last.path).stamps_us[0]) <= 1000
    info = probe_video(last.path)
    assert (info.first_frame_s, info.timecode) == (pytest.approx(0, abs=0.001), None)
    assert np.abs(clicks_heard(last.path) - 1.0).min() < 0.0005


def test_sound_is_as_long_as_the_picture(cut):
    raw_s = frame_times(cut[1]["b"].path).stamps_us[-1] / 1e6 + 1 / 30
    samples = len(_decoded(cut[1]["b"].path))
    assert samples / 48000 == pytest.approx(raw_s, abs=0.025)  # whole packets of AAC
    assert len(_decoded(cut[1]["recorder"].path)) == 80 * 1600


def _decoded(path: Path) -> np.ndarray:
    raw = run_ffmpeg("-i", path, "-map", "0:a:0", "-ac", "1", "-ar", "48000", "-f", "s16le", "-")
    return np.frombuffer(raw, np.int16)


# ------------------------------------------------------------------ which span


def _camera(begin_s: float, end_s: float) -> PlacedFile:
    return placed(Path(f"/x/{begin_s}-{end_s}.mp4"), begin_s, end_s - begin_s)


def test_the_span_is_what_all_share():
    group = group_of(_camera(0, 10), _camera(2, 8), _camera(3, 12))
    assert shared_span(group, None) == (3, 8)
    assert shared_span(group, 2) == (3, 10)
    assert shared_span(group, 1) == (0, 10)


def test_sounds_do_not_bound_the_span():
    recorder = replace(_camera(4, 5), has_picture=False)
    assert shared_span(group_of(_camera(0, 10), _camera(2, 8), recorder), None) == (2, 8)


def test_a_camera_ends_with_its_picture(tmp_path, footage):
    """One whose sound goes on for 4 s."""
    long = write_clicks(tmp_path / "long.wav", 8.0)
    short = write_numbered(tmp_path / "short.mkv", 120, "30", sound=long)
    timeline = timeline_of(group_of(footage["b"], placed(short, 1.0, 8.0)))
    cuts = write_camera_cuts(tmp_path / "cut", timeline)
    assert [len(numbers_shown(cut.path)) for cut in cuts] == [120, 120]
    assert all((np.abs(cut.errors_s) < 0.5 / 30).all() for cut in cuts)


def test_the_longest_span_that_the_same_cameras_share():
    """Not where any two are there: the two have to be the same all the time."""
    group = group_of(_camera(0, 5), _camera(0, 3), _camera(2, 9), _camera(4, 9))
    assert shared_span(group, 2) == (4, 9)


def test_too_many_cameras_are_said():
    apart = group_of(_camera(0, 3), _camera(2, 5), _camera(4, 9))
    with pytest.raises(VideoAlignmentError, match=r"no moment is on all of 3 cameras; .* to 2"):
        shared_span(apart, None)
    with pytest.raises(OptionError, match="`at_least` 4: a group has only 3 cameras"):
        shared_span(apart, 4)


def test_a_camera_that_is_not_there_is_left_out(tmp_path, footage):
    timeline = timeline_of(group_of(footage["short"], footage["b"], footage["last"]))
    cuts = write_camera_cuts(tmp_path / "cut", timeline, at_least=2)
    assert [each.source.name for each in cuts] == ["b frames.mp4", "last.mp4"]
    assert "short.mp4,,left out" in (tmp_path / "cut" / "cuts.csv").read_text().replace(
        str(footage["short"].file.parent) + os.sep, ""
    )


def test_a_recorder_is_silent_where_it_was_not_there(tmp_path, footage):
    """A lab wants what it has of it, in step, and to be told."""
    early = replace(footage["recorder"], time_map=TimeMap(-6.0, 1.0), file=tmp_path / "early.wav")
    os.link(footage["recorder"].file, early.file)
    late = write_clicks(tmp_path / "late.wav", 9.0)
    never = replace(footage["recorder"], time_map=TimeMap(7.0))
    group = group_of(early, footage["b"], placed(late, 1.5, 9.0, picture=False), never)
    cuts = write_camera_cuts(tmp_path / "cut", timeline_of(group))
    assert [each.path.name for each in cuts] == ["early.wav", "b frames.mp4", "late.wav"]
    assert cuts[0].why == "sound only, recorded from 0.00 to 2.00 of 6.00 s, else silent"
    assert cuts[2].why == "sound only, recorded from 1.50 to 6.00 of 6.00 s, else silent"
    assert [len(_decoded(each.path)) for each in (cuts[0], cuts[2])] == [6 * 48000] * 2
    np.testing.assert_allclose(clicks_heard(cuts[2].path), 1.5 + np.arange(5), atol=1e-4)
    heard_s = clicks_heard(cuts[0].path)
    np.testing.assert_allclose(heard_s, np.arange(7, 9) / 1.0002 - 6, atol=1e-3)
    assert "recorder.wav,,left out" in (tmp_path / "cut" / "cuts.csv").read_text()


# ------------------------------------------------------------------ what may go wrong


def test_two_of_one_name_have_two_cuts(tmp_path, footage):
    other = tmp_path / "else" / "b frames.mp4"
    other.parent.mkdir()
    os.link(footage["b"].file, other)
    timeline = timeline_of(group_of(footage["b"], replace(footage["b"], file=other)))
    cuts = write_camera_cuts(tmp_path / "cut", timeline)
    assert [each.path.name for each in cuts] == ["b frames.mp4", "b frames-2.mp4"]
    assert all(each.copied for each in cuts)  # from the first frame on
    columns = [name for name in _rows(tmp_path / "cut" / "frames.csv")[0] if "frames.mp4" in name]
    assert len(columns) == len(set(columns)) == 4
    assert "else/b frames.mp4 frame" in columns


def test_a_recording_is_not_overwritten(tmp_path, footage):
    own = tmp_path / "last.mp4"
    own.write_bytes(footage["last"].file.read_bytes())
    before = own.read_bytes()
    timeline = timeline_of(group_of(footage["b"], replace(footage["last"], file=own)))
    with pytest.raises(
        VideoAlignmentError, match="holds recordings that are to be cut; choose another"
    ):
        write_camera_cuts(tmp_path, timeline)
    assert own.read_bytes() == before


def test_b_frames_at_the_end_are_not_cut_through(tmp_path, footage):
    """It begins last, with a key frame, but packets are not stored in the order of display."""
    late = replace(footage["b"], time_map=TimeMap(2.0))
    first, second = write_camera_cuts(tmp_path, timeline_of(group_of(footage["b"], late)))
    assert first.why == "no key frame at the cut"
    wanted = np.arange(120)
    assert (numbers_shown(second.path) == wanted).all()
    assert second.copied or second.why == "the cut falls between frames that are stored together"


def test_groups_have_folders(tmp_path, footage):
    group = group_of(footage["b"], footage["last"])
    cuts = write_camera_cuts(tmp_path, timeline_of(group, group))
    assert {each.path.parent.name for each in cuts} == {"group-1", "group-2"}


def test_a_group_that_cannot_be_cut_leaves_the_others(tmp_path, footage, caplog):
    apart = group_of(footage["short"], replace(footage["b"], time_map=TimeMap(2.0)))
    with caplog.at_level("INFO"):
        cuts = write_camera_cuts(tmp_path, timeline_of(group_of(footage["b"], footage["b"]), apart))
    assert len(cuts) == 2
    assert "group 2: not cut, no moment is on all of 2 cameras" in caplog.text


@pytest.mark.parametrize("at_least", [0, -1])
def test_no_cameras_are_no_span(tmp_path, at_least):
    with pytest.raises(OptionError, match=f"`at_least` {at_least}: expected 1 or more"):
        write_camera_cuts(tmp_path, Timeline((), ()), at_least=at_least)


_LONG = """
import sys
from pathlib import Path
from placed import group_of, placed, timeline_of
from videoalignment.present.cameras import write_camera_cuts

path = Path(sys.argv[1])
files = [placed(path, 0.0, 60.0, sound=False), placed(path, 0.01, 60.0, sound=False)]
write_camera_cuts(Path(sys.argv[2]), timeline_of(group_of(*files)))
"""


def test_interrupted_it_leaves_no_half_file(tmp_path, make_video):
    quick = ("-g", "9999", "-preset", "ultrafast")
    path = make_video("long.mp4", *quick, source="testsrc2=size=320x240:rate=30:duration=60")
    tests = Path(__file__).parents[1]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tests), str(tests.parent)])}
    command = [sys.executable, "-c", _LONG, path, tmp_path / "cut"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as process:
        begun = (tmp_path / "cut").glob
        wait_until(lambda: any(file.stat().st_size for file in begun(".unfinished-*")))
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode
    assert list((tmp_path / "cut").iterdir()) == []

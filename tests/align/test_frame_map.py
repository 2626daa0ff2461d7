"""The frame map against copies of which every frame is known, because ffmpeg was told which."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ramps import line_alignment, pair_of, run_ffmpeg, segment

from videoalignment.align import align_pair
from videoalignment.align.frame_map import FrameMap, FrameRow, FrameRun, map_frames
from videoalignment.errors import VideoAlignmentError

FPS, FRAMES = 25, 200
MOVING = f"mandelbrot=size=160x90:rate={FPS}:end_pts=900"
"""A slow zoom; no two of its frames are the same."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("moving")
    _encode("-f", "lavfi", "-i", MOVING, "-frames:v", FRAMES, to=folder / "b.mkv")
    return folder


def _encode(*arguments, to: Path, quality: tuple[str, ...] = ("-qp", "4")) -> Path:
    words = [*arguments, "-fps_mode", "passthrough", "-preset", "ultrafast", *quality, "-an"]
    run_ffmpeg(*map(str, words), f"file:{to}")
    return to


def _edited(folder: Path, filters: str, *quality: str) -> Path:
    path = folder / "a.mkv"
    path.unlink(missing_ok=True)
    quality = quality or ("-qp", "4")
    return _encode("-i", folder / "b.mkv", "-vf", filters, to=path, quality=quality)


KEPT = np.arange(FRAMES)
RENUMBERED = f"setpts=N/{FPS}/TB"
EDITS = {
    "copy": ("null", KEPT, 1.0),
    "cut": (
        f"select='not(between(n,90,99))',{RENUMBERED}",
        np.r_[0:90, 100:FRAMES],
        1.0,
    ),
    "one gone": (f"select='not(eq(n,70))',{RENUMBERED}", np.r_[0:70, 71:FRAMES], 1.0),
    "decimated": ("select='mod(n,5)'", KEPT[KEPT % 5 != 0], 1.0),
    "decimated, renumbered": (f"select='mod(n,5)',{RENUMBERED}", KEPT[KEPT % 5 != 0], 1.25),
    "halved": ("select='not(mod(n,2))'", KEPT[::2], 1.0),
    "every frame twice": (f"fps={2 * FPS}:round=near", np.repeat(KEPT, 2), 1.0),
    "slower": ("setpts=PTS/0.96", KEPT, 0.96),
    "smaller and coarser": ("scale=96:54", KEPT, 1.0),
    "cropped": ("crop=120:68:30:10", KEPT, 1.0),
    "framed": ("pad=200:130:30:20", KEPT, 1.0),
    "mirrored": ("hflip", KEPT, 1.0),
    "graded": ("eq=brightness=0.06:contrast=0.85:gamma=1.15:saturation=1.3", KEPT, 1.0),
}


@pytest.mark.parametrize("name", EDITS)
def test_every_frame_of_an_edited_copy_is_named(folder, name):
    filters, truth, speed = EDITS[name]
    a = _edited(folder, filters)
    line = segment(0.0, len(truth) / FPS, truth[0] / FPS, speed)
    found = map_frames(a, folder / "b.mkv", [line])
    shown = found.shown[: len(truth)]
    assert len(found.shown) - len(truth) in (0, -1)  # ffmpeg's fps ends a frame early
    np.testing.assert_array_equal(shown, truth[: len(shown)])
    expected = np.setdiff1d(np.arange(truth[0], truth[-1]), truth)
    np.testing.assert_array_equal(found.dropped, expected)


@pytest.mark.parametrize("off_s", [-0.2, 0.2])
def test_a_line_that_is_frames_off_does_no_harm(folder, off_s):
    a = _edited(folder, f"select='gte(n,30)',{RENUMBERED}", "-crf", "28")
    found = map_frames(a, folder / "b.mkv", [segment(0.0, 6.8, 30 / FPS + off_s)])
    np.testing.assert_array_equal(found.shown, np.arange(30, FRAMES))


def test_frames_that_b_lacks_are_unmatched(folder):
    a = _edited(folder, f"select='not(between(n,90,129))',{RENUMBERED}")
    segments = [segment(0.0, 3.5, 0.0), segment(5.3, 8.0, 3.7)]
    found = map_frames(folder / "b.mkv", a, segments)
    truth = np.r_[0:90, [-1] * 40, 90:160]
    np.testing.assert_array_equal(found.shown, truth)
    assert found.counts() == {"matched": 160, "repeated": 0, "dropped": 0, "unmatched": 40}


def test_a_cut_is_found_though_the_segments_place_it_badly(folder):
    a = _edited(folder, f"select='not(between(n,90,129))',{RENUMBERED}")
    segments = [segment(0.0, 3.1, 0.0), segment(3.1, 6.4, 4.7)]
    found = map_frames(a, folder / "b.mkv", segments)
    np.testing.assert_array_equal(found.shown, np.r_[0:90, 130:FRAMES])
    np.testing.assert_array_equal(found.dropped, np.arange(90, 130))


def test_stretches_in_another_order(folder):
    whole = "[0:v]split[x][y];[x]trim=start_frame=120,setpts=PTS-STARTPTS[late]"
    both = f"{whole};[y]trim=end_frame=80[early];[late][early]concat=n=2"
    path = folder / "swapped.mkv"
    _encode("-i", folder / "b.mkv", "-filter_complex", both, to=path)
    segments = [segment(0.0, 3.2, 4.8), segment(3.2, 6.4, 0.0)]
    found = map_frames(path, folder / "b.mkv", segments)
    np.testing.assert_array_equal(found.shown, np.r_[120:FRAMES, 0:80])
    assert found.counts()["dropped"] == 0
    assert found.runs() == [FrameRun(0, 120, 80), FrameRun(80, 0, 80)]


def test_footage_that_stands_still_follows_time(tmp_path):
    still = _encode("-f", "lavfi", "-i", f"color=gray:s=64x48:r={FPS}:d=4", to=tmp_path / "b.mkv")
    found = map_frames(still, still, [segment(0.0, 4.0, 0.0)])
    np.testing.assert_array_equal(found.shown, np.arange(100))


def test_pictures_that_differ_too_much_leave_it_to_time(folder):
    a = _edited(folder, "crop=iw/3:ih/3:0:0,negate")
    found = map_frames(a, folder / "b.mkv", [segment(0.0, 8.0, 0.0)])
    assert (found.shown >= 0).all()
    assert np.abs(found.shown - KEPT).max() <= 38  # as far as pictures are looked for
    assert (np.diff(found.shown) >= 0).all()


def test_the_copy_without_frames_37_to_106(shared, tmp_path, monkeypatch):
    monkeypatch.setenv("VIDEOALIGNMENT_CACHE", str(tmp_path))
    copies = shared / "data" / "footage" / "copies" / "perception"
    found = align_pair(copies / "v2s.mov", copies / "v2.m4v").frame_map()
    np.testing.assert_array_equal(found.dropped, np.arange(37, 107))
    assert found.runs() == [FrameRun(0, 0, 37), FrameRun(37, 107, 42)]
    assert found.counts() == {"matched": 79, "repeated": 0, "dropped": 70, "unmatched": 0}


def test_videos_that_do_not_match_have_none():
    pair = pair_of(line_alignment(0.0, 1.0, 9.0, 9.0, matched=False), "a.mp4", "b.mp4")
    with pytest.raises(VideoAlignmentError, match=r"a\.mp4 and b\.mp4 do not match"):
        pair.frame_map()


def test_features_alone_are_not_enough():
    pair = pair_of(line_alignment(0.0, 1.0, 9.0, 9.0), "a.mp4", "b.mp4")
    with pytest.raises(VideoAlignmentError, match=r"a\.mp4: only its features are at hand"):
        pair.frame_map()


# ------------------------------------------------------------------ the map itself


def _map(shown: list[int], frames_b: int = 10) -> FrameMap:
    return FrameMap(np.arange(len(shown)) / 4, np.arange(frames_b) / 2, np.array(shown))


def test_rows_tell_all_of_a_and_what_it_dropped():
    rows = list(_map([1, 1, -1, 4, 2, 5]).rows())
    assert rows == [
        FrameRow(0, 0.0, 1, 0.5, "matched"),
        FrameRow(1, 0.25, 1, 0.5, "repeated"),
        FrameRow(2, 0.5, None, None, "unmatched"),
        FrameRow(None, None, 3, 1.5, "dropped"),
        FrameRow(3, 0.75, 4, 2.0, "matched"),
        FrameRow(4, 1.0, 2, 1.0, "matched"),
        FrameRow(5, 1.25, 5, 2.5, "matched"),
    ]


@given(st.lists(st.integers(-1, 9), max_size=12))
@settings(max_examples=200)
def test_rows_runs_and_counts_tell_the_same(shown):
    found = _map(shown)
    rows = list(found.rows())
    assert [row.frame_a for row in rows if row.frame_a is not None] == list(range(len(shown)))
    assert {row.frame_b for row in rows if row.status == "dropped"} == set(found.dropped.tolist())
    statuses = [row.status for row in rows]
    assert {status: statuses.count(status) for status in found.counts()} == found.counts()
    paired = {(row.frame_a, row.frame_b) for row in rows if row.status == "matched"}
    of_runs = [
        (run.first_a + step, run.first_b + step)
        for run in found.runs()
        for step in range(run.frames)
    ]
    assert len(of_runs) == len(paired)
    assert set(of_runs) == paired


@pytest.mark.parametrize("shown", [[0, 10], [-2, 0]])
def test_frames_that_b_has_not_are_refused(shown):
    with pytest.raises(VideoAlignmentError, match="`shown` names frames"):
        _map(shown)


def test_another_number_of_frames_is_refused():
    with pytest.raises(VideoAlignmentError, match="`shown` has shape"):
        FrameMap(np.zeros(3), np.zeros(3), np.zeros(2, int))

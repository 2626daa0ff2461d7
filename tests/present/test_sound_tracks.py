"""Of a file with several sound tracks, all outputs use the one that was compared."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ramps import line_alignment, pair_of, run_ffmpeg
from sounds import RATE_HZ, event, write_sound

from videoalignment.align.timeline.records import PlacedFile, Timeline
from videoalignment.align.timeline.sync import sync
from videoalignment.features.sound_store import cached_sound
from videoalignment.media.probe import probe_video
from videoalignment.present.cameras import write_camera_cuts
from videoalignment.present.editors import write_otio
from videoalignment.present.side_by_side import write_side_by_side
from videoalignment.present.timeline_page import write_timeline_page
from videoalignment.present.waveforms import loudness

BEGIN_S, LENGTH_S = 2.0, 8.0


@pytest.fixture
def recorder(tmp_path) -> Path:
    return write_sound(tmp_path / "recorder.wav", event(5, 12.0))


@pytest.fixture
def camera(tmp_path) -> Path:
    """A video with a first track of a microphone that was not plugged in."""
    sound = event(5, 12.0)[int(BEGIN_S * RATE_HZ) :][: int(LENGTH_S * RATE_HZ)]
    picture = write_sound(tmp_path / "picture.mkv", np.zeros_like(sound), picture=True)
    heard = write_sound(tmp_path / "heard.wav", sound)
    path = tmp_path / "camera.mkv"
    run_ffmpeg("-i", picture, "-i", heard, "-map", "0", "-map", "1", "-c:v", "copy", path)
    for part in (picture, heard):
        part.unlink()
    return path


@pytest.fixture
def timeline(camera, recorder) -> Timeline:
    return sync([camera, recorder], by="sound")


def _of(timeline: Timeline, path: Path) -> PlacedFile:
    (group,) = timeline.groups
    return next(file for file in group.files if file.file == path)


def _decoded(path: Path) -> np.ndarray:
    raw = run_ffmpeg("-i", path, "-map", "0:a", "-ac", "1", "-ar", str(RATE_HZ), "-f", "f32le", "-")
    return np.frombuffer(raw, np.float32)


def test_the_timeline_tells_the_track(timeline, camera, recorder):
    assert _of(timeline, camera).sound_track == 1
    assert _of(timeline, camera).begin_s == pytest.approx(BEGIN_S, abs=0.001)
    assert _of(timeline, recorder).sound_track == 0


def test_cut_cameras_have_its_sound(tmp_path, timeline, camera):
    cuts = write_camera_cuts(tmp_path / "cut", timeline)
    heard = _decoded(next(cut.path for cut in cuts if cut.source == camera))
    truth = event(5, 12.0)[int(BEGIN_S * RATE_HZ) :][: len(heard)]
    heard = heard[: len(truth)]
    assert np.corrcoef(heard, truth)[0, 1] > 0.9


def test_the_page_draws_it_and_says_so(tmp_path, timeline, camera):
    page = tmp_path / "page.html"
    write_timeline_page(page, timeline)
    assert "heard on track 2" in page.read_text(encoding="utf-8")
    assert loudness(camera, 1).max() > 0.05
    assert loudness(camera, 0).max() == 0


def test_editors_are_told(tmp_path, timeline):
    (path,) = write_otio(tmp_path / "x.otio", timeline)
    assert "camera.mkv: what is heard is on its sound track 2" in path.read_text(encoding="utf-8")


def test_side_by_side_has_its_sound(tmp_path, camera):
    video = probe_video(camera)
    pair = pair_of(line_alignment(0.0, 1.0, LENGTH_S, LENGTH_S), video, video)
    pair = replace(pair, a=replace(pair.a, sound=cached_sound(camera)))
    out = tmp_path / "both.mp4"
    write_side_by_side(out, pair)
    assert np.abs(_decoded(out)).max() > 0.05

"""Pictures on which a lag rests are compared by all their pixels: that brings them nearer to the
truth, and what is not seen changes nothing."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from moving import Scene, filmed
from ramps import write_grey
from sounds import event, heard

from videoalignment.align.sound import Heard
from videoalignment.align.timeline.late import sharpen_late
from videoalignment.align.timeline.measurements import Measurement, Recorded
from videoalignment.align.timeline.shelf import Shelf
from videoalignment.align.timeline.solve import solve
from videoalignment.align.timeline.sources import Source
from videoalignment.time_map import TimeMap

BEGINS_S, LENGTHS_S, FPS = (1.37, 3.11, 0.0), (9.0, 8.0, 12.0), (25, 24, 30)
OFF_S = 0.008


def film(path: Path, begin_s: float, length_s: float, fps: int) -> None:
    """A wall before which a few small things sway slowly."""
    rng = np.random.default_rng(5)
    wall = cv2.resize(rng.uniform(40, 160, (36, 48)).astype(np.float32), (320, 240))
    speeds, phases = rng.uniform(0.5, 2, 8), rng.uniform(0, 6, 8)
    places, noise = rng.uniform(40, 200, (8, 2)), np.random.default_rng(round(100 * begin_s))
    frames = []
    for number in range(round(length_s * fps)):
        moment_s = begin_s + (number + 0.5) / fps
        picture = wall + noise.normal(0, 3, wall.shape).astype(np.float32)
        for (x, y), speed, phase in zip(places, speeds, phases, strict=True):
            sway = 6 * np.sin(speed * moment_s + phase)
            place = round(256 * (x + sway + 40)), round(256 * y)
            cv2.circle(picture, place, 256 * 8, 220.0, -1, cv2.LINE_AA, 8)
        frames.append(picture)
    write_grey(path, frames, fps, crf=20)


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    folder, sound = tmp_path_factory.mktemp("films"), Heard(heard(event(1, 12)))
    made = []
    for number, (begin_s, length_s, fps) in enumerate(zip(BEGINS_S, LENGTHS_S, FPS, strict=True)):
        path = folder / f"{number}.mp4"
        film(path, begin_s, length_s, fps)
        made.append(Source(Recorded(path, length_s), filmed(Scene(1), length_s, fps), sound))
    return made


def said(a, b, by, *, lag_s=0.0, off_s=0.0, sigma_s=2e-4):
    """What a comparison of two of the films says; the sound of the first one is late."""
    late_s = (lag_s if a == 0 else 0.0) if by == "sound" else 0.0
    line = TimeMap(BEGINS_S[a] - BEGINS_S[b] + off_s - late_s)
    return Measurement(a, b, by, line, 4.0, sigma_s, 1e-5, 0.999)


def measured(lag_s, sigma_s=0.005):
    pairs = ((0, 1), (0, 2), (1, 2))
    sounds = [said(*pair, "sound", lag_s=lag_s) for pair in pairs]
    pictures = [said(*pair, "picture", off_s=OFF_S, sigma_s=sigma_s) for pair in pairs]
    return [*sounds, *pictures]


def sharpened(sources, measurements):
    so_far = solve([source.recorded for source in sources], measurements)
    return sharpen_late(sources, measurements, so_far, Shelf(sources))


def test_pictures_that_tell_of_a_late_sound_come_nearer_to_the_truth(sources):
    before = measured(0.12)
    after = sharpened(sources, before)
    assert after[:3] == before[:3]
    for old, new in zip(before[3:5], after[3:5], strict=True):
        truth_s = BEGINS_S[old.a] - BEGINS_S[old.b]
        assert abs(new.time_map.offset_s - truth_s) < 0.7 * OFF_S
        assert new.sigma_s < old.sigma_s
        assert abs(new.time_map.offset_s - truth_s) < 3 * new.sigma_s


def test_the_order_of_two_files_changes_nothing(sources):
    forth = sharpened(sources, measured(0.12))
    back = sharpened(sources, [m.inverse() for m in measured(0.12)])
    for one, other in zip(forth, back, strict=True):
        assert other.inverse().time_map.offset_s == pytest.approx(one.time_map.offset_s, abs=1e-9)


@pytest.mark.parametrize(("lag_s", "sigma_s"), [(0.0, 0.005), (0.12, 0.001)])
def test_where_no_sound_seems_late_or_pictures_know_well_nothing_is_compared(
    lag_s, sigma_s, sources
):
    before = measured(lag_s, sigma_s)
    assert sharpened(sources, before) == before


def test_a_file_that_is_gone_leaves_what_was_measured(sources, tmp_path, caplog):
    recorded = replace(sources[0].recorded, file=tmp_path / "gone.mp4")
    gone = [replace(sources[0], recorded=recorded), *sources[1:]]
    before = measured(0.12)
    assert sharpened(gone, before) == before
    assert "gone.mp4" in caplog.text

"""Pictures that others say meet: they are looked at there, and still speak for themselves."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from moving import Scene, filmed
from ramps import write_grey

from videoalignment.align.options import AlignOptions
from videoalignment.align.pipeline import align_pictures
from videoalignment.align.reel import Reel
from videoalignment.media.probe import probe_video
from videoalignment.time_map import TimeMap

BEGIN_S, SIZE = 4.25, (180, 240)


def camera(path: Path, begin_s: float, length_s: float, fps: int, *, scene: int = 0) -> Reel:
    """A camera that stands still before a wall on which things come and go."""
    rng = np.random.default_rng(scene)
    wall = cv2.resize(rng.uniform(40, 160, (36, 48)).astype(np.float32), SIZE[::-1])
    speeds, phases = rng.uniform(0.3, 1.5, 12), rng.uniform(0, 6, 12)
    places = rng.uniform(20, 160, (12, 2))
    frames = []
    for number in range(round(length_s * fps)):
        moment_s = begin_s + (number + 0.5) / fps
        picture = wall.copy()
        for (x, y), speed, phase in zip(places, speeds, phases, strict=True):
            around = 14 * np.sin(speed * moment_s * np.array([1, 1.7]) + phase)
            cv2.circle(picture, (round(x + around[0] + 30), round(y + around[1])), 7, 230.0, -1)
        frames.append(picture)
    write_grey(path, frames, fps)
    return Reel(probe_video(path), length_s)


@pytest.fixture(scope="module")
def reels(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cameras")
    return camera(folder / "a.mp4", BEGIN_S, 7, 25), camera(folder / "b.mp4", 0, 30, 30)


def aligned(reels, expected_s):
    """By descriptors that know nothing of the two, and by their pictures."""
    a, b = filmed(Scene(1), 7, 25), filmed(Scene(2), 30, 30)
    expected = None if expected_s is None else TimeMap(expected_s)
    return align_pictures(a, b, AlignOptions(), reels, look_from=1.0, expected=expected)


@pytest.mark.parametrize("off_s", [0.0, -0.2, 0.2])
def test_pictures_are_found_where_they_are_expected(reels, off_s):
    assert not aligned(reels, None).matched
    found = aligned(reels, BEGIN_S + off_s)
    assert found.matched
    assert found.offset_s == pytest.approx(BEGIN_S, abs=0.01)


def test_the_other_way_round_it_is_the_inverse(reels):
    one = align_pictures(
        *(filmed(Scene(1), 7, 25), filmed(Scene(2), 30, 30), AlignOptions(), reels),
        expected=TimeMap(BEGIN_S),
    )
    other = align_pictures(
        *(filmed(Scene(2), 30, 30), filmed(Scene(1), 7, 25), AlignOptions(), reels[::-1]),
        expected=TimeMap(BEGIN_S).inverse(),
    )
    assert other == one.inverse()


def test_what_is_expected_of_other_pictures_is_no_match(reels, tmp_path):
    other = camera(tmp_path / "c.mp4", 0, 30, 30, scene=1)
    assert not aligned((reels[0], other), BEGIN_S).matched


def test_nothing_is_taken_from_a_place_at_which_they_would_share_nothing(reels):
    assert aligned(reels, 300.0) == aligned(reels, None)

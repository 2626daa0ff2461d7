"""Pictures that others say meet: they are looked at there, and still speak for themselves."""

import pytest
from cameras import aligned, camera
from moving import Scene, filmed

from videoalignment.align.options import AlignOptions
from videoalignment.align.pipeline import align_pictures
from videoalignment.time_map import TimeMap

BEGIN_S = 4.25


@pytest.fixture(scope="module")
def reels(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cameras")
    return camera(folder / "a.mp4", BEGIN_S, 7, 25), camera(folder / "b.mp4", 0, 30, 30)


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

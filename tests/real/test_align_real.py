"""Aligning eight real phone videos, of which it is known where they meet."""

import pytest

from videoalignment.align import Alignment, align_videos

CHAIR_22 = ("chair-orig-22-sd-bar", "chair-22-sd-grey-bar", "chair-22-with-large-logo-bar")


@pytest.fixture(scope="module")
def align(shared, tmp_path_factory):
    """Align two of the videos by name; features are kept for the module."""
    folder = shared / "data/tmk/videos"
    if not folder.is_dir():
        pytest.skip("needs the real videos of ../shared/data/tmk, which are missing")

    def run(a: str, b: str) -> Alignment:
        return align_videos(folder / f"{a}.mp4", folder / f"{b}.mp4")

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VIDEOALIGNMENT_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield run


@pytest.mark.parametrize("b", CHAIR_22)
@pytest.mark.parametrize(("a", "offset_s"), [("chair-19-sd-bar", 3.7), ("chair-20-sd-bar", 2.0)])
def test_chairs_are_found_within_three_milliseconds(align, a, b, offset_s):
    found = align(a, b)
    assert found.matched
    assert found.speed == 1
    assert found.offset_s == pytest.approx(offset_s, abs=0.003)


def test_one_frame_of_difference_is_seen(align):
    found = align("pattern-hd-no-bar", "pattern-longer-no-bar")
    assert found.offset_s == pytest.approx(1 / 30, abs=0.003)


@pytest.mark.parametrize("b", [*CHAIR_22, "pattern-hd-no-bar"])
def test_the_doorknob_matches_nothing(align, b):
    assert not align("doorknob-hd-no-bar", b).matched


def test_portrait_against_landscape_is_answered(align):
    assert not align("pattern-longer-no-bar", "doorknob-hd-no-bar").matched

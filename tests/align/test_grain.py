"""Grain that a filter added to two videos from one seed is no sign that they share anything."""

import pytest
from moving import Scene, filmed
from ramps import run_ffmpeg

from videoalignment.align import align_features, align_pair
from videoalignment.align.options import AlignOptions
from videoalignment.align.pipeline import glance


def slow(seed):
    """A scene in which little moves."""
    return lambda times_s: Scene(seed)(times_s / 15)


@pytest.mark.parametrize("fps", [(24, 24), (30, 30), (25, 24), (24, 25)])
def test_two_videos_with_the_same_grain_share_nothing(fps):
    """Also where their frames come at different rates: grain goes by frames."""
    a = filmed(slow(1), 10, fps[0], noise=0.6, seed=7)
    b = filmed(slow(2), 25, fps[1], noise=0.6, seed=7)
    assert not align_features(a, b).matched
    assert not glance(a, b, AlignOptions()).matched


def test_two_copies_with_the_same_grain_are_found():
    a = filmed(Scene(1), 10, 24, noise=0.6, seed=7)
    b = filmed(Scene(1), 25, 24, noise=0.6, seed=7)
    found = align_features(a, b)
    assert found.matched
    assert found.offset_s == pytest.approx(0, abs=0.002)


def test_copies_of_fast_footage_that_begin_together_are_found():
    def fast(times_s):
        return Scene(1)(times_s * 3)

    a, b = filmed(fast, 10, 24, seed=1), filmed(fast, 25, 24, seed=2)
    assert align_features(a, b).matched


@pytest.mark.usefixtures("own_cache")
def test_ffmpegs_noise_on_two_clips_is_no_match(tmp_path):
    """Real grain, on two gradients that turn slowly."""
    paths = []
    for number, (seconds, colours) in enumerate([(8, "c0=0x305030:c1=0x406040"), (14, "")]):
        path = tmp_path / f"{number}.mp4"
        picture = f"gradients=s=320x180:r=25:d={seconds}:speed=0.002:seed={number}"
        coloured = ("-f", "lavfi", "-i", f"{picture}{':' + colours if colours else ''}")
        run_ffmpeg(*coloured, "-vf", "noise=alls=20:allf=t", "-crf", "24", path)
        paths.append(path)
    assert not align_pair(*paths, by="picture").alignment.matched

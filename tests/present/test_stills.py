"""Pictures spread evenly over a video, and where they are kept."""

import os
from dataclasses import replace

import numpy as np
import pytest
from ramps import run_ffmpeg

from videoalignment.files import cache_folder
from videoalignment.media.probe import probe_video
from videoalignment.present.stills import stills
from videoalignment.present.stills_store import StillsRecipe, cached_stills

pytestmark = pytest.mark.usefixtures("own_cache")


@pytest.mark.parametrize("count", [1, 2, 7])
def test_stills_come_from_the_middle_of_their_parts(make_ramp, tmp_path, count):
    """One part is longer than what is read through, seven are shorter."""
    video = probe_video(make_ramp("a.mp4", 3.0))
    jpegs = stills(video, 3.0, count, longest_side=64)
    assert len(jpegs) == count
    for place, jpeg in enumerate(jpegs):
        (tmp_path / "x.jpg").write_bytes(jpeg)
        grey = np.frombuffer(
            run_ffmpeg("-i", tmp_path / "x.jpg", "-f", "rawvideo", "-pix_fmt", "gray", "-"),
            np.uint8,
        )
        # Brightness tells the moment; full range here, where videos have 16 to 235.
        moment_s = (16 + np.median(grey) * 219 / 255 - 24) / 48
        assert moment_s == pytest.approx((place + 0.5) / count * 3.0, abs=0.06)


def test_stills_are_kept_by_content_and_recipe(make_ramp, tmp_path, monkeypatch):
    monkeypatch.setenv("VIDEOALIGNMENT_CACHE", str(tmp_path / "cache"))
    video = probe_video(make_ramp("kept.mp4", 3.0))
    recipe = StillsRecipe(duration_s=3.0, count=4, longest_side=64)
    cut = cached_stills(video, recipe)
    assert cut == stills(video, 3.0, 4, longest_side=64)
    again = tmp_path / "renamed.mp4"
    os.link(video.path, again)
    (kept,) = (cache_folder() / "stills").iterdir()
    written = kept.stat().st_mtime_ns
    assert cached_stills(probe_video(again), recipe) == cut
    assert kept.stat().st_mtime_ns == written
    assert len(cached_stills(video, replace(recipe, count=2))) == 2
    kept.write_bytes(kept.read_bytes()[:-200])  # damaged: cut anew
    assert cached_stills(video, recipe) == cut

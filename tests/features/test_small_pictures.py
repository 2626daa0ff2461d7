"""Small pictures of a video: what it shows, each once, kept by content."""

import os

import numpy as np
import pytest
from ramps import write_grey, write_ramp

from videoalignment.errors import OptionError, UnusableFileError
from videoalignment.features.jpegs import Jpegs
from videoalignment.features.small_pictures import (
    SmallPictures,
    SmallRecipe,
    cached_small_pictures,
)
from videoalignment.files import cache_folder
from videoalignment.media.frames import read_frames
from videoalignment.media.probe import probe_video

RECIPE = SmallRecipe(height=60, width=80)


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("VIDEOALIGNMENT_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """A disc that wanders over a wall, 25 pictures a second."""
    y, x = np.mgrid[:120, :160]
    frames = [
        80 + 20 * np.sin(x / 9) + 90 * (np.hypot(x - 30 - 2 * n, y - 60) < 22) for n in range(50)
    ]
    return write_grey(tmp_path_factory.mktemp("film") / "film.mp4", frames, 25)


def test_they_show_what_the_video_does(film):
    small = cached_small_pictures(probe_video(film), RECIPE)
    batches = list(read_frames(film, fps=None, size=(60, 80), grey=True))
    frames = np.concatenate([batch.frames for batch in batches]).astype(float)
    times_s = np.concatenate([batch.times_s for batch in batches])
    assert small.times_s == pytest.approx(times_s)  # each once, though 30 a second are asked for
    assert np.sqrt(np.square(small.frames - frames).mean()) < 3  # grey levels, of JPEG


def test_of_fast_videos_as_many_as_asked_for_are_kept(tmp_path):
    video = write_ramp(tmp_path / "fast.mp4", 2.0, fps="60")
    assert len(cached_small_pictures(probe_video(video), RECIPE).frames) == 60


def test_they_are_kept_by_content_and_are_the_same_then(film, tmp_path):
    made = cached_small_pictures(probe_video(film), RECIPE)
    (kept,) = (cache_folder() / "pictures").iterdir()
    written = kept.stat().st_mtime_ns
    again = tmp_path / "renamed.mp4"
    os.link(film, again)
    read = cached_small_pictures(probe_video(again), RECIPE)
    assert kept.stat().st_mtime_ns == written
    assert (read.frames == made.frames).all()
    assert (read.times_s == made.times_s).all()
    smaller = cached_small_pictures(probe_video(film), SmallRecipe(height=30, width=40))
    assert smaller.frames.shape[1:] == (30, 40)


@pytest.mark.parametrize("damage", ["cut off", "a picture", "the end of one", "a time", "empty"])
def test_damaged_ones_are_made_anew(film, damage):
    made = cached_small_pictures(probe_video(film), RECIPE)
    (kept,) = (cache_folder() / "pictures").iterdir()
    octets, ends = made.jpegs.octets.copy(), made.jpegs.ends.copy()
    times_s = made.times_s.copy()
    if damage == "cut off":
        kept.write_bytes(kept.read_bytes()[:-200])
    elif damage == "empty":
        kept.write_bytes(b"")
    else:
        if damage == "a picture":
            octets[: ends[0]] = 0
        elif damage == "the end of one":
            ends[3] = ends[2]
        else:
            times_s[5] = times_s[4]
        with np.load(kept) as archive:
            about = archive["about"]
        np.savez(kept, octets=octets, ends=ends, times_s=times_s, about=about)
    again = cached_small_pictures(probe_video(film), RECIPE)
    assert (again.frames == made.frames).all()
    assert (again.times_s == made.times_s).all()
    with np.load(kept) as archive:
        assert (archive["octets"] == made.jpegs.octets).all()


def test_pictures_of_another_size_are_refused(film):
    made = cached_small_pictures(probe_video(film), RECIPE)
    with pytest.raises(OptionError, match="size"):
        SmallPictures.of(made.jpegs, made.times_s, SmallRecipe(height=61, width=80))


def test_a_video_that_breaks_off_keeps_nothing(film, tmp_path):
    broken = tmp_path / "broken.mkv"
    write_ramp(broken, 4.0)
    broken.write_bytes(broken.read_bytes()[: broken.stat().st_size // 2])
    with pytest.raises(UnusableFileError, match="breaks off"):
        cached_small_pictures(probe_video(broken), RECIPE)
    assert not list((cache_folder() / "pictures").glob("*"))


def test_jpegs_are_what_was_put_in():
    pictures = [b"one", b"t", b"three"]
    jpegs = Jpegs.of(pictures)
    assert [jpeg.tobytes() for jpeg in jpegs] == pictures
    assert len(jpegs) == 3
    assert list(Jpegs.of([])) == []
    with pytest.raises(OptionError, match="ends"):
        Jpegs(jpegs.octets, jpegs.ends[:-1])

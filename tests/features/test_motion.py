"""What moves in a video: against its background, as fast as it is, and kept by content."""

import dataclasses

import numpy as np
import pytest
from bodies import FPS, RECIPE, Event, followed, pictures, write_film
from ramps import run_ffmpeg

from videoalignment.errors import FeatureMismatchError, OptionError, UnusableFileError
from videoalignment.features.motion import extract_motion, follow, kept
from videoalignment.features.motion_features import MotionRecipe
from videoalignment.features.motion_store import cached_motion, read_motion, write_motion
from videoalignment.media.probe import probe_video


class Steady:
    """One body that goes to the right, in pixels a second."""

    def __init__(self, speed: float) -> None:
        self._speed = speed

    def places(self, time_s: float) -> np.ndarray:
        return np.array([[self._speed * (time_s - 2), 0.0, 0.0]])


@pytest.mark.parametrize("pan", [0.0, 25.0])
def test_a_body_moves_against_the_background_whatever_the_camera_does(pan):
    features = followed(Steady(30.0), 0, 0, 4, pan=pan)
    assert len(features.begins)
    velocities = features.velocities * RECIPE.side
    # Some are of the background that the body covers, and are dragged along for a while.
    fastest = velocities[velocities[:, 0] >= np.quantile(velocities[:, 0], 0.9)]
    assert np.median(fastest, axis=0) == pytest.approx([30.0, 0.0], abs=3.0)


@pytest.mark.parametrize("options", [{}, {"pan": 25.0}, {"pulse": 12}, {"fade": True}])
def test_where_nothing_moves_nothing_is_fast(options):
    speeds = np.sqrt(np.square(followed(None, 0, 0, 6, **options).velocities).sum(axis=1))
    assert np.median(np.append(speeds, 0)) < RECIPE.still


def test_time_runs_as_the_frames_say():
    frames = list(pictures(Event(3), 0, 0, 6))
    every = kept(follow(frames, RECIPE), 6.0, 1 / FPS, RECIPE)
    slow = kept(follow([(f, 2 * t) for f, t in frames], RECIPE), 12.0, 2 / FPS, RECIPE)
    speeds = [np.sqrt(np.square(f.velocities).sum(axis=1)).mean() for f in (every, slow)]
    assert speeds[0] / speeds[1] == pytest.approx(2, rel=0.3)
    assert slow.samples == pytest.approx(2 * every.samples, abs=2)


def write_event(path, *args, **options):
    """Encode `pictures`."""
    frames = [picture for picture, _ in pictures(*args, **options)]
    raw = path.with_suffix(".raw")
    raw.write_bytes(np.stack(frames).tobytes())
    height, width = frames[0].shape
    form = ("-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{width}x{height}", "-r", f"{FPS}")
    run_ffmpeg(*form, "-i", raw, "-pix_fmt", "yuv420p", "-crf", "20", path)
    return path


def test_only_the_first_minutes_of_a_long_video_are_looked_at(tmp_path):
    film = write_film(tmp_path / "film.mp4", Event(3), 0, 0, 9)
    features = extract_motion(film, MotionRecipe(longest_s=4.0))
    assert features.duration_s == pytest.approx(probe_video(film).duration_s, abs=0.1)
    assert features.samples == 81
    assert 60 < (features.begins + features.counts).max() <= 81


def test_what_moves_is_kept_by_content(tmp_path, monkeypatch):
    monkeypatch.setenv("VIDEOALIGNMENT_CACHE", str(tmp_path / "cache"))
    path = write_event(tmp_path / "a.mp4", Event(1), 0, 0, 4)
    made = cached_motion(path)
    assert len(made.begins) and made.duration_s == pytest.approx(4)
    assert made.interval_s == pytest.approx(1 / FPS)
    (kept_file,) = (tmp_path / "cache" / "motion").iterdir()
    stamp = kept_file.stat().st_mtime_ns
    again = cached_motion(path.rename(tmp_path / "b.mp4"))
    assert np.array_equal(made.velocities, again.velocities)
    assert kept_file.stat().st_mtime_ns == stamp
    kept_file.write_bytes(kept_file.read_bytes()[:100])
    assert np.array_equal(cached_motion(tmp_path / "b.mp4").velocities, made.velocities)


def test_files_of_something_else_are_refused(tmp_path):
    path = tmp_path / "a.npz"
    with pytest.raises(UnusableFileError, match=r"a\.npz"):
        read_motion(path)
    np.savez(path, velocities=np.zeros((3, 2), np.float32))
    with pytest.raises(UnusableFileError, match=r"a\.npz: not a readable file of motion"):
        read_motion(path)
    features = followed(Event(1), 0, 0, 3)
    write_motion(path, features)
    assert read_motion(path).recipe == features.recipe
    with np.load(path) as arrays:
        longer = {**arrays, "counts": arrays["counts"] + 1}
    np.savez(path, **longer)
    with pytest.raises(UnusableFileError, match="counts"):
        read_motion(path)


def test_impossible_features_are_refused():
    features = followed(Event(1), 0, 0, 3)
    with pytest.raises(OptionError, match="velocities"):
        dataclasses.replace(features, velocities=features.velocities * np.float32(np.nan))
    with pytest.raises(OptionError, match="outlast"):
        dataclasses.replace(features, begins=features.begins + 1000)
    with pytest.raises(OptionError, match="duration_s"):
        dataclasses.replace(features, duration_s=-1.0)
    with pytest.raises(OptionError, match="rate_hz"):
        MotionRecipe(rate_hz=0.0)
    other = dataclasses.replace(features, recipe=MotionRecipe(smooth_s=0.2))
    with pytest.raises(FeatureMismatchError, match="different ways"):
        features.check_comparable(other)

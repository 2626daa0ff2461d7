"""The feature cache: keyed by content, whole files, damaged ones made anew."""

import shutil
import subprocess

import imageio_ffmpeg
import numpy as np
import pytest

from videoalignment.errors import VideoAlignmentError
from videoalignment.features.cache import cached_features
from videoalignment.files import cache_folder


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("VIDEOALIGNMENT_CACHE", str(tmp_path / "cache"))


def make_video(path, colours="testsrc", length_s=1):
    source = f"{colours}=size=96x64:rate=10:duration={length_s}"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-f", "lavfi", "-i", source]
    subprocess.run([*command, "-pix_fmt", "yuv420p", str(path)], check=True)
    return path


def kept():
    return sorted((cache_folder() / "features").glob("*.npz"))


def test_levels_of_a_network_are_kept_apart(tmp_path):
    video = make_video(tmp_path / "a.mp4")
    usual, deeper = cached_features(video), cached_features(video, level=13)
    assert (usual.recipe.level, deeper.recipe.level) == (12, 13)
    assert usual.descriptors.shape[1] < deeper.descriptors.shape[1]
    again = cached_features(video, level=13)
    np.testing.assert_array_equal(again.descriptors, deeper.descriptors)


def test_every_frame_has_its_time(tmp_path):
    features = cached_features(make_video(tmp_path / "a.mp4"))
    assert len(features.descriptors) == 10
    np.testing.assert_allclose(features.times_s, np.arange(10) / 10, atol=1e-6)


def test_a_renamed_file_keeps_its_features_and_a_changed_one_does_not(tmp_path):
    video = make_video(tmp_path / "a.mp4")
    first = cached_features(video)
    again = cached_features(shutil.copy(video, tmp_path / "renamed.mp4"))
    np.testing.assert_array_equal(first.descriptors, again.descriptors)
    assert len(kept()) == 1
    cached_features(make_video(tmp_path / "a.mp4", "testsrc2"))
    assert len(kept()) == 2


def test_a_damaged_entry_is_made_anew(tmp_path):
    video = make_video(tmp_path / "a.mp4")
    first = cached_features(video)
    kept()[0].write_bytes(b"broken")
    np.testing.assert_array_equal(first.descriptors, cached_features(video).descriptors)


def test_unreadable_files_are_one_clear_line(tmp_path):
    with pytest.raises(VideoAlignmentError, match=r"nothing\.mp4: no such file"):
        cached_features(tmp_path / "nothing.mp4")
    corrupt = tmp_path / "corrupt.mp4"
    corrupt.write_bytes(b"\0" * 5000)
    with pytest.raises(VideoAlignmentError, match=r"corrupt\.mp4"):
        cached_features(corrupt)
    assert kept() == []

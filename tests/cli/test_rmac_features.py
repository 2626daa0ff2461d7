"""rmac_features.py, run as people run it."""

import pickle
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from ramps import run_ffmpeg

from videoalignment.features.store import read_features

SCRIPT = Path(__file__).parents[2] / "rmac_features.py"
LITE = ("--backbone", "efficientnet_lite0")


@pytest.fixture
def run(run):
    """Run the script in this process."""
    return partial(run, "rmac_features.py")


def started(*arguments: object, **options) -> subprocess.Popen:
    """The script, just started as a process of its own."""
    return subprocess.Popen([sys.executable, SCRIPT, *map(str, arguments)], text=True, **options)


def make_video(path: Path, duration_s: int = 2) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    source = f"testsrc=size=96x72:rate=30:duration={duration_s}"
    run_ffmpeg("-f", "lavfi", "-i", source, f"file:{path}")
    return path


def test_the_published_command_line(run, tmp_path, resnet34_weights):
    make_video(tmp_path / "videos/one.mp4")
    make_video(tmp_path / "videos/sub/two.mp4")
    videos, prefix, out = tmp_path / "videos", tmp_path / "pca/mine", tmp_path / "out"
    options = ["--image_area", "12000", "--resnet_level", "30", "--rmac_levels", "3"]
    options += ["--workers", "16", "--b_s", "200", "--fps", "15", "--weights", resnet34_weights]
    trained = run(videos, prefix, out, "--train_pca", "--pca_dimensions", "64", *options)
    assert trained.status == 0, trained.err
    files = ["mine_Dvt_resnet34_29.t7", "mine_mean_resnet34_29.t7"]
    assert sorted(path.name for path in prefix.parent.glob("*.t7")) == files
    assert sorted(Path(line).name for line in trained.out.splitlines()[1:]) == files
    extracted = run(videos, prefix, out, *options)
    assert extracted.status == 0, extracted.err
    assert extracted.out == "2 videos extracted\n"
    for name in ("one", "sub/two"):
        with (out / f"rmac_resnet34_29/{name}.pkl").open("rb") as file:
            array = pickle.load(file)
        assert (array.dtype, array.shape) == (np.float32, (30, 64))


def test_one_video_without_pca_keeps_times_in_npz(run, tmp_path):
    video = make_video(tmp_path / "-v ä.mp4")
    done = run(f"{tmp_path}/{video.name}", "none", tmp_path / "out", *LITE, "--format", "npz")
    assert done.status == 0, done.err
    features = read_features(tmp_path / "out/rmac_efficientnet_lite0_12/-v ä.npz")
    np.testing.assert_allclose(features.times_s, np.arange(30) / 15)
    assert features.duration_s == pytest.approx(2)


def test_a_broken_video_is_reported_last_and_in_the_status(run, tmp_path):
    make_video(tmp_path / "videos/a.mp4")
    (tmp_path / "videos/b.mp4").write_bytes(b"broken" * 100)
    done = run(tmp_path / "videos", "none", tmp_path / "out", *LITE)
    assert done.status == 2
    assert done.out == "1 videos extracted, 1 failed\n"
    extracted, failed = done.err.splitlines()
    assert "a.pkl" in extracted
    assert failed.startswith("error: ")
    assert "b.mp4" in failed
    assert (tmp_path / "out/rmac_efficientnet_lite0_12/a.pkl").exists()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["gone.mp4", "none", "out"], "no such file"),
        (["VIDEO", "nowhere/x", "out", *LITE], "no PCA file"),
        (["VIDEO", "none", "out", "--level", "99"], "levels 1 to 33"),
        (["VIDEO", "none", "out", "--backbone", "vgg"], "no 'vgg'"),
        (["VIDEO", "none", "out", "--weights", "gone.pth"], "gone.pth"),
        (["VIDEO", "none", "out", "--workers", "-1"], "--workers -1"),
        (["VIDEO", "none", "out", *LITE, "--b_s", "0"], "0"),
        (["VIDEO", "none", "out", *LITE, "--fps", "0"], "--fps 0"),
        (["VIDEO", "none", "out", *LITE, "--train_pca", "--fps", "nan"], "--fps nan"),
        (["VIDEO", "none", "out", *LITE, "--train_pca", "--image_area", "0"], "--image_area 0"),
        (["VIDEO", "none", "out", *LITE, "--train_pca", "--pca_dimensions", "0"], "dimensions 0"),
        (["VIDEO", "none", "out", *LITE, "--resnet_level", "30"], "--resnet_level 30"),
    ],
)
def test_mistakes_are_one_line(run, make_video, arguments, reason):
    video = make_video("a.mp4")
    done = run(*[video if argument == "VIDEO" else argument for argument in arguments])
    assert done.status == 2
    assert done.err.startswith("error: ")
    assert done.err.count("\n") == 1
    assert reason in done.err


def test_what_exists_is_skipped_but_its_options_are_checked(run, tmp_path):
    arguments = [make_video(tmp_path / "a.mp4"), "none", tmp_path / "out", *LITE]
    assert run(*arguments).status == 0
    again = run(*arguments)
    assert (again.status, again.out) == (0, "0 videos extracted, 1 done before\n")
    otherwise = run(*arguments, "--fps", "5")
    assert otherwise.status == 2
    assert "--overwrite" in otherwise.err
    assert otherwise.err.count("\n") == 1
    assert run(*arguments, "--fps", "5", "--overwrite").status == 0
    refused = run(*arguments, "--image_area", "0")
    assert refused.status == 2
    assert "--image_area 0" in refused.err


def test_a_pca_that_exists_is_not_trained_again(run, tmp_path):
    arguments = [make_video(tmp_path / "a.mp4"), tmp_path / "pca", "out", *LITE, "--train_pca"]
    arguments += ["--pca_dimensions", "4", "--max_frames", "20"]
    first = run(*arguments)
    again = run(*arguments)
    assert (first.status, again.status) == (0, 0), first.err + again.err
    assert first.out.splitlines() == ["1 videos trained on", *again.out.splitlines()]
    assert "--overwrite trains them again" in again.err


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_broken_off_leaves_no_half_file_and_can_be_repeated(run, tmp_path, how):
    videos, out = tmp_path / "videos", tmp_path / "out"
    make_video(videos / "a.mp4", 2)
    make_video(videos / "b.mp4", 60)
    arguments = [videos, "none", out, *LITE, "--level", "2"]
    with started(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert "a.pkl" in process.stderr.readline()
        process.send_signal(how)
        _, complaints = process.communicate(timeout=60)
    folder = out / "rmac_efficientnet_lite0_2"
    assert [path.name for path in folder.glob("[!.]*.pkl")] == ["a.pkl"]
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert len(complaints.splitlines()) == 1
    again = run(*arguments)
    assert again.status == 0, again.err
    assert "1 done before" in again.out
    with (folder / "b.pkl").open("rb") as file:
        assert len(pickle.load(file)) == 900


def test_two_runs_at_once_over_one_folder(tmp_path):
    for name in "abc":
        make_video(tmp_path / f"videos/{name}.mp4")
    arguments = [tmp_path / "videos", "none", tmp_path / "out", *LITE]
    processes = [
        started(*arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(2)
    ]
    assert [process.wait(timeout=300) for process in processes] == [0, 0]
    folder = tmp_path / "out/rmac_efficientnet_lite0_12"
    assert sorted(path.name for path in folder.glob("*.pkl")) == ["a.pkl", "b.pkl", "c.pkl"]
    for path in folder.glob("*.pkl"):
        with path.open("rb") as file:
            assert pickle.load(file).shape == (30, 112)

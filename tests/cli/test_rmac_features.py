"""The command line, run as people run it."""

import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
import torch

from videoalignment.features.store import read_features
from videoalignment.features.torchvision_import import torchvision

SCRIPT = Path(__file__).parents[2] / "rmac_features.py"


def run(*arguments) -> subprocess.CompletedProcess:
    command = [sys.executable, SCRIPT, *arguments]
    return subprocess.run(
        list(map(str, command)), capture_output=True, text=True, check=False, timeout=300
    )


def make_video(path: Path, duration_s: int = 2) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    source = f"testsrc=size=96x72:rate=30:duration={duration_s}"
    program = imageio_ffmpeg.get_ffmpeg_exe()
    subprocess.run(
        [program, "-loglevel", "error", "-f", "lavfi", "-i", source, f"file:{path}"], check=True
    )
    return path


@pytest.fixture(scope="module")
def weights(tmp_path_factory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "resnet34.pth"
    torch.save(torchvision.models.resnet34().state_dict(), path)
    return path


def test_the_published_command_line(tmp_path, weights):
    make_video(tmp_path / "videos/one.mp4")
    make_video(tmp_path / "videos/sub/two.mp4")
    videos, prefix, out = tmp_path / "videos", tmp_path / "pca/mine", tmp_path / "out"
    options = ["--image_area", "12000", "--resnet_level", "30", "--rmac_levels", "3"]
    options += ["--workers", "16", "--b_s", "200", "--fps", "15", "--weights", weights]
    trained = run(videos, prefix, out, "--train_pca", "--pca_dimensions", "64", *options)
    assert trained.returncode == 0, trained.stderr
    assert sorted(path.name for path in prefix.parent.iterdir()) == [
        "mine_Dvt_resnet34_29.t7",
        "mine_mean_resnet34_29.t7",
    ]
    extracted = run(videos, prefix, out, *options)
    assert extracted.returncode == 0, extracted.stderr
    for name in ("one", "sub/two"):
        with (out / f"rmac_resnet34_29/{name}.pkl").open("rb") as file:
            array = pickle.load(file)
        assert (array.dtype, array.shape) == (np.float32, (30, 64))


def test_one_video_without_pca_keeps_times_in_npz(tmp_path):
    video = make_video(tmp_path / "-v ä.mp4")
    options = ("--backbone", "efficientnet_lite0", "--format", "npz")
    done = run(f"{tmp_path}/{video.name}", "none", tmp_path / "out", *options)
    assert done.returncode == 0, done.stderr
    features = read_features(tmp_path / "out/rmac_efficientnet_lite0_12/-v ä.npz")
    np.testing.assert_allclose(features.times_s, np.arange(30) / 15)
    assert features.duration_s == pytest.approx(2)


def test_a_broken_video_is_reported_last_and_in_the_status(tmp_path):
    make_video(tmp_path / "videos/a.mp4")
    (tmp_path / "videos/b.mp4").write_bytes(b"broken" * 100)
    done = run(tmp_path / "videos", "none", tmp_path / "out", "--backbone", "efficientnet_lite0")
    assert done.returncode == 2
    assert "1 failed" in done.stdout
    assert len(done.stderr.splitlines()) == 1
    assert "b.mp4" in done.stderr
    assert (tmp_path / "out/rmac_efficientnet_lite0_12/a.pkl").exists()


LITE = ("VIDEO", "none", "out", "--backbone", "efficientnet_lite0")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["gone.mp4", "none", "out"], "no such file"),
        (["VIDEO", "nowhere/x", "out", "--backbone", "efficientnet_lite0"], "no PCA file"),
        (["VIDEO", "none", "out", "--level", "99"], "levels 1 to 33"),
        (["VIDEO", "none", "out", "--backbone", "vgg"], "no backbone"),
        (["VIDEO", "none", "out", "--weights", "gone.pth"], "gone.pth"),
        (["VIDEO", "none", "out", "--workers", "-1"], "--workers -1"),
        ([*LITE, "--b_s", "0"], "batch 0"),
        ([*LITE, "--fps", "0"], "--fps 0"),
        ([*LITE, "--train_pca", "--fps", "nan"], "--fps nan"),
        ([*LITE, "--train_pca", "--image_area", "0"], "--image_area 0"),
        ([*LITE, "--train_pca", "--pca_dimensions", "0"], "dimensions 0"),
    ],
)
def test_mistakes_are_one_line(tmp_path, arguments, reason):
    video = make_video(tmp_path / "a.mp4")
    done = run(*[str(video) if argument == "VIDEO" else argument for argument in arguments])
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert reason in done.stderr


def test_what_exists_is_skipped_but_its_options_are_checked(tmp_path):
    arguments = [make_video(tmp_path / "a.mp4"), "none", tmp_path / "out"]
    arguments += ["--backbone", "efficientnet_lite0"]
    assert run(*arguments).returncode == 0
    again = run(*arguments)
    assert again.returncode == 0
    assert "1 done before" in again.stdout
    otherwise = run(*arguments, "--fps", "5")
    assert otherwise.returncode == 2
    assert "max_fps 15.0, not 5.0" in otherwise.stderr
    assert len(otherwise.stderr.splitlines()) == 1
    refused = run(*arguments, "--image_area", "0")
    assert refused.returncode == 2
    assert "--image_area 0" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_broken_off_leaves_no_half_file_and_can_be_repeated(tmp_path, how):
    videos, out = tmp_path / "videos", tmp_path / "out"
    make_video(videos / "a.mp4", 2)
    make_video(videos / "b.mp4", 60)
    arguments = [videos, "none", out, "--backbone", "efficientnet_lite0", "--level", "2"]
    command = [sys.executable, SCRIPT, *arguments]
    with subprocess.Popen(
        list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert "a.pkl" in process.stdout.readline()
        time.sleep(0.2)
        process.send_signal(how)
        _, complaints = process.communicate(timeout=60)
    folder = out / "rmac_efficientnet_lite0_2"
    assert {path.name for path in folder.glob("[!.]*")} == {"a.pkl", "recipe.json"}
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert len(complaints.splitlines()) == 1
    again = run(*arguments)
    assert again.returncode == 0, again.stderr
    assert "1 done before" in again.stdout
    with (folder / "b.pkl").open("rb") as file:
        assert len(pickle.load(file)) == 900


def test_two_runs_at_once_over_one_folder(tmp_path):
    for name in "abc":
        make_video(tmp_path / f"videos/{name}.mp4")
    arguments = [tmp_path / "videos", "none", tmp_path / "out", "--backbone", "efficientnet_lite0"]
    command = list(map(str, [sys.executable, SCRIPT, *arguments]))
    processes = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait(timeout=300) for process in processes] == [0, 0]
    folder = tmp_path / "out/rmac_efficientnet_lite0_12"
    names = ["a.pkl", "b.pkl", "c.pkl"]
    assert sorted(path.name for path in folder.iterdir()) == [*names, "recipe.json"]
    for path in folder.glob("*.pkl"):
        with path.open("rb") as file:
            assert pickle.load(file).shape == (30, 112)


def test_help_names_the_options():
    done = run("--help")
    assert done.returncode == 0
    assert "--train_pca" in done.stdout

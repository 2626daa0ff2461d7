"""`videoalignment features` and `evaluate` do what the two scripts do."""

import subprocess
import sys
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from videoalignment.features.store import read_descriptors, read_features

_ROOT = Path(__file__).parents[2]
_COMMAND = [sys.executable, "-m", "videoalignment"]


def _run(*command: str | Path, **options) -> subprocess.CompletedProcess:
    return subprocess.run([*map(str, command)], capture_output=True, text=True, **options)


@pytest.fixture(scope="module")
def video(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("video") / "test card.mp4"
    picture = "testsrc2=s=160x120:r=30:d=1"
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    subprocess.run([ffmpeg, "-loglevel", "error", "-f", "lavfi", "-i", picture, path], check=True)
    return path


def test_features_are_those_of_the_script(video, tmp_path):
    ended = _run(*_COMMAND, "features", video, tmp_path / "verb")
    assert ended.returncode == 0, ended.stderr
    (written,) = (tmp_path / "verb").rglob("*.npz")
    assert written.name == "test card.npz"
    features = read_features(written)
    assert features.times_s == pytest.approx(np.arange(15) / 15)
    script = [sys.executable, _ROOT / "rmac_features.py", video, "none", tmp_path / "script"]
    ended = _run(*script, "--backbone", "efficientnet_lite0")
    assert ended.returncode == 0, ended.stderr
    (expected,) = (tmp_path / "script").rglob("*.pkl")
    np.testing.assert_allclose(features.descriptors, read_descriptors(expected), atol=1e-5)


def test_features_of_a_bad_video(tmp_path):
    (tmp_path / "text.mp4").write_text("hello\n" * 100)
    ended = _run(*_COMMAND, "features", tmp_path / "text.mp4", tmp_path / "out")
    assert ended.returncode == 2
    assert "text.mp4" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_evaluate_prints_what_main_prints(replica, tmp_path, monkeypatch):
    monkeypatch.setenv("VIDEOALIGNMENT_CLIMBING", str(replica(11, 1.6) / "Climbing"))
    options = ["--dataset_test", "Climbing", "--model", "TMK", "--output_dir"]
    verb = _run(*_COMMAND, "evaluate", *options, tmp_path / "verb")
    script = _run(sys.executable, _ROOT / "main.py", *options, tmp_path / "script")
    assert (verb.returncode, script.returncode) == (0, 0), verb.stderr + script.stderr
    assert "Localization error <0.1s: " in verb.stdout
    assert verb.stdout.replace("verb", "script") == script.stdout


def test_evaluate_needs_a_dataset(tmp_path):
    ended = _run(*_COMMAND, "evaluate", "--model", "CTE")
    assert ended.returncode == 2
    assert ended.stderr == "error: give --dataset_test and --output_dir, or --summary\n"


def test_no_verb_shows_the_verbs():
    ended = _run(*_COMMAND)
    assert ended.returncode == 0
    assert all(verb in ended.stdout for verb in ("align", "features", "evaluate"))

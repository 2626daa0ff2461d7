"""Features of eight real phone videos, and what the models make of them."""

import subprocess
from typing import NamedTuple

import imageio_ffmpeg
import numpy as np
import pytest
import torch

from videoalignment.features.describe import FrameDescriber
from videoalignment.features.extract import extract_video
from videoalignment.features.store import FrameFeatures
from videoalignment.features.torchvision_import import torchvision
from videoalignment.media.frames import probe_video
from videoalignment.models import CTE, TMK

FPS = 15
CHAIR_22 = ("chair-orig-22-sd-bar", "chair-22-sd-grey-bar", "chair-22-with-large-logo-bar")
# (a, b, seconds into b at which a starts)
PAIRS = [
    *(("chair-19-sd-bar", b, 3.7) for b in CHAIR_22),
    *(("chair-20-sd-bar", b, 2.0) for b in CHAIR_22),
]


@pytest.fixture(scope="module")
def videos(shared):
    return shared / "data/tmk/videos"


@pytest.fixture(scope="module")
def describer():
    return FrameDescriber("efficientnet_lite0")


@pytest.fixture(scope="module")
def features(videos, describer) -> dict[str, FrameFeatures]:
    return {path.stem: extract_video(path, describer) for path in sorted(videos.glob("*.mp4"))}


def test_all_eight_have_a_frame_every_fifteenth_second(videos, features):
    assert len(features) == 8
    for name, found in features.items():
        program = imageio_ffmpeg.get_ffmpeg_exe()
        raw = subprocess.run(
            [
                *(program, "-loglevel", "error", "-i", videos / f"{name}.mp4"),
                *("-vf", "fps=15,scale=1:1", "-fps_mode", "passthrough"),
                *("-f", "rawvideo", "-pix_fmt", "gray", "-"),
            ],
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        assert len(found.descriptors) == len(raw)
        np.testing.assert_allclose(found.times_s, np.arange(len(raw)) / FPS, atol=1e-6)
        np.testing.assert_allclose(np.linalg.norm(found.descriptors, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("name", ["chair-19-sd-bar", "doorknob-hd-no-bar", "pattern-hd-no-bar"])
def test_descriptors_agree_with_an_independent_extraction(videos, features, describer, name):
    """Whole frames from ffmpeg, scaled by torchvision with antialiasing."""
    path = videos / f"{name}.mp4"
    info = probe_video(path)
    raw = subprocess.run(
        [
            *(imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-i", path),
            *("-vf", "fps=15", "-t", "3", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"),
        ],
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    frames = np.frombuffer(raw, np.uint8).reshape(-1, info.height, info.width, 3)
    short = min(info.width, info.height)
    size = round(short / (info.width * info.height / 12000) ** 0.5)
    scaled = torchvision.transforms.functional.resize(
        torch.from_numpy(frames.copy()).permute(0, 3, 1, 2), [size], antialias=True
    )
    expected = describer.describe(np.ascontiguousarray(scaled.permute(0, 2, 3, 1).numpy()))
    found = features[name].descriptors[: len(expected)]
    assert (expected * found).sum(axis=1).min() >= 0.98


class Options(NamedTuple):
    m: int
    fft_length: int = 4096


@pytest.fixture(params=["TMK", "CTE"])
def model(request):
    return TMK(Options(16)) if request.param == "TMK" else CTE(Options(256))


def best_offset(model, a: FrameFeatures, b: FrameFeatures) -> tuple[float, float]:
    """The best score and the seconds into b at which a starts."""
    offsets = torch.arange(-len(b.descriptors), len(a.descriptors)).view(1, -1).float()
    first, second = (
        model.single_fv(
            torch.from_numpy(video.descriptors - video.descriptors.mean(axis=0))[None],
            torch.from_numpy(video.times_s * FPS).float()[None],
        )
        for video in (a, b)
    )
    scores = model.score_pair(first, second, offsets)[0]
    best = int(scores.argmax())
    return float(scores[best]), -float(offsets[0, best]) / FPS


def test_the_models_find_where_the_chairs_meet(model, features):
    """All true pairs within 0.15 s, and the doorknob below each of them."""
    true_scores = []
    for a, b, start_s in PAIRS:
        score, found_s = best_offset(model, features[a], features[b])
        assert abs(found_s - start_s) < 0.15, (a, b)
        true_scores.append(score)
    for name in features:
        if name.startswith("chair"):
            score, _ = best_offset(model, features["doorknob-hd-no-bar"], features[name])
            assert score < min(true_scores), name

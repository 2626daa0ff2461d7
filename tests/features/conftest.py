"""Videos made by ffmpeg for the tests, and weights for a network without a download."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import imageio_ffmpeg
import pytest
import torch

from videoalignment._torchvision import torchvision


def run_ffmpeg(*arguments: str | Path) -> bytes:
    """Run ffmpeg and return what it writes to "-"."""
    program = imageio_ffmpeg.get_ffmpeg_exe()
    command = [program, "-nostdin", "-loglevel", "error", "-y", *map(str, arguments)]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout


@pytest.fixture
def make_video(tmp_path) -> Callable[..., Path]:
    """Makes NAME from ffmpeg's test picture: `make_video("a.mp4", "-pix_fmt", "gray")`."""

    def make(name: str, *options: str, source: str = "testsrc=size=160x120:rate=30:duration=2"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        run_ffmpeg("-f", "lavfi", "-i", source, *options, f"file:{path}")
        return path

    return make


@pytest.fixture(scope="session")
def resnet34_weights(tmp_path_factory) -> Path:
    """A file of random ResNet-34 weights, with batch norms that do something."""
    torch.manual_seed(0)
    network = torchvision.models.resnet34()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    path = tmp_path_factory.mktemp("weights") / "resnet34.pth"
    torch.save(network.state_dict(), path)
    return path

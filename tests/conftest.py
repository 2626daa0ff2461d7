"""What all tests share: golden outputs, datasets with known ground truth, videos made by ffmpeg."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

# The tests' tensors are small; several threads would only wait for each other, above all where
# other programs run too. Read by torch at its import, and by the commands that tests start.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import hypothesis
import pytest
import torch
from ramps import run_ffmpeg, write_ramp

from videoalignment.features.torchvision_import import torchvision

# How long an example takes says more of what else runs than of the code.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

# A shell that starts the tests in the background has them ignore Ctrl-C, and the commands that they
# start inherit that; tests of Ctrl-C send it to these commands.
signal.signal(signal.SIGINT, signal.default_int_handler)

CHROMIUM, CHROMEDRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
_BROWSER_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

_SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of golden outputs, real data and generators beside the repository."""
    if not _SHARED.is_dir():
        pytest.skip("needs the folder ../shared (golden outputs and real data), which is missing")
    return _SHARED


@pytest.fixture(scope="session")
def golden() -> Path:
    """The folder of golden outputs: what an independent implementation gives on made-up inputs."""
    return Path(__file__).parent / "golden"


@pytest.fixture(scope="session")
def replica(shared, tmp_path_factory) -> Callable[[int, float], Path]:
    """Write the four datasets with made-up features, once a seed."""
    trees = {}

    def write(seed: int, noise: float) -> Path:
        if seed not in trees:
            tree = tmp_path_factory.mktemp(f"replica{seed}")
            options = ["--seed", seed, "--scale", 0.1, "--noise", noise, "--videos"]
            command = [sys.executable, shared / "tools" / "replica.py", tree, *options]
            subprocess.run([*map(str, command)], check=True)
            trees[seed] = tree
        return trees[seed]

    return write


@pytest.fixture(scope="module")
def own_cache(tmp_path_factory) -> Iterator[None]:
    """Features are cached in a folder of the module's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VIDEOALIGNMENT_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def make_ramp(tmp_path_factory) -> Callable[..., Path]:
    """`write_ramp` by file name, each in a folder of its own."""

    def make(name: str, *arguments, **options) -> Path:
        return write_ramp(tmp_path_factory.mktemp("ramps") / name, *arguments, **options)

    return make


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


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """A real Chromium, driven by selenium."""
    webdriver = pytest.importorskip("selenium.webdriver")
    if not (os.access(CHROMIUM, os.X_OK) and os.access(CHROMEDRIVER, os.X_OK)):
        pytest.skip(f"no {CHROMIUM} with {CHROMEDRIVER}")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*_BROWSER_FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('browser')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(CHROMEDRIVER)
    with webdriver.Chrome(options=options, service=service) as driver:
        yield driver

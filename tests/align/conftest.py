from collections.abc import Callable
from pathlib import Path

import pytest
from ramps import write_ramp


@pytest.fixture(scope="session")
def make_ramp(tmp_path_factory) -> Callable[..., Path]:
    """`write_ramp` by file name, each in a folder of its own."""

    def make(name: str, *arguments, **options) -> Path:
        return write_ramp(tmp_path_factory.mktemp("ramps") / name, *arguments, **options)

    return make

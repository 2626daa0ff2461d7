"""The package as somebody imports it who is not in its repository."""

import subprocess
import sys

import pytest

import videoalignment


def run(program: str, folder) -> str:
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, text=True).stdout


def test_every_listed_name_exists(tmp_path):
    program = (
        "import videoalignment\n"
        "for name in videoalignment.__all__:\n"
        "    print(getattr(videoalignment, name).__name__)"
    )
    assert run(program, tmp_path).split() == videoalignment.__all__


def test_importing_it_loads_neither_torch_nor_numpy(tmp_path):
    program = "import sys, videoalignment; print({'torch', 'numpy'} & set(sys.modules))"
    assert run(program, tmp_path).strip() == "set()"


def test_another_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        videoalignment.no_such_name  # noqa: B018

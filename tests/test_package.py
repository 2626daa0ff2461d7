"""The package as somebody imports it who is not in its repository."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import videoalignment

LAZY_FACES = (
    "videoalignment",
    *(f"videoalignment.{room}" for room in ("align", "datasets", "eval", "models", "train")),
)
"""Packages whose names are loaded on first use, with imports that only type checkers see."""


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


def test_its_version_is_a_version():
    assert videoalignment.__version__.split(".")[0].isdigit()


def test_it_says_that_it_has_types():
    assert Path(videoalignment.__file__).with_name("py.typed").exists()


@pytest.mark.parametrize("face", LAZY_FACES)
def test_type_checkers_see_the_names_that_programs_get(face):
    package = importlib.import_module(face)
    for_checkers = {
        alias.asname: node.module
        for block in ast.parse(Path(package.__file__).read_text(encoding="utf-8")).body
        if isinstance(block, ast.If)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert for_checkers.keys() == set(package.__all__) - vars(package).keys()
    for name, home in for_checkers.items():
        assert getattr(importlib.import_module(home), name) is getattr(package, name)

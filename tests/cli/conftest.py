"""Running commands as people do, in this process, so that torch is imported once."""

import runpy
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from videoalignment.cli import main

_ROOT = Path(__file__).parents[2]


class Ended(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    err: str


@pytest.fixture
def run(monkeypatch, capsys) -> Callable[..., Ended]:
    """Run `videoalignment ...`, or a script of the repository: `run("main.py", "--help")`."""

    def run(program: str, *words: object) -> Ended:
        monkeypatch.setattr(sys, "argv", [program, *map(str, words)])
        monkeypatch.setattr(sys, "path", [*sys.path])  # a script or an own class may extend it
        with pytest.raises(SystemExit) as ended:
            if program == "videoalignment":
                main()
            else:
                runpy.run_path(str(_ROOT / program), run_name="__main__")
        captured = capsys.readouterr()
        return Ended(ended.value.code, captured.out, captured.err)

    before = signal.getsignal(signal.SIGTERM)
    yield run
    signal.signal(signal.SIGTERM, before)

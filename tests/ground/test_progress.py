"""Progress bars, seen from outside: stderr is a terminal or it is none."""

import os
import subprocess
import sys

import pytest

pty = pytest.importorskip("pty", reason="needs a pseudo-terminal")


def stderr_of(body: str, *, terminal: bool, show_after_s: float = 0) -> str:
    """Run a program with `Progress` and `track`, and return what its stderr shows."""
    program = (
        "from videoalignment import progress\n"
        "from videoalignment.progress import Progress, track\n"
        f"progress.SHOW_AFTER_S = {show_after_s}\n{body}"
    )
    command = [sys.executable, "-c", program]
    if not terminal:
        return subprocess.run(command, check=True, stderr=subprocess.PIPE, text=True).stderr
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 4096):
                shown += piece
        except OSError:  # how Linux says that the other end is closed
            pass
        os.close(ours)
    assert process.returncode == 0, shown.decode()
    return shown.decode()


@pytest.mark.parametrize("total", [3, None])
def test_people_see_a_bar(total):
    shown = stderr_of(
        f"with Progress('matching', {total}, 'pairs') as bar:\n"
        "    for _ in range(3): bar.advance()",
        terminal=True,
    )
    assert "matching" in shown
    assert "pairs" in shown
    assert ("100%" in shown) == (total is not None)


def test_files_and_pipes_see_nothing():
    body = "with Progress('matching', 3) as bar: bar.advance(3)"
    assert stderr_of(body, terminal=False) == ""


def test_short_work_shows_nothing():
    body = "assert [*track(range(4), 'counting', 4)] == [0, 1, 2, 3]"
    assert stderr_of(body, terminal=True, show_after_s=1e9) == ""


@pytest.mark.parametrize(
    "body",
    [
        "with Progress('matching', 3) as bar: bar.advance(2); bar.advance(5)",
        "with Progress('matching', 0) as bar: bar.advance(0)",
        "try:\n    with Progress('matching', 3) as bar: bar.advance(1); 1 / 0\n"
        "except ZeroDivisionError: pass",
    ],
    ids=["more steps than expected", "nothing to do", "an error in the middle"],
)
def test_odd_work_breaks_nothing(body):
    assert "matching" in stderr_of(body, terminal=True)

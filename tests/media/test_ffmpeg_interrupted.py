"""Ctrl-C while ffmpeg is being started: it must not go on, and write, when we are gone."""

import os
import subprocess
import sys
import time

import pytest

# What is started interrupts the program that starts it, and writes half a second later.
FFMPEG = """#!/bin/sh
kill -INT $PPID
sleep 0.5
echo written > "$WRITTEN"
"""
PROGRAM = """
from videoalignment.media.ffmpeg import Ffmpeg
with Ffmpeg([]) as running:
    running.wait()
"""


@pytest.mark.skipif(os.name != "posix", reason="signals as Linux has them")
@pytest.mark.parametrize("attempt", range(3))
def test_what_is_started_at_an_interrupt_is_ended(attempt, tmp_path):
    program, written = tmp_path / "ffmpeg", tmp_path / "written"
    program.write_text(FFMPEG)
    program.chmod(0o755)
    surroundings = {**os.environ, "IMAGEIO_FFMPEG_EXE": str(program), "WRITTEN": str(written)}
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=surroundings, capture_output=True, text=True
    )
    assert "KeyboardInterrupt" in ended.stderr
    time.sleep(1.0)
    assert not written.exists()

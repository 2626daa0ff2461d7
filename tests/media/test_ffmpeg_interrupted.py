"""Ctrl-C while ffmpeg is being started: it must not go on, and write, when we are gone."""

import os
import subprocess
import sys
import time

import pytest

# What is started interrupts the program that starts it, and writes half a second later.
FFMPEG = """#!/bin/sh
kill -$SIGNAL $PPID
sleep 0.5
echo written > "$WRITTEN"
"""
PROGRAM = """
import signal
from videoalignment.media.ffmpeg import Ffmpeg
signal.signal(signal.SIGTERM, signal.default_int_handler)
with Ffmpeg([]) as running:
    running.wait()
"""


# Interrupts itself when the first handler of a signal is about to be changed.
PROGRAM_INTERRUPTED_EARLY = """
import os, signal, sys
from videoalignment.media.ffmpeg import Ffmpeg
def interrupt(frame, event, _):
    if event == "call" and frame.f_code is signal.signal.__code__:
        sys.setprofile(None)
        os.kill(os.getpid(), signal.SIGINT)
sys.setprofile(interrupt)
with Ffmpeg([]) as running:
    running.wait()
"""

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals as Linux has them")


@pytest.mark.parametrize("attempt", range(3))
@pytest.mark.parametrize("name", ["INT", "TERM"])
def test_what_is_started_at_an_interrupt_is_ended(name, attempt, tmp_path):
    program, written = tmp_path / "ffmpeg", tmp_path / "written"
    program.write_text(FFMPEG)
    program.chmod(0o755)
    surroundings = {**os.environ, "IMAGEIO_FFMPEG_EXE": str(program), "WRITTEN": str(written)}
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**surroundings, "SIGNAL": name},
        capture_output=True,
        text=True,
    )
    assert ended.stderr.endswith("KeyboardInterrupt\n")
    time.sleep(1.0)
    assert not written.exists()


def test_an_interrupt_just_before_ffmpeg_is_started():
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM_INTERRUPTED_EARLY], capture_output=True, text=True
    )
    assert ended.stderr.endswith("KeyboardInterrupt\n")
    assert "another exception" not in ended.stderr

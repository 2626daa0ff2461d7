"""Other programs that align by sound, as one who uses them would: plain correlation, and a package.

The package `audio-offset-finder` asks for other versions of libraries than this one may have; so it
runs in a Python of its own, in which `pip install audio-offset-finder` was done.
"""

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import imageio_ffmpeg
import numpy as np
import scipy.fft

from videoalignment.media.samples import RATE_HZ

# Told a pair of files a line; says when the second begins in the first, how sure it is, and how
# many processor seconds that took, with those of the programs that it starts.
_SCRIPT = """
import json, os, sys
from audio_offset_finder.audio_offset_finder import find_offset_between_files
for line in sys.stdin:
    before = os.times()
    found = find_offset_between_files(*json.loads(line))
    seconds = sum(b - a for a, b in zip(before[:4], os.times()[:4]))
    print(json.dumps([found["time_offset"], found["standard_score"], seconds]), flush=True)
"""


@dataclass(frozen=True)
class Found:
    """What a program says about a pair."""

    offset_s: float
    """The moment of the second file at which the first begins."""
    score: float
    """How sure it is, in its own terms."""
    seconds: float
    """Processor time."""


def plain_offset_s(a: np.ndarray, b: np.ndarray) -> float:
    """The offset at which samples themselves correlate best, at `RATE_HZ`; always answers."""
    size = scipy.fft.next_fast_len(len(a) + len(b), real=True)
    product = scipy.fft.rfft(b, size) * scipy.fft.rfft(a, size).conj()
    lag = int(np.argmax(np.abs(scipy.fft.irfft(product, size))))
    return (lag if lag < len(b) else lag - size) / RATE_HZ


def audio_offset_finder(python: Path, pairs: Sequence[tuple[Path, Path]]) -> list[Found]:
    """Ask audio-offset-finder, with what it does unless told otherwise.

    Args:
        python: a Python that has it.
        pairs: files.
    """
    # its first file is the one in which the second is looked for
    asked = "".join(f"{json.dumps([str(b), str(a)])}\n" for a, b in pairs)
    with TemporaryDirectory() as folder:
        (Path(folder) / "ffmpeg").symlink_to(imageio_ffmpeg.get_ffmpeg_exe())
        path = f"{folder}{os.pathsep}{os.environ['PATH']}"
        said = subprocess.run(
            [str(python), "-c", _SCRIPT],
            input=asked,
            env={**os.environ, "PATH": path, "PYTHONPATH": ""},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    return [Found(*json.loads(line)) for line in said.splitlines()]

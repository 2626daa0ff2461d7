"""The time stamp of every frame of a video, to the microsecond."""

import os
import re
from dataclasses import dataclass

import numpy as np

from videoalignment.errors import UnusableFileError
from videoalignment.media.ffmpeg import DECODING, Ffmpeg, existing_file, input_arguments
from videoalignment.progress import Progress

MICROSECONDS = "settb=1/1000000"
"""The filter behind which time stamps count microseconds."""

_FRAME = re.compile(r"\[showinfo@times @ .* n: *(\d+) pts: *(-?\d+|NOPTS) .* iskey:([01]) ")
_REPORTED_EVERY = 100


@dataclass(frozen=True)
class FrameTimes:
    """When each frame is shown."""

    stamps_us: np.ndarray
    """Time stamps as the file has them, microseconds, int64 of shape (frames,), as displayed.

    They need not begin at 0; ffmpeg shows the same ones behind `-copyts` and `MICROSECONDS`."""
    keys: np.ndarray
    """Whether decoding can begin there, bool of shape (frames,)."""

    @property
    def duration_s(self) -> float:
        """From the first frame to the end of the last, which is taken to last as most do."""
        steps_us = np.diff(self.stamps_us)
        last_us = float(np.median(steps_us)) if len(steps_us) else 0.0
        return float(self.stamps_us[-1] - self.stamps_us[0] + last_us) / 1e6


def frame_times(path: str | os.PathLike[str]) -> FrameTimes:
    """Decode a video for the times of its frames.

    Raises:
        UnusableFileError: no such file, no frame decodes, or frames have no time stamps.
    """
    path = existing_file(path)
    stamps: list[int] = []
    keys: list[bool] = []

    with Progress(f"frames of {path.name}", None, "frames") as progress:

        def read_message(line: str) -> None:
            found = _FRAME.search(line)
            if found and found[2] != "NOPTS":
                stamps.append(int(found[2]))
                keys.append(found[3] == "1")
                if len(stamps) % _REPORTED_EVERY == 0:
                    progress.advance(_REPORTED_EVERY)

        arguments = [
            *(*DECODING, "-copyts", *input_arguments(path), "-map", "0:V:0"),
            *("-vf", f"{MICROSECONDS},showinfo@times=checksum=0", "-fps_mode", "passthrough"),
            *("-f", "null", "-"),
        ]
        with Ffmpeg(arguments, read_message) as ffmpeg:
            ffmpeg.wait()
    if not stamps:
        raise UnusableFileError(f"{path}: holds no frame with a time stamp that can be decoded")
    order = np.argsort(stamps, kind="stable")
    return FrameTimes(np.array(stamps, np.int64)[order], np.array(keys)[order])

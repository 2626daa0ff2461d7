"""Small frames as ffmpeg's own `-s` and `-r` give them, which is how exchanged hashes are made.

`frames` samples with filters that tell each frame's true time. Hashes that others made, and are
compared with to the last bit, come from ffmpeg's plain options, whose scaler and choice of frames
are others.
"""

import os
import re
from collections.abc import Callable, Iterator

import numpy as np

from videoalignment.errors import UnusableFileError
from videoalignment.media.ffmpeg import Ffmpeg, existing_file, input_arguments

_BREAK = re.compile(r"partial file|ended prematurely|Truncat|Error during demuxing")
_MAPPED = re.compile(r"^\[info\]   Stream #0:(\d+) -> ")


def resampled_frames(
    path: str | os.PathLike,
    *,
    size: tuple[int, int],
    fps: int,
    batch: int = 64,
    threads: int = 0,
    allow_truncated: bool = False,
) -> Iterator[np.ndarray]:
    """Decode a video into batches of small RGB frames at a steady rate.

    The same as `ffmpeg -i PATH -s WIDTHxHEIGHT -an -f rawvideo -pix_fmt rgb24 -r FPS -`.

    Args:
        path: the video file.
        size: (height, width) that frames are scaled to.
        fps: frames a second.
        batch: frames that are yielded together.
        threads: that ffmpeg decodes with; 0 for as many as it likes.
        allow_truncated: keep the frames before the break of a file that breaks off.

    Yields:
        Frames, uint8, shape (n, height, width, 3); the array is used again for the next batch.

    Raises:
        UnusableFileError: no such file, no video, or it breaks off.
    """
    path, (height, width) = existing_file(path), size
    lines: list[str] = []
    arguments = [
        *("-threads", str(threads), *input_arguments(path), "-s", f"{width}:{height}", "-an"),
        *("-f", "rawvideo", "-c:v", "rawvideo", "-pix_fmt", "rgb24", "-r", str(fps), "-"),
    ]
    frames, count = np.empty((batch, height, width, 3), np.uint8), 0
    with Ffmpeg(arguments, _keep_some(lines)) as ffmpeg:
        while n := ffmpeg.stdout.readinto(frames.reshape(-1).data) // frames[0].size:
            if count == 0:
                _check_moving(path, lines)
            count += n
            yield frames[:n]
        _check_end(path, ffmpeg, count / fps, allow_truncated)


def _keep_some(lines: list[str]) -> Callable[[str], None]:
    """Takes ffmpeg's messages and keeps those about the file's streams, which come first."""

    def take(line: str) -> None:
        if len(lines) < 500 and "Stream #0:" in line:
            lines.append(line)

    return take


def _check_moving(path: os.PathLike, lines: list[str]) -> None:
    """Refuse sound with a cover, of which ffmpeg takes the cover for a video of one frame."""
    mapped = next(filter(None, map(_MAPPED.match, lines)), None)
    chosen = f"Stream #0:{mapped[1]}" if mapped else None
    for line in lines:
        if chosen and re.match(rf"\[info\]\s+{chosen}\b", line) and "(attached pic)" in line:
            raise UnusableFileError(f"{path}: has no video stream, only a picture on its cover")


def _check_end(path: os.PathLike, ffmpeg: Ffmpeg, read_s: float, allow_truncated: bool) -> None:
    """Tell a whole video from one that broke off or that ffmpeg failed on."""
    status = ffmpeg.wait()
    if read_s == 0:
        raise UnusableFileError(f"{path}: holds no video that ffmpeg can decode")
    if status < 0:
        raise UnusableFileError(f"{path}: ffmpeg was killed after {read_s:.2f} s of video")
    if (status or any(map(_BREAK.search, ffmpeg.complaints))) and not allow_truncated:
        raise UnusableFileError(
            f"{path}: breaks off after {read_s:.2f} s; copy or download it again, "
            "or keep what is there (`allow_truncated`)"
        )

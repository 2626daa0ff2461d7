"""Videos whose brightness tells their own time, and the alignments that are true of them.

A video here is one even grey that brightens with the moment of the event it shows, so that any
picture made from it says which moment it holds, to about a frame.
"""

import subprocess
from dataclasses import replace
from pathlib import Path

import imageio_ffmpeg
import numpy as np

from videoalignment.align.alignment import Alignment, Segment
from videoalignment.media.probe import probe_video

_DARKEST, _PER_SECOND = 24, 48


def run_ffmpeg(*arguments: str | Path) -> bytes:
    """Run ffmpeg as a user would; returns what it wrote to stdout."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-loglevel", "error", "-y", *arguments]
    return subprocess.run([*map(str, command)], check=True, stdout=subprocess.PIPE).stdout


def write_ramp(
    path: Path,
    duration_s: float,
    moment: str = "T",
    *,
    fps: str = "30",
    size: str = "160x120",
    sound: bool = False,
    extra: tuple[str, ...] = (),
) -> Path:
    """Make a video that shows the moment `moment` of an event, T being its own time in seconds."""
    picture = f"color=s={size}:r={fps}:d={duration_s},geq=lum='{_DARKEST}+{_PER_SECOND}*({moment})'"
    run_ffmpeg(
        *("-f", "lavfi", "-i", f"{picture}:cb=128:cr=128"),
        *(("-f", "lavfi", "-i", f"sine=d={duration_s}") if sound else ()),
        *("-pix_fmt", "yuv420p", "-preset", "ultrafast", "-qp", "8", *extra, f"file:{path}"),
    )
    return path


def moments_shown(path: Path, *, columns: slice = slice(None)) -> np.ndarray:
    """Read back which moment each frame of a video shows, from the lower half of some columns.

    Returns:
        Seconds, shape (frames,); negative where the picture is black.
    """
    info = probe_video(path)
    raw = run_ffmpeg("-i", path, "-f", "rawvideo", "-pix_fmt", "yuv420p", "-")
    planes = np.frombuffer(raw, np.uint8).reshape(-1, info.height * 3 // 2, info.width)
    lower = planes[:, info.height // 2 : info.height - 4, columns]
    return (np.median(lower, axis=(1, 2)) - _DARKEST) / _PER_SECOND


def line_alignment(
    offset_s: float, speed: float, duration_a_s: float, duration_b_s: float, **changes
) -> Alignment:
    """The alignment of two videos of one event on one line."""
    begin_s = max(0.0, -offset_s / speed)
    end_s = min(duration_a_s, (duration_b_s - offset_s) / speed)
    overlap = segment(begin_s, end_s, offset_s + begin_s * speed, speed)
    alignment = Alignment(
        matched=True,
        offset_s=offset_s,
        speed=speed,
        score=0.9,
        confidence=0.99,
        overlap=overlap,
        segments=(overlap,),
        uncertainty_s=0.002,
        duration_a_s=duration_a_s,
        duration_b_s=duration_b_s,
    )
    return replace(alignment, **changes)


def segment(begin_a_s: float, end_a_s: float, begin_b_s: float, speed: float = 1.0) -> Segment:
    """A segment by its begin and its line."""
    end_b_s = begin_b_s + (end_a_s - begin_a_s) * speed
    return Segment(begin_a_s, end_a_s, begin_b_s, end_b_s, speed, 0.9)

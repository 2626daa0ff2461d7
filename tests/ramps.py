"""Videos whose brightness tells their own time, and the alignments that are true of them.

A video here is one even grey that brightens with the moment of the event it shows, so that any
picture made from it says which moment it holds, to about a frame.
"""

import subprocess
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import imageio_ffmpeg
import numpy as np

from videoalignment.align.alignment import Alignment, Segment, Uncertainty
from videoalignment.align.pair import AlignedPair, Recording
from videoalignment.features.store import FrameFeatures
from videoalignment.media.probe import VideoInfo, probe_video
from videoalignment.time_map import TimeMap

_DARKEST, _PER_SECOND = 24, 48


def run_ffmpeg(*arguments: str | Path, given: bytes | None = None) -> bytes:
    """Run ffmpeg as a user would; returns what it wrote to stdout.

    Args:
        arguments: after its name.
        given: what it reads from stdin.
    """
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-y", *arguments]
    if given is None:
        command.insert(1, "-nostdin")
    ended = subprocess.run([*map(str, command)], input=given, check=True, stdout=subprocess.PIPE)
    return ended.stdout


def write_grey(path: Path, frames: Iterable[np.ndarray], fps: int, *, crf: int = 24) -> Path:
    """Encode grey pictures, shape (height, width), of 0 to 255."""
    grey = [np.clip(frame, 0, 255).astype(np.uint8) for frame in frames]
    height, width = grey[0].shape
    raw = ("-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{width}x{height}", "-r", fps, "-i", "-")
    encoded = ("-c:v", "libx264", "-preset", "veryfast", "-crf", crf, "-pix_fmt", "yuv420p")
    run_ffmpeg(*raw, *encoded, path, given=b"".join(frame.tobytes() for frame in grey))
    return path


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
    offset_s: float,
    speed: float,
    duration_a_s: float,
    duration_b_s: float,
    *,
    matched: bool = True,
    **changes,
) -> Alignment:
    """The alignment of two videos of one event on one line; unmatched, it is a bad guess."""
    line = TimeMap(offset_s, speed)
    begin_s = max(0.0, line.to_a(0.0))
    end_s = max(begin_s, min(duration_a_s, line.to_a(duration_b_s)))
    overlap = Segment(line, begin_s, end_s, 0.9)
    alignment = Alignment(
        time_map=line,
        score=0.9,
        confidence=0.99 if matched else 0.04,
        overlap=overlap,
        segments=(overlap,) if matched else (),
        uncertainty=Uncertainty(best_at_s=0.0, place_s=0.002),
        duration_a_s=duration_a_s,
        duration_b_s=duration_b_s,
    )
    return replace(alignment, **changes)


def segment(begin_a_s: float, end_a_s: float, begin_b_s: float, speed: float = 1.0) -> Segment:
    """A segment by its begin and its line."""
    return Segment(TimeMap(begin_b_s - begin_a_s * speed, speed), begin_a_s, end_a_s, 0.9)


def pair_of(
    alignment: Alignment, a: VideoInfo | Path | str, b: VideoInfo | Path | str
) -> AlignedPair:
    """Two videos, or the names of two, that were aligned so, with features that agree."""

    def recording(video: VideoInfo | Path | str, duration_s: float, line: TimeMap) -> Recording:
        count = int(np.clip(10 * duration_s, 1, 1000))
        times_s = np.arange(count) * duration_s / count
        waves = np.sin(np.outer(line.to_b(times_s), np.arange(1, 25) / 3) + np.arange(24))
        descriptors = (waves / np.linalg.norm(waves, axis=1, keepdims=True)).astype(np.float32)
        features = FrameFeatures(descriptors, times_s, count / duration_s, None, duration_s)
        if isinstance(video, VideoInfo):
            return Recording(video.path, features, video)
        return Recording(Path(video), features)

    return AlignedPair(
        recording(a, alignment.duration_a_s, alignment.time_map),
        recording(b, alignment.duration_b_s, TimeMap(0.0)),
        alignment,
    )

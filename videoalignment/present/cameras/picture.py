"""The picture of a camera cut to a span: copied where that gives the frames wanted, else drawn."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from videoalignment.align.timeline.records import PlacedFile
from videoalignment.errors import VideoAlignmentError
from videoalignment.media.ffmpeg import input_arguments
from videoalignment.media.frame_times import FrameTimes, frame_times
from videoalignment.media.probe import probe_video
from videoalignment.present.cameras.nearest import NearestFrames
from videoalignment.present.cameras.records import Span
from videoalignment.present.encoding import encode

_ENCODING = ["-c:v", "libx264", "-preset", "fast", "-crf", "16", "-pix_fmt", "yuv420p"]
_SOUND_ENCODING = ["-c:a", "aac", "-b:a", "192k"]
# AAC begins before its first sample, which Matroska shows as sound before the first frame.
_SOUND_ENCODING_MKV = ["-c:a", "flac"]
# The recording's first timecode, which ffmpeg would give to the first frame of the cut.
_NO_TIMECODE = ["-metadata", "timecode=", "-metadata:s:v:0", "timecode="]
# Into which a picture can be copied; other kinds of file are written as MP4.
_COPIED_INTO = (".mp4", ".mov", ".m4v", ".mkv")
# Time stamps in whole milliseconds, as Matroska has them, are off by up to one between two frames.
_EVEN_WITHIN_US = 1100
# More than any clock is off, and less than 30 frames a second are from 29.97
_SAME_RATE = 5e-4


def why_not_copied(file: PlacedFile, times: FrameTimes, shown: np.ndarray, span: Span) -> str:
    """Why a picture cannot be taken over as it is; empty where it can."""
    steps_us = np.diff(times.stamps_us[shown[0] : shown[-1] + 1])
    wanted_us = 1e6 / float(span.rate)
    even = np.abs(steps_us - wanted_us) <= _EVEN_WITHIN_US
    if not even.all() or (len(steps_us) and abs(steps_us.mean() / wanted_us - 1) > _SAME_RATE):
        return f"not {float(span.rate):.5g} frames a second, evenly"
    if (np.diff(shown) != 1).any():
        return "its clock drifts, or it begins or ends within the span's first or last frame"
    if not times.keys[shown[0]]:
        return "no key frame at the cut"
    if file.file.suffix.lower() not in _COPIED_INTO:
        return f"a {file.file.suffix} file"
    return ""


class NotAsWantedError(VideoAlignmentError):
    """What was written does not hold the frames wanted."""


def _has_frames(path: Path, source: Path, span: Span) -> Callable[[Path], None]:
    """A check that what becomes `path` holds the span's frames, evenly, from time stamp 0 on."""

    def check(written: Path) -> None:
        stamps_us = frame_times(written).stamps_us
        even_us = np.arange(span.frames) * 1e6 / float(span.rate)
        if len(stamps_us) != span.frames or (
            np.abs(stamps_us - even_us).max() > 2 * _EVEN_WITHIN_US
        ):
            raise NotAsWantedError(
                f"{path}: not written, it got {len(stamps_us)} of {span.frames} frames, or not "
                f"evenly; convert {source} to MP4 and try again"
            )

    return check


def copy_picture(
    path: Path,
    source: Path,
    sound: Path | None,
    times: FrameTimes,
    shown: np.ndarray,
    span: Span,
    first_frame_s: float,
) -> None:
    """Take over packets of a picture, beside a sound that is cut already."""
    into_us = int(times.stamps_us[shown[0]] - times.stamps_us[0])
    # Just behind the key frame, so that rounding cannot lead to the one before. The picture so gets
    # time stamps a little below 0, and so does the sound, which is taken back for both together.
    behind_s = 0.25 / float(span.rate)
    seek_s = into_us / 1e6 + first_frame_s + behind_s
    arguments = [
        *("-ss", f"{seek_s:.6f}", *input_arguments(source)),
        *(("-itsoffset", f"{-behind_s:.6f}", *input_arguments(sound)) if sound else ()),
        *("-map", "0:V:0", "-c:v", "copy", *_sound_output(sound, path.suffix), *_NO_TIMECODE),
        *("-frames:v", str(span.frames), "-output_ts_offset", f"{behind_s:.6f}"),
    ]
    encode(
        path,
        arguments,
        label=f"copying {source.name}",
        duration_s=span.duration_s,
        check=_has_frames(path, source, span),
    )


def draw_picture(
    path: Path,
    source: Path,
    sound: Path | None,
    nearest: NearestFrames,
    times: FrameTimes,
    first: int,
    span: Span,
) -> None:
    """Encode a picture anew, a frame for each of the span's, beside a sound that is cut already."""
    # Decoding begins two frames early: the middle before the first one wanted needs the one before.
    begin = max(0, first - 2)
    seek = [] if begin == 0 else ["-ss", f"{_seek_s(source, times, begin):.6f}"]
    arguments = [
        *("-copyts", *seek, *input_arguments(source), *_sound_input(sound)),
        *("-map", "0:V:0", "-vf", nearest.filters(), "-fps_mode", "passthrough"),
        *("-frames:v", str(span.frames), *_ENCODING, *_sound_output(sound), *_NO_TIMECODE),
        *("-movflags", "+faststart", "-f", "mp4"),
    ]
    encode(
        path,
        arguments,
        label=f"encoding {source.name}",
        duration_s=span.duration_s,
        check=_has_frames(path, source, span),
    )


def _seek_s(source: Path, times: FrameTimes, frame: int) -> float:
    """Where to have ffmpeg seek so that a frame is the first, seconds after the file begins."""
    earlier_us = (times.stamps_us[frame] + times.stamps_us[frame - 1]) / 2 - times.stamps_us[0]
    return max(0.0, earlier_us / 1e6 + probe_video(source).first_frame_s)


def _sound_input(sound: Path | None) -> list[str]:
    return input_arguments(sound) if sound else []


def _sound_output(sound: Path | None, suffix: str = ".mp4") -> list[str]:
    encoding = _SOUND_ENCODING_MKV if suffix == ".mkv" else _SOUND_ENCODING
    return ["-map", "1:a:0", *encoding] if sound else []

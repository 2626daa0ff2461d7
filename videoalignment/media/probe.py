"""What a video file says about itself, read from ffmpeg's messages (there is no ffprobe)."""

import os
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from videoalignment.errors import UnusableFileError
from videoalignment.files import file_state
from videoalignment.media.ffmpeg import DECODING, Ffmpeg, existing_file, input_arguments


@dataclass(frozen=True)
class SoundStream:
    """What a header says of a sound stream."""

    rate_hz: int
    """Samples a second; 0 where it gives none."""
    channels: int
    """How many channels it has; 2 where that cannot be told."""
    layout_known: bool = True
    """Whether it says where its channels belong."""


@dataclass(frozen=True)
class VideoInfo:
    """The properties of a video's first picture stream."""

    path: Path
    """The file."""
    duration_s: float | None
    """Length that the header gives, to 0.01 s, sound included; None where it gives none."""
    fps: float
    """Frames a second, the average where it varies; exact (30000/1001, not 29.97)."""
    width: int
    """Pixels across, as shown: a phone video's rotation is applied."""
    height: int
    """Pixels down, as shown."""
    rotation_degrees: int
    """How far players turn the stored picture clockwise: 0, 90, 180 or 270."""
    codec: str
    """The picture stream's codec as ffmpeg calls it, e.g. "h264"."""
    has_audio: bool
    """Whether there is a sound stream."""
    first_frame_s: float = 0.0
    """When the first frame is shown, seconds after the file begins: sound may come before it."""
    timecode: str | None = None
    """The timecode of the first frame, e.g. "10:20:30;04", where a camera recorded one."""
    begin_s: float = 0.0
    """How much of `duration_s` may lie before the file begins: some containers give the time stamp
    of their end as their length, and time stamps need not begin at 0."""
    sounds: tuple[SoundStream, ...] = ()
    """Its sound streams."""
    start_s: float = 0.0
    """The time stamp that the file begins with, seconds."""


# Whose duration is the time stamp of the end
_COUNTED_FROM_ZERO = re.compile(r"^\[info\] ?Input #0, (matroska|asf|nut)\b")
_BEGIN = re.compile(r"^\[info\]   Duration: .*, start: (\d+\.\d+)")
_DURATION = re.compile(r"^\[info\]   Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)")
_STREAM = re.compile(r"^\[info\]\s+Stream #0:\d+\S*: (Video|Audio): (\w+)(.*)")
_RATE = re.compile(r", ([\d.]+k?) (fps|tbr)")
_ROTATION = re.compile(r"^\[info\]\s+[Dd]isplay ?[Mm]atrix: rotation of (-?[\d.]+) degrees")
_CONFIG = re.compile(r"\[showinfo@first @ .*config in time_base: \S+, frame_rate: (\d+)/(\d+)")
_FIRST = re.compile(r"\[showinfo@first @ .* n: *0 pts:.* pts_time:(\S+) .* s:(\d+)x(\d+)")
FIRST_FRAME_ARGUMENTS = [
    *("-map", "0:V:0", "-frames:v", "1", "-vf", "showinfo@first=checksum=0", "-f", "null", "-"),
]
"""The output of ffmpeg that decodes the first frame only, and says when it is shown."""
_SOUND = re.compile(r", (\d+) Hz, ([^,]+)")
# Layouts that do not say how many channels they have; "5.1" has as many as its digits add up to.
_CHANNELS = {"mono": 1, "stereo": 2, "downmix": 2, "binaural": 2, "quad": 4, "cube": 8}
_REMEMBERED = 1024  # files; to start ffmpeg takes longer than all else that is asked of some
_TIMECODE = re.compile(r"^\[info\]\s+timecode\s*: (\d\d:\d\d:\d\d[:;.]\d\d)$")


def probe_video(path: str | os.PathLike) -> VideoInfo:
    """Read a video's header and decode its first frame; once, unless the file changes.

    Raises:
        UnusableFileError: no such file, not a video, no picture stream, or no frame decodes.
    """
    path = existing_file(path)
    return _probed_video(path, file_state(path))


@lru_cache(maxsize=_REMEMBERED)
def _probed_video(path: Path, state: tuple[int, ...]) -> VideoInfo:
    lines: list[str] = []
    arguments = [*DECODING, *input_arguments(path), *FIRST_FRAME_ARGUMENTS]
    with Ffmpeg(arguments, lines.append) as ffmpeg:
        ffmpeg.wait()
    header = _header(lines)
    first = next(filter(None, map(_FIRST.search, lines)), None)
    if first is None:
        raise UnusableFileError(f"{path}: {_why_no_frame(lines)}")
    streams = list(filter(None, map(_STREAM.match, header)))
    video = next(s for s in streams if s[1] == "Video" and "(attached pic)" not in s[3])
    return VideoInfo(
        path=path,
        duration_s=_duration_s(header),
        fps=_frame_rate(video[3], next(filter(None, map(_CONFIG.search, lines)), None)),
        width=int(first[2]),
        height=int(first[3]),
        rotation_degrees=_rotation_degrees(header),
        codec=video[2],
        has_audio=any(stream[1] == "Audio" for stream in streams),
        first_frame_s=0.0 if first[1] == "NOPTS" else float(first[1]),
        timecode=next((found[1] for found in map(_TIMECODE.match, header) if found), None),
        begin_s=_begin_s(header),
        sounds=tuple(_sound_stream(each[3]) for each in streams if each[1] == "Audio"),
        start_s=_start_s(header),
    )


@dataclass(frozen=True)
class MediaInfo:
    """What a video or a sound file holds, as its header says."""

    path: Path
    """The file."""
    duration_s: float | None
    """Length that the header gives, to 0.01 s; None where it gives none."""
    has_picture: bool
    """Whether there is a picture stream; a sound file's cover is none."""
    sounds: tuple[SoundStream, ...] = ()
    """Its sound streams."""

    @property
    def has_sound(self) -> bool:
        """Whether there is a sound stream."""
        return bool(self.sounds)


def probe_media(path: str | os.PathLike) -> MediaInfo:
    """Read what a video or a sound file holds, without decoding any of it; once, unless the file
    changes.

    Raises:
        UnusableFileError: no such file, nothing that ffmpeg can read, or neither picture nor sound.
    """
    path = existing_file(path)
    return _probed_media(path, file_state(path))


@lru_cache(maxsize=_REMEMBERED)
def _probed_media(path: Path, state: tuple[int, ...]) -> MediaInfo:
    lines: list[str] = []
    with Ffmpeg(input_arguments(path), lines.append) as ffmpeg:
        ffmpeg.wait()
    header = _header(lines)
    streams = list(filter(None, map(_STREAM.match, header)))
    pictures = [s for s in streams if s[1] == "Video" and "(attached pic)" not in s[3]]
    sounds = [s for s in streams if s[1] == "Audio"]
    if not pictures and not sounds:
        raise UnusableFileError(f"{path}: {_why_nothing(lines)}")
    return MediaInfo(
        path=path,
        duration_s=_duration_s(header),
        has_picture=bool(pictures),
        sounds=tuple(_sound_stream(s[3]) for s in sounds),
    )


def _header(lines: list[str]) -> list[str]:
    """The lines about the input, of all that ffmpeg said."""
    return lines[: next((i for i, line in enumerate(lines) if "Output #0" in line), len(lines))]


def _why_nothing(lines: list[str]) -> str:
    said = "\n".join(lines)
    if "Input #0" in said:
        return "holds neither a picture nor a sound stream"
    return _why_no_frame(lines).replace("a video", "a video or a sound file")


def _why_no_frame(lines: list[str]) -> str:
    """One clause for a person, from what ffmpeg said of a file without a readable frame."""
    said = "\n".join(lines)
    if "matches no streams" in said:
        return "has no video stream; give the file with the picture"
    if "moov atom not found" in said and "low score" not in said:
        return "is cut off before its index, or no video; copy or download it again"
    if "EOF before video frames" in said:
        return "holds a header but no frame; copy or download it again"
    if "Input #0" not in said:
        return "is not a video that ffmpeg can read; copy or download it again, or convert it"
    return "holds no frame that can be decoded; copy or download it again"


def _duration_s(header: list[str]) -> float | None:
    found = next(filter(None, map(_DURATION.match, header)), None)
    if found is None:
        return None
    return int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3])


def _begin_s(header: list[str]) -> float:
    return _start_s(header) if any(map(_COUNTED_FROM_ZERO.match, header)) else 0.0


def _start_s(header: list[str]) -> float:
    found = next(filter(None, map(_BEGIN.match, header)), None)
    return 0.0 if found is None else float(found[1])


def _rotation_degrees(header: list[str]) -> int:
    found = next(filter(None, map(_ROTATION.match, header)), None)
    # ffmpeg counts anticlockwise
    return 0 if found is None else round(-float(found[1]) / 90) * 90 % 360


def _sound_stream(stream: str) -> SoundStream:
    found = _SOUND.search(stream)
    if found is None:
        return SoundStream(0, 2)
    layout, placed, _ = found[2].partition("(")
    if counted := re.match(r"(\d+) channels", layout):
        return SoundStream(int(found[1]), int(counted[1]), layout_known=bool(placed))
    channels = sum(map(int, re.findall(r"\d+", layout))) or _CHANNELS.get(layout.strip(), 2)
    return SoundStream(int(found[1]), channels)


def _frame_rate(stream: str, config: re.Match | None) -> float:
    """The exact average frame rate.

    The header's line rounds the average to two digits; the decoder's guess is exact, but may be
    another rate where the frame rate varies.
    """
    guess = Fraction(int(config[1]), int(config[2])) if config and int(config[2]) else None
    rates = {unit: _number(rate) for rate, unit in _RATE.findall(stream)}
    printed = rates.get("fps", rates.get("tbr"))
    if printed is None:
        return float(guess or 25)
    for exact in (guess, Fraction(round(printed * 1.001) * 1000, 1001)):
        if exact is not None and abs(float(exact) - printed) <= 0.0051:
            return float(exact)
    return printed


def _number(text: str) -> float:
    return float(text[:-1]) * 1000 if text.endswith("k") else float(text)

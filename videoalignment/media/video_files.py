"""Which files of a folder tree are videos."""

import os
from dataclasses import dataclass
from pathlib import Path

from videoalignment.errors import VideoAlignmentError

VIDEO_SUFFIXES = tuple(
    f".{name}"
    for name in (
        *("3g2", "3gp", "asf", "avi", "divx", "dv", "f4v", "flv", "gif", "h264", "h265", "hevc"),
        *("ivf", "m1v", "m2ts", "m2v", "m4v", "mkv", "mov", "mp4", "mpeg", "mpg", "mts", "mxf"),
        *("nut", "obu", "ogm", "ogv", "qt", "rm", "rmvb", "swf", "ts", "vob", "webm", "wmv"),
        *("wtv", "y4m"),
    )
)


@dataclass(frozen=True)
class VideoFile:
    """A video among others."""

    path: Path
    name: str
    """Its path below the folder that was searched, without the suffix, "/" between folders."""


def find_videos(source: str | os.PathLike) -> list[VideoFile]:
    """The videos of a folder tree in order of their names, or one video.

    In a folder, a video is a file with one of `VIDEO_SUFFIXES`.

    Raises:
        VideoAlignmentError: there is no such file or folder, or no video in the folder.
    """
    source = Path(source)
    if source.is_file():
        return [VideoFile(source, source.stem)]
    if not source.is_dir():
        raise VideoAlignmentError(f"{source}: no such file or folder")
    paths = [
        Path(folder, file)
        for folder, _, files in os.walk(source)
        for file in files
        if Path(file).suffix.lower() in VIDEO_SUFFIXES and not file.startswith("._")
    ]
    if not paths:
        raise VideoAlignmentError(f"{source}: holds no videos (files like .mp4, .mkv, .webm)")
    return [
        VideoFile(path, path.relative_to(source).with_suffix("").as_posix())
        for path in sorted(paths)
    ]

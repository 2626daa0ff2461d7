"""Which files of a folder tree are videos."""

import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from videoalignment.errors import UnusableFileError
from videoalignment.files import UNFINISHED, readable_file

VIDEO_SUFFIXES = tuple(
    f".{name}"
    for name in (
        *("3g2", "3gp", "asf", "avi", "divx", "dv", "f4v", "flv", "gif", "h264", "h265", "hevc"),
        *("ivf", "m1v", "m2ts", "m2v", "m4v", "mkv", "mov", "mp4", "mpeg", "mpg", "mts", "mxf"),
        *("nut", "obu", "ogm", "ogv", "qt", "rm", "rmvb", "swf", "ts", "vob", "webm", "wmv"),
        *("wtv", "y4m"),
    )
)
_NO_RECORDING = ("._", UNFINISHED)  # how names of a Mac's notes and of unfinished files begin

CUT_TABLES = {"cuts.csv", "frames.csv"}
"""What lies beside cameras that were cut out of other videos."""


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
        UnusableFileError: there is no such file or folder, or no video in the folder.
    """
    if not os.path.isdir(source):  # noqa: PTH112 (which a name that is too long does not stop)
        path = readable_file(source, "a video file or a folder")
        return [VideoFile(path, path.stem)]
    source = Path(source)
    paths = files_below(source, VIDEO_SUFFIXES)
    if not paths:
        raise UnusableFileError(f"{source}: holds no videos (files like .mp4, .mkv, .webm)")
    return [VideoFile(path, path.relative_to(source).with_suffix("").as_posix()) for path in paths]


def files_below(folder: Path, suffixes: Collection[str]) -> list[Path]:
    """The files of a folder tree that have one of these suffixes, in order of their names.

    Left out are hidden folders, which begin with a dot (on cards what was thrown away lies in
    .Trashes), a Mac's notes about other files, and files that are being written; so are folders
    below it that `write_camera_cuts` has filled, whose videos are of others that are there.
    """
    found = []
    for inner, folders, files in os.walk(folder):
        folders[:] = [each for each in folders if not each.startswith(".")]
        if inner != os.fspath(folder) and set(files) >= CUT_TABLES:
            continue
        found += [
            Path(inner, file)
            for file in files
            if Path(file).suffix.lower() in suffixes and not file.startswith(_NO_RECORDING)
        ]
    return sorted(found)


def find_video(stem: str | os.PathLike) -> Path | None:
    """The video of a name whose suffix is not known: the file STEM.SUFFIX.

    Looks into the folder once, whatever the number of suffixes.

    Args:
        stem: the path without the suffix; a dot in its name is part of the name.

    Returns:
        The file, the first in the order of `VIDEO_SUFFIXES` where there are several (and of them
        the first by name: a.MP4 comes before a.mp4); None where there is none.
    """
    stem = Path(stem)
    try:
        names = os.listdir(stem.parent)  # noqa: PTH208 (names are all that is needed)
    except (OSError, ValueError):
        return None
    found = [
        (VIDEO_SUFFIXES.index(suffix), name)
        for name in names
        if name.startswith(stem.name)
        and (suffix := name[len(stem.name) :].lower()) in VIDEO_SUFFIXES
    ]
    paths = (stem.parent / name for _, name in sorted(found))
    return next((path for path in paths if path.is_file()), None)


def each_once(paths: Iterable[Path]) -> list[Path]:
    """Paths in the order in which they come, those left out that name the same place again."""
    found: dict[str, Path] = {}
    for path in paths:
        found.setdefault(os.path.abspath(path), path)  # noqa: PTH100 (a link counts)
    return list(found.values())

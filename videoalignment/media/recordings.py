"""Which files of folders are recordings: videos, and sound without a picture."""

import os
from collections.abc import Iterable
from pathlib import Path

from videoalignment.errors import UnusableFileError
from videoalignment.files import readable_file
from videoalignment.media.video_files import VIDEO_SUFFIXES, each_once, files_below

SOUND_SUFFIXES = tuple(
    f".{name}"
    for name in (
        *("aac", "ac3", "aif", "aifc", "aiff", "amr", "ape", "au", "caf", "dts", "eac3", "flac"),
        *("m4a", "m4b", "mka", "mp2", "mp3", "mpa", "oga", "ogg", "opus", "spx", "tta", "w64"),
        *("wav", "wma", "wv"),
    )
)


def find_recordings(
    sources: Iterable[str | os.PathLike[str]],
) -> list[Path]:
    """Files as they are named, and the recordings of folder trees in order of their names.

    A file that is named, or found, twice under one path comes once.

    Args:
        sources: files and folders. A file may have any suffix; of a folder those are taken that
            have one of `VIDEO_SUFFIXES` or `SOUND_SUFFIXES`.

    Raises:
        UnusableFileError: there is no such file or folder, or no recording in a folder.
    """
    paths: list[Path] = []
    for source in sources:
        if os.path.isdir(source):  # noqa: PTH112 (which a name that is too long does not stop)
            paths += _within(Path(source))
        else:
            paths.append(readable_file(source, "a recording or a folder"))
    return each_once(paths)


def _within(folder: Path) -> list[Path]:
    paths = files_below(folder, (*VIDEO_SUFFIXES, *SOUND_SUFFIXES))
    if not paths:
        raise UnusableFileError(f"{folder}: holds no recordings (files like .mp4, .mkv, .wav)")
    return paths

"""Files and folders that appear whole or not at all, and where the cache is."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from videoalignment.errors import VideoAlignmentError


@contextmanager
def whole_file(path: str | os.PathLike, mode: str = "wb", **open_options) -> Iterator[IO]:
    """Open a temporary file beside `path` that takes its place only when the block succeeds.

    An error, Ctrl-C included, leaves whatever was at `path` before; two writers at once
    leave the file of the one that finished last.

    Args:
        path: the file to write; its folder is created.
        mode: "w" or "wb".
        open_options: passed to `open`, e.g. `encoding`, `newline`.

    Raises:
        VideoAlignmentError: the folder or the file cannot be written.
    """
    with whole_path(path) as temporary, open(temporary, mode, **open_options) as file:  # noqa: PTH123
        yield file


@contextmanager
def whole_path(path: str | os.PathLike) -> Iterator[Path]:
    """Like `whole_file`, for writers that want a path (ffmpeg, matplotlib) instead of a file.

    Yields:
        A path in the folder of `path`, with the same suffix, that does not exist for other readers.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(
            prefix=".unfinished-", suffix=path.suffix, dir=path.parent
        )
        os.close(descriptor)
    except OSError as error:
        raise VideoAlignmentError(f"{path}: cannot be written ({error.strerror})") from error
    temporary = Path(name)
    try:
        yield temporary
        try:
            temporary.chmod(0o666 & ~_UMASK)  # mkstemp made it private
            temporary.replace(path)
        except OSError as error:  # a folder of that name
            raise VideoAlignmentError(f"{path}: cannot be written ({error.strerror})") from error
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: str | os.PathLike) -> Iterator[Path]:
    """Like `whole_path`, for a folder; of two writers at once, the first to finish stays.

    Yields:
        An empty folder beside `path` that becomes `path` when the block succeeds.

    Raises:
        VideoAlignmentError: the folder cannot be made.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=path.parent))
    except OSError as error:
        raise VideoAlignmentError(f"{path}: cannot be made ({error.strerror})") from error
    try:
        yield temporary
        temporary.chmod(0o777 & ~_UMASK)  # mkdtemp made it private
        try:
            temporary.rename(path)
        except OSError as error:
            if not path.is_dir():
                raise VideoAlignmentError(f"{path}: cannot be made ({error.strerror})") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def make_folder(path: Path) -> None:
    """Make a folder and those above it, before long work that ends with files in it.

    Raises:
        VideoAlignmentError: it cannot be made, or nothing can be written into it.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise VideoAlignmentError(f"{path}: cannot be written into ({error.strerror})") from error


def cache_folder() -> Path:
    """Where cached files are, whether or not it exists yet."""
    if given := os.environ.get("VIDEOALIGNMENT_CACHE"):
        return Path(given).expanduser()
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "videoalignment"


def _read_umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


_UMASK = _read_umask()  # once, because reading it changes it for a moment, for all threads

"""Files and folders that appear whole or not at all, and where the cache is."""

import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from videoalignment.errors import UnusableFileError

try:
    import fcntl
except ImportError:  # Windows: what a kill leaves behind stays there
    fcntl = None  # type: ignore[assignment]

UNFINISHED = ".unfinished-"
"""How the names of files and folders begin that are being written."""
_SHOWN = 200  # letters of a path that a message shows
_cleared: set[Path] = set()  # folders in which this process has looked for leftovers


def readable_file(path: str | os.PathLike[str], what: str) -> Path:
    """The path, once it is known to be a file that can be read more than once.

    Args:
        path: of the file.
        what: is expected there, for the message, e.g. "a video file".

    Raises:
        UnusableFileError: there is no such file, it is a folder or a device, or it may not be read.
    """
    if not os.fspath(path):
        raise UnusableFileError(f"no file was named: {what} was expected")
    path = Path(path)
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise UnusableFileError(f"{path}: no such file; check the path") from None
    except (OSError, ValueError) as error:  # longer than the system allows, a NUL in it, a loop
        reason = getattr(error, "strerror", None) or error
        raise UnusableFileError(f"{_shown(path)}: cannot be a file ({reason})") from None
    if stat.S_ISDIR(mode):
        raise UnusableFileError(f"{path}: is a folder, {what} was expected")
    if not stat.S_ISREG(mode):  # reading a pipe may wait forever, a device may never end
        raise UnusableFileError(f"{path}: is a pipe or a device; copy what it gives to a file")
    if not os.access(path, os.R_OK):
        raise UnusableFileError(f"{path}: may not be read; check its permissions")
    return path


def file_state(path: Path) -> tuple[int, ...]:
    """Numbers that are others once a file was written anew, or another one has its name.

    Raises:
        UnusableFileError: there is no such file any more.
    """
    try:
        state = path.stat()
    except OSError as error:
        raise UnusableFileError(f"{_shown(path)}: cannot be read ({error.strerror})") from error
    return state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns


def _shown(path: Path) -> str:
    """A path of any length for a message."""
    text = str(path)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN // 2]}…{text[-_SHOWN // 2 :]}"


@contextmanager
def whole_file(
    path: str | os.PathLike[str], mode: str = "wb", **open_options: Any
) -> Iterator[IO[Any]]:
    """Open a temporary file beside `path` that takes its place only when the block succeeds.

    An error, Ctrl-C included, leaves whatever was at `path` before; two writers at once
    leave the file of the one that finished last.

    Args:
        path: the file to write; its folder is created.
        mode: "w" or "wb".
        open_options: passed to `open`, e.g. `encoding`, `newline`.

    Raises:
        UnusableFileError: the folder or the file cannot be written.
    """
    with whole_path(path) as temporary, open(temporary, mode, **open_options) as file:  # noqa: PTH123
        yield file


@contextmanager
def whole_path(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Like `whole_file`, for writers that want a path (ffmpeg, matplotlib) instead of a file.

    Yields:
        A path in the folder of `path`, with the same suffix, that does not exist for other readers.
    """
    path = Path(path)
    with _unfinished(path, path.suffix, _make_file, Path.unlink, "written") as temporary:
        yield temporary
        try:
            temporary.chmod(0o666 & ~_UMASK)  # it was made private
            temporary.replace(path)
        except OSError as error:  # a folder of that name
            raise UnusableFileError(f"{path}: cannot be written ({error.strerror})") from error


@contextmanager
def whole_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Like `whole_path`, for a folder; of two writers at once, the first to finish stays.

    Yields:
        An empty folder beside `path` that becomes `path` when the block succeeds.

    Raises:
        UnusableFileError: the folder cannot be made.
    """
    path = Path(path)
    with _unfinished(path, "", _make_folder, shutil.rmtree, "made") as temporary:
        yield temporary
        temporary.chmod(0o777 & ~_UMASK)  # it was made private
        try:
            temporary.rename(path)
        except OSError as error:
            if not path.is_dir():
                raise UnusableFileError(f"{path}: cannot be made ({error.strerror})") from error


@contextmanager
def _unfinished(
    path: Path,
    suffix: str,
    make: Callable[[Path], None],
    remove: Callable[[Path], None],
    cannot_be: str,
) -> Iterator[Path]:
    """A new file or folder beside `path`, which is removed unless it was renamed.

    A writer that is killed leaves what it had begun. While it lives it holds a lock on that, so
    what is not locked is nobody's, and the next process that writes there takes it away.
    """
    # Named before it is made: so Ctrl-C finds nothing made that is not removed.
    made = path.parent / f"{UNFINISHED}{secrets.token_hex(8)}{suffix}"
    descriptor = None
    try:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _clear_leftovers(path.parent)
            descriptor = _made_and_locked(made, make)
        except OSError as error:
            raise UnusableFileError(f"{path}: cannot be {cannot_be} ({error.strerror})") from error
        yield made
    finally:
        with suppress(OSError):
            remove(made)
        if descriptor is not None:
            os.close(descriptor)


def _made_and_locked(path: Path, make: Callable[[Path], None]) -> int:
    """Make a file or a folder; returns the descriptor that holds its lock until it is closed."""
    while True:
        make(path)
        with suppress(FileNotFoundError):  # another process took it for a leftover
            descriptor = os.open(path, os.O_RDONLY)
            try:
                if fcntl is None or (_locked(descriptor) and path.exists()):
                    return descriptor
            except OSError:  # a file system without locks: then nobody takes it away either
                return descriptor
            os.close(descriptor)  # taken before it was locked


def _make_file(path: Path) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _make_folder(path: Path) -> None:
    path.mkdir(mode=0o700)


def _clear_leftovers(folder: Path) -> None:
    """Remove what writers that are gone have left in a folder; once a process and folder."""
    folder = folder.resolve()
    if fcntl is None or folder in _cleared:
        return
    _cleared.add(folder)
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(UNFINISHED):
                with suppress(OSError):  # finished or taken away meanwhile, or another user's
                    _remove_unlocked(Path(entry))


def _remove_unlocked(leftover: Path) -> None:
    mode = leftover.lstat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        return  # not ours
    descriptor = os.open(leftover, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        if _locked(descriptor):
            shutil.rmtree(leftover) if stat.S_ISDIR(mode) else leftover.unlink()
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    """Lock a file or folder until its descriptor is closed, unless somebody else holds it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def make_folder(path: Path) -> None:
    """Make a folder and those above it, before long work that ends with files in it.

    Raises:
        UnusableFileError: it cannot be made, or nothing can be written into it.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise UnusableFileError(f"{path}: cannot be written into ({error.strerror})") from error


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

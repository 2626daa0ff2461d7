"""How every command of the project ends: a result, or one line on stderr and an exit status."""

import io
import logging
import os
import re
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from videoalignment.errors import VideoAlignmentError
from videoalignment.text import one_line

EXIT_BAD_INPUT = 2
EXIT_INTERRUPTED = 130

_SHOW_TRACEBACK = "VIDEOALIGNMENT_TRACEBACK"
_NO_FLAGS: Mapping[str, str] = {}


def run_command(
    command: Callable[[], int | None], flags: Mapping[str, str] = _NO_FLAGS
) -> NoReturn:
    """Run a command's body and exit the process with its status.

    Whatever goes wrong is printed as one line, status 2; the environment variable
    VIDEOALIGNMENT_TRACEBACK=1 shows where. Ctrl-C and a termination signal print one line,
    status 130. A reader that closed our stdout (`| head`) ends us silently. What the library logs
    is shown on stderr meanwhile.

    Args:
        command: does the work; returns the exit status, None for success.
        flags: what the command's user calls the library's parameters, e.g. --min-overlap by
            min_overlap_s; put into messages where the parameter stands in backticks.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that clean-up runs as on Ctrl-C
    _prepare_streams()
    with shown_log(flags):
        status = _status_of(command, flags)
    sys.exit(status)


def _prepare_streams() -> None:
    """Let everything be printed: also where a stream is closed, or has no letter for a name."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def _status_of(command: Callable[[], int | None], flags: Mapping[str, str]) -> int:
    try:
        status = command() or 0
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("interrupted; nothing half-written was left behind", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        _give_up_stdout()
        return 1
    except Exception as error:
        try:
            sys.stdout.flush()
        except OSError:  # a full disk: what the error is about, or comes on top of it
            _give_up_stdout()
        if os.environ.get(_SHOW_TRACEBACK):
            traceback.print_exc()
        print(f"error: {one_line(with_flags(_told(error), flags))}", file=sys.stderr)
        return EXIT_BAD_INPUT
    return status


def _give_up_stdout() -> None:
    """Keep Python from complaining once more while it flushes stdout at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _told(error: Exception) -> str:
    """What to tell the user of an error."""
    if isinstance(error, VideoAlignmentError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:  # a full disk, a name that is too long
        files = [os.fsdecode(name) for name in (error.filename, error.filename2) if name]
        return ": ".join([*files, error.strerror])
    # The second is torch's for a GPU; torch is not imported for it.
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return f"out of memory ({error or 'no details'})"
    return (
        f"unexpected {type(error).__name__}: {error}; please report it with what the same command "
        f"says when {_SHOW_TRACEBACK}=1 is set"
    )


def with_flags(message: str, flags: Mapping[str, str]) -> str:
    """The message with flags in place of parameters in backticks; other backticks stay."""
    return re.sub(r"`([^`]*)`", lambda match: flags.get(match[1], match[0]), message)


@contextmanager
def shown_log(flags: Mapping[str, str] = _NO_FLAGS) -> Iterator[None]:
    """Show what the library logs on stderr, from INFO on."""
    logger, handler = logging.getLogger("videoalignment"), _Terminal(flags)
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)


class _Terminal(logging.Handler):
    """A line a record; a progress bar on the same line gives way and is drawn again below."""

    _ERASE_LINE = "\r\x1b[K"

    def __init__(self, flags: Mapping[str, str]) -> None:
        super().__init__()
        self._flags = flags

    def emit(self, record: logging.LogRecord) -> None:
        try:
            message = one_line(with_flags(record.getMessage(), self._flags))
            kind = f"{record.levelname.lower()}: " if record.levelno >= logging.WARNING else ""
            erase = self._ERASE_LINE if sys.stderr.isatty() else ""
            print(f"{erase}{kind}{message}", file=sys.stderr, flush=True)
        except Exception:  # as logging's own handlers do: a message that fails must not end the run
            self.handleError(record)

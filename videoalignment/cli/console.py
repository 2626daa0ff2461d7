"""How every command of the project ends: a result, or one line on stderr and an exit status."""

import logging
import os
import re
import signal
import sys
from collections.abc import Callable
from typing import TextIO

from videoalignment.errors import VideoAlignmentError
from videoalignment.text import one_line

EXIT_BAD_INPUT = 2
EXIT_INTERRUPTED = 130


def run_command(command: Callable[[], int | None]) -> None:
    """Run a command's body and exit the process with its status.

    Bad input (`VideoAlignmentError`) is printed as one line, status 2. Ctrl-C and a termination
    signal print one line, status 130. A reader that closed our stdout (`| head`) ends us silently.

    Args:
        command: does the work; returns the exit status, None for success.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that clean-up runs as on Ctrl-C
    show_log(logging.WARNING, sys.stderr)
    try:
        status = command() or 0
        sys.stdout.flush()
    except VideoAlignmentError as error:
        print(f"error: {as_flags(one_line(error))}", file=sys.stderr)
        status = EXIT_BAD_INPUT
    except KeyboardInterrupt:
        print("interrupted; nothing half-written was left behind", file=sys.stderr)
        status = EXIT_INTERRUPTED
    except BrokenPipeError:
        # Python would complain once more while flushing stdout at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    sys.exit(status)


def show_log(level: int, stream: TextIO) -> None:
    """Show what the library logs: lines about its work at INFO, or what to mind at WARNING."""
    handler = logging.StreamHandler(stream)
    handler.addFilter(
        lambda record: (record.levelno >= logging.WARNING) == (level >= logging.WARNING)
    )
    handler.setFormatter(_OneLine())
    logger = logging.getLogger("videoalignment")
    logger.addHandler(handler)
    logger.setLevel(min(level, logger.getEffectiveLevel()))


class _OneLine(logging.Formatter):
    """The message alone, safe for a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        return as_flags(one_line(record.getMessage()))


def as_flags(message: str) -> str:
    """A message of the library with flags in place of the parameters that it names."""
    return re.sub(r"`([a-z_]+)`", r"--\1", message)

"""How every command of the project ends: a result, or one line on stderr and an exit status."""

import os
import signal
import sys
from collections.abc import Callable

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
    try:
        status = command() or 0
        sys.stdout.flush()
    except VideoAlignmentError as error:
        print(f"error: {one_line(error)}", file=sys.stderr)
        status = EXIT_BAD_INPUT
    except KeyboardInterrupt:
        print("interrupted; nothing half-written was left behind", file=sys.stderr)
        status = EXIT_INTERRUPTED
    except BrokenPipeError:
        # Python would complain once more while flushing stdout at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    sys.exit(status)

"""The answer of a command: text on stdout, or JSON there or in a file."""

import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from videoalignment.errors import OptionError
from videoalignment.files import whole_file

STDOUT = Path("-")

Document = dict[str, object] | list[dict[str, object]]

logger = logging.getLogger(__name__)


def check_answer(json: Path | None, inputs: Sequence[Path]) -> None:
    """Refuse, before any work, an answer that would destroy what it is about."""
    if json is not None and json != STDOUT:
        check_file("json", json, inputs)


def check_file(
    option: str, path: Path, inputs: Sequence[Path], suffixes: Sequence[str] = ()
) -> None:
    """Refuse, before any work, a file that could not be written or would destroy an input.

    Args:
        option: the parameter that names it.
        path: the file to write.
        inputs: the files that the command reads.
        suffixes: one of which its name must end in; any where there are none.
    """
    if path.is_dir():
        raise OptionError(f"`{option}` {path}: is a folder, a file name was expected")
    if path.resolve() in {read.resolve() for read in inputs}:
        raise OptionError(f"`{option}` {path}: would overwrite the input of that name")
    if suffixes and path.suffix.lower() not in suffixes:
        raise OptionError(f"`{option}` {path}: its name must end in {' or '.join(suffixes)}")


def print_answer(
    json: Path | None, document: Callable[[], Document], text: Callable[[], str]
) -> None:
    """Print the answer, or its JSON, or print the one and write the other."""
    from videoalignment.present.document import as_json

    sys.stdout.write(as_json(document()) if json == STDOUT else text())
    sys.stdout.flush()
    if json not in (None, STDOUT):
        with whole_file(json, "w", encoding="ascii") as file:
            file.write(as_json(document()))
        logger.info("wrote %s", json)

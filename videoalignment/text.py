"""Text that is safe to show: names and messages from anywhere, for one line of a terminal."""

import os


def printable(text: str | os.PathLike[str]) -> str:
    """Make a file name safe for one line of a terminal or a file.

    Returns:
        The text, with line breaks, escape sequences and undecodable bytes replaced.
    """
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in os.fspath(text))


def one_line(message: object) -> str:
    """A message as one line that a terminal only shows."""
    return printable(" ".join(str(message).split()))

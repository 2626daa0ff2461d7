"""Files of arrays with a few words about them: .npz archives whose array "about" is JSON."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from videoalignment.errors import UnusableFileError
from videoalignment.features.arrays import read_npz
from videoalignment.files import whole_file
from videoalignment.text import one_line

_MOST_ABOUT = 1 << 16

Features = TypeVar("Features")


def write_described(
    path: str | os.PathLike[str], arrays: Mapping[str, np.ndarray], about: Mapping[str, Any]
) -> None:
    """Write arrays and what there is to say about them, whole or not at all.

    Raises:
        UnusableFileError: the file cannot be written.
    """
    with whole_file(path) as file:
        np.savez(file, **arrays, about=json.dumps(dict(about)))  # type: ignore[arg-type]


def read_described(
    path: Path,
    kind: str,
    arrays: tuple[str, ...],
    about: tuple[str, ...],
    made: Callable[..., Features],
) -> Features:
    """Read what `write_described` wrote.

    Args:
        path: a file that may be read.
        kind: what it holds, for messages, e.g. "sound".
        arrays: the names of its arrays.
        about: the names of what it says about them, in order.
        made: makes the features of all of these, by name; refuses what is impossible.

    Raises:
        UnusableFileError: the file is broken or holds something else.
    """
    try:
        found: dict[str, Any] = dict(read_npz(path, (*arrays, "about")))
        said = _about(found.pop("about"), about)
        return made(**found, **said)
    except EOFError:
        raise UnusableFileError(f"{path}: empty or cut off; make it again") from None
    except Exception as error:  # a broken archive may raise anything at all
        reason = one_line(error)[:200].replace("`", "") or type(error).__name__
        raise UnusableFileError(f"{path}: not a readable file of {kind} ({reason})") from error


def _about(array: np.ndarray, names: tuple[str, ...]) -> dict[str, Any]:
    if array.dtype.kind != "U" or array.nbytes > _MOST_ABOUT:
        raise ValueError("its array 'about' is no short text")
    about = json.loads(str(array))
    if not isinstance(about, dict) or about.keys() != set(names):
        raise ValueError(f"its array 'about' lacks {', '.join(names[:-1])} or {names[-1]}")
    return about

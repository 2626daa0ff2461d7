"""Features that were kept, where they are whole and made as is asked for."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

from videoalignment.errors import VideoAlignmentError
from videoalignment.files import cache_folder
from videoalignment.provenance import Digested, content_digest


def kept_file(kind: str, path: str | os.PathLike[str], recipe: Digested) -> Path:
    """Where features of a file are kept, by its content, once they are made.

    Args:
        kind: the cache's folder of such features.
        path: of the file.
        recipe: how they are made.

    Raises:
        UnusableFileError: it cannot be read.
    """
    return cache_folder() / kind / f"{content_digest(path)}-{recipe.digest}.npz"


class Described(Protocol):
    """Features that know how they were made."""

    @property
    def recipe(self) -> Any: ...


RecipeOf = TypeVar("RecipeOf", bound=Digested)


Features = TypeVar("Features", bound=Described)


def kept_features(kept: Path, read: Callable[[Path], Features], recipe: object) -> Features | None:
    """Read what an earlier call kept; None where there is none, or none that is of use.

    Args:
        kept: the file.
        read: reads it, raising VideoAlignmentError where it is damaged.
        recipe: how the features must have been made.
    """
    if not kept.exists():
        return None
    try:
        features = read(kept)
    except VideoAlignmentError:  # damaged; to be made anew
        return None
    return features if features.recipe == recipe else None


def made_once(
    kind: str,
    path: str | os.PathLike[str],
    recipe: RecipeOf,
    *,
    read: Callable[[Path], Features],
    make: Callable[[str | os.PathLike[str], RecipeOf], Features],
    write: Callable[[Path, Features], None],
) -> Features:
    """Features of a file, made once per content and recipe, and kept in the cache.

    Args:
        kind: the cache's folder of such features.
        path: of the file.
        recipe: how they are made.
        read: reads kept ones, raising VideoAlignmentError where they are damaged.
        make: makes them of the file.
        write: keeps them.

    Raises:
        VideoAlignmentError: the file cannot be read, or what `make` and `write` raise.
    """
    kept = kept_file(kind, path, recipe)
    if (features := kept_features(kept, read, recipe)) is not None:
        return features
    features = make(path, recipe)
    write(kept, features)
    return features

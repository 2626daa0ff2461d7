"""Features that were kept, where they are whole and made as is asked for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

from videoalignment.errors import VideoAlignmentError


class Described(Protocol):
    """Features that know how they were made."""

    @property
    def recipe(self) -> Any: ...


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

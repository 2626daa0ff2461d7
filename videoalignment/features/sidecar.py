"""`recipe.json`: how the feature files of a folder were made that cannot say so themselves.

.pkl and .npy files hold an array and nothing else, so extraction puts this file beside them. It
speaks for all of them in its folder, not for those in folders below. Published features have none.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from videoalignment.errors import UnusableFileError
from videoalignment.files import whole_file
from videoalignment.provenance import FeatureRecipe

SIDECAR = "recipe.json"
_FORMAT = 1
_MOST_OCTETS = 1 << 16


@dataclass(frozen=True)
class Making:
    """How features were made, as far as it is known."""

    recipe: FeatureRecipe | None
    fps: float
    """Frames sampled a second."""


def read_sidecar(folder: Path) -> Making | None:
    """How the .pkl and .npy files of a folder were made; None where nothing says so.

    Raises:
        UnusableFileError: there is such a file, but it cannot be used.
    """
    path = folder / SIDECAR
    try:
        with path.open("rb") as file:
            content = json.loads(file.read(_MOST_OCTETS))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UnusableFileError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError):
        raise _unusable(path, "not JSON") from None
    if not isinstance(content, dict) or content.keys() != {"format", "fps", "recipe"}:
        raise _unusable(path, "expected format, fps and recipe")
    if content["format"] != _FORMAT:
        raise _unusable(path, f"format {content['format']!r}, expected {_FORMAT}")
    fps = content["fps"]
    if type(fps) not in (int, float) or not 0 < fps < float("inf"):
        raise _unusable(path, f"{fps!r} frames a second")
    try:
        return Making(FeatureRecipe.from_json(content["recipe"]), float(fps))
    except UnusableFileError as error:
        raise _unusable(path, str(error)) from None


def _unusable(path: Path, reason: str) -> UnusableFileError:
    return UnusableFileError(
        f"{path}: does not say how features were made ({reason}); extract them again, or delete "
        "this file if they are known to be of 15 frames a second"
    )


def write_sidecar(folder: Path, making: Making) -> None:
    """Say how the .pkl and .npy files of a folder are made, before the first of them is written.

    Raises:
        UnusableFileError: the file cannot be written.
    """
    content = {
        "format": _FORMAT,
        "fps": making.fps,
        "recipe": making.recipe and making.recipe.to_json(),
    }
    with whole_file(folder / SIDECAR, "w", encoding="utf-8") as file:
        file.write(json.dumps(content, indent=2) + "\n")

"""Points that move, on disk: their files, and the cache by what is in a video."""

import json
import os

import numpy as np

from videoalignment.errors import UnusableFileError
from videoalignment.features.arrays import read_npz
from videoalignment.features.kept import kept_features
from videoalignment.features.motion import extract_motion
from videoalignment.features.motion_features import MotionFeatures, MotionRecipe
from videoalignment.files import cache_folder, readable_file, whole_file
from videoalignment.provenance import content_digest
from videoalignment.text import one_line

_MOST_ABOUT = 1 << 16
_ARRAYS = ("velocities", "begins", "counts")


def cached_motion(path: str | os.PathLike[str]) -> MotionFeatures:
    """What moves in a video, followed once per content and recipe.

    Raises:
        UnusableFileError: the file cannot be read, or has no picture that can be decoded.
    """
    recipe = MotionRecipe()
    kept = cache_folder() / "motion" / f"{content_digest(path)}-{recipe.digest}.npz"
    if (features := kept_features(kept, read_motion, recipe)) is not None:
        return features
    features = extract_motion(path, recipe)
    write_motion(kept, features)
    return features


def write_motion(path: str | os.PathLike[str], features: MotionFeatures) -> None:
    """Write what moves as .npz, whole or not at all.

    Raises:
        UnusableFileError: the file cannot be written.
    """
    about = {
        "duration_s": features.duration_s,
        "interval_s": features.interval_s,
        "recipe": features.recipe.to_json(),
    }
    arrays = {name: getattr(features, name) for name in _ARRAYS}
    with whole_file(path) as file:
        np.savez(file, **arrays, about=json.dumps(about))


def read_motion(path: str | os.PathLike[str]) -> MotionFeatures:
    """Read what `write_motion` wrote.

    Raises:
        UnusableFileError: the file is missing, broken or holds something else.
    """
    path = readable_file(path, "a file of motion")
    try:
        arrays = read_npz(path, (*_ARRAYS, "about"))
        velocities, begins, counts = (arrays[name] for name in _ARRAYS)
        return MotionFeatures(velocities, begins, counts, *_about(arrays["about"]))
    except EOFError:
        raise UnusableFileError(f"{path}: empty or cut off; make it again") from None
    except Exception as error:  # a broken archive may raise anything at all
        reason = one_line(error)[:200].replace("`", "") or type(error).__name__
        raise UnusableFileError(f"{path}: not a readable file of motion ({reason})") from error


def _about(array: np.ndarray) -> tuple[float, float, MotionRecipe]:
    """How long the video and its frames are, and how points were followed."""
    if array.dtype.kind != "U" or array.nbytes > _MOST_ABOUT:
        raise ValueError("its array 'about' is no short text")
    about = json.loads(str(array))
    if not isinstance(about, dict) or about.keys() != {"duration_s", "interval_s", "recipe"}:
        raise ValueError("its array 'about' lacks duration_s, interval_s or recipe")
    return about["duration_s"], about["interval_s"], MotionRecipe.from_json(about["recipe"])

"""Points that move, on disk: their files, and the cache by what is in a video."""

import os
from typing import Any

from videoalignment.features.described_file import read_described, write_described
from videoalignment.features.kept import made_once
from videoalignment.features.motion import extract_motion
from videoalignment.features.motion_features import MotionFeatures, MotionRecipe
from videoalignment.files import readable_file

_ARRAYS = ("velocities", "begins", "counts")
_ABOUT = ("duration_s", "interval_s", "recipe")


def cached_motion(path: str | os.PathLike[str]) -> MotionFeatures:
    """What moves in a video, followed once per content and recipe.

    Raises:
        UnusableFileError: the file cannot be read, or has no picture that can be decoded.
    """
    return made_once(
        "motion", path, MotionRecipe(), read=read_motion, make=extract_motion, write=write_motion
    )


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
    write_described(path, {name: getattr(features, name) for name in _ARRAYS}, about)


def read_motion(path: str | os.PathLike[str]) -> MotionFeatures:
    """Read what `write_motion` wrote.

    Raises:
        UnusableFileError: the file is missing, broken or holds something else.
    """
    path = readable_file(path, "a file of motion")
    return read_described(path, "motion", _ARRAYS, _ABOUT, _motion)


def _motion(recipe: Any, **rest: Any) -> MotionFeatures:
    return MotionFeatures(recipe=MotionRecipe.from_json(recipe), **rest)

"""Whitened sound on disk: its files, and the cache by what is in a recording."""

import os
from typing import Any

from videoalignment.features.described_file import read_described, write_described
from videoalignment.features.kept import kept_features, kept_file, made_once
from videoalignment.features.sound import extract_sound
from videoalignment.features.sound_features import SoundFeatures, SoundRecipe
from videoalignment.files import readable_file

_ARRAYS = ("whitened", "levels_db")
_ABOUT = ("begin_s", "recipe", "track")
_KIND = "sound"


def cached_sound(path: str | os.PathLike[str]) -> SoundFeatures:
    """The whitened sound of a recording, made once per content and recipe.

    Raises:
        UnusableFileError: the file cannot be read, or has no sound that can be decoded.
    """
    return made_once(
        _KIND, path, SoundRecipe(), read=read_sound, make=extract_sound, write=write_sound
    )


def kept_sound(path: str | os.PathLike[str]) -> SoundFeatures | None:
    """The whitened sound of a recording, where `cached_sound` made it before; None where not.

    Raises:
        UnusableFileError: the file cannot be read.
    """
    recipe = SoundRecipe()
    return kept_features(kept_file(_KIND, path, recipe), read_sound, recipe)


def write_sound(path: str | os.PathLike[str], features: SoundFeatures) -> None:
    """Write whitened sound as .npz, whole or not at all.

    Raises:
        UnusableFileError: the file cannot be written.
    """
    about = {
        "begin_s": features.begin_s,
        "recipe": features.recipe.to_json(),
        "track": features.track,
    }
    write_described(path, {name: getattr(features, name) for name in _ARRAYS}, about)


def read_sound(path: str | os.PathLike[str]) -> SoundFeatures:
    """Read what `write_sound` wrote.

    Raises:
        UnusableFileError: the file is missing, broken or holds something else.
    """
    path = readable_file(path, "a file of whitened sound")
    return read_described(path, "sound", _ARRAYS, _ABOUT, _sound)


def _sound(recipe: Any, **rest: Any) -> SoundFeatures:
    return SoundFeatures(recipe=SoundRecipe.from_json(recipe), **rest)

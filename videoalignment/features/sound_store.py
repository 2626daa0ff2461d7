"""Whitened sound on disk: its files, and the cache by what is in a recording."""

import json
import os

import numpy as np

from videoalignment.errors import UnusableFileError
from videoalignment.features.arrays import read_npz
from videoalignment.features.kept import kept_features
from videoalignment.features.sound import extract_sound
from videoalignment.features.sound_features import SoundFeatures, SoundRecipe
from videoalignment.files import cache_folder, readable_file, whole_file
from videoalignment.provenance import content_digest
from videoalignment.text import one_line

_MOST_ABOUT = 1 << 16


def cached_sound(path: str | os.PathLike[str]) -> SoundFeatures:
    """The whitened sound of a recording, made once per content and recipe.

    Raises:
        UnusableFileError: the file cannot be read, or has no sound that can be decoded.
    """
    recipe = SoundRecipe()
    kept = cache_folder() / "sound" / f"{content_digest(path)}-{recipe.digest}.npz"
    if (features := kept_features(kept, read_sound, recipe)) is not None:
        return features
    features = extract_sound(path, recipe)
    write_sound(kept, features)
    return features


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
    with whole_file(path) as file:
        np.savez(
            file,
            whitened=features.whitened,
            levels_db=features.levels_db,
            about=json.dumps(about),
        )


def read_sound(path: str | os.PathLike[str]) -> SoundFeatures:
    """Read what `write_sound` wrote.

    Raises:
        UnusableFileError: the file is missing, broken or holds something else.
    """
    path = readable_file(path, "a file of whitened sound")
    try:
        arrays = read_npz(path, ("whitened", "levels_db", "about"))
        return SoundFeatures(arrays["whitened"], arrays["levels_db"], *_about(arrays["about"]))
    except EOFError:
        raise UnusableFileError(f"{path}: empty or cut off; make it again") from None
    except Exception as error:  # a broken archive may raise anything at all
        reason = one_line(error)[:200].replace("`", "") or type(error).__name__
        raise UnusableFileError(f"{path}: not a readable file of sound ({reason})") from error


def _about(array: np.ndarray) -> tuple[float, SoundRecipe, int]:
    """When the sound begins, how it was whitened, and which track it is."""
    if array.dtype.kind != "U" or array.nbytes > _MOST_ABOUT:
        raise ValueError("its array 'about' is no short text")
    about = json.loads(str(array))
    if not isinstance(about, dict) or about.keys() != {"begin_s", "recipe", "track"}:
        raise ValueError("its array 'about' lacks begin_s, recipe or track")
    return about["begin_s"], SoundRecipe.from_json(about["recipe"]), about["track"]

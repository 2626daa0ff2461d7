"""Pictures spread evenly over a video, on disk: cut once per content."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from videoalignment.features.described_file import read_described, write_described
from videoalignment.features.jpegs import Jpegs
from videoalignment.features.kept import made_once
from videoalignment.features.number_recipe import NumberRecipe
from videoalignment.media.probe import VideoInfo
from videoalignment.present.stills import stills

_ARRAYS = ("octets", "ends")
_ABOUT = ("recipe",)


@dataclass(frozen=True, kw_only=True)
class StillsRecipe(NumberRecipe):
    """All that decides which pictures are cut out of a video; see `stills.stills`."""

    of: ClassVar[str] = "stills"

    duration_s: float = 1.0
    """From the first frame to the end of the last part."""
    count: int = 1
    """In how many parts of equal length it is divided."""
    longest_side: int = 160
    """Of a picture, pixels."""
    version: int = 1


@dataclass(frozen=True)
class Stills:
    """Pictures of one video."""

    jpegs: Jpegs
    recipe: StillsRecipe


def cached_stills(video: VideoInfo, recipe: StillsRecipe) -> list[bytes]:
    """Pictures of a video, cut once per content and recipe.

    Returns:
        JPEGs in order, without those that ffmpeg cannot decode.

    Raises:
        UnusableFileError: the video cannot be read, or the pictures cannot be kept.
    """

    def cut(_: object, recipe: StillsRecipe) -> Stills:
        jpegs = stills(video, recipe.duration_s, recipe.count, longest_side=recipe.longest_side)
        return Stills(Jpegs.of(jpegs), recipe)

    kept = made_once("stills", video.path, recipe, read=_read, make=cut, write=_write)
    return [jpeg.tobytes() for jpeg in kept.jpegs]


def _write(path: Path, kept: Stills) -> None:
    arrays = {"octets": kept.jpegs.octets, "ends": kept.jpegs.ends}
    write_described(path, arrays, {"recipe": kept.recipe.to_json()})


def _read(path: Path) -> Stills:
    return read_described(path, "stills", _ARRAYS, _ABOUT, _stills)


def _stills(recipe: Any, octets: np.ndarray, ends: np.ndarray) -> Stills:
    return Stills(Jpegs(octets, ends), StillsRecipe.from_json(recipe))

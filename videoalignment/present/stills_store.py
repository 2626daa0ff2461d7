"""Pictures spread evenly over a video, on disk: cut once per content."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from videoalignment.errors import OptionError
from videoalignment.features.described_file import read_described, write_described
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
    """Pictures of one video.

    Raises:
        OptionError: the ends do not fit.
    """

    octets: np.ndarray
    """JPEGs, one after the other, uint8, shape (n,)."""
    ends: np.ndarray
    """Where each ends, int64, ascending, shape (pictures,)."""
    recipe: StillsRecipe

    def __post_init__(self) -> None:
        lengths = np.diff(self.ends, prepend=0)
        if (lengths <= 0).any() or lengths.sum() != len(self.octets):
            raise OptionError(f"`ends`: do not divide {len(self.octets)} octets into pictures")

    @property
    def jpegs(self) -> list[bytes]:
        """The pictures in order."""
        return [part.tobytes() for part in np.split(self.octets, self.ends)[: len(self.ends)]]


def cached_stills(video: VideoInfo, recipe: StillsRecipe) -> list[bytes]:
    """Pictures of a video, cut once per content and recipe.

    Returns:
        JPEGs in order, without those that ffmpeg cannot decode.

    Raises:
        UnusableFileError: the video cannot be read, or the pictures cannot be kept.
    """

    def cut(_: object, recipe: StillsRecipe) -> Stills:
        jpegs = stills(video, recipe.duration_s, recipe.count, longest_side=recipe.longest_side)
        ends = np.cumsum([len(jpeg) for jpeg in jpegs], dtype=np.int64)
        return Stills(np.frombuffer(b"".join(jpegs), np.uint8), ends, recipe)

    kept = made_once("stills", video.path, recipe, read=_read, make=cut, write=_write)
    return kept.jpegs


def _write(path: Path, kept: Stills) -> None:
    arrays = {name: getattr(kept, name) for name in _ARRAYS}
    write_described(path, arrays, {"recipe": kept.recipe.to_json()})


def _read(path: Path) -> Stills:
    return read_described(path, "stills", _ARRAYS, _ABOUT, _stills)


def _stills(recipe: Any, **arrays: np.ndarray) -> Stills:
    return Stills(recipe=StillsRecipe.from_json(recipe), **arrays)

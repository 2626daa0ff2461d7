"""All pictures of a video, small and grey, kept on disk by its content as JPEGs.

To decode a video takes several times as long as to read such pictures. They are what is kept, also
where they have just been made, so that a second look sees the same as the first.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np

from videoalignment.errors import OptionError
from videoalignment.features.described_file import read_described, write_described
from videoalignment.features.jpegs import Jpegs
from videoalignment.features.kept import made_once
from videoalignment.features.number_recipe import NumberRecipe
from videoalignment.media.frames import read_frames
from videoalignment.media.probe import VideoInfo

_ARRAYS = ("octets", "ends", "times_s")
_ABOUT = ("recipe",)


@dataclass(frozen=True, kw_only=True)
class SmallRecipe(NumberRecipe):
    """All that decides what small pictures are kept of a video."""

    of: ClassVar[str] = "small pictures"

    fps: float = 30.0
    """How many a second, at most."""
    height: int = 1
    width: int = 1
    """Pixels."""
    quality: int = 90
    """Of JPEG: one to two grey levels are lost, which is less than what videos lost before."""
    version: int = 1


@dataclass(frozen=True)
class SmallPictures:
    """Small grey pictures of one video."""

    frames: np.ndarray
    """uint8, shape (n, height, width)."""
    times_s: np.ndarray
    """When each is shown, seconds from the video's first frame, float64, ascending, shape (n,)."""
    jpegs: Jpegs
    """What the pictures were read from."""
    recipe: SmallRecipe

    @classmethod
    def of(cls, jpegs: Jpegs, times_s: np.ndarray, recipe: SmallRecipe) -> "SmallPictures":
        """Read pictures.

        Raises:
            OptionError: one is damaged or of another size, or the times cannot be theirs.
        """
        if times_s.shape != (len(jpegs),) or not (np.diff(times_s) > 0).all():
            raise OptionError("`times_s`: are not those of the pictures, ascending")
        frames = np.empty((len(jpegs), recipe.height, recipe.width), np.uint8)
        for frame, jpeg in zip(frames, jpegs, strict=True):
            picture = cv2.imdecode(jpeg, cv2.IMREAD_GRAYSCALE)
            if picture is None or picture.shape != frame.shape:
                raise OptionError("`octets`: a picture is damaged, or of another size")
            frame[:] = picture
        return cls(frames, times_s, jpegs, recipe)


def cached_small_pictures(video: VideoInfo, recipe: SmallRecipe) -> SmallPictures:
    """Small pictures of a video, made once per content and recipe.

    Raises:
        UnusableFileError: the video cannot be decoded, or its pictures cannot be kept.
    """
    return made_once("pictures", video.path, recipe, read=_read, make=_made, write=_write)


def _made(path: str | os.PathLike[str], recipe: SmallRecipe) -> SmallPictures:
    size = recipe.height, recipe.width
    jpegs: list[bytes] = []
    times_s: list[float] = []
    for batch in read_frames(path, fps=recipe.fps, size=size, grey=True, batch=16):
        for frame, time_s in zip(batch.frames, batch.times_s.tolist(), strict=True):
            if not times_s or time_s > times_s[-1]:  # else it is shown for two of these steps
                times_s.append(time_s)
                jpegs.append(_jpeg(frame, recipe.quality))
    return SmallPictures.of(Jpegs.of(jpegs), np.array(times_s), recipe)


def _jpeg(frame: np.ndarray, quality: int) -> bytes:
    return cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def _write(path: Path, kept: SmallPictures) -> None:
    arrays = {"octets": kept.jpegs.octets, "ends": kept.jpegs.ends, "times_s": kept.times_s}
    write_described(path, arrays, {"recipe": kept.recipe.to_json()})


def _read(path: Path) -> SmallPictures:
    return read_described(path, "small pictures", _ARRAYS, _ABOUT, _small_pictures)


def _small_pictures(
    recipe: Any, octets: np.ndarray, ends: np.ndarray, times_s: np.ndarray
) -> SmallPictures:
    return SmallPictures.of(Jpegs(octets, ends), times_s, SmallRecipe.from_json(recipe))

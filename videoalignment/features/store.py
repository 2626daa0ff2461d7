"""Feature files: reading published and own ones safely, writing them whole.

A feature file holds the frame descriptors of one video, an array (frames, d). The published ones
are pickles, written by Python 2 or 3; `safe_pickle` reads them without trusting them. An .npz file
also says when each frame is shown and how the descriptors were made; for .pkl and .npy files, the
folder's `sidecar` says so where there is one.
"""

import json
import os
import pickle
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from videoalignment.errors import (
    FeatureMismatchError,
    UnusableFileError,
    VideoAlignmentError,
)
from videoalignment.features.arrays import read_npy, read_npz
from videoalignment.features.frame_features import FrameFeatures, checked_descriptors
from videoalignment.features.safe_pickle import load_array
from videoalignment.features.sidecar import SIDECAR, Making, read_sidecar
from videoalignment.files import readable_file, whole_file
from videoalignment.provenance import FeatureRecipe
from videoalignment.text import one_line

__all__ = [
    "FORMATS",
    "PUBLISHED_FPS",
    "FrameFeatures",
    "read_descriptors",
    "read_features",
    "read_many",
    "read_recipe",
    "write_features",
]

FORMATS = ("pkl", "npy", "npz")
PUBLISHED_FPS = 15.0
"""Frames a second of files that say nothing, as the published ones."""
_MOST_ABOUT = 1 << 16


# ------------------------------------------------------------------ reading


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Turn whatever a broken file makes its parser raise into one line that names the file."""
    readable_file(path, "a feature file")
    try:
        yield
    except EOFError:
        raise UnusableFileError(f"{path}: empty or cut off; download or extract it again") from None
    except VideoAlignmentError as error:  # which knows no file; names are of its content here
        raise UnusableFileError(f"{path}: {str(error).replace('`', '')}") from None
    except OSError as error:
        reason = error.strerror or error
        raise UnusableFileError(f"{path}: cannot be read ({reason})") from error
    except Exception as error:  # a broken pickle or archive may raise anything at all
        reason = one_line(error)[:200] or type(error).__name__  # some quote the file's octets
        raise UnusableFileError(f"{path}: not a readable feature file ({reason})") from error


def read_features(path: str | os.PathLike[str]) -> FrameFeatures:
    """Read a feature file with its time stamps and how it was made.

    A .pkl or .npy file holds no time stamps: its frames are spaced evenly, by the rate that the
    folder's recipe.json names, 15 a second where there is none.

    Raises:
        UnusableFileError: the file is missing, broken or no feature file, or holds several rows a
            frame whose times nobody knows.
    """
    path = Path(path)
    if path.suffix == ".npz":
        return _read_archive(path)
    making = read_sidecar(path.parent) or Making(None, PUBLISHED_FPS)
    if making.recipe is not None and making.recipe.regional:
        raise UnusableFileError(
            f"{path}: holds several rows a frame, as {SIDECAR} beside it says, and no times; "
            "extract it again without `regional`, or as .npz"
        )
    descriptors = _read_rows(path)
    edges_s = np.arange(len(descriptors) + 1) / making.fps
    with _reading(path):
        return FrameFeatures(
            descriptors, edges_s[:-1], making.fps, making.recipe, float(edges_s[-1])
        )


def read_descriptors(path: str | os.PathLike[str], *, width: int | None = None) -> np.ndarray:
    """Read the frame descriptors of one video from a .pkl, .npy or .npz file.

    Args:
        path: the feature file.
        width: how many numbers a frame must have, where that is known.

    Returns:
        Frame descriptors, float32, shape (frames, d).

    Raises:
        UnusableFileError: the file is missing, broken, empty or not finite.
        FeatureMismatchError: it is of another width.
    """
    path = Path(path)
    descriptors = _read_archive(path).descriptors if path.suffix == ".npz" else _read_rows(path)
    _check_width(path, descriptors, width)
    return descriptors


def read_recipe(path: str | os.PathLike[str]) -> FeatureRecipe | None:
    """How an .npz feature file was made, without reading its descriptors; None if it is not said.

    Raises:
        UnusableFileError: the file is missing, broken or no .npz feature file.
    """
    path = Path(path)
    with _reading(path):
        return _recipe(_read_about(read_npz(path, ("about",))["about"]))


def _read_rows(path: Path) -> np.ndarray:
    """The descriptors of a .pkl or .npy file."""
    with _reading(path):
        if path.suffix == ".npy":
            array = read_npy(path)
        else:
            with path.open("rb") as file:
                array = load_array(file)
        return checked_descriptors(array)


def _read_archive(path: Path) -> FrameFeatures:
    """The features of an .npz file."""
    with _reading(path):
        arrays = read_npz(path, ("descriptors", "times_s", "about"))
        about = _read_about(arrays["about"])
        return FrameFeatures(
            arrays["descriptors"],
            arrays["times_s"],
            about["fps"],
            _recipe(about),
            about["duration_s"],
            about.get("truncated"),
        )


def _read_about(array: np.ndarray) -> dict[str, Any]:
    """What an .npz file says of itself, checked to have all that is looked up."""
    if array.dtype.kind != "U" or array.nbytes > _MOST_ABOUT:
        raise ValueError("its array 'about' is no short text")
    about = json.loads(str(array))
    if not isinstance(about, dict) or not {"fps", "duration_s"} <= about.keys():
        raise ValueError("its array 'about' lacks fps or duration_s")
    if not isinstance(about.get("truncated"), str | None):
        raise ValueError("its array 'about' has no text as truncated")
    return about


def _recipe(about: dict[str, Any]) -> FeatureRecipe | None:
    """The recipe in an .npz file; None in those of earlier versions, which did not name weights."""
    if about.get("recipe") is not None:
        return FeatureRecipe.from_json(about["recipe"])
    earlier = about.get("made_by")
    if isinstance(earlier, dict) and earlier.get("regional"):
        raise ValueError("an earlier version made it, of regions; extract it again")
    return None


# ------------------------------------------------------------------ reading many


def read_many(
    paths: Iterable[str | os.PathLike[str]], *, fps: float | None = None, ahead: int = 16
) -> Iterator[np.ndarray]:
    """Read the frame descriptors of many videos, in order, the next ones in the background.

    Args:
        paths: feature files.
        fps: how many frames a second they must have where they say so; None for any.
        ahead: how many videos are read before they are asked for; bounds the memory.

    Yields:
        Frame descriptors, float32, shape (frames, d), the same d for all.

    Raises:
        UnusableFileError: a file cannot be used.
        FeatureMismatchError: a file has another rate, holds regions, or was made otherwise than an
            earlier one.
    """
    coming = map(Path, paths)
    sidecar = cache(read_sidecar)  # one look a folder, not one a file
    agreement = _Agreement(fps)
    pool = ThreadPoolExecutor(max_workers=2)
    try:
        waiting: deque[tuple[Path, Future[tuple[np.ndarray, Making | None]]]] = deque()
        for path in islice(coming, ahead):
            waiting.append((path, pool.submit(_read_one, path)))
        while waiting:
            path, reading = waiting.popleft()
            descriptors, making = reading.result()
            agreement.check(path, descriptors, making or sidecar(path.parent))
            yield descriptors
            for path in islice(coming, 1):
                waiting.append((path, pool.submit(_read_one, path)))
    finally:
        pool.shutdown(cancel_futures=True)


def _read_one(path: Path) -> tuple[np.ndarray, Making | None]:
    """The descriptors of a file, and how they were made where the file itself says so."""
    if path.suffix != ".npz":
        return _read_rows(path), None
    features = _read_archive(path)
    return features.descriptors, Making(features.recipe, features.fps)


class _Agreement:
    """What all files read so far have in common."""

    def __init__(self, fps: float | None) -> None:
        self._fps = fps
        self._width: int | None = None
        self._recipe: FeatureRecipe | None = None

    def check(self, path: Path, descriptors: np.ndarray, making: Making | None) -> None:
        _check_width(path, descriptors, self._width)
        self._width = descriptors.shape[1]
        if making is None:
            return
        if self._fps is not None and abs(making.fps - self._fps) > 1e-6 * self._fps:
            raise FeatureMismatchError(
                f"{path}: {making.fps:g} frames a second, expected {self._fps:g}; extract the "
                f"features again with `fps` {self._fps:g}"
            )
        if making.recipe is None:
            return
        if making.recipe.regional:
            raise FeatureMismatchError(
                f"{path}: holds features of regions, several rows a frame; extract it again "
                "without `regional`"
            )
        if self._recipe is None:
            self._recipe = making.recipe
        elif making.recipe != self._recipe:
            try:
                making.recipe.check_comparable(self._recipe)
            except FeatureMismatchError as error:
                raise FeatureMismatchError(f"{path}: unlike the files before it: {error}") from None


def _check_width(path: Path, array: np.ndarray, width: int | None) -> None:
    if width is not None and array.shape[1] != width:
        raise FeatureMismatchError(
            f"{path}: {array.shape[1]} numbers a frame, expected {width}; "
            "were the features made by another network?"
        )


# ------------------------------------------------------------------ writing


def write_features(path: str | os.PathLike[str], features: FrameFeatures) -> None:
    """Write a feature file, whole or not at all; the suffix names the format.

    .pkl and .npy hold the descriptors alone; .npz keeps everything.

    Raises:
        UnusableFileError: the suffix is none of these, or the file cannot be written.
    """
    path = Path(path)
    if path.suffix.lstrip(".") not in FORMATS:
        raise UnusableFileError(f"{path}: unknown format, expected one of {', '.join(FORMATS)}")
    descriptors = np.ascontiguousarray(features.descriptors, dtype=np.float32)
    with whole_file(path) as file:
        if path.suffix == ".pkl":
            pickle.dump(descriptors, file, protocol=2)
        elif path.suffix == ".npy":
            np.save(file, descriptors)
        else:
            about = {
                "fps": features.fps,
                "duration_s": features.duration_s,
                "recipe": features.recipe and features.recipe.to_json(),
                "truncated": features.truncated,
            }
            np.savez(
                file, descriptors=descriptors, times_s=features.times_s, about=json.dumps(about)
            )

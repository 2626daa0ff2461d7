"""Feature files: reading published and own ones safely, writing them whole.

A feature file holds the frame descriptors of one video, an array (frames, d). The published ones
are pickles, written by Python 2 or 3; `safe_pickle` reads them without trusting them.
"""

import json
import os
import pickle
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from videoalignment.errors import VideoAlignmentError
from videoalignment.features.safe_pickle import load_array
from videoalignment.files import whole_file

FORMATS = ("pkl", "npy", "npz")


@dataclass(frozen=True)
class FrameFeatures:
    """The frame descriptors of one video."""

    descriptors: np.ndarray
    """Frame descriptors, unit norm, float32, shape (frames, d)."""
    times_s: np.ndarray
    """When each frame is shown, seconds from the video's first frame, float64, shape (frames,)."""
    fps: float
    """Frames sampled a second."""
    made_by: dict[str, Any]
    """How the descriptors were made: network, level, pooling and so on, as JSON types."""
    duration_s: float
    """How long the video is, seconds: the end of its last frame."""


# ------------------------------------------------------------------ reading


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Turn whatever a broken file makes its parser raise into one line that names the file."""
    try:
        yield
    except FileNotFoundError:
        raise VideoAlignmentError(f"{path}: no such feature file") from None
    except EOFError:
        raise VideoAlignmentError(
            f"{path}: empty or cut off; download or extract it again"
        ) from None
    except OSError as error:
        reason = error.strerror or error
        raise VideoAlignmentError(f"{path}: cannot be read ({reason})") from error
    except Exception as error:  # a broken pickle or archive may raise anything at all
        raise VideoAlignmentError(f"{path}: not a readable feature file ({error})") from error


def read_descriptors(path: str | os.PathLike, *, width: int | None = None) -> np.ndarray:
    """Read the frame descriptors of one video from a .pkl, .npy or .npz file.

    Args:
        path: the feature file.
        width: how many numbers a frame must have, where that is known.

    Returns:
        Frame descriptors, float32, shape (frames, d).

    Raises:
        VideoAlignmentError: the file is missing, broken, empty, of another width or not finite.
    """
    path = Path(path)
    if path.suffix == ".npz":
        return read_features(path).descriptors
    if path.suffix == ".npy":
        with _reading(path):
            array = np.load(path, allow_pickle=False)
    else:
        with _reading(path), path.open("rb") as file:
            array = load_array(file)
    array = _checked(path, array)
    _check_width(path, array, width)
    return array


def read_many(paths: Iterable[str | os.PathLike], *, ahead: int = 16) -> Iterator[np.ndarray]:
    """Read the frame descriptors of many videos, in order, the next ones in the background.

    Args:
        paths: feature files.
        ahead: how many videos are read before they are asked for; bounds the memory.

    Yields:
        Frame descriptors, float32, shape (frames, d), the same d for all.

    Raises:
        VideoAlignmentError: a file cannot be used, or differs from the first one in d.
    """
    paths, width = iter(paths), None
    pool = ThreadPoolExecutor(max_workers=2)
    try:
        waiting = deque()
        for path in islice(paths, ahead):
            waiting.append((path, pool.submit(read_descriptors, path)))
        while waiting:
            path, reading = waiting.popleft()
            descriptors = reading.result()
            _check_width(path, descriptors, width)
            width = descriptors.shape[1]
            yield descriptors
            for path in islice(paths, 1):
                waiting.append((path, pool.submit(read_descriptors, path)))
    finally:
        pool.shutdown(cancel_futures=True)


def _check_width(path: str | os.PathLike, array: np.ndarray, width: int | None) -> None:
    if width is not None and array.shape[1] != width:
        raise VideoAlignmentError(
            f"{path}: {array.shape[1]} numbers a frame, expected {width}; "
            "were the features made by another network?"
        )


def _checked(path: Path, array: np.ndarray) -> np.ndarray:
    """The array as float32 (frames, d), or an error that names the file."""
    if array.dtype not in (np.float16, np.float32, np.float64) or array.ndim != 2:
        raise VideoAlignmentError(
            f"{path}: holds {array.dtype} of shape {array.shape}, expected floats (frames, d)"
        )
    if len(array) == 0:
        raise VideoAlignmentError(f"{path}: holds no frames; extract the features again")
    # The sum is finite only if every number is, and reads the array once; should it overflow
    # although all numbers are finite, the slow test decides.
    with np.errstate(over="ignore", invalid="ignore"):
        array = np.ascontiguousarray(array, dtype=np.float32)
        total = array.sum()
    if not np.isfinite(total) and not np.isfinite(array).all():
        row = int(np.flatnonzero(~np.isfinite(array).all(axis=1))[0])
        raise VideoAlignmentError(
            f"{path}: frame {row} is not finite (NaN or infinity); extract the features again"
        )
    return array


def read_features(path: str | os.PathLike) -> FrameFeatures:
    """Read an .npz feature file with its time stamps and how it was made.

    Raises:
        VideoAlignmentError: the file is missing, broken or no .npz feature file of this package.
    """
    path = Path(path)
    with _reading(path):
        with np.load(path, allow_pickle=False) as archive:
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise ValueError("an .npz archive was expected")
            descriptors = archive["descriptors"]
            times_s = np.asarray(archive["times_s"], dtype=np.float64)
            about = json.loads(str(archive["about"]))
        fps, made_by, duration_s = about["fps"], about["made_by"], about["duration_s"]
    descriptors = _checked(path, descriptors)
    if times_s.shape != (len(descriptors),):
        raise VideoAlignmentError(
            f"{path}: {len(descriptors)} frames but time stamps of shape {times_s.shape}"
        )
    return FrameFeatures(descriptors, times_s, float(fps), made_by, float(duration_s))


# ------------------------------------------------------------------ writing


def write_features(path: str | os.PathLike, features: FrameFeatures) -> None:
    """Write a feature file, whole or not at all; the suffix names the format.

    .pkl and .npy hold the descriptors alone; .npz keeps everything.

    Raises:
        VideoAlignmentError: the suffix is none of these, or the file cannot be written.
    """
    path = Path(path)
    if path.suffix.lstrip(".") not in FORMATS:
        raise VideoAlignmentError(f"{path}: unknown format, expected one of {', '.join(FORMATS)}")
    descriptors = np.ascontiguousarray(features.descriptors, dtype=np.float32)
    with whole_file(path) as file:
        if path.suffix == ".pkl":
            pickle.dump(descriptors, file, protocol=2)
        elif path.suffix == ".npy":
            np.save(file, descriptors)
        else:
            about = {
                "fps": features.fps,
                "made_by": features.made_by,
                "duration_s": features.duration_s,
            }
            np.savez(
                file, descriptors=descriptors, times_s=features.times_s, about=json.dumps(about)
            )

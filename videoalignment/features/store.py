"""Feature files: reading published and own ones safely, writing them whole.

A feature file holds the frame descriptors of one video, an array (frames, d). The published ones
are pickles, written by Python 2 or 3. A pickle may call anything when it is loaded, so they are
read by an unpickler that knows NumPy arrays and nothing else.
"""

import json
import os
import pickle
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from videoalignment.errors import VideoAlignmentError
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


def _rebuild_array(subtype: type, shape: tuple, typecode: bytes) -> np.ndarray:
    """NumPy's `_reconstruct`, for plain arrays only."""
    if subtype is not np.ndarray:
        raise pickle.UnpicklingError("holds something else than a plain NumPy array")
    return np.ndarray.__new__(np.ndarray, shape, typecode)


def _encode_latin1(text: str, encoding: str = "latin1") -> bytes:
    """`_codecs.encode` as Python 3 uses it to put bytes into protocol 2 pickles."""
    return text.encode("latin1")


_ADMITTED = {
    ("numpy.core.multiarray", "_reconstruct"): _rebuild_array,
    ("numpy._core.multiarray", "_reconstruct"): _rebuild_array,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("_codecs", "encode"): _encode_latin1,
}


class _ArrayUnpickler(pickle.Unpickler):
    """Loads NumPy arrays; any other name in the pickle is refused before it is looked up."""

    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ADMITTED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"asks for {module}.{name}, which is refused") from None


def read_pickled_array(path: str | os.PathLike) -> np.ndarray:
    """Read one NumPy array from a pickle that nobody needs to trust.

    Raises:
        VideoAlignmentError: the file is missing, empty, broken or holds anything but an array.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            array = _ArrayUnpickler(file, encoding="latin1").load()
    except FileNotFoundError:
        raise VideoAlignmentError(f"{path}: no such feature file") from None
    except OSError as error:
        raise VideoAlignmentError(f"{path}: cannot be read ({error.strerror})") from error
    except EOFError:
        raise VideoAlignmentError(f"{path}: ends too early; fetch or extract it again") from None
    except Exception as error:  # a broken pickle may raise anything at all
        raise VideoAlignmentError(f"{path}: not a readable feature pickle ({error})") from error
    if not isinstance(array, np.ndarray):
        raise VideoAlignmentError(f"{path}: holds a {type(array).__name__}, expected an array")
    return array

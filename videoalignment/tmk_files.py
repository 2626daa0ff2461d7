"""TMK+PDQF hashes, the `.tmk` files that trust-and-safety teams exchange: reading and writing.

A hash folds a video's frame features into rows: for each of P periods and m harmonics one sum
weighted by cosines of the frames' times and one weighted by sines, each scaled to a length of its
own, besides the plain mean of the features. Source: TMK+PDQF of the ThreatExchange project.
"""

import os
import struct
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import BinaryIO, TypeVar

import numpy as np

from videoalignment.errors import FeatureMismatchError, UnusableFileError
from videoalignment.files import whole_file

Parsed = TypeVar("Parsed")

SUFFIX = ".tmk"
FPS = 15
"""Frames a second that are folded."""
DIMENSIONS = 256
"""Numbers a frame feature."""
PERIODS = np.array([2731, 4391, 9767, 14653], np.int32)
"""In frames; their harmonics hardly ever coincide."""
COEFFICIENTS = np.array(
    [  # the window's Fourier coefficients as every such file has them: beta 32, twelve digits
        *(0.0708041893112, 0.13937789309, 0.132897260304, 0.122765735552, 0.109878684888),
        *(0.09529606433, 0.0800986647852, 0.0652590650356, 0.0515478238322, 0.0394851531195),
        *(0.0293374252025, 0.0211492623679, 0.0147973073245, 0.0100512818746, 0.0066306408014),
        *(0.00424947117334, 0.0026467615764, 0.00160270959695, 0.000943882629639),
        *(0.000540841638603, 0.000301633183798, 0.000163800158855, 8.66454753015e-05),
        *(4.46626303151e-05, 2.24429442235e-05, 1.09982139799e-05, 5.25823487999e-06),
        *(2.45358229988e-06, 1.11781474895e-06, 4.97406489221e-07, 2.16265487234e-07),
        9.19087006565e-08,
    ],
    np.float32,
)

_MAGIC = b"TMK1FVECPDQF"
_MAGIC_SAYS = ("a TMK file", "a descriptor of a whole video", "PDQF features")
_COUNTS = struct.Struct("<5i")
_BEGIN_BYTES = len(_MAGIC) + _COUNTS.size
_MOST_BYTES = 1 << 30  # a usual hash has a quarter of a megabyte


@dataclass(frozen=True, eq=False)
class TmkHash:
    """The TMK+PDQF hash of one video.

    It checks itself when it is made: an UnusableFileError says what cannot be.
    """

    fps: int
    """Frames folded a second."""
    frames: int
    """How many frames were folded."""
    periods: np.ndarray
    """In frames, int32, shape (P,)."""
    coefficients: np.ndarray
    """Fourier coefficients a_j of the window, float32, shape (m,)."""
    mean: np.ndarray
    """Mean of the frame features, float32, shape (d,)."""
    cosines: np.ndarray
    """Cosine rows, each of length sqrt(a_j), float32, shape (P, m, d)."""
    sines: np.ndarray
    """Sine rows likewise; those of harmonic 0 are zero. float32, shape (P, m, d)."""

    def __post_init__(self) -> None:
        """Check shapes, kinds of numbers and ranges."""
        counted = (self.periods, self.coefficients, self.mean)
        periods, harmonics, dimensions = (len(np.atleast_1d(x)) for x in counted)
        sizes = (periods, harmonics, dimensions)
        _check_counts(self.fps, *sizes, self.frames)
        shapes = dict(zip(("periods", "coefficients", "mean"), ((n,) for n in sizes), strict=True))
        for field in fields(self)[2:]:
            array, shape = getattr(self, field.name), shapes.get(field.name, sizes)
            kind = np.dtype(np.int32 if field.name == "periods" else np.float32)
            if array.dtype != kind or array.shape != shape:
                raise UnusableFileError(
                    f"`{field.name}` is {array.dtype} of shape {array.shape}; "
                    f"expected {kind} of shape {shape}"
                )
            _check_numbers(field.name, array)

    @property
    def duration_s(self) -> float:
        """How long the video is, to a frame."""
        return self.frames / self.fps

    def check_comparable(self, other: "TmkHash") -> None:
        """Refuse to compare hashes that were folded in different ways.

        Raises:
            FeatureMismatchError: frames a second, periods, coefficients or dimensions differ.
        """
        for name in ("fps", "periods", "coefficients"):
            ours, theirs = getattr(self, name), getattr(other, name)
            if not np.array_equal(ours, theirs):
                raise FeatureMismatchError(
                    f"hashes whose {name} differ cannot be compared "
                    f"({_shown(ours)} and {_shown(theirs)}); make both in the same way"
                )
        if len(self.mean) != len(other.mean):
            raise FeatureMismatchError(
                f"hashes of {len(self.mean)} and {len(other.mean)} dimensions cannot be compared; "
                "make both in the same way"
            )


def read_hash(path: str | os.PathLike) -> TmkHash:
    """Read a `.tmk` file.

    Nothing is allocated before the file is known to have the size that it claims.

    Raises:
        UnusableFileError: the file is missing, no TMK+PDQF file, cut off, too long or broken.
    """

    def whole(file: BinaryIO, size: int) -> TmkHash:
        begin = file.read(_BEGIN_BYTES)
        _counts(begin, size)
        return from_bytes(begin + file.read(size - len(begin)))

    return _read(path, whole)


def read_mean(path: str | os.PathLike) -> np.ndarray:
    """Read only the mean feature of a `.tmk` file, float32, shape (d,).

    Raises:
        UnusableFileError: as for `read_hash`, but for the rows, which are not looked at.
    """

    def mean_of(file: BinaryIO, size: int) -> np.ndarray:
        _, periods, harmonics, dimensions, _ = _counts(file.read(_BEGIN_BYTES), size)
        file.seek(_BEGIN_BYTES + 4 * (periods + harmonics))
        mean = np.frombuffer(file.read(4 * dimensions), "<f4").astype(np.float32)
        _check_numbers("mean", mean)
        return mean

    return _read(path, mean_of)


def write_hash(path: str | os.PathLike, tmk: TmkHash) -> None:
    """Write a `.tmk` file, whole or not at all.

    Raises:
        UnusableFileError: the file cannot be written.
    """
    with whole_file(path) as file:
        file.write(to_bytes(tmk))


def to_bytes(tmk: TmkHash) -> bytes:
    """What a `.tmk` file of the hash holds."""
    counts = _COUNTS.pack(tmk.fps, *tmk.cosines.shape, tmk.frames)
    arrays = (getattr(tmk, field.name) for field in fields(tmk)[2:])
    return b"".join(
        [_MAGIC, counts, *(a.astype(a.dtype.newbyteorder("<")).tobytes() for a in arrays)]
    )


def from_bytes(content: bytes) -> TmkHash:
    """The hash that the bytes of a `.tmk` file are.

    Raises:
        UnusableFileError: they are none; the message does not know a file's name.
    """
    fps, periods, harmonics, dimensions, frames = _counts(content[:_BEGIN_BYTES], len(content))
    rows = (periods, harmonics, dimensions)
    begin, arrays = _BEGIN_BYTES, []
    for kind, shape in (
        ("<i4", rows[:1]),
        *(("<f4", (n,)) for n in rows[1:]),
        *2 * [("<f4", rows)],
    ):
        count = int(np.prod(shape))
        array = np.frombuffer(content, kind, count, begin)
        arrays.append(array.astype(array.dtype.newbyteorder("=")).reshape(shape))
        begin += 4 * count
    return TmkHash(fps, frames, *arrays)


def _read(path: str | os.PathLike, parse: Callable[[BinaryIO, int], Parsed]) -> Parsed:
    """Open a file and parse it, given its size; errors name the file."""
    path = Path(path)
    try:
        if path.exists() and not path.is_file():  # a folder, or a pipe that would keep us waiting
            raise UnusableFileError("is no file; give a .tmk file")
        with path.open("rb") as file:
            return parse(file, os.fstat(file.fileno()).st_size)
    except FileNotFoundError:
        raise UnusableFileError(f"{path}: no such file") from None
    except OSError as error:
        raise UnusableFileError(f"{path}: cannot be read ({error.strerror})") from error
    except UnusableFileError as error:
        raise UnusableFileError(f"{path}: {error}") from None


def _counts(begin: bytes, size: int) -> tuple[int, int, int, int, int]:
    """Frames a second, P, m, d and frames from a file's begin, once they explain its size."""
    for i, meaning in enumerate(_MAGIC_SAYS):
        word = slice(4 * i, 4 * i + 4)
        if begin[word] != _MAGIC[word]:
            raise UnusableFileError(
                f"is not {meaning} (expected {_MAGIC[word]!r}, found {begin[word]!r}); "
                "give a .tmk file of TMK+PDQF"
            )
    if len(begin) < _BEGIN_BYTES:
        raise UnusableFileError("is cut off within its header; copy or make it again")
    counts = _COUNTS.unpack(begin[len(_MAGIC) :])
    _check_counts(*counts)
    _, periods, harmonics, dimensions, _ = counts
    numbers = periods + harmonics + dimensions + 2 * periods * harmonics * dimensions
    claimed = _BEGIN_BYTES + 4 * numbers
    if claimed > _MOST_BYTES:
        raise UnusableFileError(
            f"claims {claimed} bytes ({periods} periods, {harmonics} harmonics, {dimensions} "
            "dimensions), which no hash has; make it again"
        )
    if size != claimed:
        what = "is cut off" if size < claimed else "goes on after its end"
        raise UnusableFileError(
            f"{what}: {size} bytes where its header says {claimed}; copy or make it again"
        )
    return counts


def _check_counts(fps: int, periods: int, harmonics: int, dimensions: int, frames: int) -> None:
    named = {
        "frames a second": fps,
        "periods": periods,
        "harmonics": harmonics,
        "dimensions": dimensions,
        "frames": frames,
    }
    for name, count in named.items():
        if not 1 <= count < 1 << 31:
            raise UnusableFileError(
                f"claims {count} {name}, at least 1 was expected; make it again"
            )


def _check_numbers(name: str, array: np.ndarray) -> None:
    """Refuse what no hash can hold, whatever made it."""
    if not np.isfinite(array).all():
        raise UnusableFileError(
            f"holds NaN or infinity among its {name}; make it again from the video"
        )
    if name == "periods" and array.min() < 1:
        raise UnusableFileError(f"has a period of {array.min()} frames, at least 1 was expected")
    if name == "coefficients" and (array.min() < 0 or array.max() == 0):
        raise UnusableFileError("has coefficients below 0, or none above; make it again")


def _shown(value: int | np.ndarray) -> str:
    """A number, or the begin of several, for one line."""
    values = np.atleast_1d(value)
    more = ", ..." if len(values) > 4 else ""
    return ", ".join(f"{v:g}" for v in values[:4]) + more

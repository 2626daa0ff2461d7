"""NumPy's files from strangers: what they claim is checked before anything is allocated.

`numpy.load` allocates what a header says and unpacks what an archive holds, however much that is.
"""

import math
import os
import zipfile
from collections import Counter
from pathlib import Path
from typing import IO

import numpy as np

MOST_OCTETS = 8 << 30
"""That an array may take: ten hours at 60 frames a second with 512 float32 are 4.4e9."""
_ALWAYS_UNPACKED = 256 << 20
_MOST_PACKED = 20
"""Beyond `_ALWAYS_UNPACKED`, an archive may unpack to so many times its own size."""
_AT_ONCE = 1 << 20


def read_npy(path: Path) -> np.ndarray:
    """Read an array from a .npy file.

    Raises:
        ValueError: the file is something else, or does not hold what it claims.
        EOFError: the file is empty or cut off.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        _refuse_the_other(file, b"PK", ".npz")
        return _read_array(file, os.fstat(file.fileno()).st_size)


def read_npz(path: Path, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Read the arrays of these names from an .npz archive.

    Raises:
        ValueError: the file is something else, lacks an array or has it twice, or does not hold
            what it claims.
        EOFError: the file is empty or cut off.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        _refuse_the_other(file, b"\x93NUMPY", ".npy")
        with zipfile.ZipFile(file) as archive:
            members = _members(archive, names, os.fstat(file.fileno()).st_size)
            arrays = {}
            for name, info in members.items():
                with archive.open(info) as member:
                    arrays[name] = _read_array(member, info.file_size)
            return arrays


def _refuse_the_other(file: IO[bytes], magic: bytes, suffix: str) -> None:
    """Tell the two kinds of file from each other, and an empty one from both."""
    begin = file.read(len(magic))
    if not begin:
        raise EOFError
    if begin == magic:
        raise ValueError(f"its content is that of a {suffix} file; rename it to {suffix}")
    file.seek(0)


def _members(
    archive: zipfile.ZipFile, names: tuple[str, ...], size: int
) -> dict[str, zipfile.ZipInfo]:
    """The archive's entries of these names, none of them unreasonably large."""
    infos = archive.infolist()
    counts = Counter(info.filename for info in infos)
    for name in names:
        if counts[f"{name}.npy"] != 1:
            raise ValueError(f"holds {counts[f'{name}.npy'] or 'no'} arrays {name!r}, expected 1")
    members = {name: archive.getinfo(f"{name}.npy") for name in names}
    unpacked = sum(info.file_size for info in members.values())
    if unpacked > max(_ALWAYS_UNPACKED, _MOST_PACKED * size):
        raise ValueError(f"{size} octets that would unpack to {unpacked}")
    for name, info in members.items():
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError(f"{name!r} is packed in a way that NumPy does not write")
    return members


def _read_array(file: IO[bytes], size: int) -> np.ndarray:
    """The array that a file of `size` octets holds, header included."""
    version = np.lib.format.read_magic(file)
    readers = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    if version not in readers:
        raise ValueError(f"is of version {version} of the .npy format, expected 1.0 or 2.0")
    shape, fortran, dtype = readers[version](file)
    if dtype.kind not in "fiubcU":
        raise ValueError(f"holds {dtype}, expected numbers")
    octets = dtype.itemsize * math.prod(shape)
    if octets > MOST_OCTETS or math.prod(shape) > MOST_OCTETS:
        raise ValueError(f"claims an array of shape {shape}, more than any video has")
    if file.tell() + octets > size:
        raise EOFError
    array = np.empty(math.prod(shape), dtype)
    buffer = array.view(np.uint8).data if octets else memoryview(bytearray())
    done = 0
    while done < octets:
        got = file.readinto(buffer[done : done + _AT_ONCE])  # type: ignore[attr-defined]
        if not got:
            raise EOFError
        done += got
    return array.reshape(shape, order="F" if fortran else "C")

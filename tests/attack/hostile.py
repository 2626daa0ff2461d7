"""Hostile and broken files, made on the fly: the same for the same seed."""

import io
import json
import pickle
import random
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

DESCRIPTORS = np.random.default_rng(0).standard_normal((6, 8)).astype(np.float32)
MEAN, MATRIX = torch.from_numpy(DESCRIPTORS[:1]), torch.from_numpy(DESCRIPTORS[1:5])


def mutated(content: bytes, name: str, seed: int) -> bytes:
    """A file with some octets changed, wiped, cut out, put in, moved, or cut off."""
    draw = random.Random(f"{name} {seed}")
    octets = bytearray(content)
    at, other = draw.randrange(len(octets)), draw.randrange(len(octets))
    length = draw.choice([1, 8, 64, 1024])
    kind = seed % 6
    if kind == 0:
        for _ in range(draw.choice([1, 3, 10, 40])):
            octets[draw.randrange(len(octets))] = draw.choice([0, 1, 0x7F, 0x80, 0xFF, at & 0xFF])
    elif kind == 1:
        del octets[at : at + length]
    elif kind == 2:
        octets[at : at + length] = bytes(len(octets[at : at + length]))
    elif kind == 3:
        octets[at:at] = draw.randbytes(length)
    elif kind == 4:
        octets[at : at + length] = octets[other : other + length]
    else:
        del octets[at:]
    return bytes(octets)


class Calls:
    """Pickles as a call of anything."""

    def __init__(self, function, *arguments) -> None:
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def write_all(folder: Path, canary: Path, seeds: int) -> None:
    """Write the whole corpus of feature files, PCA files and weights.

    Args:
        folder: gets the files; their suffix says what reads them.
        canary: a file that payloads would make.
        seeds: mutations of each whole file.
    """
    for name, content in _crafted(canary):
        (folder / name).write_bytes(content)
    for name, content in _whole():
        stem, suffix = name.split(".")
        (folder / f"whole-{name}").write_bytes(content)
        for seed in range(seeds):
            (folder / f"{stem}-{seed}.{suffix}").write_bytes(mutated(content, name, seed))


def _whole() -> Iterator[tuple[str, bytes]]:
    for protocol in (0, 2, 5):
        yield f"protocol{protocol}.pkl", pickle.dumps(DESCRIPTORS, protocol)
    yield "array.npy", _saved(np.save, DESCRIPTORS)
    yield "features.npz", features_file()
    for name, tensor in (("mean", MEAN), ("matrix", MATRIX)):
        yield f"{name}_zip.t7", _torch_saved(tensor)
        yield f"{name}_legacy.t7", _torch_saved(tensor, _use_new_zipfile_serialization=False)
    yield "state.pth", _torch_saved({"weight": MATRIX})


def features_file(**changes) -> bytes:
    """An .npz feature file; `changes` replace its arrays or what it says about itself."""
    about = {"fps": 15.0, "made_by": {}, "duration_s": 0.4}
    about |= {key: changes.pop(key) for key in list(changes) if key in about}
    arrays = {"descriptors": DESCRIPTORS, "times_s": np.arange(6) / 15} | changes
    return _saved(np.savez, about=json.dumps(about), **arrays)


def _saved(save, *arrays, **named) -> bytes:
    file = io.BytesIO()
    save(file, *arrays, **named)
    return file.getvalue()


def _torch_saved(value, **options) -> bytes:
    file = io.BytesIO()
    torch.save(value, file, **options)
    return file.getvalue()


def _crafted(canary: Path) -> Iterator[tuple[str, bytes]]:
    yield from _payloads(canary)
    yield from _greedy_pickles()
    yield from _odd_arrays()
    yield from _odd_features()
    yield from _odd_tensors()


def _payloads(canary: Path) -> Iterator[tuple[str, bytes]]:
    opens = Calls(open, str(canary), "w")
    for protocol in (0, 2, 4):
        yield f"opens{protocol}.pkl", pickle.dumps(opens, protocol)
        yield f"evaluates{protocol}.pkl", pickle.dumps(Calls(eval, f"open({str(canary)!r}, 'w')"))
    yield "objects.npy", _saved(np.save, np.array([opens, None], dtype=object))
    yield "objects.npz", _saved(np.savez, descriptors=np.array([opens, None], dtype=object))
    for zipped in (True, False):
        for name in ("mean.t7", "matrix.t7", "state.pth"):
            saved = _torch_saved(opens, _use_new_zipfile_serialization=zipped)
            yield f"opens{zipped:d}_{name}", saved


def _greedy_pickles() -> Iterator[tuple[str, bytes]]:
    """What would fill the memory, overflow the stack, or never end."""
    pickles = {
        "bytearray": b"\x80\x05\x96" + struct.pack("<Q", 8 << 30) + b"x",
        "bytes": b"\x80\x04\x8e" + struct.pack("<Q", 8 << 30) + b"x",
        "text": b"\x80\x02X" + struct.pack("<I", (1 << 32) - 1) + b"x",
        "frame": b"\x80\x04\x95" + struct.pack("<Q", 8 << 30) + b"x",
        "deep_key": b"\x80\x02}N" + b"\x85" * 300_000 + b"K\x01s.",
        "wide_key": b"\x80\x02}N"
        + b"".join(b"q%ch%c\x86" % (n, n) for n in range(60))
        + b"K\x01s.",
        "deep": b"\x80\x02N" + b"\x85" * 300_000 + b".",
        "marks": b"\x80\x02" + b"(" * 300_000 + b".",
        "digits": b"I" + b"9" * 300_000 + b"\n.",
    }
    head = [pickle.dumps(value, 2) for value in (0x1950A86A20F9469CFC6C, 1001, {})]
    for name, pickled in pickles.items():
        yield f"{name}.pkl", pickled
        yield f"legacy_{name}_matrix.t7", b"".join([*head, pickled, pickle.dumps([], 2)])
        yield f"{name}_matrix.t7", _archive({"a/data.pkl": pickled, "a/version": b"3\n"})
        yield f"{name}.pth", _archive({"a/data.pkl": pickled, "a/version": b"3\n"})


def _archive(entries: dict[str, bytes], packing: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packing) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return file.getvalue()


def _odd_arrays() -> Iterator[tuple[str, bytes]]:
    with np.errstate(divide="ignore"):
        infinite = DESCRIPTORS / 0.0
    for name, array in {
        "empty": DESCRIPTORS[:0],
        "no_width": DESCRIPTORS[:, :0],
        "flat": DESCRIPTORS[0],
        "nan": DESCRIPTORS * np.nan,
        "infinite": infinite,
        "integers": np.ones((3, 4), int),
        "texts": np.array([["a"]]),
        "overflowing": DESCRIPTORS.astype(np.float64) * 1e300,
    }.items():
        yield f"{name}.pkl", pickle.dumps(array, 2)
        yield f"{name}.npy", _saved(np.save, array)
        yield f"{name}.npz", features_file(descriptors=array)
    header = "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999, 9999), }"
    yield "promises.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()
    for name in ("nothing", "text", "folder_name"):
        for suffix in ("pkl", "npy", "npz", "t7", "pth"):
            yield f"{name}.{suffix}", {"nothing": b"", "text": b"no array\n" * 9}.get(name, b"/")


def _odd_features() -> Iterator[tuple[str, bytes]]:
    """Whole archives whose times, rate or length no video has."""
    for number, value in enumerate((np.nan, np.inf, -1.0, 0.0, 1e300, "fast", None, [1], {})):
        yield f"rate{number}.npz", features_file(fps=value)
        yield f"length{number}.npz", features_file(duration_s=value)
    for number, value in enumerate((np.nan, np.inf, -1e300, 1e300)):
        times_s = np.arange(6) / 15
        times_s[3] = value
        yield f"times{number}.npz", features_file(times_s=times_s)
    yield "backwards.npz", features_file(times_s=-np.arange(6.0))
    yield "texts.npz", features_file(times_s=np.array(list("abcdef")))
    yield "years.npz", features_file(times_s=np.arange(6) * 1e9, duration_s=6e9)
    yield "made_by.npz", features_file(made_by=[1])
    yield "archive.npy", features_file()
    array = _saved(np.save, np.zeros((1, 50_000_000), np.float32))
    entries = {"descriptors.npy": array, "times_s.npy": array, "about.npy": array}
    yield "packed.npz", _archive(entries, zipfile.ZIP_DEFLATED)


def _odd_tensors() -> Iterator[tuple[str, bytes]]:
    for name, tensor in {
        "meta": torch.empty(4, 8, device="meta"),
        "sparse": torch.eye(4, 8).to_sparse(),
        "expanded": torch.zeros(1, dtype=torch.float16).expand(1 << 20, 1 << 18),
        "integers": torch.ones(4, 8, dtype=torch.int64),
        "complex": torch.ones(4, 8, dtype=torch.complex64),
        "no_rows": torch.zeros(0, 8),
        "no_width": torch.zeros(4, 0),
        "nan": MATRIX * float("nan"),
        "infinite": MATRIX / 0,
        "great": MATRIX * 1e30,
        "zeros": torch.zeros(4, 8),
        "list": [MATRIX],
        "none": None,
    }.items():
        for zipped in (True, False):
            options = {"_use_new_zipfile_serialization": zipped}
            yield f"{name}{zipped:d}_mean.t7", _torch_saved(tensor, **options)
            yield f"{name}{zipped:d}_matrix.t7", _torch_saved(tensor, **options)
            yield f"{name}{zipped:d}.pth", _torch_saved({"_conv_stem.weight": tensor}, **options)
    with zipfile.ZipFile(io.BytesIO(_torch_saved(torch.zeros(2000, 2000)))) as archive:
        entries = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    for name in ("packed_mean.t7", "packed_matrix.t7", "packed.pth"):
        yield name, _archive(entries, zipfile.ZIP_DEFLATED)

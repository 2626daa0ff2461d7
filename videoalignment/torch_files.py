"""Files saved by torch, from anywhere: read without trusting what they claim.

`torch.load` with `weights_only` runs nothing, but believes a file about its sizes, and hashes the
keys of dictionaries, which a tuple nested deeply enough turns into a crash or a wait without end.
"""

import pickletools
import zipfile
from collections.abc import Iterator
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import IO, Any, cast

import torch
from torch import Tensor

from videoalignment.errors import UnusableFileError
from videoalignment.text import one_line

_ZIP = b"PK\x03\x04"
_LEGACY_PICKLES = 5  # magic number, version, system, the object, the keys of its storages
_MOST_NESTED = 100
_MOST_VALUES = 10_000_000  # the pickle of a network's weights holds about 40 a tensor
_GET = {"GET", "BINGET", "LONG_BINGET"}
_PUT = {"PUT", "BINPUT", "LONG_BINPUT"}


def load_torch_file(path: Path, what: str) -> Any:
    """Load a file that `torch.save` wrote, onto the CPU.

    Args:
        path: the file, as `files.readable_file` gives it.
        what: it should hold, for the message, e.g. "file of weights".

    Raises:
        UnusableFileError: it is broken, or it is anything but tensors.
    """
    try:
        with path.open("rb") as file:
            for pickled in _pickles(file, path):
                _check_nesting(pickled)
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # broken and hostile files raise anything at all
        reason = one_line(error).split(". ")[0][:120] or type(error).__name__
        raise UnusableFileError(
            f"{path}: not a readable {what} ({reason}); copy or download it again"
        ) from error


def is_plain(value: Any) -> bool:
    """Whether a value is a dense tensor in memory, of no more numbers than its file held.

    An expanded tensor is not: a few octets that stand for any number of numbers, until they are
    copied. Nor is a sparse, a quantised or a meta tensor.
    """
    return (
        type(value) in (Tensor, torch.nn.Parameter)
        and value.layout == torch.strided
        and value.device.type == "cpu"
        and not value.is_quantized
        and value.numel() * value.element_size() <= value.untyped_storage().nbytes()
    )


def _pickles(file: IO[bytes], path: Path) -> Iterator[IO[bytes]]:
    """The pickles of a file, each read up to its end before the next one is asked for.

    Raises:
        ValueError: an archive that unpacks to more than it is, which torch never writes.
    """
    if file.read(len(_ZIP)) != _ZIP:
        # A map of the file gives what there is, and sets no memory aside for what is claimed.
        with mmap(file.fileno(), 0, access=ACCESS_READ) as pickled:
            for _ in range(_LEGACY_PICKLES):
                yield cast(IO[bytes], pickled)  # a map is read like a file
        return
    with zipfile.ZipFile(file) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > path.stat().st_size:
            raise ValueError("it unpacks to more than it is")
        for entry in archive.infolist():
            if entry.filename.endswith(".pkl"):
                with archive.open(entry) as pickled:
                    yield pickled


def _check_nesting(pickled: IO[bytes]) -> None:
    """Follow a pickle's opcodes and refuse values in values without end.

    Raises:
        ValueError: it is nested too deeply, or holds one value too many times.
    """
    stack: list[tuple[int, int] | None] = []  # depth and number of values; None is a mark
    memo: dict[int, tuple[int, int] | None] = {}
    for opcode, argument, _ in pickletools.genops(pickled):
        if opcode.name in _GET:
            stack.append(memo[int(argument or 0)])
        elif opcode.name in _PUT:
            memo[int(argument or 0)] = stack[-1]
        elif opcode.name == "MEMOIZE":
            memo[len(memo)] = stack[-1]
        elif opcode.name == "MARK":
            stack.append(None)
        else:
            taken = _taken(stack, opcode.stack_before)
            depth = 1 + max((depth for depth, _ in taken), default=0)
            count = 1 + sum(count for _, count in taken)
            if depth > _MOST_NESTED or count > _MOST_VALUES:
                raise ValueError("it is nested too deeply")
            stack.extend([(depth, count)] * len(opcode.stack_after))


def _taken(
    stack: list[tuple[int, int] | None], wanted: list[pickletools.StackObject]
) -> list[tuple[int, int]]:
    """What an opcode takes off the stack."""
    taken = []
    fixed = len(wanted)
    if pickletools.markobject in wanted:
        while (value := stack.pop()) is not None:
            taken.append(value)
        fixed = wanted.index(pickletools.markobject)
    return taken + [stack.pop() for _ in range(fixed)]  # type: ignore[misc]  # no marks there

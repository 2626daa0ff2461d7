"""NumPy arrays out of pickles that nobody needs to trust.

A pickle is a program: loading one may call anything. The unpickler here knows the few names that
make up a plain array and refuses all others before they are looked up. Nor do those names reach
NumPy, which trusts the states that its arrays and dtypes are given (an array of objects can be
made of any bytes, as pointers): they stand for classes of this module, which check what they get.

Nor does it take more memory or time than an array does: it knows the few opcodes that arrays need,
stops after more of them than an array takes, and reads nothing that is longer than the file.
"""

import io
import pickle
import re
import sys
from collections.abc import Callable
from typing import IO, Any, ClassVar

import numpy as np


def load_array(file: IO[bytes]) -> np.ndarray:
    """Load one plain array of numbers, pickled by Python 2 or 3 with any protocol.

    Returns:
        The array, writable.

    Raises:
        pickle.UnpicklingError: the pickle asks for anything but a plain array of numbers.
        Exception: whatever a broken pickle makes the interpreter raise.
    """
    array = _ArrayUnpickler(_Bounded(file), encoding="latin1").load()
    if isinstance(array, _Array):
        array = array.array
    if not isinstance(array, np.ndarray):
        raise pickle.UnpicklingError(f"holds a {type(array).__name__}, expected an array")
    return array


class _Bounded:
    """A file that refuses to read more than it has left, before memory is set aside for it."""

    def __init__(self, file: IO[bytes]) -> None:
        if not file.seekable():
            file = io.BytesIO(file.read())
        self._file = file
        begin = file.tell()
        self._end = file.seek(0, io.SEEK_END)
        file.seek(begin)
        self.readline = file.readline

    def read(self, size: int) -> bytes:
        if not 0 <= size <= self._end - self._file.tell():
            raise EOFError(f"{size} bytes were promised")
        return self._file.read(size)


_PLAIN_ARRAY = object()  # stands for the class numpy.ndarray, without being callable


class _Dtype:
    """Stands for numpy.dtype: plain numbers only."""

    def __init__(self, name: str, *_: object) -> None:
        if not isinstance(name, str) or not re.fullmatch(r"[biufc]\d{1,2}", name):
            raise pickle.UnpicklingError(f"holds values of type {_brief(name)}, expected numbers")
        self.dtype = np.dtype(name)

    def set_state(self, version: int, order: str, *_: object) -> None:
        """Only the byte order may change."""
        if order not in ("<", ">", "|", "="):
            raise pickle.UnpicklingError("holds values of unknown byte order")
        self.dtype = self.dtype.newbyteorder(order)  # type: ignore[arg-type]


class _Array:
    """Stands for what NumPy's `_reconstruct` makes: an array that the next opcode fills."""

    array: np.ndarray | None = None

    def __init__(self, subtype: object, *_: object) -> None:
        if subtype is not _PLAIN_ARRAY:
            raise pickle.UnpicklingError("holds something else than a plain NumPy array")

    def set_state(
        self, version: int, shape: tuple, dtype: _Dtype, fortran: bool, content: Any
    ) -> None:
        self.array = _array(content, dtype, shape, "F" if fortran else "C")


def _array(content: Any, dtype: _Dtype, shape: tuple, order: str) -> np.ndarray:
    """An array out of its octets; protocol 5 calls this as NumPy's `_frombuffer`."""
    if isinstance(content, str):  # the bytes of Python 2
        content = content.encode("latin1")
    if not isinstance(content, bytes | bytearray | np.ndarray):
        raise pickle.UnpicklingError("holds something else than the octets of an array")
    if not (type(shape) is tuple and len(shape) <= _AXES and all(type(n) is int for n in shape)):
        raise pickle.UnpicklingError("holds an array whose shape is no numbers")
    if min(shape, default=0) < 0 or max(shape, default=0) > sys.maxsize:
        raise pickle.UnpicklingError("holds an array of an impossible shape")
    if isinstance(content, bytes):
        content = bytearray(content)  # writable
    return np.frombuffer(content, dtype.dtype).reshape(shape, order=order)  # type: ignore[call-overload]


def _brief(value: object) -> str:
    """A value of a pickle for a message: it may be of any size and take forever to print."""
    return repr(value[:_SHOWN]) if isinstance(value, str) else f"a {type(value).__name__}"


class _Utf8:
    """A long string of a pickle, not decoded yet."""

    def __init__(self, encoded: bytes) -> None:
        self.encoded = encoded


def _encode_latin1(text: str | _Utf8, encoding: str) -> bytes | np.ndarray:
    """`_codecs.encode(text, "latin1")`: how Python 3 writes bytes into protocols 0 to 2."""
    if isinstance(text, _Utf8):
        return _utf8_to_latin1(text.encoded)
    return text.encode("latin1")


def _no_bytes() -> bytes:
    """`bytes()`: how Python 3 writes no bytes at all into protocols 0 to 2."""
    return b""


_ADMITTED = {
    ("numpy", "ndarray"): _PLAIN_ARRAY,
    ("numpy", "dtype"): _Dtype,
    ("_codecs", "encode"): _encode_latin1,
    ("__builtin__", "bytes"): _no_bytes,
}
for _package in ("numpy.core", "numpy._core"):
    _ADMITTED[f"{_package}.multiarray", "_reconstruct"] = _Array
    _ADMITTED[f"{_package}.numeric", "_frombuffer"] = _array

_LONG = 1 << 16  # bytes from which transcoding by hand is worth it
_AXES = 32  # that an array has at most
_SHOWN = 60  # letters of a value that a message shows

_NEEDED = [
    *(pickle.PROTO, pickle.FRAME, pickle.STOP, pickle.GLOBAL, pickle.STACK_GLOBAL),
    *(pickle.REDUCE, pickle.BUILD, pickle.NONE, pickle.NEWTRUE, pickle.NEWFALSE),
    *(pickle.MARK, pickle.TUPLE, pickle.EMPTY_TUPLE, pickle.TUPLE1, pickle.TUPLE2, pickle.TUPLE3),
    *(pickle.PUT, pickle.BINPUT, pickle.LONG_BINPUT, pickle.MEMOIZE),
    *(pickle.GET, pickle.BINGET, pickle.LONG_BINGET, pickle.POP, pickle.POP_MARK),
    *(pickle.INT, pickle.BININT, pickle.BININT1, pickle.BININT2, pickle.LONG, pickle.LONG1),
    *(pickle.STRING, pickle.BINSTRING, pickle.SHORT_BINSTRING, pickle.UNICODE),
    *(pickle.BINUNICODE, pickle.SHORT_BINUNICODE, pickle.BINUNICODE8),
    *(pickle.BINBYTES, pickle.SHORT_BINBYTES, pickle.BINBYTES8, pickle.BYTEARRAY8),
]
_MOST_OPCODES = 200  # an array takes up to about 70
_MOST_CALLS = 8  # four for an array; each may copy its content
_OTHERS = {
    **dict.fromkeys((pickle.EMPTY_LIST, pickle.LIST, pickle.APPEND, pickle.APPENDS), "a list"),
    **dict.fromkeys((pickle.EMPTY_DICT, pickle.DICT, pickle.SETITEM), "a dictionary"),
    **dict.fromkeys((pickle.EMPTY_SET, pickle.FROZENSET), "a set"),
    **dict.fromkeys((pickle.FLOAT, pickle.BINFLOAT), "a number"),
}


class _Opcodes:
    """Hands out what to do for an opcode: only those that arrays need, and only so many.

    Without lists, dictionaries and objects nothing is hashed or compared, both of which a tuple
    nested deeply enough turns into a crash or a wait without end.
    """

    def __init__(self, known: dict[int, Callable]) -> None:
        self._known = {code[0]: known[code[0]] for code in _NEEDED}
        self._left, self._calls_left = _MOST_OPCODES, _MOST_CALLS

    def __getitem__(self, code: int) -> Callable:
        self._left -= 1
        self._calls_left -= code == pickle.REDUCE[0]
        if self._left < 0 or self._calls_left < 0:
            raise pickle.UnpicklingError("holds more than one array")
        if code not in self._known:
            found = _OTHERS.get(bytes([code]), "something else")
            raise pickle.UnpicklingError(f"holds {found}, expected an array")
        return self._known[code]


class _ArrayUnpickler(pickle._Unpickler):
    """The interpreter's Python unpickler (its C twin lets nobody see an opcode).

    An array is some thirty opcodes, so it is as fast; and the one slow opcode, the array's
    content as a UTF-8 string, is taken over.
    """

    read: Callable[[int], bytes]
    append: Callable[[Any], None]
    stack: list[Any]
    dispatch: ClassVar[dict[int, Callable]] = dict(pickle._Unpickler.dispatch)

    def __init__(self, file: _Bounded, **options) -> None:
        super().__init__(file, **options)
        self.dispatch = _Opcodes(self.dispatch)  # type: ignore[misc, assignment]

    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ADMITTED[module, name]
        except KeyError:
            asked = _brief(f"{module}.{name}"[: 2 * _SHOWN])[1:-1]
            raise pickle.UnpicklingError(f"asks for {asked}, which is refused") from None

    def load_binunicode(self) -> None:
        size = int.from_bytes(self.read(4), "little")
        encoded = self.read(size)
        self.append(_Utf8(encoded) if size >= _LONG else str(encoded, "utf-8", "surrogatepass"))

    dispatch[pickle.BINUNICODE[0]] = load_binunicode

    def load_bytearray8(self) -> None:
        size = int.from_bytes(self.read(8), "little")
        self.append(bytearray(self.read(size)))  # read first: the size may be any number

    dispatch[pickle.BYTEARRAY8[0]] = load_bytearray8

    def load_build(self) -> None:
        state = self.stack.pop()
        if not isinstance(self.stack[-1], _Array | _Dtype):
            raise pickle.UnpicklingError("gives a state to something else than an array")
        self.stack[-1].set_state(*state)

    dispatch[pickle.BUILD[0]] = load_build


def _utf8_to_latin1(encoded: bytes, block: int = 1 << 15) -> np.ndarray:
    """Transcode UTF-8 that holds code points below 256 only.

    About 1.7 times as fast as `str(encoded, "utf-8").encode("latin1")` on float data, and NumPy
    leaves the interpreter free for other threads meanwhile; most of the time of reading a data
    set goes here.

    Returns:
        Octets, uint8.

    Raises:
        pickle.UnpicklingError: the text is no such UTF-8.
    """
    source = np.frombuffer(b"\0" + encoded, np.uint8)  # so that every octet has one before it
    if source.max() > 0xC3 or source[-1] > 0xBF:
        raise pickle.UnpicklingError("holds text where an array's bytes were expected")
    target = np.empty(len(encoded), np.uint8)
    written = 0
    for start in range(1, len(source), block):  # small enough for the cache
        octets = source[start : start + block]
        previous = source[start - 1 : start + block - 1][: len(octets)]
        # 0xC2 0x80..0xBF stands for 0x80..0xBF, 0xC3 0x80..0xBF for 0xC0..0xFF.
        if (((octets & 0xC0) == 0x80) != (previous > 0xC1)).any():
            raise pickle.UnpicklingError("holds text that is no UTF-8")
        values = octets + ((previous == 0xC3).view(np.uint8) << 6)
        kept = np.flatnonzero(octets < 0xC0)
        np.take(values, kept, out=target[written : written + len(kept)], mode="clip")
        written += len(kept)
    return target[:written]

"""Pickles of arrays are read; pickles that do anything else are refused before they do it."""

import builtins
import io
import os
import pickle
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from videoalignment.features.safe_pickle import load_array

ARRAY = np.arange(12, dtype=np.float32).reshape(4, 3) / 7


def load(pickled: bytes) -> np.ndarray:
    return load_array(io.BytesIO(pickled))


# ------------------------------------------------------------------ what is read


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i8", "u1", ">f4"])
@pytest.mark.parametrize("shape", [(4, 3), (0, 3), (12,), (2, 2, 3), (700, 64)])
def test_arrays_of_every_protocol(protocol, dtype, shape):
    generator = np.random.default_rng(0)
    array = (generator.standard_normal(shape) * 100).astype(dtype)
    loaded = load(pickle.dumps(array, protocol))
    assert loaded.dtype == array.dtype
    np.testing.assert_array_equal(loaded, array)
    loaded[...] = 0  # torch wants writable arrays


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("make", [np.asfortranarray, lambda x: x[::2], lambda x: x.T])
def test_arrays_of_other_orders(protocol, make):
    array = make(ARRAY)
    np.testing.assert_array_equal(load(pickle.dumps(array, protocol)), array)


@pytest.mark.parametrize("size", [3, 1 << 13, 100_003])
def test_all_octets_survive_the_utf8_of_protocol_2(size):
    array = np.random.default_rng(0).integers(0, 256, size).astype(np.uint8)
    np.testing.assert_array_equal(load(pickle.dumps(array, 2)), array)


def python2_pickle(array: np.ndarray) -> bytes:
    """What cPickle of Python 2 writes with protocol 2: strings are latin-1 octets."""
    octets = array.tobytes()
    return b"".join(
        [
            b"\x80\x02cnumpy.core.multiarray\n_reconstruct\nq\x01cnumpy\nndarray\nq\x02",
            b"K\x00\x85U\x01b\x87Rq\x03(K\x01K", bytes([array.shape[0]]),
            b"K", bytes([array.shape[1]]), b"\x86cnumpy\ndtype\nq\x04U\x02f4K\x00K\x01\x87Rq\x05",
            b"(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89",
            b"T", struct.pack("<i", len(octets)), octets, b"tb.",
        ]
    )  # fmt: skip


def test_pickles_of_python_2():
    np.testing.assert_array_equal(load(python2_pickle(ARRAY)), ARRAY)


def test_text_pickles_of_python_2():
    """Protocol 0, as Python 2 wrote it: the octets as a quoted string."""
    array = np.array([[1.5, -2.25]], "<f4")
    quoted = repr(array.tobytes())[1:].encode()
    pickled = b"".join(
        [
            b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR",
            b"(I1\n(I1\nI2\ntcnumpy\ndtype\n(S'f4'\nI0\nI1\ntR(I3\nS'<'\nNNNI-1\nI-1\nI0\ntb",
            b"I00\nS" + quoted + b"\ntb.",
        ]
    )
    np.testing.assert_array_equal(load(pickled), array)


# ------------------------------------------------------------------ what is refused


class Calls:
    """Pickles as a call of anything."""

    def __init__(self, function, *arguments) -> None:
        self.call = function, arguments

    def __reduce__(self):
        return self.call


class Subclass(np.ndarray):
    pass


def payloads(target: str) -> dict[str, object]:
    """Objects whose unpickling would create the file `target`."""
    make = Calls(os.system, f"touch {target}")
    return {
        "os.system": make,
        "eval": Calls(builtins.eval, f"open({target!r}, 'w')"),
        "exec": Calls(builtins.exec, f"open({target!r}, 'w')"),
        "open": Calls(open, target, "w"),
        "numpy.save": Calls(np.save, target, 0),
        "numpy's memmap": Calls(np.memmap, target, "u1", "w+", 0, (1,)),
        "nested": Calls(getattr, make, "x"),
        "in a list": [ARRAY, make],
        "as a dtype's argument": Calls(np.dtype, make),
        "in an array of objects": np.array([make, None], dtype=object),
        "as an array's state": (ARRAY, {"key": make}),
        "from a subclass": [ARRAY.view(Subclass), make],
    }


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("name", payloads(""))
def test_nothing_runs(tmp_path, name, protocol):
    ran = tmp_path / "ran"
    pickled = pickle.dumps(payloads(str(ran))[name], protocol)
    with pytest.raises(pickle.UnpicklingError):
        load(pickled)
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("name", ["os.system", "eval", "open", "nested"])
def test_the_payloads_do_run_where_they_are_trusted(tmp_path, name, protocol):
    """Else the test above would prove nothing."""
    ran = tmp_path / "ran"
    try:
        pickle.loads(pickle.dumps(payloads(str(ran))[name], protocol))
    except AttributeError:
        assert name == "nested"
    assert ran.exists()


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    "other",
    [
        ARRAY.view(Subclass),
        np.array(["a", None], dtype=object),
        np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f4")]),
        np.array(["text"]),
        np.float32(1),
        np.ma.masked_array(ARRAY),
        {"descriptors": ARRAY},
        [ARRAY],
        None,
        1.5,
    ],
    ids=lambda value: type(value).__name__,
)
def test_anything_but_a_plain_array_of_numbers_is_refused(other, protocol):
    with pytest.raises(pickle.UnpicklingError):
        load(pickle.dumps(other, protocol))


def opcodes(value: object) -> bytes:
    """The opcodes that push a value, without a pickle's head and its stop."""
    return pickle.dumps(value, 2)[2:-1]


def crafted(dtype: bytes, content: bytes, shape: tuple = (3,)) -> bytes:
    """A pickle of an array with any opcodes for its dtype and its content."""
    array = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n" + opcodes((0,))
    array += opcodes("b") + b"\x87R"
    state = opcodes(1) + opcodes(shape) + dtype + opcodes(False) + content
    return b"\x80\x02" + array + b"(" + state + b"tb."


def crafted_dtype(name: str, state: tuple) -> bytes:
    return b"cnumpy\ndtype\n" + opcodes((name, False, True)) + b"R" + opcodes(state) + b"b"


OCTETS = b"c_codecs\nencode\n" + opcodes(("A" * 24, "latin1")) + b"R"


def test_octets_never_become_pointers():
    """A dtype of objects whose flags deny it: NumPy would take the octets for addresses."""
    dtype = crafted_dtype("O8", (3, "|", None, None, None, -1, -1, 0))
    with pytest.raises(pickle.UnpicklingError, match="O8"):
        load(crafted(dtype, OCTETS))


def test_a_dtypes_state_changes_nothing_but_the_byte_order():
    state = (3, "<", None, None, None, 1, 1, 63)  # flags
    loaded = load(crafted(crafted_dtype("f8", state), OCTETS))
    assert loaded.dtype == np.float64
    assert not loaded.dtype.hasobject


def test_a_dtype_with_fields_is_refused():
    state = (3, "<", None, ("a",), {"a": 1}, 1, 1, 0)
    with pytest.raises(pickle.UnpicklingError, match="dictionary"):
        load(crafted(crafted_dtype("f8", state), OCTETS))


@pytest.mark.parametrize("shape", [(4,), (2,), (-5,), (1 << 62, 1 << 62), (0,)])
def test_a_shape_that_does_not_fit_its_octets(shape):
    dtype = crafted_dtype("f8", (3, "<", None, None, None, -1, -1, 0))
    with pytest.raises((ValueError, OverflowError, pickle.UnpicklingError)):
        load(crafted(dtype, OCTETS, shape))


def test_no_state_reaches_the_loader_itself():
    """BUILD would set attributes on whatever lies on the stack, functions too."""
    before = vars(load_array).copy()
    pickled = b"\x80\x02c_codecs\nencode\n" + opcodes((None, ("__doc__", "changed"))) + b"b."
    with pytest.raises(pickle.UnpicklingError, match="state"):
        load(pickled)
    assert vars(load_array) == before


PICKLES = [pickle.dumps(ARRAY, protocol) for protocol in range(6)] + [python2_pickle(ARRAY)]


@pytest.mark.parametrize("pickled", PICKLES, ids=[*map(str, range(6)), "python 2"])
def test_a_pickle_cut_anywhere_raises(pickled):
    for length in range(len(pickled)):
        with pytest.raises(Exception):  # noqa: B017 (whatever the interpreter raises)
            load(pickled[:length])


@settings(max_examples=300)
@given(
    st.binary(max_size=200)
    | st.builds(
        lambda pickled, at, octets: pickled[: at % len(pickled)] + octets
        + pickled[at % len(pickled) + len(octets) :],
        st.sampled_from(PICKLES), st.integers(0, 10_000), st.binary(min_size=1, max_size=4),
    )
)  # fmt: skip
def test_broken_pickles_raise_or_are_arrays_of_numbers(pickled):
    try:
        loaded = load(pickled)
    except Exception:
        return
    assert isinstance(loaded, np.ndarray)
    assert loaded.dtype.kind in "biufc"


# ------------------------------------------------------------------ what would take all memory

_LENGTHS = {
    "BYTEARRAY8": b"\x80\x05\x96" + struct.pack("<Q", 8 << 30),
    "BINBYTES8": b"\x80\x04\x8e" + struct.pack("<Q", 8 << 30),
    "BINUNICODE8": b"\x80\x04\x8d" + struct.pack("<Q", 8 << 30),
    "BINBYTES": b"\x80\x03B" + struct.pack("<I", (1 << 32) - 1),
    "BINUNICODE": b"\x80\x02X" + struct.pack("<I", (1 << 32) - 1),
    "BINSTRING": b"\x80\x02T" + struct.pack("<i", (1 << 31) - 1),
    "LONG4": b"\x80\x02\x8b" + struct.pack("<i", (1 << 31) - 1),
    "FRAME": b"\x80\x04\x95" + struct.pack("<Q", 8 << 30),
}


@pytest.mark.parametrize("name", _LENGTHS)
def test_a_promised_length_is_checked_before_memory_is_taken(tmp_path, name):
    path = tmp_path / "promises.pkl"
    path.write_bytes(_LENGTHS[name] + b"x" * 50)
    tracemalloc.start()
    with path.open("rb") as file, pytest.raises((EOFError, pickle.UnpicklingError)):
        load_array(file)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1 << 20


@pytest.mark.parametrize(
    "pickled",
    [
        b"\x80\x02}N" + b"\x85" * 500_000 + b"K\x01s.",  # a dictionary's key, nested
        b"\x80\x02\x8fN" + b"\x85" * 500_000 + b"\x90.",  # a set's
        b"\x80\x02}N" + b"2\x86" * 60 + b"K\x01s.",  # 2^60 hashes
        b"\x80\x02N" + b"\x85" * 1_000_000 + b".",
        b"\x80\x02" + b"(" * 1_000_000 + b".",
    ],
    ids=["deep key", "deep set", "wide key", "deep tuple", "many marks"],
)
def test_nesting_neither_crashes_nor_takes_forever(pickled):
    with pytest.raises(pickle.UnpicklingError, match="holds"):
        load(pickled)


def test_one_text_is_not_turned_into_many_arrays():
    """Each REDUCE copies the same long text."""
    text = b"X" + struct.pack("<I", 1 << 20) + b"A" * (1 << 20) + b"q\x01"
    call = b"c_codecs\nencode\nh\x01" + opcodes("latin1") + b"\x86R"
    with pytest.raises(pickle.UnpicklingError, match="more than one"):
        load(b"\x80\x02" + text + call * 40 + b".")


def test_a_shape_of_anything_is_refused_without_printing_it():
    dtype = crafted_dtype("f8", (3, "<", None, None, None, -1, -1, 0))
    shape: tuple = (1,)
    for _ in range(60):
        shape = (shape, shape)
    with pytest.raises(pickle.UnpicklingError, match=r"shape|more than one") as error:
        load(crafted(dtype, OCTETS, shape))
    assert len(str(error.value)) < 200

"""Files of TMK+PDQF hashes: what is read is what was written, and nothing broken is read."""

import dataclasses
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tmk_made_up import folded, made_up_hash, moving_features

from videoalignment.errors import FeatureMismatchError, UnusableFileError
from videoalignment.tmk_files import (
    TmkHash,
    from_bytes,
    read_hash,
    read_mean,
    to_bytes,
    write_hash,
)

finite = st.floats(-1e6, 1e6, width=32)


@st.composite
def hashes(draw) -> TmkHash:
    shape = tuple(draw(st.integers(1, 4)) for _ in range(3))
    coefficients = draw(arrays(np.float32, shape[1], elements=st.floats(0.5, 1, width=32)))
    return TmkHash(
        fps=draw(st.integers(1, 100)),
        frames=draw(st.integers(1, 2**31 - 1)),
        periods=draw(arrays(np.int32, shape[0], elements=st.integers(1, 2**31 - 1))),
        coefficients=coefficients,
        mean=draw(arrays(np.float32, shape[2], elements=finite)),
        cosines=draw(arrays(np.float32, shape, elements=finite)),
        sines=draw(arrays(np.float32, shape, elements=finite)),
    )


@given(hashes())
def test_reading_and_writing_again_gives_the_same_bytes(tmk):
    content = to_bytes(tmk)
    read = from_bytes(content)
    assert to_bytes(read) == content
    for field in dataclasses.fields(tmk):
        assert np.array_equal(getattr(read, field.name), getattr(tmk, field.name))


@given(hashes(), st.data())
def test_a_changed_byte_is_refused_or_read_but_never_anything_else(tmk, data):
    content = bytearray(to_bytes(tmk))
    content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        read = from_bytes(bytes(content))
    except UnusableFileError as error:
        assert "\n" not in str(error)
    else:
        assert to_bytes(read) == bytes(content)


@given(hashes(), st.integers(1, 60))
def test_what_is_cut_off_or_goes_on_is_refused(tmk, missing):
    content = to_bytes(tmk)
    with pytest.raises(UnusableFileError):
        from_bytes(content[: max(0, len(content) - missing)])
    with pytest.raises(UnusableFileError, match="after its end"):
        from_bytes(content + b"x" * missing)


def test_the_layout_is_that_of_the_format(tmp_path):
    tmk = folded(moving_features(1, 2))
    write_hash(tmp_path / "a.tmk", tmk)
    content = (tmp_path / "a.tmk").read_bytes()
    assert len(content) == 263_344
    assert content[:12] == b"TMK1FVECPDQF"
    assert struct.unpack("<9i", content[12:48]) == (15, 4, 32, 256, 30, 2731, 4391, 9767, 14653)
    assert struct.unpack("<f", content[48:52]) == (np.float32(0.0708041893112),)
    assert np.frombuffer(content, "<f4", 256, 176).tolist() == tmk.mean.tolist()
    rows = np.frombuffer(content, "<f4", offset=1200).reshape(2, 4, 32, 256)
    assert np.array_equal(rows[0], tmk.cosines)
    assert np.array_equal(rows[1], tmk.sines)
    assert np.array_equal(read_mean(tmp_path / "a.tmk"), tmk.mean)
    assert tmk.duration_s == 2


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({0: b"RIFF"}, "is not a TMK file"),
        ({4: b"FRAM"}, "is not a descriptor of a whole video"),
        ({8: b"PDQ\0"}, "is not PDQF features"),
        ({12: struct.pack("<i", 0)}, "0 frames a second"),
        ({16: struct.pack("<i", -4)}, "-4 periods"),
        ({20: struct.pack("<i", 2**31 - 1)}, "which no hash has"),
        ({24: struct.pack("<i", 255)}, "after its end"),
        ({24: struct.pack("<i", 257)}, "is cut off"),
        ({28: struct.pack("<i", -1)}, "-1 frames"),
        ({32: struct.pack("<i", 0)}, "a period of 0 frames"),
        ({48: struct.pack("<f", -1)}, "coefficients below 0"),
        ({176: struct.pack("<f", float("nan"))}, "NaN or infinity among its mean"),
        ({1200: struct.pack("<f", float("inf"))}, "NaN or infinity among its cosines"),
        ({263_340: struct.pack("<f", float("nan"))}, "NaN or infinity among its sines"),
    ],
)
def test_broken_files_are_refused_in_one_line_that_names_them(tmp_path, change, complaint):
    content = bytearray(to_bytes(folded(moving_features(1, 2))))
    for place, octets in change.items():
        content[place : place + len(octets)] = octets
    path = tmp_path / "broken.tmk"
    path.write_bytes(content)
    with pytest.raises(UnusableFileError, match=complaint) as refused:
        read_hash(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert "\n" not in str(refused.value)


def test_what_is_no_file_is_refused(tmp_path):
    for path, complaint in (
        (tmp_path / "none.tmk", "no such file"),
        (tmp_path, "is no file"),
        ("/dev/zero", "is no file"),
    ):
        for read in (read_hash, read_mean):
            with pytest.raises(UnusableFileError, match=complaint):
                read(path)


def test_a_hash_checks_itself():
    tmk = made_up_hash(0)
    for changes in (
        {"cosines": tmk.cosines[:1]},
        {"mean": tmk.mean.astype(np.float64)},
        {"frames": 0},
        {"sines": np.full_like(tmk.sines, np.nan)},
    ):
        with pytest.raises(UnusableFileError):
            dataclasses.replace(tmk, **changes)
    with pytest.raises(dataclasses.FrozenInstanceError):
        tmk.frames = 3


def test_hashes_that_were_folded_in_different_ways_are_told_apart():
    usual = made_up_hash(0)
    usual.check_comparable(dataclasses.replace(made_up_hash(0), frames=77))
    for other, named in (
        (dataclasses.replace(usual, fps=30), "fps differ"),
        (made_up_hash(0, periods=(5, 8)), "periods differ"),
        (dataclasses.replace(usual, coefficients=usual.coefficients / 2), "coefficients differ"),
        (
            dataclasses.replace(made_up_hash(0, dimensions=5), coefficients=usual.coefficients),
            "4 and 5",
        ),
    ):
        with pytest.raises(FeatureMismatchError, match=named):
            usual.check_comparable(other)


def test_a_failed_write_leaves_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="cannot be written"):
        write_hash(tmp_path / "file" / "a.tmk", made_up_hash(0))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_published_files_read_and_write_to_the_byte(shared):
    paths = sorted((shared / "data" / "tmk" / "hashes").glob("*.tmk"))
    assert len(paths) == 8
    for path in paths:
        assert to_bytes(read_hash(path)) == path.read_bytes()

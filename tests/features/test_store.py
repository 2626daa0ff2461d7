"""Feature files, read and written (`features/store.py`)."""

import os
import pickle

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from videoalignment.errors import VideoAlignmentError
from videoalignment.features.store import (
    FORMATS,
    FrameFeatures,
    read_descriptors,
    read_features,
    read_many,
    write_features,
)


def features(frames: int = 5, width: int = 3) -> FrameFeatures:
    descriptors = np.random.default_rng(frames).standard_normal((frames, width), np.float32)
    made_by = {"network": "resnet34", "level": 29}
    return FrameFeatures(descriptors, np.arange(frames) / 15, 15.0, made_by, frames / 15)


@pytest.mark.parametrize("suffix", FORMATS)
def test_what_is_written_is_read(tmp_path, suffix):
    path = tmp_path / "new" / f"video.{suffix}"
    write_features(path, features())
    np.testing.assert_array_equal(read_descriptors(path), features().descriptors)
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_npz_keeps_everything(tmp_path):
    write_features(tmp_path / "video.npz", features())
    read, written = read_features(tmp_path / "video.npz"), features()
    np.testing.assert_array_equal(read.times_s, written.times_s)
    assert (read.fps, read.made_by, read.duration_s) == (15.0, written.made_by, 5 / 15)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("suffix", ["pkl", "npy"])
def test_floats_become_float32(tmp_path, dtype, suffix):
    array, path = features().descriptors.astype(dtype), tmp_path / f"video.{suffix}"
    save(path, array)
    read = read_descriptors(path)
    assert read.dtype == np.float32
    np.testing.assert_array_equal(read, array.astype(np.float32))


def save(path, array) -> None:
    if path.suffix == ".npy":
        np.save(path, array)
    else:
        path.write_bytes(pickle.dumps(array, 2))


@pytest.mark.parametrize("suffix", ["pkl", "npy"])
@pytest.mark.parametrize(
    ("array", "wrong"),
    [
        (np.zeros((0, 3), np.float32), "no frames"),
        (np.zeros(3, np.float32), r"float32 of shape \(3,\)"),
        (np.zeros((2, 2, 3), np.float32), r"shape \(2, 2, 3\)"),
        (np.zeros((2, 3), np.int64), "int64"),
        (np.array([[1, 2], [3, np.nan]], np.float32), "frame 1 is not finite"),
        (np.array([[1, np.inf], [3, 4]], np.float16), "frame 0 is not finite"),
        (np.array([[np.inf, 1], [-np.inf, 4]], np.float64), "frame 0 is not finite"),
    ],
)
def test_unusable_arrays_are_named(tmp_path, suffix, array, wrong):
    path = tmp_path / f"video.{suffix}"
    save(path, array)
    with pytest.raises(VideoAlignmentError, match=wrong) as error:
        read_descriptors(path)
    assert str(error.value).startswith(f"{path}: ")


def test_large_finite_numbers_are_finite(tmp_path):
    path = tmp_path / "video.npy"
    save(path, np.full((9, 2), 3e38, np.float32))
    assert read_descriptors(path).shape == (9, 2)


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_missing_file(tmp_path, suffix):
    path = tmp_path / f"video.{suffix}"
    with pytest.raises(VideoAlignmentError, match="no such feature file") as error:
        read_descriptors(path)
    assert str(error.value).startswith(f"{path}: ")


def test_another_width(tmp_path):
    path = tmp_path / "video.npy"
    save(path, features(width=3).descriptors)
    with pytest.raises(VideoAlignmentError, match=r"video\.npy: 3 numbers a frame, expected 512"):
        read_descriptors(path, width=512)


@pytest.mark.parametrize("suffix", FORMATS)
@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(length=st.integers(0, 10_000))
def test_a_file_cut_anywhere_is_one_line_that_names_it(tmp_path, suffix, length):
    path = tmp_path / f"video.{suffix}"
    write_features(path, features())
    content = path.read_bytes()
    path.write_bytes(content[: length % len(content)])
    with pytest.raises(VideoAlignmentError) as error:
        read_descriptors(path)
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("suffix", FORMATS)
@settings(
    deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=st.binary(max_size=100))
def test_random_octets_are_an_error_that_names_the_file(tmp_path, suffix, content):
    path = tmp_path / f"video.{suffix}"
    path.write_bytes(content)
    with pytest.raises(VideoAlignmentError) as error:
        read_descriptors(path)
    assert str(error.value).startswith(f"{path}: ")


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_payload_in_any_format_does_not_run(tmp_path, suffix):
    ran = tmp_path / "ran"

    class Payload:
        def __reduce__(self):
            return (os.system, (f"touch {ran}",))

    path = tmp_path / f"video.{suffix}"
    objects = np.array([Payload()], dtype=object)
    if suffix == "npz":
        np.savez(path, descriptors=objects, times_s=objects, about=objects)
    elif suffix == "npy":
        np.save(path, objects)
    else:
        path.write_bytes(pickle.dumps(Payload()))
    with pytest.raises(VideoAlignmentError):
        read_descriptors(path)
    assert not ran.exists()


def test_npz_of_something_else(tmp_path):
    path = tmp_path / "video.npz"
    np.savez(path, other=np.zeros(3))
    with pytest.raises(VideoAlignmentError, match=r"video\.npz: not a readable feature file"):
        read_features(path)


def test_npz_with_other_time_stamps(tmp_path):
    written = features()
    bad = FrameFeatures(written.descriptors, written.times_s[:-1], 15, {}, 1)
    write_features(tmp_path / "video.npz", bad)
    with pytest.raises(VideoAlignmentError, match=r"5 frames but time stamps of shape \(4,\)"):
        read_features(tmp_path / "video.npz")


def test_an_unknown_format(tmp_path):
    with pytest.raises(VideoAlignmentError, match=r"video\.mat: unknown format.*pkl, npy, npz"):
        write_features(tmp_path / "video.mat", features())


# ------------------------------------------------------------------ many files


def write_many(folder, count: int):
    paths = [folder / f"{i}.{FORMATS[i % 3]}" for i in range(count)]
    for i, path in enumerate(paths):
        write_features(path, features(frames=1 + (i * 37) % 50))
    return paths


@pytest.mark.parametrize("ahead", [1, 3, 100])
def test_many_files_come_in_order(tmp_path, ahead):
    paths = write_many(tmp_path, 40)
    frames = [len(array) for array in read_many(paths, ahead=ahead)]
    assert frames == [1 + (i * 37) % 50 for i in range(40)]


def test_no_files():
    assert [*read_many([])] == []


def test_the_broken_one_of_many_is_named_after_those_before_it(tmp_path):
    paths = write_many(tmp_path, 40)
    paths[23].write_bytes(b"broken")
    paths[24].write_bytes(b"broken too")
    read = []
    with pytest.raises(VideoAlignmentError) as error:
        read.extend(1 for _ in read_many(paths))
    assert str(error.value).startswith(f"{paths[23]}: ")
    read = []
    with pytest.raises(VideoAlignmentError):
        for array in read_many(paths):
            read.append(array)
    assert len(read) == 23


def test_the_first_file_sets_the_width(tmp_path):
    paths = write_many(tmp_path, 9)
    write_features(paths[5], features(width=4))
    with pytest.raises(VideoAlignmentError, match="4 numbers a frame, expected 3") as error:
        [*read_many(paths)]
    assert str(error.value).startswith(f"{paths[5]}: ")

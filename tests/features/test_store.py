"""Feature files, read and written (`features/store.py`)."""

import io
import json
import os
import pickle
import resource
import subprocess
import sys
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_up import RECIPE

from videoalignment.errors import FeatureMismatchError, VideoAlignmentError
from videoalignment.features.arrays import MOST_OCTETS
from videoalignment.features.frame_features import LONGEST_S
from videoalignment.features.sidecar import SIDECAR, Making, write_sidecar
from videoalignment.features.store import (
    FORMATS,
    FrameFeatures,
    read_descriptors,
    read_features,
    read_many,
    read_recipe,
    write_features,
)


def features(frames: int = 5, width: int = 3) -> FrameFeatures:
    descriptors = np.random.default_rng(frames).standard_normal((frames, width), np.float32)
    return FrameFeatures(descriptors, np.arange(frames) / 15, 15.0, RECIPE, frames / 15)


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
    assert (read.fps, read.recipe, read.duration_s) == (15.0, RECIPE, 5 / 15)
    assert (read.truncated, read_recipe(tmp_path / "video.npz")) == (None, RECIPE)


def test_npz_keeps_what_is_missing(tmp_path):
    write_features(tmp_path / "video.npz", replace(features(), truncated="1.00 s of 9.00 s"))
    assert read_features(tmp_path / "video.npz").truncated == "1.00 s of 9.00 s"


def earlier_npz(path, **made_by) -> None:
    """As versions wrote it that did not know of recipes."""
    f = features()
    about = json.dumps({"fps": 15.0, "duration_s": 1.0, "made_by": {"level": 29, **made_by}})
    np.savez(path, descriptors=f.descriptors, times_s=f.times_s, about=about)


def test_npz_of_earlier_versions_have_an_unknown_recipe(tmp_path):
    earlier_npz(tmp_path / "video.npz")
    read = read_features(tmp_path / "video.npz")
    assert (read.recipe, read.fps, read.duration_s) == (None, 15, 1)
    earlier_npz(tmp_path / "video.npz", regional=True)
    with pytest.raises(VideoAlignmentError, match="of regions; extract it again"):
        read_features(tmp_path / "video.npz")


@pytest.mark.parametrize("suffix", ["pkl", "npy"])
def test_files_without_times_take_the_rate_of_their_folder(tmp_path, suffix):
    path = tmp_path / f"video.{suffix}"
    write_features(path, features())
    published = read_features(path)
    assert (published.fps, published.recipe) == (15, None)
    np.testing.assert_allclose(published.times_s, np.arange(5) / 15)
    write_sidecar(tmp_path, Making(replace(RECIPE, max_fps=30), 30))
    read = read_features(path)
    assert (read.fps, read.recipe) == (30, replace(RECIPE, max_fps=30))
    np.testing.assert_allclose(read.times_s, np.arange(5) / 30)
    assert read.duration_s == pytest.approx(5 / 30)


def test_times_of_regions_are_nowhere_but_in_npz(tmp_path):
    write_features(tmp_path / "video.pkl", features())
    write_sidecar(tmp_path, Making(replace(RECIPE, regional=True), 15))
    with pytest.raises(VideoAlignmentError, match="several rows a frame"):
        read_features(tmp_path / "video.pkl")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no json",
        b"[" * 60_000,
        b"{}",
        b'{"format": 2, "fps": 15, "recipe": {}}',
        b'{"format": 1, "fps": NaN, "recipe": {}}',
        b'{"format": 1, "fps": 15, "recipe": {"level": 3}}',
    ],
)
def test_a_broken_sidecar_is_one_line(tmp_path, content):
    write_features(tmp_path / "video.pkl", features())
    (tmp_path / SIDECAR).write_bytes(content)
    with pytest.raises(VideoAlignmentError, match="does not say how features were made") as error:
        read_features(tmp_path / "video.pkl")
    assert str(error.value).startswith(f"{tmp_path / SIDECAR}: ")
    assert "\n" not in str(error.value)


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
    with pytest.raises(VideoAlignmentError, match="no such file") as error:
        read_descriptors(path)
    assert str(error.value).startswith(f"{path}: ")


@pytest.mark.parametrize("suffix", FORMATS)
def test_another_width(tmp_path, suffix):
    path = tmp_path / f"video.{suffix}"
    write_features(path, features(width=3))
    with pytest.raises(
        FeatureMismatchError, match=rf"video\.{suffix}: 3 numbers a frame, expected 512"
    ):
        read_descriptors(path, width=512)


@pytest.mark.parametrize("suffix", FORMATS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
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


def write_npz(path, **changed) -> None:
    """An .npz file that says what it likes; the arrays are those of `features` unless given."""
    f = features()
    about = {"fps": 15.0, "duration_s": 5 / 15, "recipe": None}
    about.update({name: changed.pop(name) for name in about.keys() & changed.keys()})
    arrays = {"descriptors": f.descriptors, "times_s": f.times_s, "about": json.dumps(about)}
    np.savez(path, **{**arrays, **changed})


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"times_s": np.arange(4) / 15}, r"5 frames but time stamps of shape \(4,\)"),
        ({"times_s": np.array([0, 1, np.nan, 3, 4])}, "frame 2 is at nan s"),
        ({"times_s": np.array([0, 1, 2, 3, np.inf])}, "frame 4 is at inf s"),
        ({"times_s": np.array([0, 1, 2, 3, 1e300])}, "the last frame is at 1e\\+300 s"),
        ({"times_s": np.array([-1.0, 1, 2, 3, 4])}, "frame 0 is at -1.0 s"),
        ({"times_s": np.array([0.0, 2, 1, 3, 4])}, "frame 2 is at 1.0 s"),
        ({"times_s": np.array(list("abcde"))}, "time stamps are <U1"),
        ({"times_s": np.array([0j, 1, 2, 3, 4])}, "time stamps are complex128"),
        ({"fps": float("nan")}, "fps nan"),
        ({"fps": float("inf")}, "fps inf"),
        ({"fps": 1e300}, "fps 1e\\+300"),
        ({"fps": 1e-300}, "fps 1e-300"),
        ({"fps": 0}, "fps 0"),
        ({"fps": -15}, "fps -15"),
        ({"fps": "15"}, "fps '15'"),
        ({"fps": True}, "fps True"),
        ({"fps": [15]}, "fps"),
        ({"fps": 10**400}, "fps 1000"),
        ({"duration_s": 1e9}, "duration_s 1000000000.0: expected .* 360000 at most"),
        ({"duration_s": float("nan")}, "duration_s nan"),
        ({"duration_s": None}, "duration_s None"),
        ({"duration_s": 99 * 3600}, "duration_s 356400: only 5 frames for so long"),
        ({"duration_s": 0.1}, "duration_s 0.1: the last frame is at 0.26"),
        ({"recipe": {"level": 3}}, "expected a recipe"),
        ({"recipe": 5}, "expected a recipe"),
        ({"descriptors": np.zeros((0, 3), np.float32)}, "no frames"),
        ({"descriptors": np.zeros((5, 3), np.int64)}, "int64"),
        ({"descriptors": np.full((5, 3), np.nan)}, "frame 0 is not finite"),
        ({"about": "[]"}, "lacks fps"),
        ({"about": "{}"}, "lacks fps"),
        ({"about": np.arange(3)}, "no short text"),
        ({"about": "x" * 70_000}, "no short text"),
    ],
)
def test_impossible_npz_files_are_named(tmp_path, changed, wrong):
    path = tmp_path / "video.npz"
    write_npz(path, **changed)
    with pytest.raises(VideoAlignmentError, match=wrong) as error:
        read_features(path)
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("changed", [{"fps": np.nan}, {"times_s": np.arange(5) * -1.0}])
def test_features_check_themselves(changed):
    with pytest.raises(VideoAlignmentError, match=f"`{next(iter(changed))}`"):
        replace(features(), **changed)


@pytest.mark.parametrize(("suffix", "really"), [("npy", "npz"), ("npz", "npy")])
def test_one_of_numpys_formats_named_as_the_other(tmp_path, suffix, really):
    written, path = tmp_path / f"video.{really}", tmp_path / f"video.{suffix}"
    write_features(written, features())
    written.rename(path)
    with pytest.raises(VideoAlignmentError, match=f"rename it to .{really}") as error:
        read_descriptors(path)
    assert str(error.value).startswith(f"{path}: ")


@pytest.mark.parametrize("suffix", FORMATS)
def test_folders_empty_files_and_endless_names(tmp_path, suffix):
    (tmp_path / f"folder.{suffix}").mkdir()
    (tmp_path / f"empty.{suffix}").touch()
    for name, wrong in (
        ("folder", "is a folder"),
        ("empty", "empty or cut off"),
        ("x" * 300, "cannot be a file"),
        ("a\0b", "cannot be a file"),
    ):
        with pytest.raises(VideoAlignmentError, match=wrong):
            read_features(tmp_path / f"{name}.{suffix}")


def header(dtype: str, shape: str) -> bytes:
    """The begin of a .npy file that claims an array."""
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\1\0" + len(text).to_bytes(2, "little") + text.encode()


@pytest.mark.parametrize(
    ("claim", "wrong"),
    [
        (header("<f4", "(3000000, 512)"), "cut off"),
        (header("<f4", "(3000000000000, 512)"), "more than any video has"),
        (header("|V0", "(3000000000000, 512)"), "expected numbers"),
        (header("<U0", "(3000000000000, 512)"), "more than any video has"),
        (header("|O", "(1, 1)"), "expected numbers"),
        (header("<f4", "(-5, 512)"), "descriptors|negative|readable"),
    ],
)
def test_what_an_array_claims_is_not_believed(tmp_path, claim, wrong):
    (tmp_path / "video.npy").write_bytes(claim + bytes(100))
    with pytest.raises(VideoAlignmentError, match=wrong):
        read_descriptors(tmp_path / "video.npy")
    packed = tmp_path / "video.npz"
    write_npz(packed)
    with zipfile.ZipFile(packed) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in {**members, "descriptors.npy": claim + bytes(100)}.items():
            archive.writestr(name, content)
    with pytest.raises(VideoAlignmentError, match=wrong):
        read_descriptors(packed)


def test_an_archive_that_unpacks_to_gigabytes_is_refused_before_it_is(tmp_path):
    """1000 octets an octet; in a process of its own that may not have as many as it asks for."""
    path = tmp_path / "video.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("descriptors.npy", "w", force_zip64=True) as member:
            member.write(header("<f4", "(3000000, 512)"))
            for _ in range(45):  # a small share of what its header claims is too much already
                member.write(bytes(6_144_000))
        for name, array in (("times_s", np.arange(5) / 15), ("about", np.array("{}"))):
            octets = io.BytesIO()
            np.save(octets, array)
            archive.writestr(f"{name}.npy", octets.getvalue())
    program = (
        "import sys\n"
        "from videoalignment.features.store import read_features\n"
        "try: read_features(sys.argv[1])\n"
        "except ValueError as error: print(error)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, path],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (2 << 30, 2 << 30)),
    )
    assert "octets that would unpack to 276480" in ended.stdout, ended.stderr


def test_an_array_twice_or_not_at_all_is_named(tmp_path):
    path = tmp_path / "video.npz"
    np.savez(path, descriptors=features().descriptors, about="{}")
    with pytest.raises(VideoAlignmentError, match="holds no arrays 'times_s', expected 1"):
        read_features(path)
    write_npz(path)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("about.npy", b"")
    with pytest.raises(VideoAlignmentError, match="holds 2 arrays 'about', expected 1"):
        read_features(path)


def test_ten_hours_at_sixty_frames_a_second_are_not_too_much():
    assert MOST_OCTETS > 10 * 3600 * 60 * 512 * 4
    assert LONGEST_S > 10 * 3600


def test_packed_and_transposed_arrays_are_read(tmp_path):
    f = features(frames=50)
    about = json.dumps({"fps": 15, "duration_s": 50 / 15})
    packed = tmp_path / "video.npz"
    arrays = {"descriptors": np.asfortranarray(f.descriptors), "times_s": f.times_s}
    np.savez_compressed(packed, **arrays, about=about)
    np.testing.assert_array_equal(read_descriptors(packed), f.descriptors)
    np.save(tmp_path / "video.npy", f.descriptors.astype(">f4"))
    np.testing.assert_array_equal(read_descriptors(tmp_path / "video.npy"), f.descriptors)


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


@pytest.mark.parametrize("suffix", FORMATS)
def test_another_rate_is_refused_wherever_it_is_stored(tmp_path, suffix):
    path = tmp_path / f"video.{suffix}"
    write_features(path, features())
    assert len([*read_many([path], fps=15)]) == 1
    fast = replace(RECIPE, max_fps=30)
    write_features(path, replace(features(), fps=30, recipe=fast))
    write_sidecar(tmp_path, Making(fast, 30))
    assert len([*read_many([path])]) == 1
    with pytest.raises(FeatureMismatchError, match="30 frames a second, expected 15") as error:
        [*read_many([path], fps=15)]
    assert str(error.value).startswith(f"{path}: ")


@pytest.mark.parametrize("suffix", FORMATS)
def test_regions_and_mixtures_are_refused(tmp_path, suffix):
    paths = [tmp_path / f"{i}" / f"video.{suffix}" for i in range(3)]
    recipes = RECIPE, replace(RECIPE, weights="fedcba9876543210"), replace(RECIPE, regional=True)
    for path, recipe in zip(paths, recipes, strict=True):
        write_features(path, replace(features(), recipe=recipe))
        write_sidecar(path.parent, Making(recipe, 15))
    for wrong, read, named in (
        ("weights 'fedcba9876543210' and '0123456789abcdef'", paths[:2], paths[1]),
        ("of regions, several rows a frame", paths[2:], paths[2]),
    ):
        with pytest.raises(FeatureMismatchError, match=wrong) as error:
            [*read_many(read)]
        assert str(error.value).startswith(f"{named}: ")


def test_features_say_whether_they_can_be_compared():
    ours, published = features(), replace(features(), recipe=None)
    ours.check_comparable(replace(ours, recipe=replace(RECIPE, max_fps=60)))
    ours.check_comparable(published)
    published.check_comparable(ours)
    for other, wrong in (
        (replace(ours, recipe=replace(RECIPE, level=28)), "level 29 and 28"),
        (replace(ours, recipe=replace(RECIPE, regional=True)), "features of regions"),
        (replace(published, descriptors=features(width=4).descriptors), "3 and 4 numbers"),
    ):
        with pytest.raises(FeatureMismatchError, match=wrong):
            ours.check_comparable(other)

"""`videoalignment sync` as a user meets it, on footage cut out of real videos."""

import csv
import json
import shutil
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from ramps import run_ffmpeg
from real_footage import footage

import videoalignment
from videoalignment.errors import OptionError, UnusableFileError

pytestmark = pytest.mark.usefixtures("own_cache")

BEGINS_S = {"whole.mp4": 0.0, "middle.mp4": 2.0, "end.mkv": 4.4}


@pytest.fixture(scope="module")
def takes(tmp_path_factory) -> Path:
    """Three takes of one scene, one of another, a file that is no video, and a twin."""
    folder = tmp_path_factory.mktemp("takes")
    whole = footage("bikes.mp4")
    edits = {"middle.mp4": "scale=240:-2,eq=brightness=0.05", "end.mkv": "scale=320:-2,hue=s=0"}
    run_ffmpeg("-i", whole, "-vf", "scale=320:-2", "-an", folder / "whole.mp4")
    for name, edit in edits.items():
        run_ffmpeg("-ss", BEGINS_S[name], "-t", "5", "-i", whole, "-vf", edit, "-an", folder / name)
    run_ffmpeg("-i", footage("carphone_pristine.mp4"), "-c", "copy", folder / "lone.mp4")
    (folder / "broken.mp4").write_bytes(b"no video at all" * 100)
    shutil.copy(folder / "middle.mp4", folder / "twin.mp4")
    return folder


@pytest.fixture
def run(run):
    return partial(run, "videoalignment", "sync")


def test_takes_come_on_one_timeline(run, takes, tmp_path):
    ended = run(takes, "--out", tmp_path / "out", "--json", "-")
    assert ended.status == 0, ended.err
    document = json.loads(ended.out)
    assert document == json.loads((tmp_path / "out" / "timeline.json").read_text())
    (group,) = document["groups"]
    begins_s = {Path(file["file"]).name: file["begin_s"] for file in group["files"]}
    assert begins_s["twin.mp4"] == pytest.approx(begins_s["middle.mp4"], abs=0.002)
    for name, begin_s in BEGINS_S.items():
        assert begins_s[name] == pytest.approx(begin_s, abs=0.02)
    assert not group["conflicts"]
    unplaced = {Path(one["file"]).name: one["reason"] for one in document["unplaced"]}
    assert unplaced.keys() == {"lone.mp4", "broken.mp4"}
    assert "shares nothing" in unplaced["lone.mp4"]
    assert "not a video" in unplaced["broken.mp4"]
    assert "broken.mp4" in ended.err
    with (tmp_path / "out" / "timeline.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 6


def test_the_answer_in_words(run, takes, tmp_path):
    named = [takes / "whole.mp4", takes / "end.mkv"]
    ended = run(*named, "--out", tmp_path, "--by", "picture", "--json", tmp_path / "more.json")
    assert ended.status == 0, ended.err
    assert ended.out.startswith("2 of 2 recordings placed on one timeline.")
    assert "0:04.4" in ended.out
    assert (tmp_path / "more.json").exists()


def test_from_python(takes):
    timeline = videoalignment.sync([takes / "end.mkv", takes / "whole.mp4"])
    (group,) = timeline.groups
    assert [file.file.name for file in group.files] == ["whole.mp4", "end.mkv"]
    assert np.diff([file.begin_s for file in group.files]) == pytest.approx([4.4], abs=0.02)


def test_sound_alone(run, tmp_path):
    """A hiss that swells, as three recorders heard it: two of sound only, one with a picture."""
    hiss = "anoisesrc=d=24:seed=3:color=pink:amplitude=0.3:sample_rate=48000,tremolo=f=0.7:d=0.9"
    folder = tmp_path / "takes"
    folder.mkdir()
    cuts = {"early.wav": (0, 15), "late.mp3": (6.25, 17), "phone.mp4": (3.5, 12)}
    for name, (begin_s, length_s) in cuts.items():
        picture = ["-f", "lavfi", "-i", f"color=size=64x64:rate=25:duration={length_s}"]
        run_ffmpeg(
            *(picture if name.endswith(".mp4") else ()),
            *("-f", "lavfi", "-i", f"{hiss},atrim={begin_s}:{begin_s + length_s}"),
            *("-af", "asetpts=PTS-STARTPTS", folder / name),
        )
    ended = run(folder, "--out", tmp_path / "out", "--by", "sound", "--json", "-")
    assert ended.status == 0, ended.err
    (group,) = json.loads(ended.out)["groups"]
    begins_s = {Path(file["file"]).name: file["begin_s"] for file in group["files"]}
    assert begins_s.pop("early.wav") == 0
    # codecs may begin a few hundredths late, and say so in their headers, or not
    assert begins_s == pytest.approx({"late.mp3": 6.25, "phone.mp4": 3.5}, abs=0.03)
    assert all(pair["by"] == "sound" for pair in group["pairs"])
    ended = run(folder, "--out", tmp_path / "out", "--by", "picture")
    assert ended.status == 1
    assert "early.wav: cannot be used: has no picture" in ended.out


def test_nothing_in_common_is_status_one(run, takes, tmp_path):
    ended = run(takes / "whole.mp4", takes / "lone.mp4", "--out", tmp_path)
    assert ended.status == 1
    assert ended.out.startswith("0 of 2 recordings placed.")
    assert json.loads((tmp_path / "timeline.json").read_text())["groups"] == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["whole.mp4"], "whole.mp4: nothing to lie beside"),
        (["whole.mp4", "whole.mp4"], "nothing to lie beside"),
        (["whole.mp4", "none.mp4"], "none.mp4: no such file"),
        (["whole.mp4", "lone.mp4", "--min-confidence", "1"], "--min-confidence 1"),
        (["whole.mp4", "lone.mp4", "--min-overlap", "100"], "--min-overlap 100"),
        (["whole.mp4", "lone.mp4", "--by", "smell"], "smell"),
        (["whole.mp4", "lone.mp4", "--json", "whole.mp4"], "would overwrite the input"),
    ],
)
def test_what_is_wrong_is_one_line(run, takes, tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(takes)
    ended = run(*words, "--out", tmp_path / "out")
    assert ended.status == 2
    assert said in ended.err
    assert ended.err.count("\n") == 1
    assert ended.out == ""
    assert not (tmp_path / "out").exists()


def test_a_folder_in_which_there_is_nothing_is_told(tmp_path):
    with pytest.raises(UnusableFileError, match="holds no recordings"):
        videoalignment.sync([tmp_path])


@pytest.mark.parametrize("options", [{"by": "smell"}, {"min_confidence": 0}])
def test_the_library_names_parameters(options):
    with pytest.raises(OptionError, match=f"`{next(iter(options))}`"):
        videoalignment.sync(["a.mp4", "b.mp4"], **options)


# ------------------------------------------------------------------ what people do with it


def test_editors_get_their_files(run, takes, tmp_path):
    pytest.importorskip("otio_kdenlive_adapter", reason="the editors extra is not installed")
    files = [takes / name for name in BEGINS_S]
    out = tmp_path / "out"
    ended = run(*files, "--out", out, "--for", "premiere", "--for", "resolve", "--for", "finalcut")
    assert ended.status == 0, ended.err
    made = {path.name for path in out.iterdir()}
    tables = {"timeline.json", "timeline.csv", "timeline.html"}
    assert made == {*tables, "timeline.xml", "timeline.fcpxml"}
    assert len([line for line in ended.err.splitlines() if line.startswith("wrote ")]) == len(made)
    ended = run(*files, "--out", out, "--for", "all")
    endings = ("xml", "fcpxml", "otio", "edl", "kdenlive")
    made = {path.name for path in out.iterdir()}
    assert made == {*tables, *(f"timeline.{ending}" for ending in endings)}


def test_cameras_are_cut(run, takes, tmp_path):
    files = [takes / name for name in BEGINS_S]
    cut = tmp_path / "cut"
    ended = run(*files, "--out", tmp_path / "out", "--cut", cut)
    assert ended.status == 0, ended.err
    with (cut / "frames.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    # All three share from 4.4 to 7 s, at 25 frames a second.
    assert len(rows) == pytest.approx(2.6 * 25, abs=2)
    assert float(rows[0]["time_s"]) == pytest.approx(4.4, abs=0.05)
    assert "end.mkv" in (cut / "cuts.csv").read_text(encoding="utf-8")
    assert ended.err.count("picture encoded anew (") == 3


def test_a_second_run_does_not_take_what_the_first_one_made(run, takes, tmp_path):
    for name in ("whole.mp4", "middle.mp4"):
        shutil.copy(takes / name, tmp_path)
    out = tmp_path / "out"
    options = ("--out", out, "--cut", out / "cut", "--for", "edl", "--by", "picture")
    for _ in range(2):
        ended = run(tmp_path, *options)
        assert ended.status == 0, ended.err
        assert ended.out.startswith("2 of 2 recordings placed on one timeline.")
    ended = run(tmp_path, "--out", out, "--cut", tmp_path)
    assert ended.status == 2
    assert "holds recordings that are to be cut; choose another folder" in ended.err


def test_what_one_format_lacks_leaves_the_others(run, takes, tmp_path):
    """A name that is no text; in XML it cannot stand as it is."""
    pytest.importorskip("otio_kdenlive_adapter", reason="the editors extra is not installed")
    odd = tmp_path / "bell\x07.mp4"
    shutil.copy(takes / "middle.mp4", odd)
    out = tmp_path / "out"
    options = ("--out", out, "--for", "all", "--cut", tmp_path / "cut", "--by", "picture")
    ended = run(takes / "whole.mp4", odd, *options)
    assert ended.status == 2
    assert ended.err.count("error: ") == 1 and "cannot stand in a Kdenlive project" in ended.err
    endings = {path.suffix for path in out.iterdir()}
    assert endings == {".json", ".csv", ".html", ".xml", ".fcpxml", ".otio", ".edl"}
    assert (tmp_path / "cut" / "frames.csv").exists()


def test_a_sound_that_cannot_be_decoded_leaves_the_picture(run, takes, tmp_path):
    broken = tmp_path / "broken.mkv"
    run_ffmpeg(
        *("-i", takes / "whole.mp4", "-f", "lavfi", "-i", "sine=d=7", "-shortest"),
        *("-c:v", "copy", "-c:a", "flac", "-bsf:a", "noise=amount=1", broken),
    )
    options = ("--out", tmp_path / "out", "--cut", tmp_path / "cut", "--json", "-")
    ended = run(broken, takes / "middle.mp4", *options)
    assert ended.status == 0, ended.err
    assert "broken.mkv: its sound cannot be decoded" in ended.err
    (group,) = json.loads(ended.out)["groups"]
    assert {Path(file["file"]).name for file in group["files"]} == {"broken.mkv", "middle.mp4"}
    page = (tmp_path / "out" / "timeline.html").read_text(encoding="utf-8")
    assert "its sound cannot be decoded" in page


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--for", "premier"], "did you mean premiere?"),
        (["--at-least", "2"], "--at-least was given without --cut"),
        (["--cut", "cut", "--at-least", "0"], "--at-least 0: expected 1 or more"),
        (["--cut", "file/cut"], "is a file, a folder was expected"),
    ],
)
def test_what_cannot_be_written_is_refused_first(run, takes, tmp_path, monkeypatch, options, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    ended = run(takes, "--out", tmp_path / "out", *options)
    assert ended.status == 2
    assert said in ended.err
    assert ended.err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_without_an_adapter(run, takes, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "otio_fcp_adapter", None)  # as if it were not installed
    ended = run(takes, "--out", tmp_path / "out", "--for", "premiere")
    assert ended.status == 2
    assert "pip install 'videoalignment[editors]'" in ended.err


def test_nothing_placed_leaves_a_page(run, takes, tmp_path):
    out = tmp_path / "out"
    options = ("--for", "edl", "--cut", tmp_path / "cut")
    ended = run(takes / "lone.mp4", takes / "whole.mp4", "--out", out, *options)
    assert ended.status == 1
    assert "--for and --cut: not written" in ended.err
    assert "not placed" in (out / "timeline.html").read_text(encoding="utf-8")
    assert {path.suffix for path in out.iterdir()} == {".json", ".csv", ".html"}

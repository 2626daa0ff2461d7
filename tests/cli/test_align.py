"""`videoalignment align` as a user meets it, on footage cut out of real videos."""

import json
import pickle
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from real_footage import footage

pytestmark = pytest.mark.usefixtures("own_cache")

BEGIN_S = 3.2
_COMMAND = [sys.executable, "-m", "videoalignment", "align"]


def _ffmpeg(*arguments: str | Path) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-loglevel", "error", "-y", *arguments]
    subprocess.run([*map(str, command)], check=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """`whole.mp4`; `part.mp4`, which begins 3.2 s into it, with sound; `other.mp4`, unrelated."""
    folder = tmp_path_factory.mktemp("videos")
    whole = footage("bikes.mp4")
    _ffmpeg("-i", whole, "-vf", "scale=320:-2", folder / "whole.mp4")
    _ffmpeg(
        *("-ss", BEGIN_S, "-t", "6", "-i", whole, "-f", "lavfi", "-i", "sine=d=6"),
        *("-vf", "scale=240:-2,eq=brightness=0.05", "-crf", "30", folder / "part.mp4"),
    )
    _ffmpeg("-i", footage("carphone_pristine.mp4"), "-c", "copy", folder / "other.mp4")
    return folder


@pytest.fixture
def run(run):
    """Run `videoalignment align ...` in this process."""
    return partial(run, "videoalignment", "align")


def _is_one_line(ended, *words: str) -> None:
    assert ended.status == 2
    assert ended.out == ""
    assert ended.err.startswith("error: ")
    assert ended.err.count("\n") == 1
    for word in words:
        assert word in ended.err


# ------------------------------------------------------------------ answers


def begin_in_words(text: str, name: str) -> float:
    """The seconds in "NAME starts 3.200 s after ..."."""
    said, starts, rest = text.partition(" starts ")
    assert (said, starts) == (name, " starts ")
    return float(rest.split(" s ")[0])


def test_a_match_in_words(run, folder):
    ended = run(folder / "part.mp4", folder / "whole.mp4")
    assert ended.status == 0
    sentence, _, *table = ended.out.splitlines()
    place, shared, confidence = sentence.split("; ")
    assert begin_in_words(place, "part.mp4") == pytest.approx(BEGIN_S, abs=0.02)
    assert place.endswith(" s after whole.mp4 begins")
    assert shared in ("they share 5.9 s", "they share 6.0 s")
    assert float(confidence.removeprefix("confidence ")) > 0.9
    assert any(line.split()[:2] == ["1", "0:00.000"] for line in table)


def test_how_sure_it_must_be_is_asked_for(run, folder):
    ended = run(folder / "part.mp4", folder / "whole.mp4", "--min_confidence", "1", "--json", "-")
    answer = json.loads(ended.out)
    assert (ended.status, answer["matched"]) == (1, False)
    assert answer["confidence"] > 0.9


def test_the_other_way_round(run, folder):
    ended = run(folder / "whole.mp4", folder / "part.mp4")
    assert ended.status == 0
    assert begin_in_words(ended.out, "part.mp4") == pytest.approx(BEGIN_S, abs=0.02)


def test_json_on_stdout_is_pure(run, folder):
    ended = run(folder / "part.mp4", folder / "whole.mp4", "--json", "-")
    assert ended.status == 0
    answer = json.loads(ended.out)
    assert answer["matched"] is True
    assert answer["offset_s"] == pytest.approx(BEGIN_S, abs=0.02)
    assert answer["speed"] == pytest.approx(1, abs=0.01)
    assert Path(answer["a"]).name == "part.mp4"
    assert answer["overlap"]["begin_b_s"] == pytest.approx(BEGIN_S, abs=0.02)


def test_no_match_still_gives_the_evidence(run, folder, tmp_path):
    ended = run(
        *(folder / "other.mp4", folder / "whole.mp4"),
        *("--json", tmp_path / "x.json", "--report", tmp_path / "x.html"),
        *("--plot", tmp_path / "x.png", "--edl", tmp_path / "x.edl"),
        *("--otio", tmp_path / "x.otio", "--side_by_side", tmp_path / "x.mp4"),
    )
    assert ended.status == 1
    assert ended.out.startswith("other.mp4 and whole.mp4 do not match")
    assert "--side-by-side, --edl, --otio: not written" in ended.err
    assert {file.name for file in tmp_path.iterdir()} == {"x.json", "x.html", "x.png"}
    assert json.loads((tmp_path / "x.json").read_text())["matched"] is False


def test_all_outputs(run, folder, tmp_path):
    names = ["x.json", "x.html", "x.png", "x.mp4", "x.edl", "x.otio", "x.fcpxml", "x.xml"]
    options = ["--json", "--report", "--plot", "--side-by-side", "--edl", "--otio", "--fcpxml"]
    names, options = [*names, "x.kdenlive"], [*options, "--xmeml", "--kdenlive"]
    new = tmp_path / "a new folder"
    pairs = [
        item for pair in zip(options, (new / name for name in names), strict=True) for item in pair
    ]
    ended = run(folder / "part.mp4", folder / "whole.mp4", *pairs)
    assert ended.status == 0
    assert {file.name for file in new.iterdir()} == set(names)
    assert all(file.stat().st_size > 500 for file in new.iterdir())
    assert [line.split()[0] for line in ended.err.splitlines()] == ["wrote"] * len(names)


def test_feature_files_stand_in_for_videos(run, folder, tmp_path):
    from videoalignment.features.cache import cached_features
    from videoalignment.features.store import write_features

    described = []
    for name in ("part", "whole"):
        described.append(tmp_path / f"{name}.npz")
        write_features(described[-1], cached_features(folder / f"{name}.mp4"))
    absent = tmp_path / "gone" / "part.mp4", tmp_path / "gone" / "whole.mp4"
    ended = run(*absent, "--features", *described, "--json", "-")
    assert ended.status == 0
    assert json.loads(ended.out)["offset_s"] == pytest.approx(BEGIN_S, abs=0.02)
    assert json.loads(ended.out)["options"]["features"] == [str(path) for path in described]
    ended = run(*absent, "--features", *described, "--report", tmp_path / "r.html")
    _is_one_line(ended, "part.mp4: no such file")


def test_published_features_hold_no_times(run, tmp_path):
    """Frame k of a pickle is k/15 s."""
    walk = np.random.default_rng(0).normal(size=(450, 64)).cumsum(axis=0)
    rows = (walk / np.linalg.norm(walk, axis=1, keepdims=True)).astype(np.float32)
    for name, part in (("a.pkl", rows[90:300]), ("b.pkl", rows)):
        (tmp_path / name).write_bytes(pickle.dumps(part, protocol=2))
    ended = run("a.mp4", "b.mp4", "--features", tmp_path / "a.pkl", tmp_path / "b.pkl")
    assert ended.status == 0, ended.out + ended.err
    assert ended.out.startswith("a.mp4 starts 6.0")


# ------------------------------------------------------------------ odd videos


def test_the_same_file_twice(run, folder):
    ended = run(folder / "whole.mp4", folder / "whole.mp4", "--json", "-")
    answer = json.loads(ended.out)
    assert (ended.status, answer["matched"]) == (0, True)
    assert answer["offset_s"] == pytest.approx(0, abs=1e-3)
    assert answer["speed"] == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    "picture",
    [
        "testsrc2=s=160x120:r=25:d=0.4",
        "color=black:s=160x120:r=25:d=6",
        "color=gray:s=160x120:r=25:d=6,drawbox=30:30:60:40:red:fill",
        "testsrc2=s=160x120:r=25:d=0.04",
    ],
    ids=["shorter than a second", "black", "one frame repeated", "a single frame"],
)
def test_videos_with_little_in_them_do_not_match(run, folder, tmp_path, picture):
    _ffmpeg("-f", "lavfi", "-i", picture, tmp_path / "odd.mp4")
    ended = run(
        *(tmp_path / "odd.mp4", folder / "whole.mp4"),
        *("--report", tmp_path / "r.html", "--plot", tmp_path / "p.png"),
    )
    assert ended.status == 1, ended.out + ended.err
    assert (tmp_path / "r.html").exists()
    advice = [line for line in ended.out.splitlines() if "min" in line]
    assert all("; try --min-overlap 0." in line for line in advice)
    assert len(advice) == ("d=0" in picture)


def test_portrait_against_landscape(run, folder, tmp_path):
    """A phone held upright shows the middle of it."""
    upright = tmp_path / "upright.mp4"
    _ffmpeg("-ss", "2", "-i", folder / "whole.mp4", "-vf", "crop=ih:ih,pad=iw:2*ih", upright)
    ended = run(upright, folder / "whole.mp4", "--json", "-", "--side_by_side", tmp_path / "s.mp4")
    assert json.loads(ended.out)["duration_a_s"] == pytest.approx(8, abs=0.05)
    assert ended.status in (0, 1)  # a sensible answer either way, and no error


# ------------------------------------------------------------------ bad input


def test_a_missing_video(run, folder, tmp_path):
    _is_one_line(run(tmp_path / "no.mp4", folder / "whole.mp4"), "no.mp4", "no such file")


def test_what_is_no_video(run, folder, tmp_path):
    (tmp_path / "text.mp4").write_text("hello\n" * 100)
    _is_one_line(run(folder / "whole.mp4", tmp_path / "text.mp4"), "text.mp4")
    (tmp_path / "empty.mp4").touch()
    _is_one_line(run(folder / "whole.mp4", tmp_path / "empty.mp4"), "empty.mp4", "empty")
    _is_one_line(run(folder / "whole.mp4", tmp_path), "is a folder")


def test_a_truncated_video(run, folder, tmp_path):
    cut = tmp_path / "cut.mp4"
    cut.write_bytes((folder / "whole.mp4").read_bytes()[:20_000])
    _is_one_line(run(cut, folder / "whole.mp4"), "cut.mp4")


def test_sound_without_a_picture(run, folder, tmp_path):
    _ffmpeg("-f", "lavfi", "-i", "sine=d=2", tmp_path / "sound.mp4")
    _is_one_line(run(tmp_path / "sound.mp4", folder / "whole.mp4"), "sound.mp4: has no picture")
    answer = run(tmp_path / "sound.mp4", folder / "whole.mp4", "--by", "picture")
    _is_one_line(answer, "no video stream")
    answer = run(tmp_path / "sound.mp4", folder / "whole.mp4", "--by", "sound")
    _is_one_line(answer, "whole.mp4: has no sound track")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--bogus"], "--bogus: no such option"),
        (["--backbone", "vgg"], "vgg"),
        (["--min_overlap", "nan"], "--min-overlap"),
        (["--min_overlap", "-1"], "--min-overlap"),
        (["--min_overlap", "7"], "--min-overlap 7: the shorter video is only 6.0"),
        (["--min-confidence", "1.5"], "--min-confidence 1.5"),
        (["--plot", "x.docx"], "x.docx"),
        (["--report", "x.mp4"], "must end in .html or .htm"),
        (["--side_by_side", "x.avi"], "must end in .mp4"),
        (["--edl", "x.otio"], "must end in .edl"),
        (["--otio", "x"], "must end in .otio"),
        (["--edl", "."], "is a folder"),
        (["--edl", "x.edl", "--otio", "x.edl"], "would overwrite what --edl writes"),
        (["--device", "tpu"], "tpu"),
        (["--features", "a.npz"], "--features"),
    ],
)
def test_bad_options(run, folder, arguments, words):
    _is_one_line(run(folder / "part.mp4", folder / "whole.mp4", *arguments), words)


def test_one_video_is_not_enough(run, folder):
    _is_one_line(run(folder / "part.mp4"), "missing: B", "align --help")


def test_inputs_are_not_overwritten(run, folder):
    before = (folder / "part.mp4").read_bytes()
    ended = run(
        *(folder / "part.mp4", folder / "whole.mp4"),
        *("--side_by_side", folder / ".." / folder.name / "part.mp4"),
    )
    _is_one_line(ended, "would overwrite the input")
    assert (folder / "part.mp4").read_bytes() == before


def test_an_output_that_cannot_be_written(run, folder, tmp_path):
    (tmp_path / "file").touch()
    ended = run(folder / "part.mp4", folder / "whole.mp4", "--edl", tmp_path / "file" / "x.edl")
    _is_one_line(ended, f"{tmp_path / 'file'} is a file, a folder was expected")


def test_features_that_do_not_fit_each_other(run, tmp_path):
    for name, width in (("a.npy", 8), ("b.npy", 16)):
        rows = np.random.default_rng(0).normal(size=(90, width)).astype(np.float32)
        np.save(tmp_path / name, rows / np.linalg.norm(rows, axis=1, keepdims=True))
    ended = run("a.mp4", "b.mp4", "--features", tmp_path / "a.npy", tmp_path / "b.npy")
    _is_one_line(ended, "cannot be compared")


@pytest.mark.parametrize(
    ("package", "option", "name", "extra"),
    [
        ("opentimelineio", "--otio", "x.otio", "otio"),
        ("otio_fcp_adapter", "--xmeml", "x.xml", "editors"),
        ("otio_kdenlive_adapter", "--kdenlive", "x.kdenlive", "editors"),
    ],
)
def test_without_a_package(run, folder, tmp_path, monkeypatch, package, option, name, extra):
    monkeypatch.setitem(sys.modules, package, None)  # as if it were not installed
    ended = run(folder / "part.mp4", folder / "whole.mp4", option, tmp_path / name)
    _is_one_line(ended, f"pip install 'videoalignment[{extra}]'")


# ------------------------------------------------------------------ as a process


def test_names_with_a_dash_and_beyond_ascii(folder, tmp_path):
    for name, source in (("-ä b.mp4", "part.mp4"), ("ö.mp4", "whole.mp4")):
        (tmp_path / name).write_bytes((folder / source).read_bytes())
    command = [*_COMMAND, "--edl", "-x.edl", "--", "-ä b.mp4", "ö.mp4"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert begin_in_words(ended.stdout, "-ä b.mp4") == pytest.approx(BEGIN_S, abs=0.02)
    assert "* FROM CLIP NAME: -ä b.mp4" in (tmp_path / "-x.edl").read_text(encoding="utf-8")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_leaves_nothing_half_written(folder, tmp_path, number):
    """It comes when the first file is there and the second, which takes long, is not."""
    files = ["--json", tmp_path / "x.json", "--side-by-side", tmp_path / "x.mp4"]
    command = [*_COMMAND, folder / "part.mp4", folder / "whole.mp4", *files]
    with subprocess.Popen(
        list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr.readline() == f"wrote {tmp_path / 'x.json'}\n"
        process.send_signal(number)
        _, complaints = process.communicate(timeout=60)
    # Python ends itself by SIGINT where the signal came during an import; shells call that 130 too.
    assert process.returncode in (130, -signal.SIGINT)
    assert complaints == "interrupted; nothing half-written was left behind\n"
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"]
    assert json.loads((tmp_path / "x.json").read_text())["matched"] is True


# ------------------------------------------------------------------ frames and subtitles

CUES = "1\n00:00:04,200 --> 00:00:05,200\nthere\n\n2\n00:00:00,500 --> 00:00:01,500\ngone\n"


def test_frames_and_subtitles(run, folder, tmp_path):
    (tmp_path / "b.srt").write_text(CUES)
    ended = run(
        *(folder / "part.mp4", folder / "whole.mp4", "--frames", tmp_path / "map.csv"),
        *("--subtitles", tmp_path / "b.srt", "--subtitles-out", tmp_path / "a.srt"),
    )
    assert ended.status == 0
    header, *rows = (tmp_path / "map.csv").read_text().splitlines()
    assert header == "frame_a,time_a_s,frame_b,time_b_s,status"
    assert rows[10] == "10,0.400000,90,3.600000,matched"
    text = (tmp_path / "a.srt").read_text()
    begin_s = float(text.splitlines()[1][6:12].replace(",", "."))
    assert begin_s == pytest.approx(4.2 - BEGIN_S, abs=0.02)
    assert "there" in text and "gone" not in text
    assert "1 of 2 cues carried over, 1 left out" in ended.err


def test_neither_is_made_of_videos_that_do_not_match(run, folder, tmp_path):
    (tmp_path / "b.srt").write_text(CUES)
    ended = run(
        *(folder / "other.mp4", folder / "whole.mp4", "--frames", tmp_path / "map.csv"),
        *("--subtitles", tmp_path / "b.srt", "--subtitles-out", tmp_path / "a.srt"),
    )
    assert ended.status == 1
    assert "--frames, --subtitles-out: not written" in ended.err
    assert [file.name for file in tmp_path.iterdir()] == ["b.srt"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--frames", "map.txt"), "--frames map.txt: its name must end in .csv"),
        (("--subtitles", "b.srt"), "--subtitles was given without --subtitles-out"),
        (("--subtitles-out", "a.srt"), "--subtitles-out was given without --subtitles"),
        (("--subtitles", "b.srt", "--subtitles-out", "b.srt"), "would overwrite"),
        (("--subtitles", "b.srt", "--subtitles-out", "a.txt"), "must end in .srt or .vtt or .ass"),
        (("--subtitles", "none.srt", "--subtitles-out", "a.srt"), "none.srt: no such file"),
        (("--subtitles", "x.srt", "--subtitles-out", "a.srt"), "x.srt: holds no cue"),
    ],
)
def test_what_cannot_be_is_refused_before_the_work(run, tmp_path, monkeypatch, options, said):
    monkeypatch.chdir(tmp_path)
    Path("b.srt").write_text(CUES)
    Path("x.srt").write_text("words")
    _is_one_line(run("no_a.mp4", "no_b.mp4", *options), said)
    assert Path("b.srt").read_text() == CUES

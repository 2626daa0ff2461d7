"""`videoalignment align --by`: sounds, pictures, or both, as a user meets them."""

import json
from functools import partial

import numpy as np
import pytest
from bodies import Event, write_film
from ramps import run_ffmpeg
from sounds import event, write_sound

pytestmark = pytest.mark.usefixtures("own_cache")

RATE_HZ = 16_000
BEGIN_S = 4.25


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An event of 20 s as a sound and a video, a part of it that begins late, and another event."""
    folder = tmp_path_factory.mktemp("recordings")
    sound = event(7, 20, RATE_HZ)
    part = sound[int(BEGIN_S * RATE_HZ) :][: 10 * RATE_HZ]
    make = partial(write_sound, rate_hz=RATE_HZ)
    make(folder / "whole.wav", sound)
    make(folder / "film.mp4", sound, picture=True)
    make(folder / "part.mp3", part)
    make(folder / "other.ogg", event(8, 12, RATE_HZ), "-c:a", "libvorbis")
    make(folder / "silent.wav", np.zeros(5 * RATE_HZ, np.float32))
    return folder


@pytest.fixture
def run(run):
    return partial(run, "videoalignment", "align")


def answered(run, *arguments) -> dict:
    """What the command says in JSON."""
    return json.loads(run(*arguments, "--json", "-").out)


@pytest.mark.parametrize("whole", ["whole.wav", "film.mp4"])
def test_sound_recordings_are_placed(run, folder, whole):
    ended = run(folder / "part.mp3", folder / whole)
    assert ended.status == 0
    assert "part.mp3 starts 4.250 s after" in ended.out and "the sounds alone" in ended.out
    document = answered(run, folder / "part.mp3", folder / whole)
    assert document["by"] == "sound" and document["sound_lag_s"] is None
    assert document["offset_s"] == pytest.approx(BEGIN_S, abs=0.002)
    assert document["options"]["by"] == "auto"


@pytest.mark.parametrize("other", ["other.ogg", "silent.wav"])
def test_others_do_not_match(run, folder, other):
    ended = run(folder / "part.mp3", folder / other)
    assert ended.status == 1 and "do not match" in ended.out


def test_videos_are_compared_by_what_is_asked_for(run, folder, tmp_path):
    film = folder / "film.mp4"
    late = tmp_path / "late.mp4"
    run_ffmpeg(*("-ss", "2", "-i", film, "-af", "atrim=start=0", "-c:v", "libx264", late))
    document = answered(run, late, film, "--by", "sound")
    assert document["by"] == "sound"
    assert document["offset_s"] == pytest.approx(2.0, abs=0.03)
    assert answered(run, late, film, "--by", "picture")["by"] == "picture"


def test_plot_and_editors_files_take_sounds_and_a_report_wants_pictures(run, folder, tmp_path):
    plot, report, edl = (tmp_path / name for name in ("a.png", "a.html", "a.edl"))
    for option, path in (("--plot", plot), ("--edl", edl)):
        assert run(folder / "part.mp3", folder / "whole.wav", option, path).status == 0
        assert path.stat().st_size > 0
    ended = run(folder / "part.mp3", folder / "whole.wav", "--report", report)
    assert ended.status == 2 and not report.exists()
    assert "part.mp3: has no picture, which reports, videos side by side" in ended.err
    film = folder / "film.mp4"
    assert run(film, film, "--by", "sound", "--report", report).status == 0
    assert "the sounds alone" in report.read_text(encoding="utf-8")


def test_other_sides_are_placed_by_what_moves_where_sound_cannot_tell(run, tmp_path):
    front = write_film(tmp_path / "front.mp4", Event(11), 0, 0, 18)
    side = write_film(tmp_path / "side.mp4", Event(11), 80, 4.3, 12)
    document = answered(run, side, front)
    assert document["matched"] and document["by"] == "motion"
    assert document["offset_s"] == pytest.approx(4.3, abs=0.06)
    assert answered(run, side, front, "--by", "both")["matched"] is False
    report = tmp_path / "report.html"
    assert run(side, front, "--report", report).status == 0
    assert "what moves, seen from different sides" in report.read_text(encoding="utf-8")


def test_who_hears_different_things_is_not_looked_at_for_what_moves(run, tmp_path):
    films = []
    for side_deg, seed in ((0, 7), (80, 8)):
        silent = write_film(tmp_path / f"{seed}.mp4", Event(11), side_deg, 0, 12)
        write_sound(tmp_path / f"{seed}.wav", event(seed, 12, RATE_HZ), rate_hz=RATE_HZ)
        films.append(tmp_path / f"film{seed}.mp4")
        sounds = ("-i", tmp_path / f"{seed}.wav")
        run_ffmpeg("-i", silent, *sounds, "-c:v", "copy", "-c:a", "aac", films[-1])
    assert answered(run, *films)["matched"] is False
    assert answered(run, *films, "--by", "motion")["matched"] is True


def test_what_does_not_exist_is_refused(run, folder):
    ended = run(folder / "part.mp3", folder / "whole.wav", "--by", "smell")
    assert ended.status == 2 and "--by" in ended.err
    ended = run(folder / "part.mp3", folder / "whole.wav", "--by", "sound", "--features", "a", "b")
    assert ended.status == 2 and "--features" in ended.err

"""The sound of files: when it is heard, whatever container, codec, rate and channels it has."""

import numpy as np
import pytest
from ramps import run_ffmpeg
from sounds import write_sound

from videoalignment.errors import UnusableFileError
from videoalignment.media.probe import probe_media
from videoalignment.media.samples import RATE_HZ, read_samples

CLICK_S = 1.0


def click(rate_hz: int = 48_000, length_s: float = 3.0) -> np.ndarray:
    """Silence, and a click of a millisecond at one second."""
    sound = np.zeros(int(length_s * rate_hz), np.float32)
    sound[int(CLICK_S * rate_hz) : int((CLICK_S + 0.001) * rate_hz)] = 0.7
    return sound


def read(path):
    """All samples of a file, and when they begin."""
    samples = read_samples(path)
    return np.concatenate([block.samples for block in samples]), samples.begin_s


def loudest_s(path) -> float:
    """When the loudest sample of a file is heard, on its pictures' clock."""
    sound, begin_s = read(path)
    return begin_s + int(np.argmax(np.abs(sound))) / RATE_HZ


@pytest.mark.parametrize(
    "name, options",
    [
        ("a.wav", ()),
        ("a.flac", ()),
        ("a.mp3", ()),
        ("a.m4a", ()),
        ("a.ogg", ("-c:a", "libvorbis")),
        ("a.opus", ()),
        ("a.mp4", ()),
        ("a.mkv", ("-c:a", "aac")),
        ("b.mkv", ("-c:a", "libopus")),
        ("a.ts", ("-c:a", "aac")),
        ("a.mpg", ()),
    ],
)
def test_the_delay_of_codecs_and_containers_is_made_up_for(tmp_path, name, options):
    picture = name.endswith(("mp4", "mkv", "ts", "mpg"))
    path = write_sound(tmp_path / name, click(), *options, rate_hz=48_000, picture=picture)
    assert loudest_s(path) == pytest.approx(CLICK_S, abs=0.0015)


@pytest.mark.parametrize("rate_hz", [8000, 11_025, 44_100, 96_000, 192_000])
def test_any_rate_becomes_the_same_clock(tmp_path, rate_hz):
    path = write_sound(tmp_path / "a.wav", click(rate_hz), rate_hz=rate_hz)
    sound, _ = read(path)
    assert len(sound) == pytest.approx(3 * RATE_HZ, abs=2)
    assert loudest_s(path) == pytest.approx(CLICK_S, abs=0.0015)


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
@pytest.mark.parametrize("late", ["picture", "sound"])
def test_what_begins_late_is_late(tmp_path, suffix, late):
    whole = write_sound(tmp_path / "a.mp4", click(), rate_hz=48_000, picture=True)
    delays = {"picture": ("-itsoffset", "0.5"), "sound": ()}, {"sound": ("-itsoffset", "0.5")}
    path = tmp_path / f"late.{suffix}"
    inputs = [
        *(*delays[0].get(late, ()), "-i", str(whole)),
        *(*delays[1].get(late, ()), "-i", str(whole)),
    ]
    run_ffmpeg(*inputs, "-map", "0:v", "-map", "1:a", "-c", "copy", str(path))
    expected_s = CLICK_S + (0.5 if late == "sound" else -0.5)
    assert loudest_s(path) == pytest.approx(expected_s, abs=0.0015)


def test_a_gap_is_silence_of_its_length(tmp_path):
    path = tmp_path / "gap.mkv"
    sound = click()
    sound[: 48_000 // 2] = 0.1
    whole = write_sound(tmp_path / "a.wav", sound, rate_hz=48_000)
    dropped = "aselect='not(between(t,0.25,0.75))'"
    run_ffmpeg("-i", str(whole), "-af", dropped, "-c:a", "pcm_s16le", str(path))
    assert loudest_s(path) == pytest.approx(CLICK_S, abs=0.0015)


def test_a_channel_in_antiphase_does_not_cancel_the_other(tmp_path):
    one = np.random.default_rng(0).normal(size=(48_000, 1)).astype(np.float32) * 0.1
    turned, _ = read(write_sound(tmp_path / "b.wav", np.hstack([one, -one]), rate_hz=48_000))
    alike, _ = read(write_sound(tmp_path / "c.wav", np.hstack([one, one]), rate_hz=48_000))
    assert np.std(turned) == pytest.approx(np.std(alike), rel=0.01)


def test_many_channels_are_mixed(tmp_path):
    sound = np.zeros((48_000, 12), np.float32)
    sound[:, 0] = np.random.default_rng(0).normal(size=48_000) * 0.1
    mixed, _ = read(write_sound(tmp_path / "a.wav", sound, rate_hz=48_000))
    assert np.std(mixed) > 0.005


def test_reading_twice_gives_the_same(tmp_path):
    samples = read_samples(write_sound(tmp_path / "a.mp3", click(), rate_hz=48_000))
    one, other = (np.concatenate([b.samples for b in samples]) for _ in range(2))
    assert np.array_equal(one, other)


def test_what_a_file_holds(tmp_path):
    sound = write_sound(tmp_path / "a.wav", click(8000))
    film = write_sound(tmp_path / "a.mp4", click(8000), picture=True)
    mute = tmp_path / "mute.mp4"
    run_ffmpeg("-i", str(film), "-an", str(mute))
    held = [(i.has_picture, i.has_sound) for i in map(probe_media, (sound, film, mute))]
    assert held == [(False, True), (True, True), (True, False)]


def test_a_file_without_sound_is_named(tmp_path):
    film = write_sound(tmp_path / "a.mp4", click(8000), picture=True)
    mute = tmp_path / "mute.mp4"
    run_ffmpeg("-i", str(film), "-an", str(mute))
    with pytest.raises(UnusableFileError, match=r"mute\.mp4: has no sound"):
        read_samples(mute)


def test_what_is_no_recording_is_named(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(np.random.default_rng(0).bytes(5000))
    with pytest.raises(UnusableFileError, match=r"a\.wav: is not a video or a sound file"):
        read_samples(path)


def test_a_file_that_breaks_off_keeps_what_is_there(tmp_path):
    whole = write_sound(tmp_path / "a.mp3", click(), rate_hz=48_000)
    path = tmp_path / "cut.mp3"
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    sound, _ = read(path)
    assert RATE_HZ < len(sound) < 2 * RATE_HZ


def test_a_small_file_cannot_claim_years_of_sound(tmp_path):
    sound = write_sound(tmp_path / "a.wav", click(8000))
    path = tmp_path / "hostile.mkv"
    late = "asetpts='PTS+if(gt(N,3),9e4/TB,0)'"
    run_ffmpeg("-i", str(sound), "-af", late, "-c:a", "pcm_s16le", str(path))
    with pytest.raises(UnusableFileError, match="time stamps run away"):
        for _ in read_samples(path):
            pass

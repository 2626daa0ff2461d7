"""Whitened sound: the same however it comes, without hum, and kept by content."""

import numpy as np
import pytest
from ramps import run_ffmpeg
from sounds import RATE_HZ, event, heard, write_sound

from videoalignment.errors import FeatureMismatchError, OptionError, UnusableFileError
from videoalignment.features.sound import extract_sound, whiten
from videoalignment.features.sound_features import SoundFeatures, SoundRecipe
from videoalignment.features.sound_store import cached_sound, read_sound
from videoalignment.features.sound_store import write_sound as write_features
from videoalignment.media.samples import read_samples

RECIPE = SoundRecipe()


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("VIDEOALIGNMENT_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize("parts", [2, 7, 300])
def test_how_sound_is_cut_into_blocks_changes_nothing(parts):
    sound = event(1, 80)
    whole = whiten([sound], RECIPE)
    cut = whiten(np.array_split(sound, parts), RECIPE)
    assert np.array_equal(whole[0], cut[0])
    assert np.array_equal(whole[1], cut[1])


@pytest.mark.parametrize("samples", [1, 100, 1023, 1025])
def test_a_moment_of_sound_is_enough(samples):
    features = heard(event(0, 1)[:samples])
    assert len(features.whitened) == samples


def test_loudness_changes_nothing_but_the_levels():
    sound = event(2, 10)
    loud, quiet = heard(sound), heard(sound / 8)
    assert np.abs(loud.whitened.astype(int) - quiet.whitened).mean() < 0.5
    difference = loud.levels_db.astype(float) - quiet.levels_db
    assert np.median(difference) == pytest.approx(20 * np.log10(8), abs=0.1)


def test_a_hum_leaves_little_and_silence_nothing():
    times_s = np.arange(10 * RATE_HZ) / RATE_HZ
    hum = sum(0.1 * np.sin(2 * np.pi * 50 * k * times_s) for k in range(1, 30))
    middle = slice(RATE_HZ, -RATE_HZ)
    assert heard(hum).whitened[middle].std() < heard(event(0, 10)).whitened[middle].std() / 4
    assert not heard(np.zeros(RATE_HZ)).whitened.any()
    assert heard(np.zeros(RATE_HZ)).silent


def test_what_is_sounding_is_told_from_a_recordings_own_silence():
    sound = np.concatenate([event(0, 5), np.zeros(5 * RATE_HZ, np.float32)])
    sounding = heard(sound, noise=1e-5).sounding
    assert sounding[:200].mean() > 0.8
    assert sounding[-200:].mean() < 0.05


def test_the_first_track_that_is_heard_is_taken(tmp_path):
    heard_one = write_sound(tmp_path / "a.wav", event(3, 4))
    mute = write_sound(tmp_path / "mute.wav", np.zeros(4 * RATE_HZ, np.float32))
    both = tmp_path / "both.mkv"
    files = "-i", str(mute), "-i", str(heard_one)
    run_ffmpeg(*files, "-map", "0:a", "-map", "1:a", "-c:a", "pcm_s16le", str(both))
    assert np.array_equal(extract_sound(both).whitened, extract_sound(heard_one).whitened)
    assert extract_sound(mute).silent
    with pytest.raises(OptionError, match=r"`track` 2: .*both\.mkv has 2"):
        read_samples(both, 2)


def test_sound_is_kept_by_content(tmp_path):
    path = write_sound(tmp_path / "a.wav", event(3, 4))
    made = cached_sound(path)
    (kept,) = (tmp_path / "cache" / "sound").iterdir()
    stamp = kept.stat().st_mtime_ns
    again = cached_sound(path.rename(tmp_path / "renamed.wav"))
    assert np.array_equal(made.whitened, again.whitened)
    assert made.begin_s == again.begin_s and made.recipe == again.recipe
    assert kept.stat().st_mtime_ns == stamp


def test_a_damaged_file_in_the_cache_is_made_anew(tmp_path):
    path = write_sound(tmp_path / "a.wav", event(3, 4))
    made = cached_sound(path)
    (kept,) = (tmp_path / "cache" / "sound").iterdir()
    kept.write_bytes(kept.read_bytes()[:1000])
    assert np.array_equal(cached_sound(path).whitened, made.whitened)
    assert np.array_equal(read_sound(kept).whitened, made.whitened)


def test_what_is_no_file_of_sound_is_named(tmp_path):
    path = tmp_path / "a.npz"
    path.write_bytes(b"PK and nothing")
    with pytest.raises(UnusableFileError, match=r"a\.npz: not a readable file of sound"):
        read_sound(path)
    np.savez(path, whitened=np.zeros(9, np.int8), levels_db=np.zeros(1, np.float16), about="[]")
    with pytest.raises(UnusableFileError, match=r"a\.npz"):
        read_sound(path)


def test_features_survive_their_file(tmp_path):
    features = heard(event(4, 3), begin_s=-0.25)
    write_features(tmp_path / "a.npz", features)
    again = read_sound(tmp_path / "a.npz")
    assert again.begin_s == -0.25 and again.recipe == features.recipe
    assert np.array_equal(again.levels_db, features.levels_db)


@pytest.mark.parametrize(
    "change",
    [
        {"whitened": np.zeros(100, np.int16)},
        {"whitened": np.zeros(0, np.int8)},
        {"levels_db": np.zeros(3, np.float16)},
        {"levels_db": np.full(1, np.nan, np.float16)},
        {"begin_s": float("nan")},
        {"recipe": None},
    ],
)
def test_impossible_features_are_refused(change):
    good = {
        "whitened": np.zeros(100, np.int8),
        "levels_db": np.zeros(1, np.float16),
        "begin_s": 0.0,
        "recipe": RECIPE,
    }
    assert SoundFeatures(**good).length_s == pytest.approx(0.0125)
    with pytest.raises(OptionError, match=next(iter(change))):
        SoundFeatures(**{**good, **change})


def test_other_recipes_are_not_compared():
    other = SoundRecipe(usual_s=1.0)
    assert other.digest != RECIPE.digest
    features = SoundFeatures(np.zeros(100, np.int8), np.zeros(1, np.float16), 0.0, other)
    with pytest.raises(FeatureMismatchError, match="whitened in different ways"):
        features.check_comparable(heard(event(0, 1)))
    with pytest.raises(OptionError, match="window"):
        SoundRecipe(window=0)

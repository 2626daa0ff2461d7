"""Aligning by sound: known truth found to a fraction of a millisecond, and nothing invented."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sounds import RATE_HZ, event, heard

from videoalignment.align.sound import Heard, align_sound
from videoalignment.align.sound.decide import CALIBRATION
from videoalignment.align.sound.settings import SETTINGS
from videoalignment.errors import FeatureMismatchError
from videoalignment.features.sound_features import SoundFeatures, SoundRecipe

EVENT = event(11, 60)


def cut(begin_s: float, length_s: float, **options) -> SoundFeatures:
    """A recording of the event from a moment on."""
    return heard(heard_from(begin_s, length_s), **options)


def heard_from(from_s: float, length_s: float) -> np.ndarray:
    begin = round(from_s * RATE_HZ)
    return EVENT[begin : begin + round(length_s * RATE_HZ)]


def retimed(sound: np.ndarray, rate: float) -> np.ndarray:
    """What a recorder hears whose clock says t when it is rate * t: linear interpolation."""
    places = np.arange(int(len(sound) / rate)) * rate
    return np.interp(places, np.arange(len(sound)), sound).astype(np.float32)


def test_the_decision_was_fitted_with_these_settings():
    """Who changes a setting fits the decision anew: python -m benchmarks.calibrate_sound."""
    assert CALIBRATION.settings == SETTINGS.digest


@pytest.mark.parametrize(
    "begin_a_s, length_a_s, begin_b_s, length_b_s",
    [(10, 12, 4, 30), (4, 30, 10, 12), (0, 20, 14, 20), (14, 20, 0, 20), (5, 8, 5, 8)],
)
def test_recordings_are_placed(begin_a_s, length_a_s, begin_b_s, length_b_s):
    a = cut(begin_a_s, length_a_s, noise=0.02, seed=1)
    b = cut(begin_b_s, length_b_s, noise=0.02, seed=2)
    alignment = align_sound(a, b)
    assert alignment.matched
    assert alignment.time_map.to_b(4.0) == pytest.approx(4 + begin_a_s - begin_b_s, abs=2e-4)


def test_clocks_that_run_apart_are_measured():
    rate = 1 + 90e-6
    a, b = heard(retimed(EVENT, rate), noise=0.01, seed=1), heard(EVENT, noise=0.01, seed=2)
    alignment = align_sound(a, b)
    assert alignment.matched
    assert alignment.speed == pytest.approx(rate, abs=5e-6)
    assert alignment.time_map.to_b(50.0) == pytest.approx(50 * rate, abs=3e-4)


@pytest.mark.parametrize("rate", [1 - 160e-6, 1 + 160e-6])
@pytest.mark.parametrize("length_s", [6.0, 7.0])
def test_clocks_are_measured_in_short_overlaps_too(rate, length_s):
    """Two clocks that are 80 millionths off, each to its side, are not usual, and yet heard."""
    a = heard(retimed(heard_from(20, length_s), rate), noise=0.01, seed=1)
    b = cut(20 - 12, length_s + 12, noise=0.01, seed=2)
    alignment = align_sound(a, b)
    assert alignment.speed == pytest.approx(rate, abs=3e-5)
    for at_s in (0.0, length_s):
        assert alignment.time_map.to_b(at_s) == pytest.approx(12 + rate * at_s, abs=2e-4)


def test_noise_louder_than_the_event_is_no_obstacle():
    loud = 2 * float(np.std(EVENT))
    a, b = cut(10, 20, noise=loud, seed=1), cut(3, 40, noise=loud, seed=2)
    alignment = align_sound(a, b)
    assert alignment.matched
    assert alignment.offset_s == pytest.approx(7, abs=1e-3)


def test_a_microphone_wired_the_other_way_round_is_none_either():
    a, b = cut(10, 20), heard(-EVENT)
    assert align_sound(a, b).time_map.to_b(5.0) == pytest.approx(15, abs=2e-4)


def test_each_recordings_clock_counts():
    a, b = heard(heard_from(10, 20), begin_s=0.5), heard(heard_from(0, 40), begin_s=-0.25)
    # A's sound at 10.5 s of the event is its moment 1.0, and B's moment 10.25
    assert align_sound(a, b).time_map.to_b(1.0) == pytest.approx(10.25, abs=2e-4)


@given(lead_s=st.floats(0, 5), gain=st.floats(0.01, 1), noise=st.floats(0, 0.03))
@settings(max_examples=8)
def test_added_silence_shifts_and_gain_does_nothing(lead_s, gain, noise):
    lead = np.zeros(round(lead_s * RATE_HZ), np.float32)
    a = heard(np.concatenate([lead, gain * EVENT[: 15 * RATE_HZ]]))
    b = cut(5, 30, noise=noise, seed=3)
    alignment = align_sound(a, b)
    assert alignment.matched
    expected_s = 10 - len(lead) / RATE_HZ - 5
    assert alignment.time_map.to_b(10.0) == pytest.approx(expected_s, abs=3e-4)


@given(seeds=st.tuples(st.integers(0, 3), st.integers(0, 3)), length_s=st.floats(2, 12))
@settings(max_examples=8)
def test_exchanging_the_two_inverts_the_answer(seeds, length_s):
    a, b = heard(event(seeds[0], 10)), heard(event(seeds[1], length_s), begin_s=0.125)
    there, back = align_sound(a, b), align_sound(b, a).inverse()
    assert back.confidence == there.confidence
    assert back.offset_s == pytest.approx(there.offset_s, abs=1e-9)
    assert back.speed == pytest.approx(there.speed, abs=1e-12)


def test_the_intervals_hold_the_truth():
    inside = []
    for seed in range(12):
        a = cut(10 + seed, 15, noise=0.05, seed=seed)
        b = cut(5, 40, noise=0.05, seed=100 + seed)
        alignment = align_sound(a, b)
        at_s = alignment.uncertainty.best_at_s
        error_s = abs(alignment.time_map.to_b(at_s) - (at_s + 5 + seed))
        inside.append(error_s <= alignment.uncertainty.place_s)
        assert abs(alignment.speed - 1) < 3 * alignment.uncertainty.speed
    assert np.mean(inside) >= 0.9


# ------------------------------------------------------------------ what must not match


def test_unrelated_recordings_do_not_match():
    sounds = [Heard(heard(event(seed, 15), noise=0.02, seed=seed)) for seed in range(20, 28)]
    answers = [align_sound(a, b) for a in sounds for b in sounds if a is not b]
    assert not any(answer.matched for answer in answers)


def test_silence_is_no_evidence():
    silent = heard(np.zeros(10 * RATE_HZ))
    for other in (silent, cut(0, 10)):
        alignment = align_sound(silent, other)
        assert not alignment.matched and alignment.confidence == 0


def hum(length_s: float, phase: float) -> np.ndarray:
    times_s = np.arange(int(length_s * RATE_HZ)) / RATE_HZ
    waves = (np.sin(2 * np.pi * 50 * k * times_s + phase * k) / k for k in range(1, 40))
    return np.asarray(sum(waves), np.float32)


@pytest.mark.parametrize("loud", [0.05, 0.5])
def test_the_same_hum_does_not_match(loud):
    a = heard(event(31, 25) + loud * hum(25, 0.0), noise=0.003, seed=1)
    b = heard(event(32, 25) + loud * hum(25, 1.0), noise=0.003, seed=2)
    assert not align_sound(a, b).matched


def test_the_same_jingle_in_unrelated_recordings_does_not_match():
    jingle = event(40, 3)
    a, b = event(41, 25), event(42, 25)
    a[4 * RATE_HZ : 7 * RATE_HZ] = jingle
    b[11 * RATE_HZ : 14 * RATE_HZ] = jingle
    alignment = align_sound(heard(a, noise=0.01, seed=1), heard(b, noise=0.01, seed=2))
    assert not alignment.matched


def test_clicks_at_equal_distances_do_not_match():
    def ticking(seed: int, every_s: float) -> np.ndarray:
        sound = 0.01 * np.random.default_rng(seed).normal(size=20 * RATE_HZ)
        for begin in np.arange(0.2, 19.5, every_s):
            sound[int(begin * RATE_HZ) : int(begin * RATE_HZ) + 16] += 0.5
        return sound.astype(np.float32)

    assert not align_sound(heard(ticking(1, 0.5)), heard(ticking(2, 0.5))).matched


@pytest.mark.parametrize("loud", [1.4, 3.0])
def test_of_music_that_repeats_itself_the_true_place_is_found(loud):
    """A loop that plays all the time, with a voice over it: only one place has both."""
    music = over_a_loop(EVENT, loud)
    a = heard(music[11 * RATE_HZ : 31 * RATE_HZ], noise=0.02, seed=1)
    b = heard(music[: 50 * RATE_HZ], noise=0.02, seed=2)
    alignment = align_sound(a, b)
    assert alignment.matched
    assert alignment.offset_s == pytest.approx(11, abs=1e-3)


def over_a_loop(sound: np.ndarray, loud: float, loop_s: int = 4) -> np.ndarray:
    """A sound with a loop all along it, so many times as loud."""
    loop = event(50, loop_s)
    return (loud * np.resize(loop, len(sound)) + sound).astype(np.float32)


@pytest.mark.parametrize("loop_s", [1, 3])
@pytest.mark.parametrize("loud", [0.5, 1.0, 3.0])
def test_the_same_loop_under_other_sounds_does_not_match(loud, loop_s):
    a = over_a_loop(event(61, 20), loud, loop_s)
    b = over_a_loop(event(62, 30), loud, loop_s)[RATE_HZ // 2 :]
    assert not align_sound(heard(a, noise=0.01), heard(b, noise=0.01, seed=1)).matched


def test_two_moments_of_one_piece_over_a_loop_do_not_match():
    music = over_a_loop(EVENT, 2.0)
    a, b = music[: 20 * RATE_HZ], music[26 * RATE_HZ : 56 * RATE_HZ]
    assert not align_sound(heard(a, noise=0.01), heard(b, noise=0.01, seed=1)).matched


def test_a_loop_alone_leaves_the_place_open():
    """And the answer names other turns of it, from either side."""
    loop = np.tile(event(50, 2), 15)
    a = heard(loop[3 * RATE_HZ : 15 * RATE_HZ], noise=0.01, seed=1)
    b = heard(loop, noise=0.01, seed=2)
    for one, other in ((a, b), (b, a)):
        alignment = align_sound(one, other)
        assert not alignment.matched
        turns = [rival.offset_s - alignment.offset_s for rival in alignment.rivals]
        assert turns
        assert np.allclose(np.array(turns) / 2, np.rint(np.array(turns) / 2), atol=1e-3)
        assert 0 not in np.rint(turns)


def test_what_is_told_apart_names_no_rival():
    alignment = align_sound(cut(10, 20, noise=0.02, seed=1), heard(EVENT, noise=0.02, seed=2))
    assert alignment.matched and alignment.rivals == ()


def test_sounds_whitened_in_other_ways_are_refused():
    other = SoundFeatures(
        np.zeros(100, np.int8), np.zeros(1, np.float16), 0.0, SoundRecipe(usual_s=1.0)
    )
    with pytest.raises(FeatureMismatchError):
        align_sound(other, cut(0, 5))

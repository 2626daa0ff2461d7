"""Refinement against trying every line, and what must hold of it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moving import Scene, filmed

from videoalignment.align.footage import Footage
from videoalignment.align.lines import WhitenedPair
from videoalignment.align.refine import refine
from videoalignment.align.search import Candidate
from videoalignment.align.settings import SETTINGS
from videoalignment.align.shear import peaks
from videoalignment.time_map import TimeMap

SCENE = Scene(1)


def filmed_pair(truth: TimeMap, length_s: float = 12.0) -> WhitenedPair:
    a = filmed(lambda t: SCENE(truth.to_b(t)), length_s, 30, noise=0.02)
    return WhitenedPair.of(a, filmed(SCENE, 40, 25, noise=0.02, seed=9))


def slow_correlation(a: Footage, b: Footage, line: TimeMap) -> float:
    """Mean over A's windows of their correlation with B on a line, 40 moments each, one by one."""
    total = []
    for begin_s in np.arange(a.begin_s, a.end_s - 1.5 + 1e-9, 1.5):
        times_s = begin_s + np.linspace(0, 1.5, 41)
        one, other = a.averaged(times_s), b.averaged(line.to_b(times_s))
        one, other = one - one.mean(axis=0), other - other.mean(axis=0)
        total.append((one * other).sum() / np.sqrt((one**2).sum() * (other**2).sum()))
    return float(np.mean(total))


@pytest.mark.parametrize("speed", [1.0, 1.07])
def test_no_line_nearby_fits_better(speed):
    """Against a slow search over a grid of lines around the answer."""
    pair = filmed_pair(TimeMap(9.3, speed))
    fit = refine(pair.a, pair.b, Candidate(TimeMap(9.5, speed * 1.01), 0.0, 12.0))
    best = slow_correlation(pair.a, pair.b, fit.time_map)
    middle_s = 6.0
    for shift_s in (-0.2, -0.05, 0.0, 0.05, 0.2):
        for change in (-0.03, -0.01, 0.0, 0.01, 0.03):
            offset_s = fit.time_map.offset_s + shift_s - change * middle_s
            other = TimeMap(offset_s, fit.time_map.speed + change)
            assert slow_correlation(pair.a, pair.b, other) <= best + 1e-3


@settings(max_examples=15)
@given(
    off_s=st.floats(-0.3, 0.3),
    speed_factor=st.floats(0.98, 1.02),
    speed=st.sampled_from([1.0, 24 / 25, 1.13]),
)
def test_wherever_it_starts_it_ends_at_the_truth(off_s, speed_factor, speed):
    truth = TimeMap(9.3, speed)
    pair = filmed_pair(truth)
    start_speed = speed * speed_factor
    start = TimeMap(truth.to_b(6.0) + off_s - 6.0 * start_speed, start_speed)
    fit = refine(pair.a, pair.b, Candidate(start, 0.0, 12.0))
    assert fit.time_map.apart_s(truth, 6.0) < 0.008
    assert fit.time_map.speed == pytest.approx(speed, abs=0.002)
    if speed in SETTINGS.known_speeds:
        assert fit.time_map.speed == speed
    assert 0.9 < fit.correlation <= 1


def test_only_what_both_have_is_fitted():
    """A begins 3 s before B and is asked about as a whole."""
    a = filmed(lambda t: SCENE(t - 3.0), 12, 30)
    pair = WhitenedPair.of(a, filmed(SCENE, 40, 25, seed=9))
    fit = refine(pair.a, pair.b, Candidate(TimeMap(-2.9), 0.0, 12.0))
    assert (fit.begin_a_s, fit.end_a_s) == pytest.approx((3.0, 12.0), abs=0.15)
    assert fit.time_map.offset_s == pytest.approx(-3.0, abs=0.01)


@given(place=st.floats(-1.4, 1.4), height=st.floats(-5, 5), curvature=st.floats(0.1, 10))
def test_the_peak_of_a_parabola_is_found_between_steps(place, height, curvature):
    steps = np.linspace(-2, 2, 9)
    curve = height - curvature * (steps - place) ** 2
    assert peaks(curve[None], steps)[0] == pytest.approx(place, abs=1e-6)


def test_a_peak_at_the_edge_stays_there():
    steps = np.linspace(-2, 2, 9)
    np.testing.assert_array_equal(peaks(np.stack([steps, -steps]), steps), [2, -2])


@pytest.mark.parametrize("fps", [10, 25])
@pytest.mark.parametrize("share", [0.25, 0.5])
def test_frames_taken_between_the_others_frames(fps, share):
    """Two cameras of one frame rate, whose frames never meet."""
    truth = TimeMap(9.0 + share / fps)
    a = filmed(lambda t: SCENE(truth.to_b(t)), 20, fps, noise=0.02)
    pair = WhitenedPair.of(a, filmed(SCENE, 40, fps, noise=0.02, seed=9))
    fit = refine(pair.a, pair.b, Candidate(TimeMap(9.1), 0.0, 20.0))
    assert fit.time_map.speed == 1
    assert fit.time_map.apart_s(truth, 10.0) < 0.1 / fps

"""Views of one event placed together by the curves of their pairs, on made-up curves."""

import itertools

import numpy as np
import pytest

from videoalignment.align.motion.search import Curve
from videoalignment.align.motion.together import place_together
from videoalignment.align.motion.worth import worth

STEP_S = 0.05
BEGINS_S = (0.0, 4.3, -2.1, 7.75)


def curve(peaks: dict[float, float], seed: int, reach_s: float = 15.0) -> Curve:
    """A curve that fluctuates as curves do, with peaks of some heights at some offsets."""
    count = round(2 * reach_s / STEP_S) + 1
    offsets_s = STEP_S * (np.arange(count) - count // 2)
    noise = np.random.default_rng(seed).normal(0, 0.25, count)
    bumps = [h * np.exp(-0.5 * ((offsets_s - at) / 0.06) ** 2) for at, h in peaks.items()]
    contrast = noise + np.sum(bumps, axis=0) if bumps else noise
    return Curve(offsets_s, contrast, contrast, contrast)


def views(count: int, right: float, wrong: float = 0.0, seed: int = 0) -> dict:
    """Curves of all pairs: a peak at the truth, and another one, alone with it, anywhere."""
    generator = np.random.default_rng(seed)
    curves = {}
    for a, b in itertools.combinations(range(count), 2):
        peaks = {BEGINS_S[a] - BEGINS_S[b]: right}
        if wrong:
            peaks[float(generator.uniform(-13, 13))] = wrong
        curves[a, b] = [curve(peaks, int(generator.integers(1000)))]
    return curves


def off_s(together, count: int) -> float:
    """How far the two that are placed worst are off."""
    return max(
        abs(together.begins_s[a] - together.begins_s[b] - (BEGINS_S[a] - BEGINS_S[b]))
        for a, b in itertools.combinations(range(count), 2)
    )


@pytest.mark.parametrize("count", [2, 3, 4])
def test_clear_views_are_placed(count):
    (together,) = place_together(views(count, right=7.0), count)
    assert sorted(together.begins_s) == [*range(count)]
    assert off_s(together, count) < 0.03
    assert min(together.probability.values()) > 0.8


@pytest.mark.parametrize("seed", range(5))
def test_places_that_agree_round_loops_win_over_higher_peaks(seed):
    curves = views(4, right=3.8, wrong=4.0, seed=seed)
    assert place_together({(0, 1): curves[0, 1]}, 2)[0].probability[0, 1] < 0.6
    together = place_together(curves, 4)[0]
    assert sorted(together.begins_s) == [0, 1, 2, 3]
    assert off_s(together, 4) < 0.06
    assert min(together.probability.values()) > 0.65


def test_the_likeliest_of_all_placements_of_three_is_found():
    curves = views(3, right=4.0, wrong=4.4, seed=3)
    together = place_together(curves, 3)[0]
    said = {pair: worth(between[0]) for pair, between in curves.items()}
    reach = range(-300, 301)
    best = max(
        (said[0, 1].at(ab) + said[0, 2].at(ac) + said[1, 2].at(ac - ab), ab, ac)
        for ab in reach
        for ac in reach
        if -300 <= ac - ab <= 300
    )
    found = [together.begins_s[0] - together.begins_s[body] for body in (1, 2)]
    assert found == pytest.approx([STEP_S * best[1], STEP_S * best[2]], abs=2 * STEP_S)


@pytest.mark.parametrize("seed", range(10))
def test_strangers_stay_apart(seed):
    generator = np.random.default_rng(seed)
    curves = {
        pair: [curve({float(generator.uniform(-13, 13)): 1.5}, int(generator.integers(1000)))]
        for pair in itertools.combinations(range(4), 2)
    }
    for together in place_together(curves, 4):
        assert max(together.probability.values()) < 0.5


def test_what_repeats_itself_has_no_place():
    peaks = {float(at): 6.0 for at in np.arange(-12.0, 13.0, 2.0)}
    curves = {pair: [curve(peaks, 5)] for pair in itertools.combinations(range(3), 2)}
    for together in place_together(curves, 3):
        assert max(together.probability.values()) < 0.5


def test_two_events_are_placed_apart():
    first, second = views(2, right=6.0), views(2, right=6.0, seed=1)
    others = [pair for pair in itertools.combinations(range(4), 2) if pair not in ((0, 1), (2, 3))]
    curves = {(0, 1): first[0, 1], (2, 3): second[0, 1]}
    curves |= {pair: [curve({}, sum(pair))] for pair in others}
    found = place_together(curves, 4)
    assert sorted(sorted(together.begins_s) for together in found) == [[0, 1], [2, 3]]
    assert all(together.probability.popitem()[1] > 0.5 for together in found)


def test_all_views_of_a_body_speak_for_it():
    # three views that lie fixed to each other see the fourth one dimly
    dim = [curve({BEGINS_S[1]: 3.2}, seed) for seed in range(3)]
    alone = place_together({(0, 1): dim[:1]}, 2)[0]
    together = place_together({(0, 1): dim}, 2)[0]
    assert alone.probability[0, 1] < 0.5 < 0.9 < together.probability[0, 1]
    assert together.begins_s[0] - together.begins_s[1] == pytest.approx(BEGINS_S[1], abs=0.05)


@pytest.mark.parametrize("seed", range(20))
def test_what_is_beyond_doubt_is_no_more_than_certain(seed):
    (together,) = place_together(views(4, right=20.0, seed=seed), 4)
    assert all(0.999 < probability <= 1 for probability in together.probability.values())


def test_nothing_to_compare_places_nothing():
    assert place_together({}, 3) == []


def test_how_clear_a_peak_is_does_not_depend_on_the_order():
    curves = views(3, right=3.4)
    turned = {(2 - b, 2 - a): [one.turned() for one in c] for (a, b), c in curves.items()}
    here, there = (place_together(given, 3)[0] for given in (curves, turned))
    for a, b in itertools.combinations(range(3), 2):
        mirrored = there.begins_s[2 - b] - there.begins_s[2 - a]
        assert here.begins_s[b] - here.begins_s[a] == pytest.approx(mirrored, abs=1e-6)
        assert here.probability[a, b] == pytest.approx(there.probability[2 - b, 2 - a])

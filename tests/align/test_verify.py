"""Likeness and contrast against loops over moments."""

import numpy as np
import pytest
from moving import Scene, filmed

from videoalignment.align.lines import WhitenedPair
from videoalignment.align.refine import Fit
from videoalignment.align.verify import verify
from videoalignment.time_map import TimeMap

SCENE = Scene(3)


def fit(offset_s: float, begin_a_s: float = 0.0, end_a_s: float = 10.0) -> Fit:
    return Fit(TimeMap(offset_s), 0.5, begin_a_s, end_a_s)


def pair(noise: float = 0.1) -> WhitenedPair:
    a = filmed(lambda t: SCENE(t + 4), 10, 30, noise=noise)
    return WhitenedPair.of(a, filmed(SCENE, 30, 25, noise=noise, seed=5))


def slow_verification(two: WhitenedPair, line: Fit) -> tuple[float, float]:
    """One moment after the other, one wrong pairing after the other."""
    length_s = line.end_a_s - line.begin_a_s
    count = int(length_s * 8)
    edges_s = line.begin_a_s + np.arange(count + 1) * length_s / count
    moments_a = [two.a.averaged(edges_s[i : i + 2])[0] for i in range(count)]
    moments_b = [two.b.averaged(line.time_map.to_b(edges_s[i : i + 2]))[0] for i in range(count)]
    moments_a, moments_b = np.array(moments_a, float), np.array(moments_b, float)
    moments_a, moments_b = moments_a - moments_a.mean(axis=0), moments_b - moments_b.mean(axis=0)
    norm = np.sqrt((moments_a**2).sum() * (moments_b**2).sum()) + count / 1000
    pairings = [
        sum(moments_a[i] @ moments_b[(i + turn) % count] for i in range(count)) / norm
        for turn in range(count)
    ]
    step_s = length_s / count
    apart = [pairings[k] for k in range(count) if k * step_s >= 1 and (count - k) * step_s > 1]
    contrast = (pairings[0] - np.mean(apart)) / (np.std(apart) + 0.02)
    return min(max(pairings[0], 0), 1), contrast


@pytest.mark.parametrize("noise", [0.1, 2.0])
@pytest.mark.parametrize("offset_s", [4.0, 9.5])
def test_it_is_the_slow_way(noise, offset_s):
    two = pair(noise)
    found = verify(two.a, two.b, fit(offset_s))
    likeness, contrast = slow_verification(two, fit(offset_s))
    assert found.likeness == pytest.approx(likeness, abs=1e-4)
    assert found.contrast == pytest.approx(contrast, abs=0.002)


def test_the_right_line_stands_out_and_wrong_ones_do_not():
    two = pair()
    assert verify(two.a, two.b, fit(4.0)).contrast > 8
    for offset_s in (0.0, 7.0, 11.0, 15.0):
        assert abs(verify(two.a, two.b, fit(offset_s)).contrast) < 4


def test_likeness_falls_with_noise():
    likeness = [verify(p.a, p.b, fit(4.0)).likeness for p in map(pair, (0.05, 1.0, 3.0))]
    assert likeness == sorted(likeness, reverse=True)
    assert likeness[0] > 0.95
    assert likeness[-1] < 0.8


def test_what_stands_still_is_like_nothing():
    still = filmed(lambda t: np.repeat(SCENE(np.array([3.0])), len(t), 0), 10, 30, noise=0.0)
    two = WhitenedPair.of(still, filmed(SCENE, 30, 25))
    found = verify(two.a, two.b, fit(4.0))
    assert found.likeness < 0.05
    assert found.contrast < 1

"""Shots, by made-up points that are followed until their shot ends."""

import numpy as np
import pytest

from videoalignment.features.shots import longest_shot


def points(shots: list[tuple[float, float]], seed: int = 0, count: int = 200, logo: int = 0):
    """From when to when points are followed: within a shot each, but for those of a logo."""
    generator = np.random.default_rng(seed)
    begins, ends = [], []
    for begin_s, end_s in shots:
        # found every 0.4 s, and lost at any time, most at the end
        begin = begin_s + 0.4 * generator.integers(0, max(1, int((end_s - begin_s) / 0.4)), count)
        begin[: count // 3] = begin_s
        begins.append(begin)
        ends.append(np.minimum(end_s, begin + generator.exponential(4.0, count)))
    begins.append(np.full(logo, shots[0][0]))
    ends.append(np.full(logo, shots[-1][1]))
    begins_s, ends_s = np.concatenate(begins), np.concatenate(ends)
    long = ends_s - begins_s >= 1.5
    return begins_s[long], ends_s[long]


@pytest.mark.parametrize("seed", range(10))
def test_one_shot_is_whole(seed):
    begin_s, end_s = longest_shot(*points([(0.0, 30.0)], seed))
    assert begin_s == 0.0 and end_s == np.inf


@pytest.mark.parametrize("logo", [0, 4])
@pytest.mark.parametrize("seed", range(5))
def test_the_longest_of_several_is_found(seed, logo):
    shots = [(0.0, 6.0), (6.0, 17.5), (17.5, 24.0)]
    begin_s, end_s = longest_shot(*points(shots, seed, logo=logo))
    assert begin_s == pytest.approx(6.0, abs=0.4) and begin_s >= 6.0
    assert end_s == pytest.approx(17.5, abs=0.4) and end_s <= 17.5


def test_the_first_and_the_last_go_to_the_ends():
    assert longest_shot(*points([(0.0, 16.0), (16.0, 20.0)]))[0] == 0.0
    assert longest_shot(*points([(0.0, 4.0), (4.0, 20.0)]))[1] == np.inf


def test_of_few_points_nothing_is_said():
    begins_s, ends_s = np.array([0.0, 5.0]), np.array([4.0, 9.0])
    assert longest_shot(begins_s, ends_s) == (0.0, np.inf)
    assert longest_shot(begins_s[:0], ends_s[:0]) == (0.0, np.inf)

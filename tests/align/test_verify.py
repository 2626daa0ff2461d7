"""Verification: what counts as independent agreement, and what is one coincidence."""

import numpy as np
import pytest
from moving import Scene, filmed

from videoalignment.align import align_features
from videoalignment.align.lines import WhitenedPair
from videoalignment.align.refine import Fit
from videoalignment.align.verify import Verification, independent, verify
from videoalignment.time_map import TimeMap

SCENE, OTHER_SCENE = Scene(1), Scene(2)
BLACK, LIGHT = np.eye(48)[:2] * 60


def fading_in(scene, begin_s, length_s=1.0):
    """A scene that is black up to a moment and comes up within a second."""

    def faded(times_s):
        shown = np.clip((times_s - begin_s) / length_s, 0, 1)[:, None]
        return shown * scene(times_s) + (1 - shown) * BLACK

    return faded


def light(scene):
    """A scene that moves little beside what all light scenes have in common."""
    return lambda times_s: scene(times_s) + LIGHT


def still(scene, at_s):
    """A scene that stands still."""
    return lambda times_s: scene(np.full(len(times_s), at_s))


def cut(first, second, at_s):
    """One scene up to a moment, then another one."""
    return lambda times_s: np.where(times_s[:, None] < at_s, first(times_s), second(times_s))


def verified(scene_a, scene_b, offset_s: float, length_s: float = 8.0) -> Verification:
    """What a line sees that lays A over B at an offset."""
    a, b = filmed(scene_a, length_s, 25, seed=3), filmed(scene_b, 30, 30, seed=4)
    pair = WhitenedPair.of(a, b)
    return verify(pair.a, pair.b, Fit(TimeMap(offset_s), 0.5, 0.0, length_s))


@pytest.mark.parametrize("count", [1, 4, 100])
@pytest.mark.parametrize("size", [0.5, 1000.0])
def test_equal_cells_count_as_many_as_they_are(count, size):
    assert independent(np.full(count, size)) == pytest.approx(count**0.5, rel=0.01)
    assert independent(np.full(count, -size)) == pytest.approx(-(count**0.5), rel=0.01)


def test_one_strong_cell_counts_as_one():
    cells = np.full((40, 8), 1e-3)
    cells[3, 2] = 1000.0
    assert independent(cells) == pytest.approx(1, rel=0.01)


def test_cells_that_agree_by_chance_are_about_normal():
    generator = np.random.default_rng(0)
    sizes = generator.exponential(size=(4000, 60)) ** 3
    values = [independent(cells) for cells in sizes * generator.choice([-1, 1], sizes.shape)]
    assert np.std(values) == pytest.approx(1, abs=0.05)
    assert np.quantile(values, 0.999) < 3.5


def test_shared_footage_agrees_and_goes_on_agreeing():
    seen = verified(lambda t: SCENE(12 + t), SCENE, 12.0)
    assert seen.likeness > 0.9
    assert seen.changes > 8
    assert seen.lasting > 8


def test_a_second_off_nothing_lasts():
    assert verified(lambda t: SCENE(12 + t), SCENE, 13.0).lasting < 3


def test_two_fades_are_one_coincidence():
    seen = verified(fading_in(light(OTHER_SCENE), 2), fading_in(light(SCENE), 7), 5.0)
    assert seen.changes < 4
    assert seen.lasting < 3


@pytest.mark.parametrize("seed", range(4))
def test_fades_match_no_fades_of_others(seed):
    a = filmed(fading_in(Scene(10 + seed), 2), 8, 25, seed=seed)
    b = filmed(fading_in(Scene(20 + seed), 5), 30, 30, seed=9)
    assert not align_features(a, b).matched


@pytest.mark.parametrize("seed", range(4))
def test_a_cut_between_stills_matches_no_other_cut(seed):
    scenes = [Scene(30 + 4 * seed + number) for number in range(4)]
    a = filmed(cut(still(scenes[0], 1), still(scenes[1], 2), 3.0), 7, 25, seed=seed, noise=0.01)
    b = filmed(cut(still(scenes[2], 1), still(scenes[3], 2), 9.0), 20, 30, seed=9, noise=0.01)
    assert not align_features(a, b).matched

"""Footage that repeats itself: the lines from which an answer cannot be told."""

import numpy as np
import pytest
from moving import Scene, filmed

from videoalignment.align import align_features
from videoalignment.align.lines import WhitenedPair
from videoalignment.align.repeats import rival_lines
from videoalignment.time_map import TimeMap

SCENE, WALKER = Scene(1), Scene(2)
TURN_S = 7.0


def turning(times_s):
    """One stretch of a scene, again and again."""
    return SCENE(times_s % TURN_S)


def walked_past(times_s):
    """The same, and before it what never comes back."""
    return turning(times_s) + WALKER(times_s)


def turns(alignment):
    """How far rivals lie from the answer, in turns."""
    return sorted((rival.offset_s - alignment.offset_s) / TURN_S for rival in alignment.rivals)


def test_other_turns_are_named():
    a = filmed(lambda t: turning(t + 9.0), 6, 25, seed=1)
    b = filmed(turning, 20, 25, seed=2)
    found = align_features(a, b)
    assert found.matched
    lines = [found.time_map, *found.rivals]
    assert sorted(line.offset_s for line in lines) == pytest.approx([2, 9, 16], abs=0.05)
    assert all(line.speed == pytest.approx(1, abs=0.01) for line in lines)
    assert align_features(b, a).inverse() == found


def test_turns_of_which_a_file_shows_a_part_are_named_too():
    a = filmed(lambda t: turning(t + 1.0), 12, 25, seed=1)
    b = filmed(lambda t: turning(t + 3.0), 13, 25, seed=2)
    found = align_features(a, b)
    assert found.matched and turns(found) == pytest.approx([-1, 1], abs=0.05)


@pytest.mark.parametrize("noise", [0.05, 0.5])
def test_what_never_comes_back_tells_the_turn(noise):
    a = filmed(lambda t: walked_past(t + 9.0), 8, 25, seed=1, noise=noise)
    b = filmed(walked_past, 30, 25, seed=2, noise=noise)
    found = align_features(a, b)
    assert found.matched and found.rivals == ()
    assert found.offset_s == pytest.approx(9, abs=0.05)


@pytest.mark.parametrize("seed", range(4))
def test_what_does_not_repeat_itself_has_no_rivals(seed):
    scene = Scene(10 + seed)
    a = filmed(lambda t: scene(t + 11.0), 12, 30, seed=1, noise=0.3)
    b = filmed(scene, 40, 25, seed=2, noise=0.3)
    found = align_features(a, b)
    assert found.matched and found.rivals == ()


def test_a_part_that_comes_again_is_no_repetition_of_the_whole():
    def with_a_jingle(times_s):
        frames = WALKER(times_s)
        for begin_s in (0.0, 24.0):
            inside = (times_s >= begin_s) & (times_s < begin_s + 4)
            frames[inside] = SCENE(times_s[inside] - begin_s)
        return frames

    found = align_features(filmed(with_a_jingle, 30, 25, seed=1), filmed(with_a_jingle, 30, 30))
    assert found.matched and found.rivals == ()


def test_still_footage_has_no_turns():
    still = filmed(lambda t: SCENE(np.zeros_like(t)), 20, 25, seed=1)
    pair = WhitenedPair.of(still, filmed(lambda t: SCENE(np.zeros_like(t)), 20, 25, seed=2))
    assert rival_lines(pair.a, pair.b, TimeMap(0.0)) == ()
    short = WhitenedPair.of(filmed(turning, 1, 25), filmed(turning, 1.5, 25))
    assert rival_lines(short.a, short.b, TimeMap(0.0)) == ()

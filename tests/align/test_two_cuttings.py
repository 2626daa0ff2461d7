"""Two versions of one programme, from which different parts were cut: every part that they share is
found, by picture and by sound, and nothing else."""

import numpy as np
import pytest
from moving import Scene, filmed
from sounds import RATE_HZ, event, heard

from videoalignment.align import align_features
from videoalignment.align.sound import align_sound

# Of one programme, begin and length: 4, 5, 8 and 8 s are shared, on four lines.
ONE = [("a", 0, 6), ("b", 0, 7), ("c", 2, 7), ("a", 10, 8), ("b", 12, 8)]
TWO = [("a", 0, 4), ("b", 2, 5), ("d", 1, 4), ("a", 10, 8), ("c", 12, 4), ("b", 12, 8)]
SHARED = [(0, 4, 0), (8, 5, -4), (20, 8, -7), (28, 8, -3)]
"""Begin in ONE, length, and how much later in TWO."""


def shot(name: str):
    """What is filmed in one place: it moves, and looks like no other place."""
    seed = ord(name)
    moving = Scene(seed)
    still = np.random.default_rng(seed).normal(size=moving(np.zeros(1)).shape[1])
    return lambda times_s: moving(times_s) + 1.5 * still * moving(np.zeros(1)).std()


def shown(cutting):
    """The frames of a cutting, as a function of time."""
    begins_s = np.cumsum([0, *(length_s for _, _, length_s in cutting)])

    def frames(times_s):
        parts = np.searchsorted(begins_s, times_s, side="right").clip(1, len(cutting)) - 1
        result = np.zeros((len(times_s), 48), np.float32)
        for number, (name, from_s, _) in enumerate(cutting):
            here = parts == number
            result[here] = shot(name)(times_s[here] - begins_s[number] + from_s)
        return result

    return frames, float(begins_s[-1])


def sounding(cutting):
    """The samples of a cutting."""
    places = {name: event(ord(name), 25) for name in "abcd"}
    parts = [
        places[name][round(from_s * RATE_HZ) : round((from_s + length_s) * RATE_HZ)]
        for name, from_s, length_s in cutting
    ]
    return np.concatenate(parts)


def check(alignment, offset_s):
    """What is shared, and nothing else, in A's order."""
    found = [(s.begin_a_s, s.end_a_s - s.begin_a_s, s.offset_s) for s in alignment.segments]
    assert found == [pytest.approx(one, abs=0.3) for one in SHARED]
    assert alignment.offset_s == pytest.approx(offset_s, abs=0.02)
    assert alignment.is_cut


def test_pictures_find_every_part():
    one, two = (filmed(*shown(cutting), 25, noise=0.01) for cutting in (ONE, TWO))
    alignment = align_features(one, two)
    assert alignment.matched
    check(alignment, alignment.offset_s)
    assert alignment.offset_s == pytest.approx(-7, abs=0.02) or alignment.offset_s == (
        pytest.approx(-3, abs=0.02)
    )


@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_sounds_find_every_part(noise):
    one = heard(sounding(ONE), noise=noise, seed=1)
    two = heard(sounding(TWO), noise=noise, seed=2)
    alignment = align_sound(one, two)
    assert alignment.matched
    check(alignment, alignment.offset_s)
    turned = align_sound(two, one)
    assert [s.begin_b_s for s in turned.segments] == pytest.approx(
        [s.begin_a_s for s in alignment.segments]
    )


def test_two_jingles_are_no_programme():
    """What two recordings share at their begins and ends alone."""
    one = [("a", 0, 3), ("b", 0, 12), ("a", 10, 3)]
    two = [("a", 0, 3), ("c", 0, 17), ("a", 10, 3)]
    assert not align_sound(heard(sounding(one)), heard(sounding(two))).matched


def test_turns_of_a_loop_are_no_cuts():
    """A loop of four bars that are played in another order, under other sounds."""
    one = [("a", 2 * k, 2) for k in (0, 1, 2, 3, 0, 1, 2, 3)]
    two = [("a", 2 * k, 2) for k in (2, 0, 3, 1, 2, 0, 3, 1)]
    a = heard(sounding(one) + 0.5 * event(70, 16), noise=0.05, seed=1)
    b = heard(sounding(two) + 0.5 * event(71, 16), noise=0.05, seed=2)
    assert not align_sound(a, b).is_cut

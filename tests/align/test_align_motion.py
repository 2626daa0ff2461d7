"""Cameras round one event, by what moves in it: placed from every side, or not at all."""

import dataclasses

import numpy as np
import pytest
from bodies import RECIPE, Event, followed, swings

from videoalignment.align.motion import align_motion
from videoalignment.align.motion.settings import SETTINGS
from videoalignment.align.motion.worth import CALIBRATION
from videoalignment.errors import FeatureMismatchError
from videoalignment.features.motion_features import MotionFeatures, MotionRecipe


@pytest.fixture(scope="module")
def whole():
    """Twenty seconds of an event, from the front."""
    return followed(Event(11), 0, 0, 20)


def test_the_decision_was_fitted_with_these_settings():
    assert CALIBRATION.settings == SETTINGS.digest


@pytest.mark.parametrize("side_deg", [35, 80, 145])
def test_another_side_is_placed(whole, side_deg):
    alignment = align_motion(followed(Event(11), side_deg, 4.3, 12), whole)
    assert alignment.matched and alignment.by == "motion" and alignment.speed == 1
    assert alignment.offset_s == pytest.approx(4.3, abs=0.06)
    assert abs(alignment.offset_s - 4.3) <= alignment.uncertainty_s
    assert alignment.overlap.begin_b_s == pytest.approx(4.3, abs=0.06)


def test_a_camera_that_pans_is_placed(whole):
    alignment = align_motion(followed(Event(11), 60, 3.0, 12, pan=15.0), whole)
    assert alignment.matched
    assert alignment.offset_s == pytest.approx(3.0, abs=0.06)


def test_b_with_a_is_the_exact_inverse(whole):
    part = followed(Event(11), 80, 6.0, 11)
    assert align_motion(whole, part) == align_motion(part, whole).inverse()


@pytest.mark.parametrize("seed", range(20, 28))
def test_other_events_do_not_match(whole, seed):
    assert not align_motion(followed(Event(seed), 80, 0, 14), whole).matched


def test_other_stretches_of_one_event_do_not_match(whole):
    for begin_s in (21, 34, 47):
        assert not align_motion(followed(Event(11), 80, begin_s, 12), whole).matched


def test_what_repeats_itself_has_no_place():
    again = Event(5, period_s=2.0)
    assert not align_motion(followed(again, 0, 0, 16), followed(again, 80, 3.1, 9)).matched


@pytest.mark.parametrize("options", [{}, {"pulse": 12}, {"fade": True}, {"pan": 25.0}])
def test_pulses_fades_and_pans_are_no_event(options):
    a, b = followed(None, 0, 0, 10, **options), followed(None, 50, 0, 10, **options)
    alignment = align_motion(a, b)
    assert not alignment.matched and alignment.segments == ()


@pytest.mark.parametrize("options", [{"pulse": 12}, {"fade": True}])
def test_different_events_that_pulse_alike_do_not_match(options):
    a, b = followed(Event(1), 0, 0, 12, **options), followed(Event(2), 50, 0, 12, **options)
    assert not align_motion(a, b).matched


def test_things_that_come_and_go_and_swing_seldom_match():
    # seen for so short, any two of them agree somewhere: chance tells how little that says
    said = [align_motion(swings(2 * i), swings(2 * i + 1)).confidence for i in range(60)]
    assert sum(confidence >= 0.5 for confidence in said) <= 9
    assert sum(confidence >= 0.9 for confidence in said) <= 3


def test_little_shared_is_never_answered(whole):
    ends = followed(Event(11), 80, 16.0, 12)
    assert not align_motion(ends, whole).matched
    assert align_motion(followed(Event(11), 80, 4.0, 4), whole).confidence == 0


def test_nothing_is_seen_in_an_empty_video(whole):
    none = np.zeros(0, np.int64)
    empty = MotionFeatures(np.zeros((0, 2), np.float32), none, none, 10.0, 0.05, RECIPE)
    assert align_motion(empty, whole).confidence == 0
    assert align_motion(empty, empty).confidence == 0


def test_points_that_were_followed_in_other_ways_are_refused(whole):
    other = dataclasses.replace(whole, recipe=MotionRecipe(smooth_s=0.2))
    with pytest.raises(FeatureMismatchError):
        align_motion(whole, other)

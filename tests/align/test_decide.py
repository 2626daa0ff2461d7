"""The decision: what must raise a confidence, and what it was fitted with."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videoalignment.align.decide import (
    CALIBRATION,
    PICTURES,
    apart,
    confidence,
    log_tries,
    measures,
    picture_confidence,
)
from videoalignment.align.refine import Fit
from videoalignment.align.settings import LOOK, SETTINGS, AlignSettings
from videoalignment.align.verify import Verification
from videoalignment.time_map import TimeMap

AGREEMENTS, LENGTHS = st.floats(-50, 50), st.floats(0.01, 10_000)


def confident(
    changes: float,
    lasting: float,
    *,
    speed: float = 1.0,
    shorter_s: float = 10.0,
    longer_s: float = 60.0,
) -> float:
    return confidence(
        Fit(TimeMap(3.0, speed), 0.5, 10.0, 18.0),
        Verification(0.5, changes, lasting),
        log_tries(shorter_s, longer_s),
    )


def test_the_calibration_is_of_these_settings():
    """Who changes a setting fits the decision anew: python -m benchmarks.calibrate_align."""
    assert CALIBRATION.settings == SETTINGS.digest
    assert PICTURES.settings == LOOK.digest


def test_every_setting_counts_in_the_digest():
    assert AlignSettings().digest == SETTINGS.digest
    assert AlignSettings(cell_s=0.5).digest != SETTINGS.digest
    assert AlignSettings(shaky=4.5).digest != SETTINGS.digest


@given(AGREEMENTS, AGREEMENTS, LENGTHS, LENGTHS, st.sampled_from([1.0, 0.5, 1.1]))
def test_it_is_a_probability(changes, lasting, shorter_s, longer_s, speed):
    said = confident(changes, lasting, speed=speed, shorter_s=shorter_s, longer_s=longer_s)
    assert 0 < said < 1


@given(AGREEMENTS, AGREEMENTS, AGREEMENTS)
def test_more_agreement_is_never_less_sure(one, other, second):
    low, high = sorted((one, other))
    assert confident(low, second) <= confident(high, second)
    assert confident(second, low) <= confident(second, high)


@given(AGREEMENTS, AGREEMENTS, LENGTHS, LENGTHS)
def test_more_places_to_look_at_make_it_less_sure(changes, lasting, one, other):
    low, high = sorted((one, other))
    assert confident(changes, lasting, longer_s=high) <= confident(changes, lasting, longer_s=low)


@given(AGREEMENTS, AGREEMENTS)
def test_an_unchanged_speed_is_surer(changes, lasting):
    assert confident(changes, lasting, speed=1.1) < confident(changes, lasting, speed=1.0)


def test_it_is_the_logistic_model_of_its_measures():
    fit, seen = Fit(TimeMap(0.0), 0.5, 0.0, 8.0), Verification(0.5, 6.0, 3.0)
    tries = log_tries(8.0, 60.0)
    assert tries == pytest.approx(math.log(68 * SETTINGS.bins_per_s * len(SETTINGS.all_speeds)))
    numbers = [6.0 - math.sqrt(2 * tries), 3.0, 1.0]
    assert list(measures(fit, seen, tries)) == pytest.approx(numbers)
    logit = CALIBRATION.intercept
    for weight, number in zip(CALIBRATION.weights, numbers, strict=True):
        logit += weight * number
    said = confidence(fit, seen, tries)
    assert math.log(said / (1 - said)) == pytest.approx(logit)


@given(AGREEMENTS, st.floats(0, 1), st.floats(0, 1))
def test_pictures_must_agree_and_be_alike(lasting, one, other):
    fit, tries = Fit(TimeMap(3.0), 0.5, 10.0, 18.0), log_tries(10, 60)
    less, more = (
        picture_confidence(fit, Verification(likeness, 30.0, lasting), tries)
        for likeness in sorted((one, other))
    )
    assert 0 < less <= more <= confidence(fit, Verification(1.0, 30.0, lasting), tries)


@given(st.floats(1e-9, 1 - 1e-9))
def test_pictures_that_lie_apart_speak_against_it(said):
    assert 0 < apart(said) < said

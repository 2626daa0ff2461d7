"""The decision: what must raise a confidence, and what it was fitted with."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videoalignment.align.decide import CALIBRATION, confidence, measures
from videoalignment.align.refine import Fit
from videoalignment.align.settings import SETTINGS, AlignSettings
from videoalignment.align.verify import Verification
from videoalignment.time_map import TimeMap

CONTRASTS, LENGTHS = st.floats(-50, 50), st.floats(0.01, 1000)


def confident(contrast: float, length_s: float, speed: float = 1.0) -> float:
    return confidence(
        Fit(TimeMap(3.0, speed), 0.5, 10.0, 10.0 + length_s), Verification(0.5, contrast)
    )


def test_the_calibration_is_of_these_settings():
    """Who changes a setting fits the decision anew: python -m benchmarks.calibrate_align."""
    assert CALIBRATION.settings == SETTINGS.digest


def test_every_setting_counts_in_the_digest():
    assert AlignSettings().digest == SETTINGS.digest
    assert AlignSettings(near_s=1.5).digest != SETTINGS.digest
    assert AlignSettings(shaky=4.5).digest != SETTINGS.digest


@given(CONTRASTS, LENGTHS, st.sampled_from([1.0, 0.5, 1.1]))
def test_it_is_a_probability(contrast, length_s, speed):
    assert 0 < confident(contrast, length_s, speed) < 1


@given(CONTRASTS, CONTRASTS, LENGTHS)
def test_more_contrast_is_never_less_sure(one, other, length_s):
    low, high = sorted((one, other))
    assert confident(low, length_s) <= confident(high, length_s)


@given(CONTRASTS, LENGTHS, LENGTHS)
def test_more_footage_is_never_less_sure(contrast, one, other):
    low, high = sorted((one, other))
    assert confident(contrast, low) <= confident(contrast, high)


@given(CONTRASTS, LENGTHS)
def test_an_unchanged_speed_is_surer(contrast, length_s):
    assert confident(contrast, length_s, 1.1) < confident(contrast, length_s, 1.0)


def test_it_is_the_logistic_model_of_its_measures():
    fit, seen = Fit(TimeMap(0.0), 0.5, 0.0, 8.0), Verification(0.5, 3.0)
    numbers = [math.log(1 + 3.0), math.log(8.0), 1.0]
    assert list(measures(fit, seen)) == pytest.approx(numbers)
    logit = CALIBRATION.intercept
    for weight, number in zip(CALIBRATION.weights, numbers, strict=True):
        logit += weight * number
    odds = confidence(fit, seen) / (1 - confidence(fit, seen))
    assert math.log(odds) == pytest.approx(logit)

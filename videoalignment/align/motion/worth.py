"""What a pair's curve of scores says of each offset: the logarithm of a likelihood ratio.

How clear right offsets of views of one event are, and how clear any others, are two distributions;
the logarithm of their ratio was fitted. Sums of it over pairs say what several cameras together do.
"""

import numpy as np

from videoalignment.align.calibration import Calibration
from videoalignment.align.motion.search import Curve
from videoalignment.align.motion.settings import SETTINGS
from videoalignment.offset_curve import OffsetCurve

CALIBRATION = Calibration(
    weights=(2.300,),
    intercept=-2.775,
    settings="dd1fc5c3df060f90",
)
_APART = -9.0  # of offsets that are not looked at, when their neighbours are


def measures(clearness: np.ndarray) -> np.ndarray:
    """The number that an offset's worth rests on, from how clear it is, shape (..., 1)."""
    return clearness.clip(SETTINGS.hardly, SETTINGS.clear)[..., None]


def worth(curve: Curve, calibration: Calibration = CALIBRATION) -> OffsetCurve:
    """What speaks for each offset, counted in the curve's steps.

    As pairs agree with each other only roughly, an offset is worth about what its neighbours are.

    Args:
        curve: of two views.
        calibration: what was fitted.
    """
    step_s = float(curve.offsets_s[1] - curve.offsets_s[0])
    reach = round(SETTINGS.agree_within_s / step_s)
    told = calibration.log_odds(measures(curve.clearness))
    padded = np.pad(told, reach, constant_values=_APART)
    values = [
        padded[reach + shift : reach + shift + len(told)]
        - 0.5 * (shift * step_s / SETTINGS.agree_s) ** 2
        for shift in range(-reach, reach + 1)
    ]
    return OffsetCurve(round(curve.offsets_s[0] / step_s), np.max(values, axis=0))

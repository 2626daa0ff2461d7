"""From what was measured about an alignment to the probability that it is right."""

import math

import numpy as np

from videoalignment.align.refine import Fit
from videoalignment.align.verify import Verification

MATCHED_FROM = 0.5
"""The confidence from which two videos count as matched."""

# A logistic model of the measures below, fitted by benchmarks/calibrate_align.py.
WEIGHTS = (1.5, -1.0, 0.4, 0.5, 2.0)
INTERCEPT = -5.5


def measures(fit: Fit, verification: Verification) -> np.ndarray:
    """The numbers that the decision rests on, each bounded, shape (5,)."""
    return np.array(
        [
            math.log1p(50 * max(0.0, fit.correlation)),
            verification.likeness,
            np.clip(verification.contrast, -2, 12),
            math.log(np.clip(fit.end_a_s - fit.begin_a_s, 0.5, 30)),
            float(fit.speed == 1.0),
        ]
    )


def confidence(fit: Fit, verification: Verification) -> float:
    """Probability, 0..1, that two videos share content at this offset."""
    return 1 / (1 + math.exp(-(INTERCEPT + float(measures(fit, verification) @ WEIGHTS))))

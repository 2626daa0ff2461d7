"""From what was measured about an alignment to the probability that it is right."""

import math

import numpy as np

from videoalignment.align.refine import Fit
from videoalignment.align.verify import Verification

MATCHED_FROM = 0.5
"""The confidence from which two videos count as matched."""

# A logistic model of the measures below, fitted by benchmarks/calibrate_align.py.
WEIGHTS = (5.293, 0.869, 4.048)
INTERCEPT = -12.121


def measures(fit: Fit, verification: Verification) -> np.ndarray:
    """The numbers that the decision rests on, each bounded, shape (3,).

    They are the contrast (its logarithm, since it is all one beyond some point), the length, and
    whether the speed is 1: with the speed free, chance finds something that fits more easily.
    """
    return np.array(
        [
            math.log1p(np.clip(verification.contrast, 0, 12)),
            math.log(np.clip(fit.end_a_s - fit.begin_a_s, 0.5, 30)),
            float(fit.speed == 1.0),
        ]
    )


def confidence(fit: Fit, verification: Verification) -> float:
    """Probability, 0..1, that two videos share content at this offset."""
    return 1 / (1 + math.exp(-(INTERCEPT + float(measures(fit, verification) @ WEIGHTS))))

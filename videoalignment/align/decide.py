"""From what was measured about an alignment to the probability that it is right."""

import math
from dataclasses import dataclass

import numpy as np

from videoalignment.align.refine import Fit
from videoalignment.align.settings import SETTINGS
from videoalignment.align.verify import Verification


@dataclass(frozen=True)
class Calibration:
    """A logistic model of the measures below, fitted by benchmarks/calibrate_align.py."""

    weights: tuple[float, ...]
    """One a measure."""
    intercept: float
    settings: str
    """Digest of the settings that it was fitted with; with others it means nothing."""


CALIBRATION = Calibration(
    weights=(5.293, 0.869, 4.048), intercept=-12.121, settings="770c57a103b09d30"
)


def measures(fit: Fit, verification: Verification) -> np.ndarray:
    """The numbers that the decision rests on, each bounded, shape (3,).

    They are the contrast (its logarithm, since it is all one beyond some point), the length, and
    whether the speed is 1: with the speed free, chance finds something that fits more easily.
    """
    length_s = fit.end_a_s - fit.begin_a_s
    return np.array(
        [
            math.log1p(np.clip(verification.contrast, 0, SETTINGS.most_contrast)),
            math.log(np.clip(length_s, SETTINGS.least_length_s, SETTINGS.most_length_s)),
            float(fit.time_map.speed == 1.0),
        ]
    )


def confidence(fit: Fit, verification: Verification) -> float:
    """Probability, 0..1, that two videos share content at this offset."""
    logit = CALIBRATION.intercept + float(measures(fit, verification) @ CALIBRATION.weights)
    return 1 / (1 + math.exp(-logit))

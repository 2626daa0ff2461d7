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
    weights=(0.469, 1.204, 1.843), intercept=-4.133, settings="626685d243675d22"
)


def log_tries(shorter_s: float, longer_s: float) -> float:
    """Logarithm of how many lines a search has to choose from, and so how lucky chance can get.

    Args:
        shorter_s: length of the shorter video, seconds.
        longer_s: length of the longer one.
    """
    places = (shorter_s + longer_s) * SETTINGS.bins_per_s
    return math.log(places * len(SETTINGS.all_speeds))


def measures(fit: Fit, verification: Verification, tries: float) -> np.ndarray:
    """The numbers that the decision rests on, each bounded, shape (3,).

    They are the root of the number of independent changes that agree, less what the best of so many
    tries has by chance (that of n normal numbers is near sqrt(2 log n)); the same of what lasts
    without the strongest moments; and whether the speed is 1: with the speed free, chance finds
    something that fits more easily.

    Args:
        fit: a line.
        verification: what agrees along it.
        tries: `log_tries` of the two videos.
    """
    agreements = [verification.changes, verification.lasting]
    changes, lasting = np.clip(agreements, 0, SETTINGS.most_agreement)
    by_chance = math.sqrt(2 * tries)
    return np.array([changes - by_chance, lasting, float(fit.time_map.speed == 1.0)])


def confidence(fit: Fit, verification: Verification, tries: float) -> float:
    """Probability, 0..1, that two videos share content at this offset; see `measures`."""
    numbers = measures(fit, verification, tries)
    logit = CALIBRATION.intercept + float(numbers @ CALIBRATION.weights)
    return 1 / (1 + math.exp(-logit))

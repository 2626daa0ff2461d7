"""From what was measured about an alignment to the probability that it is right."""

import math

import numpy as np

from videoalignment.align.calibration import Calibration
from videoalignment.align.refine import Fit
from videoalignment.align.settings import SETTINGS
from videoalignment.align.verify import Verification

CALIBRATION = Calibration(
    weights=(0.469, 1.204, 1.843), intercept=-4.133, settings="626685d243675d22"
)
"""Of lines found in descriptors."""

PICTURES = Calibration(weights=(0.30, 6.31), intercept=-5.11, settings="8574726a01968c32")
"""Of whether pictures that lie over each other are of the same moments."""

APART = -2.6
"""Added to the logit of a doubtful line along which no pictures can be laid over each other: how
much more rarely that happens to right lines than to wrong ones, as a natural logarithm."""


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
    return CALIBRATION.probability(measures(fit, verification, tries))


def picture_measures(verification: Verification) -> np.ndarray:
    """The numbers that tell pictures of one moment from others of one place, bounded, shape (2,).

    Pictures of one place can be laid over each other at any time, and what moves in it often moves
    alike. But pictures of one moment are the same in everything: so beside the agreement that lasts
    without the strongest moments, it counts how alike the pictures are all along.

    Args:
        verification: what agrees along a line through pictures that lie over each other.
    """
    lasting = float(np.clip(verification.lasting, 0, SETTINGS.most_agreement))
    return np.array([lasting, verification.likeness])


def picture_confidence(fit: Fit, verification: Verification, tries: float) -> float:
    """Probability, 0..1, that pictures show the same moments.

    As many independent changes must agree in pictures as in descriptors, and the pictures must be
    alike besides: each alone can be had by chance, by a lamp that is switched on, or by somebody
    who does the same again.
    """
    agree = confidence(fit, verification, tries)
    return agree * PICTURES.probability(picture_measures(verification))


def apart(confidence: float) -> float:
    """What remains of a confidence where pictures cannot be laid over each other."""
    odds = confidence / (1 - confidence) * math.exp(APART)
    return odds / (1 + odds)

"""From what was measured about a line of sound to the probability that it is right."""

import math

import numpy as np

from videoalignment.align.calibration import Calibration
from videoalignment.align.sound.rivals import Rivalry
from videoalignment.align.sound.settings import SETTINGS
from videoalignment.align.sound.verify import Verification

CALIBRATION = Calibration(
    weights=(0.606, 0.934, 1.460, -3.117, -4.861, 0.235),
    intercept=-5.825,
    settings="426a831bd07b5490",
)


def log_tries(length_a_s: float, length_b_s: float) -> float:
    """Logarithm of how many lines a search has to choose from, and so how lucky chance can get."""
    # independent delays a second, of a band of 3450 Hz
    return math.log((length_a_s + length_b_s) * 6900)


def measures(verification: Verification, tries: float, rivalry: Rivalry) -> np.ndarray:
    """The numbers that the decision rests on, each bounded, shape (6,).

    They are the root of the number of independent moments that agree, less what the best of so
    many tries has by chance; how much agreement lasts without the pieces that agree best; the share
    of what is heard that agrees; what a third of the overlap lacks of it; how near another line
    comes to this one, 1 where the two are as alike; and how clearly the two are told apart.

    Args:
        verification: what agrees along a line.
        tries: `log_tries` of the two recordings.
        rivalry: how near other lines come to it.
    """
    agreement = min(verification.agreement, SETTINGS.most_agreement) - math.sqrt(2 * tries)
    return np.array(
        [
            agreement,
            verification.lasting,
            verification.share,
            _hole(verification.weakest, agreement),
            rivalry.doubt,
            rivalry.told,
        ]
    )


def _hole(weakest: float, agreement: float) -> float:
    """How clearly a third of the overlap lacks what the rest has, 0..1."""
    lack = min(1.0, max(0.0, 1 - weakest / SETTINGS.even))
    return lack * min(1.0, max(0.0, agreement / SETTINGS.clear_agreement))


def confidence(verification: Verification, tries: float, rivalry: Rivalry) -> float:
    """Probability, 0..1, that two recordings hear the same at this offset; see `measures`."""
    return CALIBRATION.probability(measures(verification, tries, rivalry))

"""From what was measured about a line of sound to the probability that it is right."""

import math

import numpy as np

from videoalignment.align.calibration import Calibration
from videoalignment.align.sound.settings import SETTINGS
from videoalignment.align.sound.verify import Verification

CALIBRATION = Calibration(
    weights=(0.607, 1.654, 0.613, -4.483), intercept=-7.152, settings="46cfd66f437b02dc"
)


def log_tries(length_a_s: float, length_b_s: float) -> float:
    """Logarithm of how many lines a search has to choose from, and so how lucky chance can get."""
    # independent delays a second, of a band of 3450 Hz
    return math.log((length_a_s + length_b_s) * 6900)


def measures(verification: Verification, tries: float, rival: float) -> np.ndarray:
    """The numbers that the decision rests on, each bounded, shape (4,).

    They are the root of the number of independent moments that agree, less what the best of so
    many tries has by chance; how much agreement lasts without the pieces that agree best; the share
    of what is heard that agrees; and how near another line comes to this one, 1 where the two
    cannot be told apart.

    Args:
        verification: what agrees along a line.
        tries: `log_tries` of the two recordings.
        rival: likeness along the most alike other line in parts of this one's, 0..1.
    """
    agreement = min(verification.agreement, SETTINGS.most_agreement) - math.sqrt(2 * tries)
    harmless = SETTINGS.harmless_rival
    doubt = min(1.0, max(0.0, rival - harmless) / (1 - harmless))
    return np.array([agreement, verification.lasting, verification.share, doubt])


def confidence(verification: Verification, tries: float, rival: float) -> float:
    """Probability, 0..1, that two recordings hear the same at this offset; see `measures`."""
    return CALIBRATION.probability(measures(verification, tries, rival))

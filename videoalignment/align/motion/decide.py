"""From the curve of scores to the probability that its best offset is right."""

import math

import numpy as np

from videoalignment.align.calibration import Calibration
from videoalignment.align.motion.search import Curve
from videoalignment.align.motion.settings import SETTINGS

CALIBRATION = Calibration(
    weights=(1.384, -0.185, -0.656),
    intercept=-1.481,
    settings="2100fe722682f857",
)


def measures(curve: Curve) -> np.ndarray:
    """The numbers that the decision rests on, shape (3,).

    They are how far the best offset stands out from those around it, how far the next best one
    away from it does, both bounded, and how many offsets there were to choose from (a logarithm).
    """
    best, rival = float(curve.contrast[curve.best]), curve.rival
    return np.array([min(best, SETTINGS.clear) - rival, rival, math.log(len(curve.scores))])


def confidence(curve: Curve) -> float:
    """Probability, 0..1, that two videos show one event at the best offset; see `measures`."""
    return CALIBRATION.probability(measures(curve))

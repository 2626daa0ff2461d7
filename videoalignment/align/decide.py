"""From what was measured about an alignment to the probability that it is right."""

import math

from videoalignment.align.refine import Fit

# Of a logistic model; fitted by benchmarks/calibrate_align.py.
_INTERCEPT = -6.0
_WEIGHT_EVIDENCE = 12.0

MATCHED_FROM = 0.5


def confidence(fit: Fit, overlap_s: float) -> float:
    """Probability, 0..1, that two videos share content at this offset."""
    evidence = fit.correlation * math.sqrt(min(overlap_s, 20.0))
    return 1 / (1 + math.exp(-(_INTERCEPT + _WEIGHT_EVIDENCE * evidence)))

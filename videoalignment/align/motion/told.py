"""What two points tell of an offset: how well one's motion explains the other's, over moments."""

import numpy as np

from videoalignment.align.motion.correlation import Moments, canonical
from videoalignment.align.motion.moving import Moving
from videoalignment.align.motion.settings import SETTINGS

Products = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Sums of products of two points' velocities: xx, xy, yx, yy, the first's first."""


def told(
    counts: np.ndarray,
    ours: Moments,
    theirs: Moments,
    both: Products,
    apart: np.ndarray,
    least: int,
) -> np.ndarray:
    """A logarithm of a likelihood ratio, about, of any shape.

    Args:
        counts: samples in which both points are seen.
        ours, theirs: sums of squares and products of either's velocities in these, xx, xy, yy.
        both: of both.
        apart: how many samples a moment lasts.
        least: samples below which two points tell nothing.
    """
    counts = np.rint(counts)
    noise = SETTINGS.noise * np.maximum(counts, 1)
    sum_squares, product = canonical(_noisy(ours, noise), _noisy(theirs, noise), both)
    unexplained = np.clip(1 - sum_squares + product, SETTINGS.most_told, 1)
    moments = counts / apart
    telling = np.square(moments) / (moments + SETTINGS.few_moments)
    return np.where(counts >= least, -0.5 * telling * np.log(unexplained), 0).astype(np.float32)


def _noisy(sums: Moments, noise: np.ndarray) -> Moments:
    xx, xy, yy = sums
    return xx + noise, xy, yy + noise


def moments_apart(a: Moving, b: Moving) -> np.ndarray:
    """How many samples a moment of each two points lasts, shape (points of A, points of B)."""
    least = SETTINGS.least_moment_s * a.features.recipe.rate_hz
    apart: np.ndarray = np.maximum(1 + 2 * a.memory[:, 1:] @ b.memory[:, 1:].T, least)
    return apart


def together(a: Moving) -> int:
    """In how many samples two points must be seen to be compared."""
    return round(SETTINGS.together_s * a.features.recipe.rate_hz)

"""Looking at a line moment by moment: do the frames that meet belong together?"""

from dataclasses import dataclass

import numpy as np

from videoalignment.align.footage import Footage
from videoalignment.align.refine import Fit

_MOMENTS_PER_S = 8.0
_MOST_MOMENTS = 800
# Moments closer than this look alike in most videos and say nothing about chance.
_NEAR_S = 1.0


@dataclass(frozen=True)
class Verification:
    """Similarity of the moments that meet, against moments that do not."""

    likeness: float
    """Correlation of the moments that meet, 0..1, each video centred on its mean there."""
    contrast: float
    """The same above other pairings of these moments, in standard deviations of those."""


def verify(a: Footage, b: Footage, fit: Fit) -> Verification:
    """Verify a fit over the stretch of A that it was fitted on.

    Args:
        a, b: the two videos, whitened.
        fit: what to verify.
    """
    length_s = fit.end_a_s - fit.begin_a_s
    count = int(np.clip(length_s * _MOMENTS_PER_S, 4, _MOST_MOMENTS))
    edges_s = np.linspace(fit.begin_a_s, fit.end_a_s, count + 1)
    moments_a, moments_b = a.averaged(edges_s), b.averaged(fit.place_s(edges_s))
    moments_a -= moments_a.mean(axis=0)
    moments_b -= moments_b.mean(axis=0)
    norm = np.linalg.norm(moments_a) * np.linalg.norm(moments_b) + 1e-3 * count
    by_shift = _shifted_diagonals(moments_a @ moments_b.T) / norm
    near = int(np.ceil(_NEAR_S * count / length_s))
    others = by_shift[near : count - near] if count > 2 * near + 3 else by_shift[1:]
    return Verification(
        likeness=float(np.clip(by_shift[0], 0, 1)),
        contrast=float((by_shift[0] - others.mean()) / (others.std() + 0.02)),
    )


def _shifted_diagonals(products: np.ndarray) -> np.ndarray:
    """Sums of a square matrix along its diagonals, wrapped around, shape (n,)."""
    places = np.arange(len(products))
    return products[places, (places + places[:, None]) % len(products)].sum(axis=1)

"""Looking at a line moment by moment: do the frames that meet belong together?"""

from dataclasses import dataclass

import numpy as np

from videoalignment.align.footage import Footage
from videoalignment.align.refine import Fit
from videoalignment.align.settings import SETTINGS


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
    count = int(np.clip(length_s * SETTINGS.moments_per_s, 4, SETTINGS.most_moments))
    edges_s = np.linspace(fit.begin_a_s, fit.end_a_s, count + 1)
    moments_a, moments_b = a.averaged(edges_s), b.averaged(fit.time_map.to_b(edges_s))
    moments_a -= moments_a.mean(axis=0)
    moments_b -= moments_b.mean(axis=0)
    norm = np.linalg.norm(moments_a) * np.linalg.norm(moments_b) + 1e-3 * count
    by_shift = _shifted_diagonals(moments_a @ moments_b.T) / norm
    near = int(np.ceil(SETTINGS.near_s * count / length_s))
    others = by_shift[near : count - near] if count > 2 * near + 3 else by_shift[1:]
    deviation = others.std() + SETTINGS.contrast_floor
    return Verification(
        likeness=float(np.clip(by_shift[0], 0, 1)),
        contrast=float((by_shift[0] - others.mean()) / deviation),
    )


def _shifted_diagonals(products: np.ndarray) -> np.ndarray:
    """Sums of a square matrix along its diagonals, wrapped around, shape (n,)."""
    places = np.arange(len(products))
    return products[places, (places + places[:, None]) % len(products)].sum(axis=1)

"""How much the motion in two videos has in common, at every offset at once.

Each point of one video is compared with each of the other, at all offsets, by products of
transforms: how well a linear map takes one's velocities to the other's, in the time that both are
seen, counted in moments that are independent. A point's best partner speaks for it; points that
move alike speak once.
"""

from dataclasses import dataclass, replace

import numpy as np
import scipy.fft
from scipy.ndimage import median_filter

from videoalignment.align.motion.correlation import canonical
from videoalignment.align.motion.moving import Moving, Spectra
from videoalignment.align.motion.settings import SETTINGS

_NORMAL = 1.4826  # of a median of absolute values to a normal distribution's deviation


@dataclass(frozen=True)
class Curve:
    """What speaks for each offset."""

    offsets_s: np.ndarray
    """The moment of B at which A begins, ascending in equal steps, shape (n,)."""
    scores: np.ndarray
    """Logarithms of likelihood ratios, about, summed over bodies, shape (n,)."""
    contrast: np.ndarray
    """How far each score stands out from those around it, shape (n,)."""

    @property
    def clearness(self) -> np.ndarray:
        """The same, the less the more all of the curve fluctuates, shape (n,)."""
        noise = _NORMAL * np.median(np.abs(self.contrast)) + SETTINGS.least_noise
        clear: np.ndarray = self.contrast / np.sqrt(noise / SETTINGS.usual_noise)
        return clear

    def moved(self, by_s: float) -> "Curve":
        """The same at offsets that are higher by so much."""
        return replace(self, offsets_s=self.offsets_s + by_s)

    def turned(self) -> "Curve":
        """The same with A and B exchanged."""
        return Curve(-self.offsets_s[::-1], self.scores[::-1], self.contrast[::-1])


def score_curve(a: Moving, b: Moving) -> Curve | None:
    """Score all offsets at which two videos share enough; None where there is none.

    Args:
        a, b: followed by one recipe.
    """
    rate_hz = a.features.recipe.rate_hz
    lags = np.arange(1 - a.samples, b.samples)
    # where points are seen: elsewhere offsets say nothing, and would make the others stand out
    (begin_a, end_a), (begin_b, end_b) = a.span, b.span
    shared = np.minimum(end_a, end_b - lags) - np.maximum(begin_a, begin_b - lags)
    lags = lags[shared >= SETTINGS.least_overlap_s * rate_hz]
    if len(lags) < 3:
        return None
    scores = _scores(a, b, lags)
    span = min(round(SETTINGS.around_s * rate_hz), len(lags)) | 1
    usual = median_filter(scores, span, mode="nearest")
    return Curve(lags / rate_hz, scores, scores - usual)


def _scores(a: Moving, b: Moving, lags: np.ndarray) -> np.ndarray:
    """What all points together say of all lags, shape (lags,)."""
    size = scipy.fft.next_fast_len(a.samples + b.samples - 1, real=True)
    spectra_a, spectra_b = a.spectra(size), b.spectra(size)
    least = SETTINGS.least_moment_s * a.features.recipe.rate_hz
    apart = np.maximum(1 + 2 * a.memory[:, 1:] @ b.memory[:, 1:].T, least)
    scores = np.zeros(len(lags))
    best_of_b = np.zeros((len(b.seen), len(lags)), np.float32)
    together = round(SETTINGS.together_s * a.features.recipe.rate_hz)
    for point, weight in enumerate(a.weights):
        told = _told(spectra_a, spectra_b, point, size, lags, apart[point], together)
        scores += weight * told.max(axis=0)
        np.maximum(best_of_b, told, out=best_of_b)
    return scores + b.weights @ best_of_b


def _told(
    a: Spectra,
    b: Spectra,
    point: int,
    size: int,
    lags: np.ndarray,
    apart: np.ndarray,
    together: int,
) -> np.ndarray:
    """What one point of A says of all of B's, at all lags, shape (points of B, lags)."""

    def correlated(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
        return scipy.fft.irfft(ours[point].conj() * theirs, size, axis=-1)[:, lags]

    counts = np.rint(correlated(a.seen, b.seen))
    noise = SETTINGS.noise * np.maximum(counts, 1)
    xx, xy, yy = (correlated(kind, b.seen) for kind in (a.xx, a.xy, a.yy))
    ours = (xx + noise, xy, yy + noise)
    xx, xy, yy = (correlated(a.seen, kind) for kind in (b.xx, b.xy, b.yy))
    theirs = (xx + noise, xy, yy + noise)
    both = (
        correlated(a.x, b.x),
        correlated(a.x, b.y),
        correlated(a.y, b.x),
        correlated(a.y, b.y),
    )
    sum_squares, product = canonical(ours, theirs, both)
    unexplained = np.clip(1 - sum_squares + product, SETTINGS.most_told, 1)
    moments = np.maximum(counts / apart[:, None] - SETTINGS.lost_moments, 0)
    return np.where(counts >= together, -0.5 * moments * np.log(unexplained), 0).astype(np.float32)

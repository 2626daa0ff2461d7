"""How much the motion in two videos has in common, at every offset at once.

Each point of one video is compared with each of the other, at all offsets, by products of
transforms: how well a linear map takes one's velocities to the other's, in the time that both are
seen, counted in moments that are independent. A point's best partner speaks for it; points that
move alike speak once. What stands out at the highest offsets is measured by what chance would say
there.
"""

from dataclasses import dataclass, replace

import numpy as np
import scipy.fft
from scipy.ndimage import median_filter

from videoalignment.align.motion.chance import chance
from videoalignment.align.motion.moving import Moving, Spectra
from videoalignment.align.motion.settings import SETTINGS
from videoalignment.align.motion.told import moments_apart, together, told
from videoalignment.offset_curve import OffsetCurve

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
    clearness: np.ndarray
    """How far it stands out from what chance would say, too, in standard deviations of both, in
    quiet curves less, shape (n,)."""

    def moved(self, by_s: float) -> "Curve":
        """The same at offsets that are higher by so much."""
        return replace(self, offsets_s=self.offsets_s + by_s)

    def turned(self) -> "Curve":
        """The same with A and B exchanged."""
        backwards = (self.scores[::-1], self.contrast[::-1], self.clearness[::-1])
        return Curve(-self.offsets_s[::-1], *backwards)


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
    contrast = scores - usual
    highest = OffsetCurve(0, contrast).peaks(
        SETTINGS.doubted, round(SETTINGS.independent_s * rate_hz)
    )
    doubted = np.array([place for place, _ in highest], int)
    mean, deviation = chance(a, b, lags[doubted])
    more = np.maximum(mean - usual[doubted], 0)
    clearness = _clearness(contrast, doubted, more, deviation, SETTINGS.alike_s * rate_hz)
    return Curve(lags / rate_hz, scores, contrast, clearness)


def _clearness(
    contrast: np.ndarray, doubted: np.ndarray, more: np.ndarray, deviation: np.ndarray, near: float
) -> np.ndarray:
    """How clear each place of a curve is.

    Args:
        contrast: how far each stands out.
        doubted: places of which it is known what chance says.
        more: by how much that is more there than what is usual around.
        deviation: of what chance says there.
        near: so far from such a place it is about the same; elsewhere it is as at most of them.
    """
    apart = np.abs(np.arange(len(contrast))[:, None] - doubted)
    nearest = apart.argmin(axis=1)
    is_near = apart.min(axis=1) <= near
    more, deviation = (
        np.where(is_near, known[nearest], np.median(known)) for known in (more, deviation)
    )
    fluctuates = _NORMAL * np.median(np.abs(contrast))
    noise = np.hypot(fluctuates, deviation) + SETTINGS.least_noise
    loud = max(float(np.median(noise)), SETTINGS.loud_noise)
    clear: np.ndarray = (contrast - more) / np.sqrt(noise * loud)
    return clear


def _scores(a: Moving, b: Moving, lags: np.ndarray) -> np.ndarray:
    """What all points together say of all lags, shape (lags,)."""
    size = scipy.fft.next_fast_len(a.samples + b.samples - 1, real=True)
    spectra_a, spectra_b = a.spectra(size), b.spectra(size)
    apart, least = moments_apart(a, b), together(a)
    scores = np.zeros(len(lags))
    best_of_b = np.zeros((len(b.seen), len(lags)), np.float32)
    for point, weight in enumerate(a.weights):
        said = _told(spectra_a, spectra_b, point, size, lags, apart[point], least)
        scores += weight * said.max(axis=0)
        np.maximum(best_of_b, said, out=best_of_b)
    return scores + b.weights @ best_of_b


def _told(
    a: Spectra, b: Spectra, point: int, size: int, lags: np.ndarray, apart: np.ndarray, least: int
) -> np.ndarray:
    """What one point of A says of all of B's, at all lags, shape (points of B, lags)."""

    def correlated(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
        return np.asarray(scipy.fft.irfft(ours[point].conj() * theirs, size, axis=-1)[:, lags])

    return told(
        correlated(a.seen, b.seen),
        (correlated(a.xx, b.seen), correlated(a.xy, b.seen), correlated(a.yy, b.seen)),
        (correlated(a.seen, b.xx), correlated(a.seen, b.xy), correlated(a.seen, b.yy)),
        (
            correlated(a.x, b.x),
            correlated(a.x, b.y),
            correlated(a.y, b.x),
            correlated(a.y, b.y),
        ),
        apart[:, None],
        least,
    )

"""What a person looks at to believe an alignment by sound."""

import numpy as np
import scipy.fft

from videoalignment.align.alignment import Evidence
from videoalignment.features.sound_features import SoundFeatures

_MOST_MOMENTS = 400
_LEAST_MOMENT_S = 0.1
_BANDS = 48
_STEP_S = 0.02
_MOST_STEPS = 100_000


def gather_sound_evidence(a: SoundFeatures, b: SoundFeatures) -> Evidence:
    """How alike the spectra of two whitened sounds are: at every offset, and of all moments.

    Coarser than what decides (sound/verify.py), which compares phases, but to be seen.
    """
    step_s = max(_STEP_S, (a.length_s + b.length_s) / _MOST_STEPS)
    offsets_s, scores = _scores(_spectra(a, step_s), _spectra(b, step_s), step_s)
    moments_a, times_a_s = _moments(a)
    moments_b, times_b_s = _moments(b)
    similarity = (moments_a @ moments_b.T).clip(0, 1)
    return Evidence(
        offsets_s + b.begin_s - a.begin_s,
        scores,
        similarity,
        times_a_s + a.begin_s,
        times_b_s + b.begin_s,
    )


def _moments(sound: SoundFeatures) -> tuple[np.ndarray, np.ndarray]:
    """Up to `_MOST_MOMENTS` spectra of unit norm, and their middles, seconds from the first."""
    step_s = max(_LEAST_MOMENT_S, sound.length_s / _MOST_MOMENTS)
    spectra = _spectra(sound, step_s)
    norms = np.linalg.norm(spectra, axis=1, keepdims=True)
    return spectra / (norms + 1e-6), (np.arange(len(spectra)) + 0.5) * step_s


def _spectra(sound: SoundFeatures, step_s: float) -> np.ndarray:
    """Loudness in bands, centred in each, one row a step, float32, shape (steps, bands)."""
    size = max(2 * _BANDS, round(step_s * sound.recipe.rate_hz))
    count = max(1, len(sound.whitened) // size)
    rows = np.zeros((count, _BANDS), np.float32)
    for row in range(count):
        piece = sound.whitened[row * size : (row + 1) * size].astype(np.float32)
        magnitudes = np.abs(scipy.fft.rfft(piece, size))
        edges = np.linspace(0, len(magnitudes), _BANDS + 1).astype(int)[:-1]
        rows[row] = np.log1p(np.add.reduceat(magnitudes, edges))
    return rows - rows.mean(axis=0)


def _scores(a: np.ndarray, b: np.ndarray, step_s: float) -> tuple[np.ndarray, np.ndarray]:
    """Correlation at every offset, by one product of transforms."""
    size = scipy.fft.next_fast_len(len(a) + len(b), real=True)
    product = scipy.fft.rfft(b, size, axis=0) * scipy.fft.rfft(a, size, axis=0).conj()
    sums = scipy.fft.irfft(product.sum(axis=1), size)
    lags = np.arange(-len(a) + 1, len(b))
    longest = max(len(a), len(b)) / min(len(a), len(b))
    norm = np.linalg.norm(a) * np.linalg.norm(b) / longest**0.5 + 1e-6
    return lags * step_s, sums[lags] / norm

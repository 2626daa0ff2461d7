"""Coarse search: at which offsets pieces of A are heard in B.

Pieces of the shorter recording, two seconds each, are correlated with all of the longer one. The
two are whitened, so that the plain correlation is a phase correlation. Where several pieces peak at
one offset, to a few milliseconds, there is a candidate. Polarity is ignored: a microphone may be
wired the other way round.
"""

from dataclasses import dataclass

import numpy as np
import scipy.fft
from scipy.ndimage import maximum_filter1d

from videoalignment.align.sound.heard import COARSE, Heard
from videoalignment.align.sound.settings import SETTINGS

_SIZE = 1 << 16  # of the transforms: 16 s at the coarse rate
_AT_ONCE = 8  # transforms, which then take half the time each


@dataclass(frozen=True)
class Candidate:
    """An offset to refine."""

    offset_s: float
    """The moment of B at which A's first moment is heard, by both recordings' clocks."""
    at_a_s: float
    """The moment of A about which that was seen most clearly."""
    score: float


def search(a: Heard, b: Heard) -> list[Candidate]:
    """The best candidates, best first; none where nothing is heard.

    Args:
        a: the shorter recording.
        b: the longer one.
    """
    begins = _segment_begins(a, len(b.coarse))
    if len(begins) == 0:
        return []
    pool = _pool(a)
    peaks = _peaks(_segments(a, begins), b.coarse, pool)
    # each row begins where its piece would lie at B's first sample; onto one axis of offsets
    starts = begins // pool
    lags = np.zeros(peaks.shape[1] + int(starts.max()), np.float32)
    excess = np.clip(peaks - SETTINGS.least_peak, 0, SETTINGS.most_peak - SETTINGS.least_peak)
    shift = int(starts.max())
    # powers, as likeness ranks lines: few pieces that are the same outdo many that are alike
    for row, start in zip(np.square(np.square(excess)), starts, strict=True):
        lags[shift - start : shift - start + len(row)] += row
    return _highest(a, b, lags, excess, starts, pool)


def _pool(a: Heard) -> int:
    return round(SETTINGS.pool_s * a.rate_hz / COARSE)


def _segment_begins(a: Heard, length_b: int) -> np.ndarray:
    """First samples of the pieces of A that are looked for, on the grid of the search's steps."""
    pool = _pool(a)
    size = _segment_size(a)
    count = max(1, -(-len(a.coarse) // size))
    energy = np.zeros(count * size, np.float32)
    energy[: len(a.coarse)] = np.square(a.coarse)
    heard = energy.reshape(count, size).sum(axis=1)
    kept = int(max(1, min(count, SETTINGS.most_places / max(1, length_b))))
    # the one with the most to hear of each of `kept` stretches
    strata = np.array_split(np.arange(count), kept)
    chosen = np.array([stratum[np.argmax(heard[stratum])] for stratum in strata])
    return chosen[heard[chosen] > 0] * size // pool * pool


def _segment_size(a: Heard) -> int:
    return int(min(SETTINGS.segment_s * a.rate_hz / COARSE, max(1, len(a.coarse))))


def _segments(a: Heard, begins: np.ndarray) -> np.ndarray:
    size = _segment_size(a)
    segments = np.zeros((len(begins), size), np.float32)
    for segment, begin in zip(segments, begins, strict=True):
        sound = a.coarse[begin : begin + size]
        segment[: len(sound)] = sound
    return segments


def _peaks(segments: np.ndarray, sound: np.ndarray, pool: int) -> np.ndarray:
    """How clearly each piece is heard at each step of B, standard deviations.

    Args:
        segments: shape (k, size).
        sound: of B, at the same rate.
        pool: samples a step.

    Returns:
        The highest peak of each step and its neighbours, float32, shape (k, steps); the first step
        is the one at which a piece would end with B's first sample.
    """
    count, size = segments.shape
    lead = -(-size // pool) * pool  # whole steps before B begins
    valid = (_SIZE - size) // pool * pool
    spectra = scipy.fft.rfft(segments, _SIZE, axis=1).conj()
    norms = np.linalg.norm(segments, axis=1)
    total = lead + len(sound)
    steps = -(-total // pool)
    peaks = np.zeros((count, steps + valid // pool), np.float32)
    padded = np.zeros(-(-total // valid) * valid + _SIZE, np.float32)
    padded[lead : lead + len(sound)] = sound
    usual = float(np.sqrt(np.mean(np.square(sound)))) if len(sound) else 0.0
    for begin in range(0, total, valid):
        spectrum = scipy.fft.rfft(padded[begin : begin + _SIZE])
        for first in range(0, count, _AT_ONCE):
            rows = slice(first, first + _AT_ONCE)
            curves = scipy.fft.irfft(spectrum * spectra[rows], _SIZE, axis=1)[:, :valid]
            # where B is silent for a while, its sounds must not stand out the more
            deviations = np.sqrt(np.square(curves).mean(axis=1))
            deviations = np.maximum(deviations, 0.5 * usual * norms[rows])[:, None]
            here = slice(begin // pool, (begin + valid) // pool)
            peaks[rows, here] = _pooled(np.abs(curves), pool) / (deviations + 1e-9)
    return maximum_filter1d(peaks[:, :steps], 3, axis=1)


def _pooled(curves: np.ndarray, pool: int) -> np.ndarray:
    """The highest of every `pool` samples, which divide the last axis.

    By halves: NumPy is ten times slower where it takes the maximum of a few neighbours.
    """
    while pool % 2 == 0:
        curves, pool = np.maximum(curves[..., ::2], curves[..., 1::2]), pool // 2
    return curves.reshape(*curves.shape[:-1], -1, pool).max(axis=-1)


def _highest(
    a: Heard, b: Heard, lags: np.ndarray, excess: np.ndarray, starts: np.ndarray, pool: int
) -> list[Candidate]:
    """The highest offsets, each with where it was seen most clearly."""
    step_s = pool * COARSE / a.rate_hz
    lead = -(-_segment_size(a) // pool)
    around = max(1, round(SETTINGS.apart_s / step_s))
    lags = lags.copy()
    found: list[Candidate] = []
    for _ in range(SETTINGS.candidates):
        best = int(np.argmax(lags))
        if lags[best] <= 0 or _enough(found, float(lags[best])):
            break
        rows = best - (int(starts.max()) - starts)
        inside = (rows >= 0) & (rows < excess.shape[1])
        seen = np.where(inside, excess[np.arange(len(rows)), rows.clip(0, excess.shape[1] - 1)], 0)
        at_s = float(starts[np.argmax(seen)]) * step_s + SETTINGS.segment_s / 2
        shift_s = (best + 0.5 - int(starts.max()) - lead) * step_s
        found.append(
            Candidate(
                offset_s=b.features.begin_s + shift_s - a.features.begin_s,
                at_a_s=a.features.begin_s + at_s,
                score=float(lags[best]),
            )
        )
        lags[max(0, best - around) : best + around + 1] = 0
    return found


def _enough(found: list[Candidate], score: float) -> bool:
    """Whether no more candidates need be looked at, the next one having this score."""
    if not found:
        return False
    if found[0].score < SETTINGS.clear_score:
        return len(found) >= SETTINGS.unclear
    return len(found) >= 2 and score < SETTINGS.hopeless * found[0].score

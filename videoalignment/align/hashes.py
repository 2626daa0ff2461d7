"""Where two videos meet, from their TMK+PDQF hashes alone, or that the hashes cannot tell.

The hashes are turned back into the slow part of how the features moved (`tmk_unfold`), and these
signals are correlated at every offset. Both are centred on what the two share at that offset, so
that what stands still, a logo or a scene that looks the same throughout, favours no place.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy import fft

from videoalignment.errors import OptionError, UnusableFileError
from videoalignment.tmk_files import TmkHash
from videoalignment.tmk_unfold import SlowSignal, unfold, usual_step

MIN_OVERLAP_S = 3.0
TELLS = 0.8
"""The confidence from which an offset counts as found."""

_MOVES = 1e-4  # the least share of a signal's energy that counts as moving; rounding is below it
_EVENED = 0.25  # power of both variations of a dimension that it is divided by
_APART_S = 2.0  # a second place at least so far away is another place
_CURVED_S = 1 / 3  # from the peak to where its curvature is read
# Of the logistic model of `benchmarks.tmk_places`: correlation, second place, constant.
_WEIGHTS = (13.5, -3.3, -4.0)
# Footage that returns has several places; from so good a second one, none of them is the place.
_RIVAL, _RIVALS = 0.75, 30.0
_LEAST_UNCERTAINTY_S = 0.1  # 95 % of what the sampling of frames and the rows' blur cost
_UNCERTAINTY = 0.25  # 95 % of errors, over what noise and the peak's curvature suggest


@dataclass(frozen=True)
class HashAlignment:
    """What two hashes say about where their videos meet."""

    found: bool
    """Whether they can tell."""
    offset_s: float
    """The moment of B, seconds, at which A's first moment falls; a guess where not found."""
    uncertainty_s: float
    """Half width of the offset's 95 % interval, seconds."""
    confidence: float
    """Probability that the two share footage at this offset, 0 to 1."""
    correlation: float
    """Of what moves in both, over what they share at this offset, -1 to 1."""
    second: float
    """How close the next best place, at least two seconds away, comes to this one, 0 to 1."""
    overlap_s: float
    """How much they share at this offset, seconds."""


def align_hashes(a: TmkHash, b: TmkHash, *, min_overlap_s: float = MIN_OVERLAP_S) -> HashAlignment:
    """Find where A's video lies in B's, from their hashes.

    Args:
        a: a hash.
        b: the hash of the video to find it in.
        min_overlap_s: the least that the two must share, seconds; less where one is shorter.

    Raises:
        FeatureMismatchError: the hashes were folded in different ways.
        UnusableFileError: a hash is not fit for this, or all zero; the message says A or B.
        OptionError: the least overlap is no positive number.
    """
    a.check_comparable(b)
    if not 0 < min_overlap_s < math.inf:
        raise OptionError(
            f"`min_overlap_s` {min_overlap_s:g}: expected a number of seconds above 0"
        )
    step = usual_step(max(a.frames, b.frames))
    unfolded = [_unfold(tmk, step, name) for tmk, name in ((a, "A"), (b, "B"))]
    fps = a.fps / step
    signals = _evened(*(_moving(signal.samples) for signal in unfolded))
    curve = _correlate(*signals, max(2, math.ceil(min_overlap_s * fps)))
    found = _decide(curve, fps)
    if all(signal.determined for signal in unfolded):
        return found
    return replace(found, found=False, confidence=min(found.confidence, 0.5))


def _unfold(tmk: TmkHash, step: int, name: str) -> SlowSignal:
    try:
        return unfold(tmk, step=step)
    except UnusableFileError as error:
        raise UnusableFileError(f"hash {name}: {error}") from None


def _moving(samples: np.ndarray) -> np.ndarray:
    """What of a signal moves: without its mean direction, and zero where hardly anything is left.

    Features have length 1, so that what moves, moves across their mean. Along it, a signal knows
    itself only by the lengths that rows usually have.
    """
    mean = samples.mean(0)
    length = np.linalg.norm(mean)
    direction = mean / length if length > 0 else mean
    across = samples - np.outer(samples @ direction, direction)
    return across if np.mean(np.sum(across**2, axis=1)) > _MOVES else np.zeros_like(across)


def _evened(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both signals with dimensions that vary much weakened, mean square length 1 again."""
    weight = np.ones(a.shape[1])
    for variance in (a.var(0), b.var(0)):
        deviation = np.sqrt(variance + _MOVES * variance.mean())
        weight /= np.where(deviation > 0, deviation, 1) ** _EVENED
    size_a, size_b = (np.sqrt(np.mean(np.sum((x * weight) ** 2, axis=1))) for x in (a, b))
    return a * weight / (size_a or 1), b * weight / (size_b or 1)


@dataclass(frozen=True, eq=False)
class _Curve:
    """Correlation of two signals at every offset, in samples, ascending by one."""

    offsets: np.ndarray
    overlaps: np.ndarray
    correlations: np.ndarray


def _correlate(a: np.ndarray, b: np.ndarray, least: int) -> _Curve:
    """Correlate signals (n, d), each centred on what is shared at an offset."""
    least = min(least, len(a), len(b))
    offsets = np.arange(least - len(a), len(b) - least + 1)
    begin, end = np.maximum(0, -offsets), np.minimum(len(a), len(b) - offsets)
    overlaps = end - begin
    length = fft.next_fast_len(len(a) + len(b), real=True)
    spectra = (fft.rfft(x, length, axis=0) for x in (a, b))
    products = fft.irfft(np.einsum("kd,kd->k", next(spectra).conj(), next(spectra)), length)
    sum_a, energy_a = _within(a, begin, end)
    sum_b, energy_b = _within(b, begin + offsets, end + offsets)
    moving = products[offsets % length] - np.einsum("kd,kd->k", sum_a, sum_b) / overlaps
    # What hardly moves is as good as still; there, rounding would correlate.
    floor = _MOVES * overlaps
    energy = np.maximum(energy_a, floor) * np.maximum(energy_b, floor)
    return _Curve(offsets, overlaps, moving / np.sqrt(energy))


def _within(x: np.ndarray, begin: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sums of a signal over stretches, and how much it moves within them."""
    sums = np.vstack([np.zeros_like(x[:1]), np.cumsum(x, axis=0)])
    squares = np.concatenate([[0.0], np.cumsum(np.sum(x**2, axis=1))])
    total = sums[end] - sums[begin]
    return total, squares[end] - squares[begin] - np.sum(total**2, axis=1) / (end - begin)


def _decide(curve: _Curve, fps: float) -> HashAlignment:
    """Take the best place, weighing a correlation by how much it is a correlation of."""
    scores = curve.correlations * np.sqrt(curve.overlaps)
    best = int(scores.argmax())
    correlation = float(np.clip(curve.correlations[best], -1, 1))
    apart = np.abs(curve.offsets - curve.offsets[best]) > _APART_S * fps
    second = float(scores[apart].max(initial=0) / scores[best]) if scores[best] > 0 else 1.0
    evidence = np.dot(_WEIGHTS, (correlation, second, 1.0)) - _RIVALS * max(0, second - _RIVAL)
    confidence = float(1 / (1 + np.exp(-evidence)))
    return HashAlignment(
        found=confidence >= TELLS,
        offset_s=(float(curve.offsets[best]) + _beside(scores, best)) / fps,
        uncertainty_s=_uncertainty_s(scores, best, correlation, fps),
        confidence=confidence,
        correlation=correlation,
        second=second,
        overlap_s=float(curve.overlaps[best]) / fps,
    )


def _beside(scores: np.ndarray, best: int) -> float:
    """Where the peak lies between samples, by a parabola, in samples from the best."""
    if not 0 < best < len(scores) - 1:
        return 0.0
    before, at, after = scores[best - 1 : best + 2]
    bend = before - 2 * at + after
    return float(0.5 * (before - after) / bend) if bend < 0 else 0.0


def _uncertainty_s(scores: np.ndarray, best: int, correlation: float, fps: float) -> float:
    """From the peak's width and from what does not correlate."""
    reach = max(1, round(_CURVED_S * fps))
    if correlation <= 0 or not reach <= best < len(scores) - reach:
        sharp = 0.0  # at an end of the curve, or no peak at all
    else:
        sides = scores[best - reach] + scores[best + reach]
        sharp = max(0.0, float(2 - sides / scores[best])) * (fps / reach) ** 2
    if sharp == 0:
        return len(scores) / fps / 2
    noise = math.sqrt(max(0.0, 1 - correlation**2)) / correlation
    blur_s = _UNCERTAINTY * noise / math.sqrt(sharp)
    return min(
        math.hypot(_LEAST_UNCERTAINTY_S, blur_s), max(_LEAST_UNCERTAINTY_S, len(scores) / fps / 2)
    )

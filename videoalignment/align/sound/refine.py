"""From a candidate to a fraction of a millisecond, and the rate of the clocks.

The delays of windows are measured by phase correlation near where the candidate was found, a line
is laid through them, and the reach grows until the overlap is covered: clocks that run apart move
windows out of sight only far from where the line is known.
"""

from dataclasses import dataclass

import numpy as np
import scipy.fft
import torch
from torch.fft import irfft, rfft

from videoalignment.align.sound.heard import Heard
from videoalignment.align.sound.search import Candidate
from videoalignment.align.sound.settings import SETTINGS
from videoalignment.time_map import TimeMap

_ROUNDS = 6
_TUKEY = 4.7  # standard deviations beyond which a delay counts no more


@dataclass(frozen=True)
class Fit:
    """A line through windows' delays."""

    time_map: TimeMap
    best_at_s: float
    """The moment of A whose place is known best."""
    place_s: float
    """Standard deviation of that place, seconds."""
    speed: float
    """Standard deviation of the speed."""


def overlap(a: Heard, b: Heard, line: TimeMap) -> tuple[float, float]:
    """The first and last moment of A that B hears too; the last comes first where there is none."""
    begin_s = max(a.features.begin_s, line.to_a(b.features.begin_s))
    return begin_s, min(a.features.end_s, line.to_a(b.features.end_s))


def refine(a: Heard, b: Heard, candidate: Candidate) -> Fit:
    """Refine a candidate.

    Args:
        a, b: the two recordings.
        candidate: within two steps of the search of the truth, at its moment of A.
    """
    fit = Fit(TimeMap(candidate.offset_s), candidate.at_a_s, SETTINGS.pool_s, SETTINGS.most_rate)
    reach_s, most_rate = SETTINGS.first_reach_s, SETTINGS.most_rate
    while True:
        begin_s, end_s = overlap(a, b, fit.time_map)
        near_s = max(begin_s, candidate.at_a_s - reach_s), min(end_s, candidate.at_a_s + reach_s)
        if near_s[1] <= near_s[0]:
            return fit
        fit = _fitted(a, b, fit, near_s, most_rate)
        if near_s == (begin_s, end_s):
            return fit
        reach_s *= SETTINGS.growth
        most_rate = min(most_rate, 4 * fit.speed + 1e-5)


def curves(a: Heard, b: Heard, line: TimeMap, times_s: np.ndarray, window_s: float) -> np.ndarray:
    """Correlate windows of A with B around where a line puts them.

    Args:
        times_s: middles of the windows, moments of A, shape (n,).
        window_s: their length.

    Returns:
        Correlation in standard deviations of itself, float32, shape (n, 2 * lags + 1); the line
        runs through the middle, but for less than a sample, which `off_line` tells.
    """
    count, lags = int(window_s * a.rate_hz), SETTINGS.lags
    begins_a, begins_b = _begins(a, b, line, times_s, count)
    one = a.cut(begins_a, count)
    other = b.cut(begins_b - lags, count + 2 * lags)
    size = scipy.fft.next_fast_len(count + 2 * lags, real=True)
    # torch's transforms take two thirds of the time of SciPy's
    product = rfft(torch.from_numpy(other), size) * rfft(torch.from_numpy(one), size).conj()
    found = irfft(product, size)[:, : 2 * lags + 1].numpy()
    deviation = np.median(np.abs(found), axis=1, keepdims=True) / 0.6745
    return np.asarray(found / (deviation + 1e-9 + 0.02 * np.abs(found).max(axis=1, keepdims=True)))


def off_line(
    a: Heard, b: Heard, line: TimeMap, times_s: np.ndarray, window_s: float
) -> tuple[np.ndarray, np.ndarray]:
    """Where the middles of `curves` really lie.

    Returns:
        Middles of the windows, moments of A, and the moments of B that the curves' middles mean,
        shape (n,) each.
    """
    count = int(window_s * a.rate_hz)
    begins_a, begins_b = _begins(a, b, line, times_s, count)
    middles_a = a.features.begin_s + (begins_a + count / 2) / a.rate_hz
    return middles_a, b.features.begin_s + (begins_b + count / 2) / b.rate_hz


def _begins(
    a: Heard, b: Heard, line: TimeMap, times_s: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """First samples of the windows in A and B."""
    begins_a = np.rint(a.sample_at(times_s) - count / 2).astype(int)
    middles_s = a.features.begin_s + (begins_a + count / 2) / a.rate_hz
    return begins_a, np.rint(b.sample_at(line.to_b(middles_s)) - count / 2).astype(int)


def _fitted(a: Heard, b: Heard, fit: Fit, stretch_s: tuple[float, float], most_rate: float) -> Fit:
    """Lay a line through the delays of the windows of a stretch of A."""
    begin_s, end_s = stretch_s
    window_s = min(SETTINGS.window_s, max(SETTINGS.least_window_s, (end_s - begin_s) / 8))
    window_s = min(window_s, end_s - begin_s)
    room_s = end_s - begin_s - window_s
    count = int(min(SETTINGS.most_windows, 2 * room_s / window_s + 1))
    times_s = begin_s + window_s / 2 + np.linspace(0, room_s, count)
    found = curves(a, b, fit.time_map, times_s, window_s)
    times_a_s, times_b_s = off_line(a, b, fit.time_map, times_s, window_s)
    slope, shift = _stacked(found, times_a_s, most_rate, a.rate_hz)
    middle_s = float(times_a_s.mean())
    expected = shift + slope * (times_a_s - middle_s) * a.rate_hz
    delays, z = _nearest_peaks(found, expected)
    clear = z >= min(SETTINGS.peak_z, float(np.max(z)))
    place_s = times_b_s + delays / b.rate_hz
    rate = fit.time_map.speed - 1 + slope
    return _line(times_a_s[clear], place_s[clear], z[clear], rate)


def _stacked(
    found: np.ndarray, times_s: np.ndarray, most_rate: float, rate_hz: int
) -> tuple[float, float]:
    """The change of rate, and the shift in samples, at which all curves together are highest."""
    lags = SETTINGS.lags
    from_middle = (times_s - times_s.mean()) * rate_hz
    reach = max(1.0, float(np.abs(from_middle).max()))
    steps = min(int(np.ceil(most_rate * reach)), lags)
    slopes = np.arange(-steps, steps + 1) / reach
    heights = np.clip(np.abs(found), 0, SETTINGS.most_z)
    heights = np.maximum(heights, np.maximum(np.roll(heights, 1, 1), np.roll(heights, -1, 1)))
    padded = np.pad(heights, ((0, 0), (steps + 1, steps + 1)))
    shifted = np.lib.stride_tricks.sliding_window_view(padded, 2 * lags + 1, axis=1)
    totals = np.zeros((len(slopes), 2 * lags + 1), np.float32)
    for views, ahead in zip(shifted, from_middle, strict=True):
        totals += views[np.rint(slopes * ahead).astype(int) + steps + 1]
    totals -= np.abs(slopes)[:, None] * 1e-3  # of equal ones, that of equal clocks
    best = np.unravel_index(int(np.argmax(totals)), totals.shape)
    return float(slopes[best[0]]), float(best[1] - lags)


def _nearest_peaks(found: np.ndarray, expected: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each curve's highest point near where it is expected: its place in samples, and height."""
    lags, near = SETTINGS.lags, SETTINGS.near
    centre = np.rint(expected).astype(int) + lags
    places = (centre[:, None] + np.arange(-near, near + 1)).clip(1, 2 * lags - 1)
    rows = np.arange(len(found))
    around = found[rows[:, None], places]
    # one polarity for all: the lobes beside a peak are of the other one, and nearly as high
    upright = around.max(axis=1).sum() >= -around.min(axis=1).sum()
    heights = found if upright else -found
    best = places[rows, np.argmax(heights[rows[:, None], places], axis=1)]
    before, here, after = (heights[rows, best + step] for step in (-1, 0, 1))
    bend = before - 2 * here + after
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(bend < 0, 0.5 * (before - after) / bend, 0.0)
    return best - lags + np.clip(part, -0.5, 0.5), here


def _line(times_s: np.ndarray, places_s: np.ndarray, z: np.ndarray, rate: float) -> Fit:
    """A robust line through delays, by weighted least squares with a prior about the rate.

    Args:
        times_s: moments of A, shape (n,).
        places_s: the moments of B that they were found to be.
        z: how clearly.
        rate: about how much faster B's clock runs.
    """
    middle_s = float(np.average(times_s, weights=z**2))
    delays_s = places_s - times_s
    weights = np.minimum(z, 3 * SETTINGS.peak_z) ** 2
    slope = rate
    centre_s = float(np.median(delays_s - slope * (times_s - middle_s)))
    spread_s = SETTINGS.pool_s
    for _ in range(_ROUNDS):
        # around what the delays say alone: a slope that the prior holds back would spread them, and
        # then be held back the more
        off_s = delays_s - centre_s - slope * (times_s - middle_s)
        spread_s = max(SETTINGS.spread_s, 1.48 * float(np.median(np.abs(off_s))))
        trusted = weights * np.clip(1 - np.square(off_s / (_TUKEY * spread_s)), 0, None) ** 2
        if trusted.sum() <= 0:
            break
        middle_s = float(np.average(times_s, weights=trusted))
        from_middle_s = times_s - middle_s
        centre_s = float(np.average(delays_s, weights=trusted))
        certain = trusted / trusted.max() / SETTINGS.repeats / spread_s**2
        told = float(certain @ from_middle_s**2)
        slope = float(certain @ (from_middle_s * (delays_s - centre_s))) / max(told, 1e-9)
    precision = told + SETTINGS.usual_rate**-2
    slope *= told / precision
    place_s = spread_s / max(1.0, float(certain.sum()) * spread_s**2) ** 0.5
    offset_s = centre_s - slope * middle_s
    return Fit(TimeMap(offset_s, 1 + slope), middle_s, place_s, precision**-0.5)

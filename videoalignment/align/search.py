"""Coarse search: which offsets and speeds are worth a closer look.

The shorter video is cut into windows as long as the least overlap that is asked for, so that any
such overlap holds a whole window. Each window is correlated with the longer video at every offset
and a few speeds, both centred within the window: what stands still in either (black, a still, a
logo) has nothing to correlate. The windows' best offsets then vote for lines through time.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import conv1d

from videoalignment.align.footage import Footage

# 0.5 to 2 in steps that leave at most a twentieth of a window's length of drift at its ends
SPEEDS = tuple(2.0 ** (k / 7) for k in range(-7, 8))
_MOST_BINS = 18000  # of the longer video: two hours at 2.5 Hz
_BINS_PER_S = 10.0
_PEAKS_PER_WINDOW = 4
_MOST_PEAKS = 1500
_SEEDS = 60  # peaks that every pair of is tried as a line


@dataclass(frozen=True)
class Candidate:
    """An offset and a speed to verify: moment t of A is moment offset_s + t * speed of B."""

    offset_s: float
    speed: float
    score: float
    """Sum over windows of the correlation, in standard deviations of chance."""


@dataclass(frozen=True)
class Peaks:
    """Where windows of A fit B best, all arrays of shape (n,)."""

    window: np.ndarray
    time_a_s: np.ndarray
    """Begin of the window in A."""
    time_b_s: np.ndarray
    """Begin of its place in B."""
    speed: np.ndarray
    score: np.ndarray
    """Correlation in standard deviations of the window's correlations at all offsets."""

    def strongest(self, count: int) -> "Peaks":
        """The `count` peaks with the highest scores, best first."""
        order = np.argsort(-self.score, kind="stable")[:count]
        return Peaks(*(getattr(self, name)[order] for name in self.__dataclass_fields__))


def search(
    a: Footage, b: Footage, *, window_s: float, count: int = 5, device: str = "cpu"
) -> list[Candidate]:
    """The best `count` candidates, distinct ones, best first.

    Args:
        a: the shorter video, whitened.
        b: the longer video, whitened.
        window_s: the least overlap, seconds of A; at most the length of A.
        device: where the correlations are computed.
    """
    rate_hz = min(_BINS_PER_S, _MOST_BINS / (b.end_s - b.begin_s))
    found = [_peaks(a, b, speed, window_s, rate_hz, device) for speed in SPEEDS]
    peaks = Peaks(*(np.concatenate(column) for column in zip(*found, strict=True)))
    return _lines(peaks.strongest(_MOST_PEAKS), 1 / rate_hz, window_s, count)


def correlation_curves(windows: torch.Tensor, video: torch.Tensor) -> torch.Tensor:
    """Correlate windows with a video at every place that they fit in whole.

    Args:
        windows: shape (k, n, d).
        video: shape (m, d), m >= n.

    Returns:
        Correlation coefficients -1..1, centred within the window, shape (k, m - n + 1); near 0
        where either hardly changes over the window.
    """
    n = windows.shape[1]
    windows = windows - windows.mean(dim=1, keepdim=True)
    products = conv1d(video.T[None], windows.transpose(1, 2))[0]
    energy_a = windows.square().sum(dim=(1, 2))
    sums = torch.cumsum(torch.cat([video.new_zeros(1, video.shape[1]), video]).double(), dim=0)
    squares = torch.cumsum(
        torch.cat([video.new_zeros(1), video.square().sum(dim=1)]).double(), dim=0
    )
    within = squares[n:] - squares[:-n] - (sums[n:] - sums[:-n]).square().sum(dim=1) / n
    energy_b = within.clamp(min=0).to(video.dtype)
    # A window that hardly moves has a correlation of noise; the floor keeps it from scoring.
    floor = 0.05 * n
    return products / ((energy_a + floor)[:, None] * (energy_b + floor)).sqrt()


def _peaks(
    a: Footage, b: Footage, speed: float, window_s: float, rate_hz: float, device: str
) -> tuple[np.ndarray, ...]:
    """The strongest offsets of every window of A at one speed: the fields of `Peaks`."""
    bins = max(2, round(window_s * speed * rate_hz))
    begins_s = _window_begins(a, bins / (speed * rate_hz), window_s / 2)
    windows = a.averaged(begins_s[:, None] + np.arange(bins + 1) / (speed * rate_hz))
    count_b = int((b.end_s - b.begin_s) * rate_hz)
    if count_b < bins:
        return tuple(np.zeros(0) for _ in range(5))
    video = b.averaged(b.begin_s + np.arange(count_b + 1) / rate_hz)
    curves = correlation_curves(
        torch.from_numpy(windows).to(device), torch.from_numpy(video).to(device)
    )
    scores = curves * (bins / 2) ** 0.5
    padded = torch.nn.functional.pad(scores, (1, 1), value=-torch.inf)
    is_peak = (scores >= padded[:, :-2]) & (scores > padded[:, 2:])
    best = torch.where(is_peak, scores, -torch.inf).topk(
        min(_PEAKS_PER_WINDOW, scores.shape[1]), dim=1
    )
    place, score = best.indices.cpu().numpy(), best.values.cpu().numpy()
    window, rank = np.nonzero(score > 0)
    place, score = place[window, rank], score[window, rank]
    return (
        window + 0.0,
        begins_s[window],
        b.begin_s + place / rate_hz,
        np.full(len(window), speed),
        score,
    )


def _window_begins(a: Footage, length_s: float, hop_s: float) -> np.ndarray:
    """Begins of windows that cover A, the first at its begin, the last one ending at its end."""
    room_s = max(0.0, a.end_s - a.begin_s - length_s)
    return a.begin_s + np.linspace(0, room_s, int(np.ceil(room_s / hop_s)) + 1)


def _lines(peaks: Peaks, bin_s: float, window_s: float, count: int) -> list[Candidate]:
    """Offsets and speeds that many peaks agree on."""
    if len(peaks.score) == 0:
        return []
    speed, offset_s = _hypotheses(peaks)
    support = np.array([_support(peaks, s, o, bin_s) for s, o in zip(speed, offset_s, strict=True)])
    middle_s = peaks.time_a_s.mean() + window_s / 2
    chosen: list[Candidate] = []
    for index in np.argsort(-support, kind="stable"):
        candidate = Candidate(float(offset_s[index]), float(speed[index]), float(support[index]))
        place_s = candidate.offset_s + candidate.speed * middle_s
        if all(
            abs(place_s - other.offset_s - other.speed * middle_s) > 0.5
            or abs(np.log(candidate.speed / other.speed)) > 0.05
            for other in chosen
        ):
            chosen.append(candidate)
        if len(chosen) == count:
            break
    return chosen


def _hypotheses(peaks: Peaks) -> tuple[np.ndarray, np.ndarray]:
    """Speeds and offsets to try: each peak by itself, and lines through two strong ones."""
    seeds = peaks.strongest(_SEEDS)
    one, other = np.triu_indices(len(seeds.score), 1)
    apart_s = seeds.time_a_s[other] - seeds.time_a_s[one]
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (seeds.time_b_s[other] - seeds.time_b_s[one]) / apart_s
        agree = (np.abs(np.log(slope / seeds.speed[one])) < 0.1) & (
            np.abs(np.log(slope / seeds.speed[other])) < 0.1
        )
    slope, one = slope[agree], one[agree]
    single = peaks.strongest(4 * _SEEDS)
    speed = np.concatenate([single.speed, slope])
    offset_s = np.concatenate(
        [
            single.time_b_s - single.speed * single.time_a_s,
            seeds.time_b_s[one] - slope * seeds.time_a_s[one],
        ]
    )
    return speed, offset_s


def _support(peaks: Peaks, speed: float, offset_s: float, bin_s: float) -> float:
    """Sum over windows of the strongest peak that lies on the line."""
    off_s = np.abs(peaks.time_b_s - offset_s - speed * peaks.time_a_s)
    close = (off_s < 1.5 * bin_s) & (np.abs(np.log(peaks.speed / speed)) < 0.1)
    best = np.zeros(int(peaks.window.max()) + 1)
    np.maximum.at(best, peaks.window[close].astype(int), peaks.score[close])
    return float(best.sum())

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
from videoalignment.align.settings import SETTINGS
from videoalignment.time_map import TimeMap


@dataclass(frozen=True)
class Candidate:
    """A line through time to refine and verify."""

    time_map: TimeMap
    begin_a_s: float
    end_a_s: float
    """The stretch of A whose windows agree on it."""


@dataclass(frozen=True)
class Peaks:
    """Where windows of A fit B best, all arrays of shape (n,)."""

    time_a_s: np.ndarray
    """Begin of the window in A."""
    time_b_s: np.ndarray
    """Begin of its place in B."""
    speed: np.ndarray
    score: np.ndarray
    """Correlation of the window and that place, 0..1."""

    def strongest(self, count: int) -> "Peaks":
        """The `count` peaks with the highest scores, best first."""
        order = np.argsort(-self.score, kind="stable")[:count]
        return Peaks(*(getattr(self, name)[order] for name in self.__dataclass_fields__))


def search(
    a: Footage,
    b: Footage,
    *,
    window_s: float,
    speeds: tuple[float, ...] = SETTINGS.all_speeds,
    count: int = SETTINGS.candidates,
    device: torch.device | str = "cpu",
) -> list[Candidate]:
    """The best `count` candidates, distinct ones, best first.

    Args:
        a: the shorter video, whitened.
        b: the longer video, whitened.
        window_s: the least overlap, seconds of A; at most the length of A.
        speeds: that are tried; those between neighbours are found too.
        count: how many candidates.
        device: where the correlations are computed.
    """
    rate_hz = min(SETTINGS.bins_per_s, SETTINGS.most_bins / (b.end_s - b.begin_s))
    if rate_hz < SETTINGS.bins_per_s:
        kept = SETTINGS.dimensions_when_long
        first = np.eye(a.descriptors.shape[1], kept, dtype=np.float32)
        a, b = a.projected(first), b.projected(first)
    found = [_peaks(a, b, speed, window_s, rate_hz, device) for speed in speeds]
    peaks = Peaks(*(np.concatenate(column) for column in zip(*found, strict=True)))
    return _lines(peaks.strongest(SETTINGS.most_peaks), 1 / rate_hz, window_s, count)


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
    floor = SETTINGS.search_stillness * n
    return products / ((energy_a + floor)[:, None] * (energy_b + floor)).sqrt()


def _peaks(
    a: Footage,
    b: Footage,
    speed: float,
    window_s: float,
    rate_hz: float,
    device: torch.device | str,
) -> tuple[np.ndarray, ...]:
    """The strongest offsets of every window of A at one speed: the fields of `Peaks`."""
    bins = max(2, round(window_s * speed * rate_hz))
    begins_s = _window_begins(a, bins / (speed * rate_hz), window_s / 2)
    windows = a.averaged(begins_s[:, None] + np.arange(bins + 1) / (speed * rate_hz))
    count_b = int((b.end_s - b.begin_s) * rate_hz)
    if count_b < bins:
        return tuple(np.zeros(0) for _ in range(4))
    video = b.averaged(b.begin_s + np.arange(count_b + 1) / rate_hz)
    curves = correlation_curves(
        torch.from_numpy(windows).to(device), torch.from_numpy(video).to(device)
    )
    padded = torch.nn.functional.pad(curves, (1, 1), value=-torch.inf)
    is_peak = (curves >= padded[:, :-2]) & (curves > padded[:, 2:])
    best = torch.where(is_peak, curves, -torch.inf).topk(
        min(SETTINGS.peaks_per_window, curves.shape[1]), dim=1
    )
    place, score = best.indices.cpu().numpy(), best.values.cpu().numpy()
    window, rank = np.nonzero(score > 0)
    place, score = place[window, rank], score[window, rank]
    return (
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
    speeds, offsets_s = _hypotheses(peaks)
    support = _Support(peaks, bin_s)
    totals = [support(s, o).sum() for s, o in zip(speeds, offsets_s, strict=True)]
    chosen: list[Candidate] = []
    for index in np.argsort(totals, kind="stable")[::-1]:
        speed, offset_s = float(speeds[index]), float(offsets_s[index])
        first, last = _densest_run(support(speed, offset_s))
        begin_s, end_s = support.begins_s[first], support.begins_s[last] + window_s
        candidate = Candidate(TimeMap(offset_s, speed), float(begin_s), float(end_s))
        if not _is_among(candidate, chosen):
            chosen.append(candidate)
        if len(chosen) == count:
            break
    return chosen


def _is_among(candidate: Candidate, others: list[Candidate]) -> bool:
    """Whether a candidate would be refined to the same line as one of the others."""
    middle_s = (candidate.begin_a_s + candidate.end_a_s) / 2
    same = SETTINGS.same_candidate
    return any(same.holds(candidate.time_map, other.time_map, middle_s) for other in others)


def _densest_run(support: np.ndarray) -> tuple[int, int]:
    """First and last window of the run with the most support above a third of the usual one."""
    gains = support - support[support > 0].mean() / 3
    sums = np.concatenate([[0.0], np.cumsum(gains)])
    rises = sums[1:] - np.minimum.accumulate(sums[:-1])
    last = int(np.argmax(rises))
    return int(np.argmin(sums[: last + 1])), last


def _hypotheses(peaks: Peaks) -> tuple[np.ndarray, np.ndarray]:
    """Speeds and offsets to try: each peak by itself, and lines through two strong ones."""
    seeds = peaks.strongest(SETTINGS.seeds)
    one, other = np.triu_indices(len(seeds.score), 1)
    apart_s = seeds.time_a_s[other] - seeds.time_a_s[one]
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (seeds.time_b_s[other] - seeds.time_b_s[one]) / apart_s
        agree = _near(slope, seeds.speed[one]) & _near(slope, seeds.speed[other])
    slope, one = slope[agree], one[agree]
    single = peaks.strongest(4 * SETTINGS.seeds)
    speed = np.concatenate([single.speed, slope])
    offset_s = np.concatenate(
        [
            single.time_b_s - single.speed * single.time_a_s,
            seeds.time_b_s[one] - slope * seeds.time_a_s[one],
        ]
    )
    return speed, offset_s


def _near(speed: np.ndarray | float, other: np.ndarray) -> np.ndarray:
    """Whether a peak found at one speed may support a line of another."""
    return np.abs(np.log(speed / other)) < SETTINGS.peak_to_line_log_speed


class _Support:
    """How much the windows of A support a line."""

    def __init__(self, peaks: Peaks, bin_s: float) -> None:
        self.begins_s, self._window = np.unique(peaks.time_a_s, return_inverse=True)
        self._peaks, self._bin_s = peaks, bin_s
        self._log_speed = np.log(peaks.speed)

    def __call__(self, speed: float, offset_s: float) -> np.ndarray:
        """Each window's strongest peak on the line, 0 where it has none, shape (windows,)."""
        off_s = np.abs(self._peaks.time_b_s - offset_s - speed * self._peaks.time_a_s)
        close = (off_s < 1.5 * self._bin_s) & (np.abs(self._log_speed - np.log(speed)) < 0.1)
        best = np.zeros(len(self.begins_s))
        np.maximum.at(best, self._window[close], self._peaks.score[close])
        return best

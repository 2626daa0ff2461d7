"""Footage that repeats itself: other lines from which an answer cannot be told.

A box that turns, a loop, a machine at work: what a video shows comes again, and another video that
meets it once is as alike at every turn. Whether a video repeats itself it shows by itself, at every
lag that it lasts longer than: that needs no other video, and no line that a search had to find. Two
lines then differ only in the place that they put a moment at, so both places are compared with that
moment (as rivals of sounds are, align/sound/rivals.py): what differs between turns, somebody who
walks by, is in the other video at one of them only.
"""

import numpy as np
import scipy.fft

from videoalignment.align.footage import Footage
from videoalignment.align.refine import refine
from videoalignment.align.search import Candidate
from videoalignment.align.settings import SETTINGS
from videoalignment.align.verify import changes_in_cells, independent
from videoalignment.time_map import TimeMap

LEAST_SEEN_S = 2.0
"""How long a video must show both turns for anything to be said about a lag."""
_ALIKE = 0.3  # correlation of a video with itself from which a lag is looked at
_NEARLY = 0.5  # share of a line's agreement that its rival must have
_TOLD = 3.0  # standard errors from which the two are told apart
_MOST = 6  # lags of a video that are looked at, those at which it is most alike


def rival_lines(a: Footage, b: Footage, line: TimeMap) -> tuple[TimeMap, ...]:
    """The lines that would do as well as one, the most alike first.

    Args:
        a, b: the two videos, whitened together.
        line: where they meet.
    """
    found = _untold(a, b, line)
    found += [(alike, rival.inverse()) for alike, rival in _untold(b, a, line.inverse())]
    rivals: list[TimeMap] = []
    middle_s = sum(_shared(a, b, line)) / 2
    for _, rival in sorted(found, key=lambda one: -one[0]):
        if not any(SETTINGS.same_line.holds(rival, other, middle_s) for other in rivals):
            rivals.append(rival)
    return tuple(rivals)


def _untold(a: Footage, b: Footage, line: TimeMap) -> list[tuple[float, TimeMap]]:
    """Lines to other turns of B that A does not tell from the one it meets, and how alike these
    are, 0..1."""
    begin_s, end_s = _shared(a, b, line)
    first_s, last_s = line.to_b(begin_s), line.to_b(end_s)
    found = []
    for alike, lag_s in _lags(b, first_s, last_s):
        again = refine(b, b, Candidate(TimeMap(lag_s), first_s, last_s))
        rival = line.then(again.time_map)
        seen_s = line.to_a(again.begin_a_s), line.to_a(again.end_a_s)
        if not _is_told(a, b, line, rival, *seen_s):
            found.append((alike, rival))
    return found


def _shared(a: Footage, b: Footage, line: TimeMap) -> tuple[float, float]:
    """What of A a line puts in B."""
    begin_s = max(a.begin_s, line.to_a(b.begin_s))
    return begin_s, max(begin_s, min(a.end_s, line.to_a(b.end_s)))


def _lags(video: Footage, begin_s: float, end_s: float) -> list[tuple[float, float]]:
    """How alike, 0..1, a video is to a stretch of it how many seconds later, where most alike.

    Args:
        video: whitened.
        begin_s, end_s: the stretch.
    """
    rate_hz = min(SETTINGS.bins_per_s, SETTINGS.most_bins / (video.end_s - video.begin_s))
    least = round(LEAST_SEEN_S * rate_hz)
    stretch = video.averaged(np.arange(begin_s, end_s, 1 / rate_hz))[:-1]
    whole = video.averaged(np.arange(video.begin_s, video.end_s, 1 / rate_hz))
    if min(len(stretch), len(whole)) <= least:
        return []
    alike = _self_likeness(stretch, whole, least)
    lags_s = (np.arange(len(alike)) + least - len(stretch)) / rate_hz + video.begin_s - begin_s
    around = max(1, round(SETTINGS.same_line.apart_s * rate_hz))
    beside = np.lib.stride_tricks.sliding_window_view(np.pad(alike, around), 2 * around + 1)
    peaks = np.flatnonzero(
        (alike >= beside.max(axis=1))
        & (alike >= _ALIKE)
        & (np.abs(lags_s) >= SETTINGS.same_line.apart_s)
    )
    strongest = peaks[np.argsort(-alike[peaks], kind="stable")[:_MOST]]
    return [(float(alike[peak]), float(lags_s[peak])) for peak in strongest]


def _self_likeness(stretch: np.ndarray, whole: np.ndarray, least: int) -> np.ndarray:
    """Correlation of a stretch with a video at every place that they share enough at.

    Both are centred on what they share there.

    Args:
        stretch: shape (n, d).
        whole: shape (m, d).
        least: how many moments they must share.

    Returns:
        Shape (n + m + 1 - 2 * least,), from `least` moments before the end of the stretch on.
    """
    n, m = len(stretch), len(whole)
    stretch, whole = stretch.astype(np.float64), whole.astype(np.float64)
    size = scipy.fft.next_fast_len(n + m, real=True)
    spectra = (
        scipy.fft.rfft(whole, size, axis=0) * scipy.fft.rfft(stretch, size, axis=0).conj()
    ).sum(axis=1)
    places = np.arange(least - n, m - least + 1)
    products = scipy.fft.irfft(spectra, size)[places]
    ours = np.clip(-places, 0, n), np.clip(m - places, 0, n)
    theirs = np.clip(places, 0, m), np.clip(places + n, 0, m)
    count = ours[1] - ours[0]
    sum_a, square_a = _sums(stretch, *ours)
    sum_b, square_b = _sums(whole, *theirs)
    together = products - (sum_a * sum_b).sum(axis=1) / count
    energy_a = square_a - np.square(sum_a).sum(axis=1) / count
    energy_b = square_b - np.square(sum_b).sum(axis=1) / count
    still = SETTINGS.search_stillness * count
    return together / np.sqrt((energy_a.clip(0) + still) * (energy_b.clip(0) + still))


def _sums(moments: np.ndarray, begin: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sums, shape (n, d), and sums of squares, shape (n,), of runs of moments."""
    sums = np.cumsum(np.vstack([np.zeros(moments.shape[1]), moments]), axis=0)
    squares = np.cumsum(np.append(0.0, np.square(moments).sum(axis=1)))
    return sums[end] - sums[begin], squares[end] - squares[begin]


def _is_told(
    a: Footage, b: Footage, line: TimeMap, rival: TimeMap, begin_s: float, end_s: float
) -> bool:
    """Whether moments of A are clearly more like what one line puts them at in B.

    Args:
        a, b: the two videos, whitened together.
        line, rival: two lines from A to B.
        begin_s, end_s: what of A both put in B.
    """
    if end_s - begin_s < LEAST_SEEN_S:
        return True
    here, there = (changes_in_cells(a, b, one, begin_s, end_s) for one in (line, rival))
    nearly = there.sum() > _NEARLY * here.sum()
    return not nearly or independent(here - there) >= _TOLD

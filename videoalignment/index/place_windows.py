"""From a proposed line to an answer where only windows of a video are kept.

The windows of a query can begin at any of its moments, those of the video begin every 2 s: along
the right line through time both look most alike.
"""

import numpy as np

from videoalignment.align.alignment import Segment
from videoalignment.align.calibration import Calibration
from videoalignment.index.records import Answer, VideoEntry
from videoalignment.index.settings import SEARCH, STORED
from videoalignment.index.votes import Proposal
from videoalignment.index.window_track import Kept
from videoalignment.score_normalisation import score_normalised
from videoalignment.time_map import TimeMap

CALIBRATION = Calibration(weights=(9.6, 56.7), intercept=-9.49, settings="4e7d33beec46c962")
"""Fitted on 143 clips of 24 scenes, with three whitenings, each trained without the scenes that it
was asked about, and on 45 clips of 12 scenes with the one that is shipped; right is what is at
most 3 s off, since windows hardly tell moments of a camera that stands still apart."""

_REACH = 20
"""Moments that the middle of a line may be off where votes place it."""
_SPEEDS = np.arange(92, 109) / 100
"""Speeds that are tried, times that of the votes."""
_OCTAVE_COSTS = 0.15
"""Likeness that a speed must add, an octave that it is off 1: of few windows some speed or other
always makes more alike."""
_MOST_STRENGTH = 0.2  # in a small index windows stand out further, which says no more


def place_by_windows(
    query: Kept,
    line: Proposal,
    entry: VideoEntry,
    windows: np.ndarray,
    first: int,
    background: np.ndarray,
) -> list[Answer]:
    """Find where a stretch of a query lies in a stretch of a video, to some tenths of a second.

    Args:
        query: the whole query.
        line: about where they meet.
        entry: the video.
        windows: of its stretch, unit norm, shape (w, window_width).
        first: the number of the first of them in the video.
        background: windows of unrelated footage, shape (m, window_width).

    Returns:
        One answer, or none where the query has no window that lies in the stretch.
    """
    begins_b_s = (first + np.arange(len(windows))) * STORED.window_s
    of_query = query.votes_at(np.arange(1 - STORED.window_moments, query.count))
    similar = of_query @ windows.T
    found = _best_line(line, similar, begins_b_s)
    if found is None:
        return []
    rows, shares = _meeting(found.to_a(begins_b_s), query.count)
    (mostly,) = np.nonzero(shares >= 0.5)
    if not len(mostly):
        return []
    rows, alike = rows[mostly], similar[rows[mostly], mostly]
    above = score_normalised(alike[:, None], of_query[rows] @ background.T, beta=SEARCH.beta)
    own = _most_alike(above[:, 0])
    measure = float(above[own].mean() - _costs(np.array(found.speed)))
    measures = measure, min(line.strength, _MOST_STRENGTH)
    confidence = CALIBRATION.probability(np.array(measures))
    bounds_s = _bounds_s(found, begins_b_s[mostly][own], query, entry)
    if bounds_s[0] >= bounds_s[1]:  # the video's last window is cut short, before the query begins
        return []
    segment = Segment(found, *bounds_s, float(alike[own].mean().clip(0, 1)))
    return [Answer(entry, segment, confidence, measures)]


def share_a_stretch(one: Answer, other: Answer) -> bool:
    """Whether two answers give more than half of a stretch of the query to the same video, of which
    one is enough: windows alone do not tell a replay from a camera that stands still."""
    a, b = one.segment, other.segment
    shared_s = min(a.end_a_s, b.end_a_s) - max(a.begin_a_s, b.begin_a_s)
    shorter_s = min(a.end_a_s - a.begin_a_s, b.end_a_s - b.begin_a_s)
    return one.entry.content == other.entry.content and shared_s > 0.5 * shorter_s


def _best_line(line: Proposal, similar: np.ndarray, begins_b_s: np.ndarray) -> TimeMap | None:
    """The line around a proposal along which windows are most alike.

    Args:
        line: the proposal.
        similar: windows of the query, from each moment on, and of the video, shape (n, w).
        begins_b_s: when the video's begin, shape (w,).
    """
    middle_s = (line.begin_query_s + line.end_query_s) / 2
    middles_b_s = line.time_map.to_b(middle_s) + np.arange(-_REACH, _REACH + 1) / STORED.rate_hz
    speeds = line.time_map.speed * _SPEEDS
    times_s = middle_s + (begins_b_s - middles_b_s[:, None]) / speeds[:, None, None]
    rows, shares = _meeting(times_s, len(similar) + 1 - STORED.window_moments)
    weights = shares**2  # what is cut short is less alike, wherever it lies
    alike = (similar[rows, np.arange(len(begins_b_s))] * weights).sum(axis=2)
    sums = weights.sum(axis=2)
    if not sums.any():
        return None
    means = alike / sums.clip(1e-6) - _costs(speeds)[:, None]
    means[sums == 0] = -np.inf
    speed, middle = np.unravel_index(np.argmax(means), means.shape)
    return TimeMap(float(middles_b_s[middle] - speeds[speed] * middle_s), float(speeds[speed]))


def _meeting(times_s: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The windows of a query that begin at given times, and how much of each lies in the query.

    Args:
        times_s: of any shape.
        count: of the query's moments.

    Returns:
        Their numbers, from 0 for that which holds nothing but the first moment; shares, 0..1.
    """
    long = STORED.window_moments
    begins = np.rint(times_s * STORED.rate_hz).astype(int)
    shares = (np.minimum(begins + long, count) - begins.clip(0)).clip(0) / long
    return (begins + long - 1).clip(0, count + long - 2), shares


def _costs(speeds: np.ndarray) -> np.ndarray:
    """What speeds must add, likewise shaped."""
    costs: np.ndarray = _OCTAVE_COSTS * abs(np.log2(speeds))
    return costs


def _most_alike(above: np.ndarray) -> slice:
    """The windows in a row that are more alike than unrelated ones by most, in sum."""
    sums = np.concatenate([[0.0], np.cumsum(above)])
    gains = sums[None, 1:] - sums[:-1, None]
    gains[np.tril_indices(len(above), -1)] = -np.inf
    first, last = np.unravel_index(np.argmax(gains), gains.shape)
    return slice(int(first), int(last) + 1)


def _bounds_s(
    line: TimeMap, begins_b_s: np.ndarray, query: Kept, entry: VideoEntry
) -> tuple[float, float]:
    """From where to where in the query windows of a video are met; all of it where less than half a
    window is left."""
    window_s = STORED.window_s / line.speed
    begin_s, end_s = line.to_a(float(begins_b_s[0])), line.to_a(float(begins_b_s[-1])) + window_s
    begin_s = begin_s if begin_s > window_s / 2 else 0.0
    end_s = end_s if end_s < query.duration_s - window_s / 2 else query.duration_s
    return max(begin_s, line.to_a(0.0)), min(end_s, line.to_a(entry.duration_s))

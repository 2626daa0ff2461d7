"""From a proposed line to answers: exact places from what an index keeps, and how sure they are."""

import math
from dataclasses import dataclass, replace

import numpy as np

from videoalignment.align.alignment import Segment
from videoalignment.align.calibration import Calibration
from videoalignment.align.lines import Line, WhitenedPair
from videoalignment.align.search import Candidate, search
from videoalignment.align.settings import SETTINGS as ALIGNING
from videoalignment.index.describe import Description
from videoalignment.index.records import Answer, Span, VideoEntry
from videoalignment.index.settings import SEARCH, STORED
from videoalignment.index.votes import Proposal
from videoalignment.index.window_track import Kept
from videoalignment.score_normalisation import score_normalised
from videoalignment.time_map import TimeMap

CALIBRATION = Calibration(weights=(0.91, 1.42, 39.1), intercept=-3.68, settings="4e7d33beec46c962")
"""Fitted as benchmarks/index_search.py does, on 243 clips of 29 scenes, with two whitenings, each
trained without the scenes that it was asked about."""

_LEAST = 1e-9  # a confidence that lets every line tell its segments
_BRIDGED_S = 1.0  # between stretches on one line, that do not make them two
_MOST_LOGIT = 7.0
_MOST_STRENGTH = 0.2  # in a small index windows stand out further, which says no more
_SHORTEST_S = 1.0  # of what is placed; shorter stretches hold too few moments to align


@dataclass(frozen=True)
class Cut:
    """What of the query and of the video a proposal is placed in."""

    begin_a: int
    end_a: int
    """Moments of the query."""
    span: Span
    """Windows of the video."""


def cut_around(proposal: Proposal, query: Kept, entry: VideoEntry) -> Cut:
    """What to place a proposal in: what voted for it, with margins."""
    begin_s = max(0.0, proposal.begin_query_s - SEARCH.margin_query_s)
    end_s = min(query.duration_s, proposal.end_query_s + SEARCH.margin_query_s)
    begin_b_s = max(0.0, proposal.time_map.to_b(begin_s) - SEARCH.margin_video_s)
    end_b_s = min(entry.duration_s, proposal.time_map.to_b(end_s) + SEARCH.margin_video_s)
    last = math.ceil(entry.duration_s / STORED.window_s) - 1
    return Cut(
        begin_a=int(begin_s * STORED.rate_hz),
        end_a=min(query.count, math.ceil(end_s * STORED.rate_hz)),
        span=Span(
            proposal.video,
            min(last, int(begin_b_s / STORED.window_s)),
            min(last, max(0, math.ceil(end_b_s / STORED.window_s))),
        ),
    )


def likeness(query: Description, cut: Cut, line: TimeMap, moments: np.ndarray) -> float:
    """How alike a proposal's two stretches are: a quick look, to place the best proposals first.

    Mean similarity of windows that meet on the line, or on one that is up to a second off.
    """
    b = _stretch_of_video(moments)
    begins_a = np.arange(cut.begin_a, cut.end_a, SEARCH.query_hop_moments)
    of_a = query.windows_at(begins_a, SEARCH.similar_moments)
    first_s = cut.span.first * STORED.window_s
    begins_b = (line.to_b(begins_a / STORED.rate_hz) - first_s) * STORED.rate_hz
    best = -1.0
    for off in range(-10, 11, 2):
        inside = (begins_b + off >= 0) & (begins_b + off < len(moments))
        if inside.any():
            of_b = b.windows_at((begins_b[inside] + off).astype(int), SEARCH.similar_moments)
            best = max(best, float((of_a[inside] * of_b).sum() / len(of_a)))
    return best


def place(
    query: Description,
    cut: Cut,
    line: TimeMap,
    strength: float,
    entry: VideoEntry,
    moments: np.ndarray,
    background: np.ndarray,
) -> list[Answer]:
    """Align a stretch of a query with a stretch of a video.

    Args:
        query: the whole query.
        cut: what of both.
        line: about where they meet.
        strength: of the votes for it, see `Proposal`.
        entry: the video.
        moments: of its stretch, int8, shape (n, width).
        background: windows of unrelated footage, shape (m, width).

    Returns:
        An answer for each segment, in the query's order.
    """
    a, b = query.part(cut.begin_a, cut.end_a), _stretch_of_video(moments)
    window_s = min(ALIGNING.min_overlap_s, a.duration_s, b.duration_s / line.speed)
    if window_s < _SHORTEST_S:
        return []
    begins_s = cut.begin_a / STORED.rate_hz, cut.span.first * STORED.window_s
    answers = []
    for found in _lines(WhitenedPair.of(a.features(), b.features()), line.speed, window_s):
        segment = Segment(found.line.time_map, found.begin_a_s, found.end_a_s, 0.0)
        similar, above = _similarity(segment, a, b, background)
        measures = _logit(found.line.confidence), above, min(strength, _MOST_STRENGTH)
        confidence = CALIBRATION.probability(np.array(measures))
        segment = replace(segment, score=float(np.clip(similar, 0, 1)))
        answers.append(Answer(entry, segment.within(*begins_s), confidence, measures))
    return answers


@dataclass(frozen=True)
class _Followed:
    """A stretch of A that follows a line."""

    line: Line
    begin_a_s: float
    end_a_s: float


def _lines(pair: WhitenedPair, speed: float, window_s: float) -> list[_Followed]:
    """Refine the lines of about one speed, and cut A into what follows them."""
    speeds = {*ALIGNING.usual_speeds, *(speed * factor for factor in SEARCH.speeds_around)}
    found = search(
        pair.a, pair.b, window_s=window_s, speeds=tuple(sorted(speeds)), count=SEARCH.lines_placed
    )
    widened = [Candidate(c.time_map, pair.a.begin_s, pair.a.end_s) for c in found]
    tried = dict.fromkeys([*found, *widened])
    lines = sorted(map(pair.line, tried), key=lambda line: -line.evidence)
    if not lines:  # nothing of it moves
        return []
    joined: list[_Followed] = []
    for stretch, line in pair.cut(lines, _LEAST):
        last = joined[-1] if joined else None
        if last and last.line == line and stretch.begin_a_s - last.end_a_s < _BRIDGED_S:
            joined[-1] = replace(last, end_a_s=stretch.end_a_s)
        else:
            joined.append(_Followed(line, stretch.begin_a_s, stretch.end_a_s))
    return joined


def _stretch_of_video(moments: np.ndarray) -> Description:
    return Description(moments, len(moments) / STORED.rate_hz)


def _logit(sure: float) -> float:
    """How sure aligning is, bounded."""
    sure = min(max(sure, 1e-4), 1 - 1e-4)
    return max(-_MOST_LOGIT, min(_MOST_LOGIT, math.log(sure / (1 - sure))))


def _similarity(
    segment: Segment, a: Description, b: Description, background: np.ndarray
) -> tuple[float, float]:
    """How similar what meets looks, edits discounted; and by how much more than the query's moments
    look like footage that is known to be unrelated."""
    count = max(2, round(2 * (segment.end_a_s - segment.begin_a_s)))
    times_s = np.linspace(segment.begin_a_s, segment.end_a_s, count + 1)[:-1]
    of_a = a.windows_at((times_s * STORED.rate_hz).astype(int), SEARCH.similar_moments)
    span_b = max(2, round(SEARCH.similar_moments * segment.speed))
    of_b = b.windows_at((segment.time_map.to_b(times_s) * STORED.rate_hz).astype(int), span_b)
    similar = (of_a * of_b).sum(axis=1)
    above = score_normalised(similar[:, None], of_a @ background.T, beta=SEARCH.beta)
    return float(similar.mean()), float(above.mean())

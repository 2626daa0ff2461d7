"""From a proposed line to answers: exact places, and how sure they are, from what an index keeps."""

import math
from dataclasses import dataclass, replace

import numpy as np

from videoalignment.align.alignment import Alignment, Segment
from videoalignment.align.calibration import Calibration
from videoalignment.align.pipeline import align_features
from videoalignment.errors import VideoAlignmentError
from videoalignment.index.describe import Description
from videoalignment.index.records import Answer, Span, VideoEntry
from videoalignment.index.settings import SEARCH, STORED
from videoalignment.index.votes import Proposal
from videoalignment.score_normalisation import score_normalised
from videoalignment.time_map import TimeMap

CALIBRATION = Calibration(weights=(0.0, 0.0, 0.0), intercept=0.0, settings=SEARCH.digest)
"""Fitted by benchmarks/index_calibration.py."""

_LEAST = 1e-9  # a confidence that lets every alignment tell its segments
_MOST_LOGIT = 7.0
_SHORTEST_S = 1.0  # of what is placed; shorter stretches hold too few moments to align


@dataclass(frozen=True)
class Cut:
    """What of the query and of the video a proposal is placed in."""

    begin_a: int
    end_a: int
    """Moments of the query."""
    span: Span
    """Windows of the video."""


def cut_around(proposal: Proposal, query: Description, entry: VideoEntry) -> Cut:
    """What to place a proposal in: what voted for it, with margins."""
    begin_s = max(0.0, proposal.begin_query_s - SEARCH.margin_query_s)
    end_s = min(query.duration_s, proposal.end_query_s + SEARCH.margin_query_s)
    begin_b_s = max(0.0, proposal.time_map.to_b(begin_s) - SEARCH.margin_video_s)
    end_b_s = min(entry.duration_s, proposal.time_map.to_b(end_s) + SEARCH.margin_video_s)
    last = math.ceil(entry.duration_s / STORED.window_s) - 1
    return Cut(
        begin_a=int(begin_s * STORED.rate_hz),
        end_a=min(len(query.moments), math.ceil(end_s * STORED.rate_hz)),
        span=Span(
            proposal.video,
            min(last, int(begin_b_s / STORED.window_s)),
            min(last, max(0, math.ceil(end_b_s / STORED.window_s))),
        ),
    )


def place(
    query: Description, cut: Cut, entry: VideoEntry, moments: np.ndarray, background: np.ndarray
) -> list[Answer]:
    """Align a stretch of a query with a stretch of a video.

    Args:
        query: the whole query.
        cut: what of both.
        entry: the video.
        moments: of its stretch, int8, shape (n, width).
        background: windows of unrelated footage, shape (m, width).

    Returns:
        An answer for each segment, in the query's order.
    """
    begin_b_s = cut.span.first * STORED.window_s
    a = _stretch(query, cut.begin_a, cut.end_a)
    b = _stretch(Description(moments, len(moments) / STORED.rate_hz), 0, len(moments))
    if min(a.duration_s, b.duration_s) < _SHORTEST_S:
        return []
    try:
        alignment = align_features(a.features(), b.features(), device="cpu", min_confidence=_LEAST)
    except VideoAlignmentError:  # no moment of it differs from another
        return []
    begin_a_s = cut.begin_a / STORED.rate_hz
    answers = []
    for segment in _joined(alignment):
        measures = _measures(alignment, segment, a, b, background)
        confidence = CALIBRATION.probability(np.array(measures))
        moved = _moved(segment, begin_a_s, begin_b_s, float(np.clip(measures[1], 0, 1)))
        answers.append(Answer(entry, moved, confidence, measures))
    return answers


def _stretch(whole: Description, begin: int, end: int) -> Description:
    moments = whole.moments[begin:end]
    end_s = min(whole.duration_s, end / STORED.rate_hz)
    return Description(moments, max(end_s - begin / STORED.rate_hz, 1e-3))


def _joined(alignment: Alignment) -> list[Segment]:
    """Segments, those on one line with little between them as one."""
    joined: list[Segment] = []
    for segment in alignment.segments:
        last = joined[-1] if joined else None
        if last and last.time_map == segment.time_map and segment.begin_a_s - last.end_a_s < 1:
            joined[-1] = replace(last, end_a_s=segment.end_a_s)
        else:
            joined.append(segment)
    return joined


def _measures(
    alignment: Alignment, segment: Segment, a: Description, b: Description, background: np.ndarray
) -> tuple[float, float, float]:
    """What the confidence rests on, each bounded.

    How sure aligning is (logit); how similar what meets looks, edits discounted; and by how much
    more than the query's moments look like footage that is known to be unrelated.
    """
    sure = min(max(alignment.confidence, 1e-4), 1 - 1e-4)
    count = max(2, round(2 * (segment.end_a_s - segment.begin_a_s)))
    times_s = np.linspace(segment.begin_a_s, segment.end_a_s, count + 1)[:-1]
    of_a = a.windows_at((times_s * STORED.rate_hz).astype(int), SEARCH.similar_moments)
    span_b = max(2, round(SEARCH.similar_moments * segment.speed))
    of_b = b.windows_at((segment.time_map.to_b(times_s) * STORED.rate_hz).astype(int), span_b)
    similar = (of_a * of_b).sum(axis=1)
    above = score_normalised(similar[:, None], of_a @ background.T, beta=SEARCH.beta)
    logit = math.log(sure / (1 - sure))
    return max(-_MOST_LOGIT, min(_MOST_LOGIT, logit)), float(similar.mean()), float(above.mean())


def _moved(segment: Segment, begin_a_s: float, begin_b_s: float, score: float) -> Segment:
    """A segment of two stretches as one of the query and the video."""
    line = TimeMap(-begin_a_s).then(segment.time_map).then(TimeMap(begin_b_s))
    return Segment(line, segment.begin_a_s + begin_a_s, segment.end_a_s + begin_a_s, score)

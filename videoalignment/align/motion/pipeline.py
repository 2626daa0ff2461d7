"""What moves in two videos in, one answer out: search, decide."""

import math

import numpy as np

from videoalignment.align.alignment import MATCHED_FROM, Alignment, Segment, Uncertainty
from videoalignment.align.motion.moving import Moving
from videoalignment.align.motion.search import Curve, score_curve
from videoalignment.align.motion.settings import SETTINGS
from videoalignment.align.motion.together import place_together
from videoalignment.features.motion_features import MotionFeatures
from videoalignment.time_map import TimeMap


def align_motion(
    a: MotionFeatures | Moving, b: MotionFeatures | Moving, *, min_confidence: float = MATCHED_FROM
) -> Alignment:
    """Align two videos of one event, from whatever sides, by what moves in both.

    Args:
        a, b: what moves; as `Moving` where they are aligned with several others, which then share
            what is computed once a video.
        min_confidence: the confidence from which the two match.

    Raises:
        FeatureMismatchError: points were followed in different ways.
    """
    one, other = (x if isinstance(x, Moving) else Moving(x) for x in (a, b))
    one.features.check_comparable(other.features)
    if _in_order(one.features, other.features):
        return _align(one, other, min_confidence)
    return _align(other, one, min_confidence).inverse()


def motion_may_tell(duration_s: float) -> bool:
    """Whether a video of such a length, seconds, can be aligned by what moves."""
    return duration_s >= SETTINGS.least_overlap_s


def curve_of(a: Moving, b: Moving) -> Curve | None:
    """What speaks for each moment of B at which A may begin; None where they are too short.

    Symmetric: B with A gives the same, turned.

    Raises:
        FeatureMismatchError: points were followed in different ways.
    """
    a.features.check_comparable(b.features)
    if _in_order(a.features, b.features):
        return score_curve(a, b)
    curve = score_curve(b, a)
    return curve and curve.turned()


def _in_order(a: MotionFeatures, b: MotionFeatures) -> bool:
    """Whether A comes first in the order that makes aligning symmetric: the shorter one first."""
    if a.duration_s != b.duration_s:
        return a.duration_s < b.duration_s
    return a.velocities.tobytes() <= b.velocities.tobytes()


def _align(a: Moving, b: Moving, min_confidence: float) -> Alignment:
    """Align A, the shorter one, with B."""
    curve = score_curve(a, b)
    found = place_together({(0, 1): [curve]}, 2) if curve else []
    said = found[0].probability[0, 1] if found else 0.0
    line = TimeMap(found[0].later_s((0, 1)) if found else 0.0)
    one, other = a.features, b.features
    begin_s, end_s = line.overlap_s((0.0, one.duration_s), (0.0, other.duration_s))
    score = _likeness(curve, line.offset_s)
    whole = Segment(line, begin_s, end_s, score)
    return Alignment(
        time_map=line,
        score=score,
        confidence=said,
        overlap=whole,
        segments=(whole,) if said >= min_confidence else (),
        uncertainty=Uncertainty(
            (begin_s + end_s) / 2,
            place_s(one, other) if found else one.duration_s + other.duration_s,
        ),
        duration_a_s=one.duration_s,
        duration_b_s=other.duration_s,
        min_confidence=min_confidence,
        by="motion",
    )


def place_s(a: MotionFeatures, b: MotionFeatures) -> float:
    """Half width of the interval that a place, once right, lies in in 95 of 100 cases."""
    return math.hypot(SETTINGS.place_s, SETTINGS.frames * math.hypot(a.interval_s, b.interval_s))


def _likeness(curve: Curve | None, offset_s: float) -> float:
    """How much of what an offset has stands out, 0..1."""
    if curve is None:
        return 0.0
    at = int(np.argmin(np.abs(curve.offsets_s - offset_s)))
    if curve.scores[at] <= 0:
        return 0.0
    return float(min(1.0, max(0.0, curve.contrast[at] / curve.scores[at])))

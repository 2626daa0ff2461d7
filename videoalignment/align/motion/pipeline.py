"""What moves in two videos in, one answer out: search, decide."""

import math

from videoalignment.align.alignment import MATCHED_FROM, Alignment, Segment, Uncertainty
from videoalignment.align.motion.decide import confidence
from videoalignment.align.motion.moving import Moving
from videoalignment.align.motion.search import Curve, score_curve
from videoalignment.align.motion.settings import SETTINGS
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


def _in_order(a: MotionFeatures, b: MotionFeatures) -> bool:
    """Whether A comes first in the order that makes aligning symmetric: the shorter one first."""
    if a.duration_s != b.duration_s:
        return a.duration_s < b.duration_s
    return a.velocities.tobytes() <= b.velocities.tobytes()


def _align(a: Moving, b: Moving, min_confidence: float) -> Alignment:
    """Align A, the shorter one, with B."""
    curve = score_curve(a, b)
    said = confidence(curve) if curve else 0.0
    line = TimeMap(curve.offset_s if curve else 0.0)
    one, other = a.features, b.features
    begin_s = max(0.0, line.to_a(0.0))
    end_s = max(begin_s, min(one.duration_s, line.to_a(other.duration_s)))
    score = _likeness(curve)
    whole = Segment(line, begin_s, end_s, score)
    place_s = math.hypot(
        SETTINGS.place_s, SETTINGS.frames * math.hypot(one.interval_s, other.interval_s)
    )
    return Alignment(
        time_map=line,
        score=score,
        confidence=said,
        overlap=whole,
        segments=(whole,) if said >= min_confidence else (),
        uncertainty=Uncertainty(
            (begin_s + end_s) / 2,
            place_s if curve else one.duration_s + other.duration_s,
        ),
        duration_a_s=one.duration_s,
        duration_b_s=other.duration_s,
        min_confidence=min_confidence,
        by="motion",
    )


def _likeness(curve: Curve | None) -> float:
    """How much of what the best offset has stands out, 0..1."""
    if curve is None or curve.scores[curve.best] <= 0:
        return 0.0
    return float(min(1.0, max(0.0, curve.contrast[curve.best] / curve.scores[curve.best])))

"""Segments from features of one frame a second: planted ones, and what must not be one."""

import numpy as np
import pytest
from copied import plant, shots
from made_up import D

from videoalignment.align.coarse import COARSE_CALIBRATION, shared_segments
from videoalignment.align.coarse_settings import COARSE, CoarseSettings
from videoalignment.errors import FeatureMismatchError
from videoalignment.features.store import FrameFeatures
from videoalignment.metrics.boxes import checked_boxes
from videoalignment.metrics.vcsl import pair_precision_recall


def features(rows: np.ndarray, fps: float = 1.0) -> FrameFeatures:
    return FrameFeatures(rows, np.arange(len(rows)) / fps, fps, None, len(rows) / fps)


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def found(a: np.ndarray, b: np.ndarray, fps: float = 1.0) -> list[tuple[float, ...]]:
    segments = shared_segments(features(a, fps), features(b, fps), min_confidence=0.35)
    return sorted(segment.box for segment in segments)


def test_the_calibration_is_of_these_settings():
    """Who changes a setting fits the decision anew: python -m benchmarks.calibrate_copies."""
    assert COARSE_CALIBRATION.settings == COARSE.digest
    assert CoarseSettings(skip=2.0).digest != COARSE.digest


@pytest.mark.parametrize("fps", [0.5, 1.0, 4.0, 15.0])
def test_segments_are_found_at_any_frame_rate(fps):
    rng = np.random.default_rng(0)
    a, b = shots(rng, 90, fps), shots(rng, 120, fps)
    begin, lasts = round(20 * fps), round(30 * fps)
    a[begin : begin + lasts] = b[round(50 * fps) : round(50 * fps) + lasts]
    (box,) = found(a, b, fps)
    assert box == pytest.approx((20, 50, 50, 80), abs=max(1.0, 1 / fps))


@pytest.mark.parametrize("seed", range(3))
def test_several_segments_in_any_order_and_at_any_speed(seed):
    planted, judged = plant(seed=seed, queries=3), []
    for (query, reference), boxes in planted.segments.items():
        segments = found(planted.features[query], planted.features[reference])
        assert len(segments) == len(boxes)
        judged.append(pair_precision_recall(checked_boxes(segments), checked_boxes(boxes)))
    precision, recall = np.mean(judged, axis=0)
    assert precision > 0.8
    assert recall > 0.9
    assert not found(planted.features["Q0"], planted.features["S0"])


def test_a_stretch_that_is_shown_twice_is_found_twice():
    rng = np.random.default_rng(1)
    a, b = shots(rng, 60, 1), shots(rng, 120, 1)
    for begin in (10, 80):
        b[begin : begin + 30] = a[15:45]
    one, other = sorted(found(a, b), key=lambda box: box[1])
    assert one == pytest.approx((15, 10, 45, 40), abs=3)
    assert other == pytest.approx((15, 80, 45, 110), abs=3)


def test_videos_exchanged_give_the_same_segments():
    planted = plant(seed=4, queries=2)
    for query, reference in planted.segments:
        a, b = planted.features[query], planted.features[reference]
        exchanged = sorted((q0, r0, q1, r1) for r0, q0, r1, q1 in found(b, a))
        for box, other in zip(found(a, b), exchanged, strict=True):
            assert box == pytest.approx(other, abs=1)


def test_what_stands_still_is_no_copy():
    rng = np.random.default_rng(2)
    a, b, black = shots(rng, 60, 1), shots(rng, 60, 1), unit(rng.standard_normal((1, D)))
    a[20:40] = b[10:30] = black
    assert not found(a, b)


def test_unrelated_videos_share_nothing():
    rng = np.random.default_rng(3)
    videos = [shots(rng, seconds, 1) for seconds in (30, 90, 200, 400)]
    assert not any(found(a, b) for i, a in enumerate(videos) for b in videos[:i])


@pytest.mark.parametrize("frames", [(1, 1), (1, 30), (2, 3)])
def test_the_shortest_videos_are_no_special_case(frames):
    rng = np.random.default_rng(4)
    a, b = (unit(rng.standard_normal((n, 8))) for n in frames)
    assert shared_segments(features(a), features(b)) is not None
    zeros = np.zeros((5, 8), np.float32)
    assert not found(zeros, zeros)


def test_features_of_different_widths_are_refused():
    rng = np.random.default_rng(5)
    with pytest.raises(FeatureMismatchError):
        shared_segments(features(shots(rng, 9, 1)), features(unit(rng.standard_normal((9, 8)))))

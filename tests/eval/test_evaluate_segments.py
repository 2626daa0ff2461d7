"""Segments against loops over pairs of segments and videos, straight from the protocol."""

import numpy as np
import pytest
import sklearn.metrics
import torch
from made_up import FPS, own_times, share_a_sample, write_vcdb

from videoalignment.datasets import VCDB
from videoalignment.eval import evaluate_segments


@pytest.fixture
def dataset(tmp_path) -> VCDB:
    return VCDB(write_vcdb(tmp_path, seed=3, videos=4))


def obvious_detections(dataset, both) -> list[tuple[float, bool, bool]]:
    """Of every segment in every other video: score, whether it is right, whether one was missed."""
    features = {video: next(dataset.read_descriptors([video])) for video in dataset.videos}

    def describe(frames: np.ndarray) -> torch.Tensor:
        return both.describe(torch.from_numpy(frames), own_times(len(frames)))

    videos = {video: describe(frames) for video, frames in features.items()}
    detections = []
    for clip in dataset.clips:
        begin, end = int(clip.begin_s * FPS), int(clip.end_s * FPS)
        query = describe(features[clip.video][begin:end])
        for video, fv in videos.items():
            if video != clip.video:
                offsets = torch.arange(-len(features[video]), 0)
                score, at = both.score(query, fv, offsets).max(0)
                judged = judge(dataset, clip, video, -float(offsets[at]) / FPS)
                detections.append((float(score), *judged))
    return detections


def judge(dataset, clip, video: str, found_s: float) -> tuple[bool, bool]:
    segment = (clip.begin_s, clip.end_s)
    detected = (found_s, found_s + clip.end_s - clip.begin_s)
    right = missed = False
    for copy in dataset.copies:
        a = copy.video_a, (copy.begin_a_s, copy.end_a_s)
        b = copy.video_b, (copy.begin_b_s, copy.end_b_s)
        for (own, on_own), (other, on_other) in ((a, b), (b, a)):
            if (own, other) == (clip.video, video) and share_a_sample(segment, on_own):
                missed = True
                right |= share_a_sample(detected, on_other)
    return right, missed and not right


def curve(scores: list[float], labels: list[int]) -> tuple[float, float]:
    precision, recall, _ = sklearn.metrics.precision_recall_curve(labels, scores)
    f1 = 2 * precision * recall / (precision + recall + 1e-7)
    return sklearn.metrics.auc(recall, precision), f1.max()


def test_equals_loops_over_segments(dataset, both, run):
    result = evaluate_segments(dataset, both.model, run)
    detections = obvious_detections(dataset, both)
    missed = sum(miss for _, _, miss in detections)
    assert missed or any(right for _, right, _ in detections)
    scores = [score for score, _, _ in detections] + [0.0] * missed
    strict = [int(right) for _, right, _ in detections] + [1] * missed
    published = [int(right or miss) for _, right, miss in detections] + [0] * missed
    metrics = {metric.name: metric.value for metric in result.metrics}
    for suffix, labels in (("", published), (" strict", strict)):
        area, max_f1 = curve(scores, labels)
        assert metrics[f"AUC{suffix}"] == pytest.approx(area, rel=1e-4)
        assert metrics[f"MaxF1{suffix}"] == pytest.approx(max_f1, rel=1e-4)
    found_scores, found_labels = result.detections
    np.testing.assert_allclose(found_scores, scores, rtol=1e-3, atol=1e-4 * max(scores))
    assert found_labels.tolist() == published
    assert result.pairs == len(detections)


def test_intervals_lie_around_the_metrics(dataset, both, run):
    for metric in evaluate_segments(dataset, both.model, run).metrics:
        assert 0 <= metric.low <= metric.high <= 1
        assert metric.low <= metric.value <= metric.high


def test_videos_without_features_may_be_left_out(dataset, both, run):
    for video in dataset.videos[:2]:
        dataset.feature_path(video).unlink()
    rest = VCDB(dataset.root, allow_missing=True)
    result = evaluate_segments(rest, both.model, run)
    assert result.pairs == len(rest.clips) * (len(dataset.videos) - 3)

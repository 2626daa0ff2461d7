"""Localisation against loops over clips and offsets, straight from the protocol."""

import math

import numpy as np
import pytest
import torch
from made_up import FPS, own_times, share_a_sample, write_aligned

from videoalignment.datasets import Climbing, Madonna
from videoalignment.eval import evaluate_localisation
from videoalignment.eval.event_clock import event_clock
from videoalignment.eval.result import clip_name
from videoalignment.offset_curve import OffsetCurve


def obvious_localisation(dataset, both) -> tuple[np.ndarray, np.ndarray, int]:
    """Scores and offsets in seconds of all pairs of clips, and the longest clip's frames."""
    fv, lengths = [], []
    for clip in dataset.clips:
        (frames,) = dataset.read_descriptors([clip.video])
        frames = frames[int(clip.begin_s * FPS) : int(clip.end_s * FPS)]
        fv.append(both.describe(torch.from_numpy(frames), own_times(len(frames))))
        lengths.append(len(frames))
    longest = max(lengths)
    offsets = torch.arange(-longest, longest)
    best = [[both.score(a, b, offsets).max(0) for b in fv] for a in fv]
    scores = np.array([[float(value) for value, _ in row] for row in best])
    return scores, np.array([[int(at) - longest for _, at in row] for row in best]) / FPS, longest


@pytest.fixture(params=[Climbing, Madonna])
def dataset(request, tmp_path, monkeypatch):
    # else offsets would go as far as in the published dataset
    monkeypatch.setattr(request.param, "published_longest_frames", 0)
    return request.param(write_aligned(tmp_path, request.param.name, seed=4))


def test_equals_loops_over_clips(dataset, both, run):
    result = evaluate_localisation(dataset, both.model, run)
    scores, offsets_s, longest = obvious_localisation(dataset, both)
    clips, errors_s, precisions = dataset.clips, [], []
    for i, query in enumerate(clips):
        others = sorted((j for j in range(len(clips)) if j != i), key=lambda j: -scores[i, j])
        overlapping = [
            share_a_sample(
                (query.global_s + query.begin_s, query.global_s + query.end_s),
                (clips[j].global_s + clips[j].begin_s, clips[j].global_s + clips[j].end_s),
            )
            for j in others
        ]
        match = others[0]
        true_s = (clips[match].global_s + clips[match].begin_s) - (query.global_s + query.begin_s)
        error_s = abs(offsets_s[i, match] - true_s) if overlapping[0] else math.inf
        errors_s.append(error_s)
        ranks = [rank for rank, right in enumerate(overlapping[:50]) if right]
        steps = [((n / r if r else 1) + (n + 1) / (r + 1)) / 2 for n, r in enumerate(ranks)]
        precisions.append(sum(steps) / len(ranks) if ranks else 0)
        row = result.queries[i]
        assert (row.query, row.match) == (clip_name(query), clip_name(clips[match]))
        assert row.found_offset_s == pytest.approx(offsets_s[i, match])
        assert row.score == pytest.approx(scores[i, match], rel=1e-3)
        assert row.error_s == pytest.approx(error_s)
        assert (row.true_offset_s is None) == math.isinf(error_s)
    np.testing.assert_allclose(result.errors_s, errors_s, atol=1e-6)
    metrics = {metric.name: metric.value for metric in result.metrics}
    for threshold in (0.1, 1, 10):
        assert metrics[f"<{threshold:g}s"] == np.mean(np.array(errors_s) < threshold)
    assert ("mAP" in metrics) == (dataset.name == "Madonna")
    if "mAP" in metrics:
        assert metrics["mAP"] == pytest.approx(np.mean(precisions))
    assert (result.pairs, result.longest_frames) == (len(clips) * (len(clips) - 1), longest)


def test_intervals_hold_the_metric_and_timings_add_up(dataset, both, run):
    result = evaluate_localisation(dataset, both.model, run)
    assert all(metric.low <= metric.value <= metric.high for metric in result.metrics)
    assert all(seconds >= 0 for seconds in run.timings_s.values())
    assert run.timings_s["matching"] > 0


def test_offsets_go_as_far_as_the_published_longest_video(tmp_path, both, run):
    dataset = Madonna(write_aligned(tmp_path, "Madonna", events=1, clips=2))
    result = evaluate_localisation(dataset, both.model, run)
    assert result.longest_frames == 9085


def test_a_clip_without_frames_matches_nothing(tmp_path, both, run):
    """The features end before the clip begins."""
    root = write_aligned(tmp_path, "Madonna", events=1, clips=3)
    path = root / "gt_madonna.align"
    path.write_text(path.read_text() + "cam0/clip00.mp4 500 600 5000\n")
    result = evaluate_localisation(Madonna(root), both.model, run)
    assert len(result.queries) == 4
    assert result.queries[3].score == 0
    assert math.isinf(result.queries[3].error_s)


@pytest.mark.parametrize("kind", [Climbing, Madonna])
def test_a_timeline_adds_to_the_result_and_changes_none_of_it(tmp_path, both, run, kind):
    dataset = kind(write_aligned(tmp_path, kind.name, seed=6, events=2, clips=4))
    plain = evaluate_localisation(dataset, both.model, run)
    result = evaluate_localisation(dataset, both.model, run, timeline=1)
    assert result.metrics[: len(plain.metrics)] == plain.metrics
    assert result.lines()[: len(plain.lines())] == plain.lines()
    assert result.queries == plain.queries
    assert [metric.name for metric in result.metrics[-3:]] == [
        f"<{threshold}s on the timeline" for threshold in ("0.1", "1", "10")
    ]
    clips = result.details()["timeline"]
    assert {place["clip"] for place in clips} == {clip_name(clip) for clip in dataset.clips}
    assert plain.details() == {}
    assert len(result.placed) == len(dataset.clips)


def curves_of(rng, begins, *, expected, length=300):
    """Curves of clips as log likelihood ratios, which are normal, with the truth in each."""
    curves = {}
    for a in range(len(begins)):
        for b in range(a + 1, len(begins)):
            values = rng.normal(-(expected**2) / 2, expected, 2 * length + 1)
            true = begins[b] - begins[a]
            if abs(true) <= length:
                values[true + length] += expected**2
            curves[a, b] = OffsetCurve(-length, values.astype(np.float32))
    return curves


@pytest.mark.parametrize("seed", range(5))
def test_curves_add_up_where_many_have_their_peak_elsewhere(seed):
    rng = np.random.default_rng(seed)
    begins = rng.integers(0, 250, 9)
    begins -= begins.min()
    curves = curves_of(rng, begins, expected=3.0)
    right = [curve.highest()[0] == begins[b] - begins[a] for (a, b), curve in curves.items()]
    assert np.mean(right) < 0.7
    clock = event_clock(curves, 9)
    assert len(set(clock.group)) == 1
    assert clock.begin == pytest.approx(begins, abs=0.5)
    assert (clock.match >= 0).all()


def test_clips_of_two_events_and_a_loner_stay_apart():
    begins = [0, 40, 90, 10000, 10030, 10110, 10200, 90000]
    clock = event_clock(curves_of(np.random.default_rng(3), begins, expected=6.0), 8)
    assert len(set(clock.group[:3])) == len(set(clock.group[3:7])) == 1
    assert len(set(clock.group)) == 3
    assert clock.match[7] == -1
    assert clock.begin == pytest.approx([0, 40, 90, 0, 30, 110, 200, 0], abs=0.5)


def test_a_place_between_frames_is_found():
    offsets = np.arange(-50, 51)
    peak = 10 - 0.5 * np.square(offsets - 20.3)
    clock = event_clock({(0, 1): OffsetCurve(-50, peak.astype(np.float32))}, 2)
    assert clock.begin[1] == pytest.approx(20.3, abs=1e-3)


def test_no_clips_and_clips_that_were_not_compared():
    assert len(event_clock({}, 0).group) == 0
    clock = event_clock({}, 2)
    assert list(clock.match) == [-1, -1]
    assert len(set(clock.group)) == 2

"""Averages over time against a slow sum over fine steps."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from videoalignment.align.footage import Footage
from videoalignment.features.store import FrameFeatures


def footage(spans: list[int]) -> Footage:
    """Frames of the given lengths in milliseconds; frame k shows (k, k * k)."""
    edges_s = np.concatenate([[0], np.cumsum(spans)]) / 1000
    frames = np.arange(len(spans), dtype=np.float32)
    return Footage(edges_s, np.stack([frames, frames**2], axis=1))


@given(
    spans=st.lists(st.integers(5, 200), min_size=1, max_size=12),
    edges=st.lists(st.integers(0, 1500), min_size=2, max_size=6, unique=True).map(sorted),
)
def test_averages_are_means_of_what_is_shown(spans, edges):
    video = footage(spans)
    shown = np.repeat(np.arange(len(spans)), spans)  # the frame of every millisecond
    frames = shown[np.minimum(np.arange(1500), len(shown) - 1)]
    slow = [video.descriptors[frames[a:b]].mean(axis=0) for a, b in pairwise(edges)]
    assert_allclose(video.averaged(np.array(edges) / 1000), slow, rtol=1e-4, atol=1e-4)


def test_many_spans_at_once_are_each_averaged():
    video = footage([40, 20, 60, 40])
    edges_s = np.array([[0.0, 0.04, 0.06], [0.05, 0.1, 0.16]])
    both = video.averaged(edges_s)
    assert_allclose(both, np.stack([video.averaged(edges) for edges in edges_s]))


@given(
    spans=st.lists(st.integers(30, 50), min_size=2, max_size=12),
    edges=st.lists(st.integers(0, 800), min_size=2, max_size=6, unique=True).map(sorted),
)
def test_a_flow_goes_steadily_from_the_middle_of_each_frame_to_that_of_the_next(spans, edges):
    assume(max(spans) < 1.4 * np.median(spans))  # what lasts longer is still in between
    video = footage(spans)
    middles_ms = 500 * (video.edges_s[1:] + video.edges_s[:-1])
    at_ms = (np.arange(80_000) + 0.5) / 100
    values = [np.interp(at_ms, middles_ms, column) for column in video.descriptors.T]
    shown = np.stack(values, axis=1)
    slow = [shown[100 * a : 100 * b].mean(axis=0) for a, b in pairwise(edges)]
    assert_allclose(video.flow.averaged(np.array(edges) / 1000), slow, rtol=1e-3, atol=1e-3)


def test_a_still_does_not_flow():
    video = footage([40, 40, 1000, 40, 40])
    edges_s = np.array([0.12, 0.3, 1.04])
    assert_allclose(video.flow.averaged(edges_s), [[2, 4], [2, 4]], atol=1e-4)


def test_a_frame_that_comes_twice_counts_once_and_the_last_one_lasts():
    times_s = np.array([0.0, 0.5, 0.5, 1.0])
    descriptors = np.eye(4, dtype=np.float32)
    video = Footage.of(FrameFeatures(descriptors, times_s, 2.0, None, 1.5))
    assert_allclose(video.edges_s, [0, 0.5, 1.0, 1.5])
    assert_allclose(video.descriptors, descriptors[[0, 1, 3]])


def kept(frames: np.ndarray) -> Footage:
    """These of 60 frames at 30 a second, each of which shows its own number."""
    features = FrameFeatures(frames[:, None].astype(np.float32), frames / 30, 2.0, None, 30.0)
    return Footage.of(features)


@given(st.lists(st.sampled_from([1, 1, 2, 3, 5]), min_size=20, max_size=40))
def test_frames_that_are_missing_are_put_between_the_others(steps):
    frames = np.cumsum([0, *steps, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1])
    every = np.arange(frames[-1] + 1)
    filled = kept(frames)
    assert_allclose(filled.edges_s[:-1], every / 30, atol=1e-6)
    assert_allclose(filled.descriptors[:, 0], every, atol=1e-3)


def test_frames_are_missing_though_most_have_lost_the_next():
    frames = np.cumsum([0, *[1, 2, 3, 2] * 8])
    assert np.median(np.diff(frames)) == 2
    assert len(kept(frames).descriptors) == frames[-1] + 1


def test_a_still_and_uneven_spans_of_film_stay():
    assert len(kept(np.array([0, 1, 2, 3, 30, 31, 32, 33])).descriptors) == 8
    film_in_60 = np.cumsum([0, 2, 3, 2, 3, 2, 3, 2, 3]) / 2  # 24 frames a second
    assert len(kept(film_in_60).descriptors) == 9


def repeating(shown: np.ndarray, fps: float, pace: float = 1.0) -> Footage:
    """Frames in equal distances, each of which shows a number, a little spoilt by an encoder."""
    spoilt = np.random.default_rng(0).normal(0, 0.01, len(shown))
    descriptors = (pace * shown + spoilt)[:, None].astype(np.float32)
    return Footage.of(FrameFeatures(descriptors, np.arange(len(shown)) / fps, 2.0, None, fps))


def test_frames_that_were_doubled_do_not_make_the_others_late():
    there = np.random.default_rng(1).random(300) > 0.3
    there[::4] = there[-1] = True
    last = np.maximum.accumulate(np.where(there, np.arange(300), 0))
    video = repeating(last, 30)
    at_s = np.arange(20, 280) / 30
    shown = np.interp(at_s, video.edges_s[:-1], video.descriptors[:, 0])
    assert_allclose(shown, at_s * 30, atol=0.1)


@pytest.mark.parametrize(("film", "fps"), [(24, 60), (30, 50), (25, 50)])
def test_film_in_more_frames_a_second_stays_film(film, fps):
    shown = np.floor(np.arange(200) * film / fps + 1e-6)
    assert len(repeating(shown, fps).descriptors) == len(np.unique(shown))


@pytest.mark.parametrize(("film", "fps"), [(10, 25), (24, 50)])
def test_film_of_which_not_every_repeat_is_seen_keeps_its_time(film, fps):
    """A tenth of the repeats changes as much as other frames, for the encoder's sake."""
    shown = np.floor(np.arange(400) * film / fps + 0.5)
    seen = shown + 0.3 * (np.random.default_rng(3).random(400) < 0.1)
    video = repeating(seen, fps)
    edges_s = np.arange(1, 8, 0.5)
    held = [seen[int(t * fps) : int((t + 0.5) * fps)].mean() for t in edges_s[:-1]]
    assert_allclose(video.averaged(edges_s)[:, 0], held, atol=0.15)


def test_slow_frames_are_not_taken_for_repeated_ones():
    paces = np.random.default_rng(2).uniform(0.02, 1, 300)
    assert len(repeating(np.cumsum(paces), 25).descriptors) == 300


def test_a_still_does_not_repeat_its_frames():
    assert len(repeating(np.arange(200), 30, pace=0).descriptors) == 200
    shown = np.concatenate([np.arange(60), np.full(20, 60), np.arange(60, 120), np.full(9, 120)])
    assert len(repeating(shown, 30).descriptors) == len(shown)


@given(
    spans=st.lists(st.integers(5, 200), min_size=2, max_size=12),
    ends=st.tuples(st.integers(0, 1400), st.integers(10, 600)),
)
def test_a_part_shows_what_the_whole_shows_then(spans, ends):
    video = footage(spans)
    begin, end = ends[0], min(ends[0] + ends[1], sum(spans))
    assume(end - begin >= 2)
    part = video.within(begin / 1000, end / 1000)
    assert part.span_s == (begin / 1000, end / 1000)
    edges_s = np.linspace(begin / 1000, end / 1000, 6)
    assert_allclose(part.averaged(edges_s), video.averaged(edges_s), rtol=1e-3, atol=1e-3)

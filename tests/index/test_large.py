"""A table of many windows, which is searched by parts of it."""

import numpy as np
import pytest
from indexed import Story, features_of, indexed

pytest.importorskip("lancedb")

from videoalignment.index.describe import Description
from videoalignment.index.opening import create_index, open_index
from videoalignment.index.records import Span, VideoEntry
from videoalignment.index.settings import STORED

_MOMENTS = 150 * STORED.window_moments


def _noise(rng: np.random.Generator, number: int) -> tuple[VideoEntry, Description]:
    place = 8 * rng.standard_normal(STORED.width)
    moments = place + 14 * rng.standard_normal((_MOMENTS // 5, STORED.width)).repeat(5, axis=0)
    length_s = _MOMENTS / STORED.rate_hz
    content = f"{2 * number:016x}" + "0" * 16
    description = Description(moments.clip(-127, 127).astype(np.int8), length_s)
    return VideoEntry(f"noise {number}.mp4", content, length_s), description


def test_of_many_windows_the_right_ones_are_found_also_those_added_later(tmp_path):
    rng = np.random.default_rng(5)
    stories = {f"{seed}.mp4": Story(seed, 30.0) for seed in range(4)}
    later = {f"{seed}.mp4": Story(seed, 30.0) for seed in range(4, 6)}
    with create_index(tmp_path / "i.index") as index:
        index.add(indexed(name, features_of(story)) for name, story in stories.items())
        index.add(_noise(rng, number) for number in range(1, 160))
        assert index.size().windows > 20_000
        index.add(indexed(name, features_of(story)) for name, story in later.items())
    with open_index(tmp_path / "i.index") as index:
        for name, story in {**stories, **later}.items():
            (best, *_) = index.search(features_of(story, 6.0, 16.0, noise=3.0))
            assert best.entry.name == name
            assert best.segment.time_map.to_b(5.0) == pytest.approx(11.0, abs=0.05)
        assert index.search(features_of(Story(99), 6.0, 16.0)) == []
        index.compact()
        for name, story in {**stories, **later}.items():
            assert index.search(features_of(story, 6.0, 16.0))[0].entry.name == name
        index.remove(["1.mp4"])
        assert index.search(features_of(stories["1.mp4"], 6.0, 16.0)) == []


def test_what_is_added_in_many_steps_is_found_before_and_after_it_is_settled(tmp_path):
    rng = np.random.default_rng(6)
    stories = {f"{seed}.mp4": Story(seed, 30.0) for seed in range(3)}

    def all_are_found() -> bool:
        with open_index(tmp_path / "i.index") as index:
            found = [index.search(features_of(s, 6.0, 16.0)) for s in stories.values()]
        return [answers[0].entry.name for answers in found] == list(stories)

    with create_index(tmp_path / "i.index") as index:
        for step, (name, story) in enumerate(stories.items()):
            index.add([indexed(name, features_of(story))], settle=False)
            numbers = range(60 * step + 1, 60 * step + 61)
            index.add((_noise(rng, number) for number in numbers), settle=False)
        assert index.size().windows > 20_000
        assert all_are_found()
        index.settle()
        assert all_are_found()
        spans = [Span(entry.number, 2, 4) for entry in index.videos()]
        fetched = index.engine.fetch(spans)
        assert {len(moments) for moments in fetched} == {3 * STORED.window_moments}

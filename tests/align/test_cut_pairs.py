"""Recordings that were cut, on a timeline: each has one place, and what lies elsewhere is told."""

from pathlib import Path

import pytest

from videoalignment.align.alignment import Segment
from videoalignment.align.timeline.measurements import Measurement, Recorded
from videoalignment.align.timeline.solve import solve
from videoalignment.time_map import TimeMap

FILES = [Recorded(Path(name), 40.0) for name in ("a", "b", "c")]
STRETCHES = (
    Segment(TimeMap(0.0), 0.0, 4.0, 0.9),
    Segment(TimeMap(-7.0), 20.0, 28.0, 0.9),
    Segment(TimeMap(-3.0), 28.0, 36.0, 0.9),
)


def cut(a, b, offset_s, by, *, stretches=STRETCHES, confidence=0.97):
    at_s = next(((s.begin_a_s + s.end_a_s) / 2 for s in stretches if s.offset_s == offset_s), 20.0)
    line = TimeMap(offset_s)
    return Measurement(a, b, by, line, at_s, 0.002, 1e-5, confidence, stretches=stretches)


def begins_s(timeline):
    (group,) = timeline.groups
    return {file.file.name: file.begin_s for file in group.files}


@pytest.mark.parametrize("picture_s, sound_s", [(-7.0, -7.0), (-3.0, -7.0), (-7.0, -3.0)])
def test_pictures_and_sounds_on_different_lines_do_not_contradict_each_other(picture_s, sound_s):
    pairs = [cut(0, 1, picture_s, "picture"), cut(0, 1, sound_s, "sound")]
    for given in (pairs, [m.inverse() for m in pairs]):
        timeline = solve(FILES[:2], given)
        found = begins_s(timeline)
        assert found["b"] - found["a"] in (
            pytest.approx(7.0, abs=0.02),
            pytest.approx(3.0, abs=0.02),
        )
        assert timeline.groups[0].conflicts == ()


def test_a_glance_that_knows_one_line_is_of_the_same_pair():
    """Pictures that were only glanced at are not cut into stretches."""
    pairs = [cut(0, 1, -3.0, "picture", stretches=()), cut(0, 1, -7.0, "sound")]
    timeline = solve(FILES[:2], pairs)
    assert begins_s(timeline) == pytest.approx({"a": 0.0, "b": 3.0}, abs=0.02)
    assert timeline.groups[0].conflicts == ()


def test_what_lies_elsewhere_is_told():
    (group,) = solve(FILES[:2], [cut(0, 1, -7.0, "sound")]).groups
    (pair,) = group.cut
    assert [(s.begin_a_s, s.offset_s) for s in pair.elsewhere] == [(0.0, 0.0), (28.0, -3.0)]


def test_the_rest_of_the_group_chooses_the_line():
    """What is shared on a line that is not the longest counts where the others speak for it."""
    whole = {"stretches": (), "confidence": 0.99}
    pairs = [
        cut(0, 1, -7.0, "sound"),
        cut(0, 2, 5.0, "sound", **whole),
        cut(1, 2, 8.0, "sound", **whole),
    ]
    found = begins_s(solve(FILES, pairs))
    assert found["a"] - found["c"] == pytest.approx(5.0, abs=0.02)
    assert found["b"] - found["c"] == pytest.approx(8.0, abs=0.02)


def test_a_pair_that_was_not_cut_has_no_stretches_elsewhere():
    (group,) = solve(FILES[:2], [cut(0, 1, -7.0, "sound", stretches=())]).groups
    assert group.cut == ()
    assert all(pair.elsewhere == () for pair in group.pairs)

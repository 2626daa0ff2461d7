"""An alignment by itself: what it says, what it refuses, and itself turned round."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ramps import line_alignment, segment

from videoalignment.align import Segment
from videoalignment.align.settings import Closeness
from videoalignment.errors import OptionError
from videoalignment.time_map import TimeMap


@given(offset_s=st.floats(-100, 100), speed=st.floats(0.3, 3), confidence=st.floats(0.5, 1))
def test_turned_round_twice_it_is_itself(offset_s, speed, confidence):
    segments = segment(0, 5, 10, speed), segment(6, 9, 1, speed)
    one = line_alignment(offset_s, speed, 50, 60, segments=segments, confidence=confidence)
    turned = one.inverse()
    assert turned.offset_s == pytest.approx(-offset_s / speed)
    assert turned.speed == pytest.approx(1 / speed)
    assert (turned.duration_a_s, turned.duration_b_s) == (60, 50)
    assert [s.begin_a_s for s in turned.segments] == pytest.approx([1, 10])
    assert [s.begin_b_s for s in turned.segments] == pytest.approx([6, 0], abs=1e-9)
    back = turned.inverse()
    assert back.offset_s == pytest.approx(offset_s)
    assert back.uncertainty_s == pytest.approx(one.uncertainty_s)
    for again, before in zip(back.segments, one.segments, strict=True):
        assert again.end_a_s == pytest.approx(before.end_a_s)
        assert again.end_b_s == pytest.approx(before.end_b_s)


def test_a_segment_knows_its_place_in_b():
    part = Segment(TimeMap(3.0, 2.0), 1.0, 4.0, 0.8)
    assert (part.begin_b_s, part.end_b_s) == (5.0, 11.0)
    assert (part.offset_s, part.speed) == (3.0, 2.0)


@pytest.mark.parametrize(
    "ends_s", [(2.0, 1.0), (math.nan, 1.0), (0.0, math.nan), (-math.inf, 1.0), (0.0, math.inf)]
)
def test_a_segment_begins_before_it_ends(ends_s):
    with pytest.raises(OptionError, match=r"a segment from .* s to .* s"):
        Segment(TimeMap(0.0), *ends_s, 0.5)


@pytest.mark.parametrize("changes", [{"score": 1.5}, {"confidence": -0.1}, {"score": math.nan}])
def test_shares_lie_between_0_and_1(changes):
    with pytest.raises(OptionError, match="expected a number from 0 to 1"):
        line_alignment(0.0, 1.0, 5, 9, **changes)


def test_what_does_not_match_has_no_segments():
    with pytest.raises(OptionError, match="videos that match have some"):
        line_alignment(0.0, 1.0, 5, 9, confidence=0.4)
    with pytest.raises(OptionError, match="videos that match have some"):
        line_alignment(0.0, 1.0, 5, 9, segments=())


def test_lines_are_the_same_where_they_run_together():
    one, other = TimeMap(3.0), TimeMap(2.0, 1.1)  # they meet at 10 s of A
    assert Closeness(0.2).holds(one, other, 9.0)
    assert not Closeness(0.2).holds(one, other, 9.0, 13.0)
    assert not Closeness(0.2, log_speed=0.05).holds(one, other, 10.0)
    assert Closeness(0.2, log_speed=0.1).holds(one, other, 10.0)

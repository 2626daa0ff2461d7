"""Pictures and sounds as two witnesses of one line."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ramps import line_alignment

from videoalignment.align.alignment import Alignment, Segment, Uncertainty
from videoalignment.align.fusion import fused, likelier
from videoalignment.time_map import TimeMap

CONFIDENCES = st.floats(0.001, 0.999)


def said(by: str, offset_s: float, confidence: float, place_s: float = 0.005, speed: float = 1.0):
    """An answer about two recordings of 20 and 30 s."""
    alignment = line_alignment(offset_s, speed, 20.0, 30.0)
    return replace(
        alignment,
        by=by,
        confidence=confidence,
        segments=alignment.segments if confidence >= 0.5 else (),
        uncertainty=Uncertainty(best_at_s=8.0, place_s=place_s),
    )


def picture(offset_s: float, confidence: float, **rest) -> Alignment:
    return said("picture", offset_s, confidence, **rest)


def sound(offset_s: float, confidence: float, **rest) -> Alignment:
    return said("sound", offset_s, confidence, place_s=0.0004, **rest)


def motion(offset_s: float, confidence: float, **rest) -> Alignment:
    return said("motion", offset_s, confidence, place_s=0.06, **rest)


def test_what_moves_confirms_a_doubtful_picture():
    answer = likelier(picture(3.0, 0.6), motion(3.08, 0.6))
    assert answer.by == "picture" and answer.confidence > 0.9 and answer.offset_s == 3.0
    guesses = likelier(picture(3.0, 0.3), motion(3.08, 0.45))
    assert guesses.matched and guesses.by == "motion"


def test_what_moves_takes_from_a_picture_that_is_sure_of_another_place():
    assert likelier(picture(3.0, 0.8), motion(3.3, 0.75)).confidence < 0.6
    answer = likelier(picture(3.0, 0.6), motion(3.3, 0.95))
    assert answer.by == "motion" and 0.5 < answer.confidence < 0.95
    assert answer.offset_s == 3.3


@given(CONFIDENCES, st.floats(0.001, 0.049))
def test_what_moves_and_says_nothing_changes_nothing(confidence, nothing):
    answer = picture(3.0, max(confidence, 0.05))
    assert likelier(answer, motion(3.3, nothing)) == answer


def test_where_both_agree_they_are_surer_than_each_and_sound_tells_the_place():
    answer = fused(picture(3.004, 0.9), sound(3.001, 0.9))
    assert answer.by == "both" and answer.confidence > 0.98
    assert answer.offset_s == 3.001 and answer.sound_lag_s == 0
    assert answer.uncertainty.place_s < 0.005
    assert {segment.time_map for segment in answer.segments} == {answer.time_map}


@pytest.mark.parametrize("lag_s", [0.03, 0.2, -0.08])
def test_a_lag_is_told_and_the_picture_tells_the_place(lag_s):
    # A's sound is late: what is heard at t in A was seen there at t - lag
    answer = fused(picture(3.0, 0.95), sound(3.0 - lag_s, 0.95))
    assert answer.by == "both" and answer.offset_s == 3.0
    assert answer.sound_lag_s == pytest.approx(lag_s)
    assert answer.inverse().sound_lag_s == pytest.approx(-lag_s)


def test_no_lag_is_invented_where_the_picture_does_not_tell():
    answer = fused(picture(3.0, 0.95, place_s=0.2), sound(3.15, 0.95))
    assert answer.sound_lag_s == 0 and answer.offset_s == 3.15


def test_pictures_that_hardly_know_tell_no_lag():
    answer = fused(picture(3.0, 0.99, place_s=0.06), sound(3.3, 0.95))
    assert answer.by == "sound" and answer.offset_s == 3.3 and answer.sound_lag_s is None


@pytest.mark.parametrize("sure, unsure", [(picture, sound), (sound, picture)])
def test_where_one_is_sure_it_answers_alone(sure, unsure):
    one, other = sure(3.0, 0.97), unsure(11.0, 0.3)
    answers = {one.by: one, other.by: other}
    answer = fused(answers["picture"], answers["sound"])
    assert answer.by == one.by
    assert answer.confidence == 0.97 and answer.offset_s == 3.0 and answer.sound_lag_s is None


@pytest.mark.parametrize("confidences", [(0.999, 0.9), (0.9, 0.999)])
def test_sure_answers_that_exclude_each_other_weaken_each_other(confidences):
    answer = fused(picture(3.0, confidences[0]), sound(11.0, confidences[1]))
    assert answer.by == ("picture" if confidences[0] > confidences[1] else "sound")
    assert 0.5 <= answer.confidence < 0.999


def test_equally_sure_answers_that_exclude_each_other_leave_it_open():
    assert fused(picture(3.0, 0.97), sound(11.0, 0.97)).confidence == pytest.approx(0.5)


def test_two_guesses_of_one_line_become_an_answer_and_of_two_lines_none():
    assert fused(picture(3.0, 0.4), sound(3.002, 0.45)).matched
    assert not fused(picture(3.0, 0.4), sound(7.0, 0.45)).matched


def test_a_video_that_was_cut_keeps_its_lines():
    cut = picture(3.0, 0.95)
    first, second = (
        Segment(TimeMap(offset_s), begin_s, begin_s + 5, 0.9)
        for offset_s, begin_s in ((3.0, 0.0), (9.0, 5.0))
    )
    cut = replace(cut, segments=(first, second))
    answer = fused(cut, sound(9.0, 0.9))
    assert answer.by == "both" and answer.segments == (first, second)


def test_another_speed_is_another_line():
    answer = fused(picture(3.0, 0.95, speed=1.25), sound(1.0, 0.2))
    assert answer.by == "picture" and answer.speed == 1.25


@given(CONFIDENCES, CONFIDENCES, st.floats(-1.5, 1.5))
def test_it_is_a_probability_and_fits_its_segments(one, other, apart_s):
    answer = fused(picture(3.0, one), sound(3.0 + apart_s, other))
    assert 0 <= answer.confidence <= 1
    assert answer.matched == bool(answer.segments)


@given(CONFIDENCES, CONFIDENCES)
def test_a_witness_that_agrees_takes_nothing_away(one, other):
    assert fused(picture(3.0, one), sound(3.001, other)).confidence >= max(one, other) - 1e-6


def turning(offset_s: float, rival_s: float, confidence: float) -> Alignment:
    line = said("picture", rival_s, confidence).time_map
    return replace(picture(offset_s, confidence), rivals=(line,))


def test_a_sound_tells_which_turn_of_a_picture_that_repeats_itself():
    for answer in (
        fused(turning(3.0, 11.0, 0.99), sound(11.001, 0.99)),
        fused(turning(11.0, 3.0, 0.99), sound(11.001, 0.99)),
    ):
        assert answer.matched and answer.by == "both" and answer.confidence > 0.99
        assert answer.offset_s == pytest.approx(11.001, abs=0.002)
        assert answer.sound_lag_s == 0 and answer.rivals == ()
        assert answer.overlap.begin_a_s == 0
        assert answer.overlap.end_a_s == pytest.approx(19.0, abs=0.01)
    elsewhere = fused(turning(3.0, 11.0, 0.99), sound(6.0, 0.99))
    assert elsewhere.confidence < 0.9
    nothing = fused(turning(3.0, 11.0, 0.99), sound(11.0, 0.01))
    assert nothing.offset_s == 3.0 and len(nothing.rivals) == 1


def test_what_moves_tells_the_turn_too():
    answer = likelier(turning(3.0, 11.0, 0.9), motion(11.05, 0.7))
    assert answer.offset_s == 11.0 and answer.confidence > 0.9


def cut_into(answer: Alignment, *stretches: tuple[float, float, float]) -> Alignment:
    """The same of recordings that were cut: (begin, end, offset) of every stretch."""
    segments = tuple(Segment(TimeMap(offset_s), b, e, 0.9) for b, e, offset_s in stretches)
    return replace(answer, segments=segments)


def test_what_only_the_sound_tells_of_a_programme_that_was_cut_is_shared_too():
    seen = cut_into(picture(3.0, 0.99), (0, 4, 1.0), (8, 14, 3.0))
    told = cut_into(sound(3.0, 0.97), (0, 4.2, 1.0), (4.5, 8.5, 2.0), (8.5, 14, 3.0), (14, 18, 5.0))
    answer = fused(seen, told)
    assert answer.by == "both" and answer.offset_s == 3.0 and answer.confidence > 0.99
    found = [(s.begin_a_s, s.end_a_s, s.offset_s) for s in answer.segments]
    assert found == [(0, 4, 1.0), (4.5, 8, 2.0), (8, 14, 3.0), (14, 18, 5.0)]


def test_a_sound_and_a_picture_that_know_different_lines_best_agree_on_a_common_one():
    told = cut_into(sound(9.0, 0.97), (0, 6, 3.0), (6, 18, 9.0))
    answer = fused(picture(3.0, 0.9), told)
    assert answer.by == "both" and answer.confidence > 0.97
    assert answer.offset_s == 3.0
    apart = fused(picture(30.0, 0.9), told)
    assert apart.confidence < 0.9

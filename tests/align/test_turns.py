"""Many recordings of what repeats itself: placed where something tells the turn, and only there."""

from dataclasses import replace
from pathlib import Path

import pytest

from videoalignment.align.timeline.measurements import Measurement, Recorded
from videoalignment.align.timeline.solve import solve
from videoalignment.time_map import TimeMap

TURN_S = 8.0


def recorded(name, duration_s=20.0):
    return Recorded(Path(name), duration_s)


def seen(a, b, offset_s, *rivals_s, by="picture", confidence=0.99):
    lines = tuple(TimeMap(offset_s + rival_s) for rival_s in rivals_s)
    return Measurement(a, b, by, TimeMap(offset_s), 5.0, 0.003, 1e-5, confidence, lines)


def begins_s(timeline):
    (group,) = timeline.groups
    return {file.file.name: file.begin_s for file in group.files}


def test_two_files_that_meet_at_several_turns_are_not_placed():
    timeline = solve([recorded("a"), recorded("b")], [seen(0, 1, 4.0, TURN_S)])
    assert timeline.groups == ()
    assert all("repeats itself" in one.reason for one in timeline.unplaced)
    assert all(one.guess.confidence == pytest.approx(0.495) for one in timeline.unplaced)


@pytest.mark.parametrize("answer_s", [0.0, TURN_S])
def test_a_sound_tells_the_turn(answer_s):
    files = [recorded("a"), recorded("b")]
    pairs = [
        seen(0, 1, 4.0 + answer_s, TURN_S - 2 * answer_s),
        seen(0, 1, 4.0, by="sound"),
    ]
    assert begins_s(solve(files, pairs)) == pytest.approx({"a": 4.0, "b": 0.0}, abs=0.01)
    assert begins_s(solve(files, [m.inverse() for m in pairs])) == pytest.approx(
        {"a": 4.0, "b": 0.0}, abs=0.01
    )


def test_a_third_file_tells_the_turn():
    files = [recorded("a"), recorded("b"), recorded("c")]
    pairs = [
        seen(0, 1, 4.0, TURN_S),
        seen(0, 2, 1.0, by="sound"),
        seen(2, 1, 4.0 + TURN_S - 1.0, by="sound"),
    ]
    found = begins_s(solve(files, pairs))
    assert found == pytest.approx({"a": 4.0 + TURN_S, "b": 0.0, "c": TURN_S + 3.0}, abs=0.01)


def test_short_files_learn_of_turns_from_longer_ones():
    """Two files of less than a turn each: that what they show comes again another file shows."""
    files = [recorded("short", 6.0), recorded("shorter", 5.0), recorded("long", 20.0)]
    alone = [seen(0, 1, -0.5)]
    assert len(solve(files[:2], alone).groups) == 1
    told = [*alone, seen(0, 2, 2.0, TURN_S), seen(1, 2, 2.5, TURN_S)]
    assert solve(files, told).groups == ()


def test_what_a_longer_file_repeats_elsewhere_is_not_held_against_others():
    files = [recorded("a", 30.0), recorded("b", 30.0), recorded("c", 40.0)]
    pairs = [
        seen(0, 1, -22.0),  # the end of A, the begin of B
        replace(seen(0, 2, 35.0, -TURN_S), best_at_s=2.0),  # the begin of A, the end of C
    ]
    (group,) = solve(files, pairs).groups
    assert {file.file.name for file in group.files} == {"a", "b"}


def test_files_that_turn_are_placed_no_more_exactly_by_pairs_that_claim_it():
    files = [recorded(name) for name in "abcd"]
    vague = {"sigma_s": 0.1, "turning": True}
    pairs = [replace(seen(a, b, float(b)), **vague) for a, b in ((0, 1), (2, 3))]
    pairs.append(seen(1, 2, 1.0))

    def known_s(measured):
        (group,) = solve(files, measured).groups
        return {file.file.name: file.uncertainty_s for file in group.files}["b"]

    claimed_s = known_s([replace(pair, turning=False) for pair in pairs])
    assert known_s(pairs) > claimed_s + 0.005


def test_files_that_would_have_seen_a_turn_themselves_are_believed():
    files = [recorded("a"), recorded("b"), recorded("c")]
    pairs = [seen(0, 1, 1.0), seen(0, 2, 2.0, TURN_S)]
    (group,) = solve(files, pairs).groups
    assert {file.file.name for file in group.files} == {"a", "b"}


def test_a_wrong_pair_of_what_repeats_itself_is_named_too():
    """No turn of it is sure, but that there is one: it would join two groups."""
    files = [recorded(name) for name in "abcdef"]
    right = [(0, 1, 2.0), (0, 2, 4.0), (1, 2, 2.0), (3, 4, 2.0), (3, 5, 4.0), (4, 5, 2.0)]
    pairs = [seen(a, b, -s, by="sound") for a, b, s in right]
    pairs += [seen(a, b, 0.0, by="sound", confidence=0.01) for a in range(3) for b in range(3, 6)]
    pairs.append(seen(0, 3, 1.0, TURN_S))
    timeline = solve(files, pairs)
    assert [len(group.files) for group in timeline.groups] == [3, 3]
    ((one, other),) = {(pair.a.name, pair.b.name) for pair in timeline.refuted}
    assert (one, other) == ("a", "d")

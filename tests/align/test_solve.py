"""Many recordings on one timeline, from pairs of which everything is known."""

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from takes_made_up import compared, errors_s, files_of, measured, take, takes, unfounded

from videoalignment.align.timeline.measurements import Measurement, Recorded
from videoalignment.align.timeline.solve import solve
from videoalignment.errors import OptionError
from videoalignment.time_map import TimeMap


def events_of(group, made):
    by_name = {one.recorded.file: one.event for one in made}
    return {by_name[file.file] for file in group.files}


@pytest.mark.parametrize("seed", range(3))
def test_exact_pairs_give_exact_places(seed):
    rng = np.random.default_rng(seed)
    made = takes(rng)
    found = solve(files_of(made), compared(rng, made)[0])
    assert [len(group.files) for group in found.groups] == [6, 6, 6]
    assert {one.file for one in found.unplaced} == {one.recorded.file for one in made[18:]}
    for group in found.groups:
        assert len(events_of(group, made)) == 1
        assert np.abs(errors_s(group, made)).max() < 1e-4
        assert group.files[0].begin_s == 0
        assert min(file.begin_s for file in group.files) == 0
        assert not group.conflicts
        assert not any(file.weak for file in group.files)


def test_rates_are_found():
    rng = np.random.default_rng(1)
    made = takes(rng, events=1, loners=0)
    (group,) = solve(files_of(made), compared(rng, made)[0]).groups
    by_name = {one.recorded.file: one.rate for one in made}
    off = np.array([file.rate / by_name[file.file] for file in group.files])
    assert np.ptp(off) < 5e-6


def test_the_order_of_files_and_of_pairs_changes_nothing():
    rng = np.random.default_rng(2)
    made = takes(rng)
    measurements, _ = compared(rng, made, wrong=0.1, sigmas_s=(4e-3, 3e-4))
    order = rng.permutation(len(made))
    place = {int(old): new for new, old in enumerate(order)}
    moved = [replace(m, a=place[m.a], b=place[m.b]) for m in measurements]
    shuffled = [moved[k] for k in rng.permutation(len(moved))]
    one = solve(files_of(made), measurements)
    assert solve([made[k].recorded for k in order], shuffled) == one


def test_a_pair_may_be_given_either_way_round():
    rng = np.random.default_rng(3)
    made = takes(rng, lag_s=0.1)
    measurements, _ = compared(rng, made, wrong=0.1, sigmas_s=(4e-3, 3e-4))
    one = solve(files_of(made), measurements)
    other = solve(files_of(made), [m.inverse() for m in measurements])
    for group, turned in zip(one.groups, other.groups, strict=True):
        assert [f.file for f in group.files] == [f.file for f in turned.files]
        begins_s = np.array([[f.begin_s for f in g.files] for g in (group, turned)])
        assert begins_s[0] == pytest.approx(begins_s[1], abs=1e-7)
        assert len(group.conflicts) == len(turned.conflicts)


@pytest.mark.parametrize("wrong", [0.1, 0.2, 0.3])
@pytest.mark.parametrize("seed", range(3))
def test_wrong_pairs_are_named_and_left_out(seed, wrong):
    rng = np.random.default_rng(seed)
    made = takes(rng)
    measurements, wrong_ones = compared(rng, made, wrong=wrong, sigmas_s=(4e-3, 3e-4))
    found = solve(files_of(made), measurements)
    assert all(len(events_of(group, made)) == 1 for group in found.groups)
    assert sum(len(group.files) for group in found.groups) >= 17
    for group in found.groups:
        assert np.abs(errors_s(group, made)).max() < 0.02
    named = {
        (group.files[c.pair.a].file, group.files[c.pair.b].file)
        for group in found.groups
        for c in group.conflicts
    } | {(pair.a, pair.b) for pair in found.refuted}
    lies = {(made[m.a].recorded.file, made[m.b].recorded.file) for m in wrong_ones}
    assert lies <= named
    # Among so many wrong pairs a right one is doubted only where it alone would place a file.
    doubted = {one.file for one in found.unplaced}
    assert all(doubted & pair for pair in map(set, named - lies))


def test_two_hundred_files_of_two_kinds_of_events_are_placed_among_wrong_pairs():
    rng = np.random.default_rng(7)
    small, large = takes(rng, events=20, each=6, loners=20), takes(rng, events=1, each=60, loners=0)
    renamed = [
        replace(one, event=100, recorded=replace(one.recorded, file=Path(f"z{number}")))
        for number, one in enumerate(large)
    ]
    made = small + renamed
    measurements, wrong_ones = compared(rng, made, wrong=0.1, sigmas_s=(4e-3, 3e-4))
    found = solve(files_of(made), measurements)
    assert [len(events_of(group, made)) for group in found.groups] == [1] * 21
    assert len(found.groups[0].files) == 60
    assert sum(len(group.files) for group in found.groups) >= 177
    for group in found.groups:
        assert np.abs(errors_s(group, made)).max() < 0.02
    lies = {frozenset((made[m.a].recorded.file, made[m.b].recorded.file)) for m in wrong_ones}
    named = {frozenset((pair.a, pair.b)) for pair in found.refuted}
    for group in found.groups:
        names = [file.file for file in group.files]
        named |= {frozenset((names[c.pair.a], names[c.pair.b])) for c in group.conflicts}
    assert len(lies - named) <= 2  # a wrong place may be near the right one by chance


def test_it_is_the_least_squares_solution_where_nothing_is_wrong():
    rng = np.random.default_rng(4)
    made = [take(k, 0, *rng.uniform([0, 25], [20, 30]), picture=False) for k in range(6)]
    measurements, _ = compared(rng, made, sigmas_s=(0, 3e-4))
    files = files_of(made)
    (group,) = solve(files, measurements).groups
    # The obvious way: one unknown begin per file, and the pairs' places as equations.
    rows, right = np.zeros((len(measurements) + 1, len(files))), np.zeros(len(measurements) + 1)
    for row, m in enumerate(measurements):
        rows[row, [m.a, m.b]] = 1 / m.sigma_s, -1 / m.sigma_s
        right[row] = (m.time_map.to_b(m.best_at_s) - m.best_at_s) / m.sigma_s
    rows[-1, 0] = 1
    begins_s = np.linalg.lstsq(rows, right)[0]
    begin_s = {file.file: at_s for file, at_s in zip(files, begins_s, strict=True)}
    expected_s = np.array([begin_s[file.file] for file in group.files])
    found_s = np.array([file.begin_s for file in group.files])
    assert found_s == pytest.approx(expected_s - expected_s.min(), abs=2e-5)


def test_groups_are_not_joined_by_a_pair_that_the_rest_refutes():
    rng = np.random.default_rng(5)
    made = takes(rng, events=2, loners=0)
    measurements, _ = compared(rng, made)
    # One sure pair of the two events, at the same begin, so that most files would lie together.
    lie = Measurement(0, 6, "sound", TimeMap(0.5), 10.0, 1e-3, 1e-5, 0.999)
    measurements = [m for m in measurements if (m.a, m.b, m.by) != (0, 6, "sound")] + [lie]
    found = solve(files_of(made), measurements)
    assert sorted(len(group.files) for group in found.groups) == [6, 6]
    (named,) = found.refuted
    assert (named.a, named.b) == (made[0].recorded.file, made[6].recorded.file)
    assert "over each other" in named.reason


def test_a_chain_is_placed_and_its_uncertainty_grows_with_its_length():
    made = [take(k, 0, 20.0 * k, 30.0, picture=False) for k in range(5)]
    measurements = [measured(k, k + 1, made, "sound", sigma_s=1e-3) for k in range(4)]
    (group,) = solve(files_of(made), measurements).groups
    assert [file.begin_s for file in group.files] == pytest.approx([0, 20, 40, 60, 80], abs=1e-6)
    uncertainty_s = [file.uncertainty_s for file in group.files]
    assert uncertainty_s[2] < uncertainty_s[1] < uncertainty_s[0]


def test_uncertainties_hold_the_truth():
    inside = []
    for seed in range(12):
        rng = np.random.default_rng(100 + seed)
        made = takes(rng, events=1, loners=0)
        (group,) = solve(files_of(made), compared(rng, made, sigmas_s=(4e-3, 1e-3))[0]).groups
        off_s = errors_s(group, made)
        others_s = (off_s.sum() - off_s) / (len(off_s) - 1)
        inside += [
            abs(off - rest) <= file.uncertainty_s
            for off, rest, file in zip(off_s, others_s, group.files, strict=True)
        ]
    assert np.mean(inside) > 0.88


@pytest.mark.parametrize(("frame_s", "share"), [(0.02, 0.0), (0.02, 1.0), (0.05, 1.0)])
def test_it_is_not_known_when_a_picture_was_taken_while_it_was_shown(frame_s, share):
    """One camera has no sound; others of other frame rates put it off by half the difference where
    their pictures were taken as they began to be shown."""
    made = [take(k, 0, 3.0 * k, 30.0, sound=k > 0) for k in range(5)]
    files = [replace(file, frame_s=0.05 if k else frame_s) for k, file in enumerate(files_of(made))]
    measurements, _ = compared(np.random.default_rng(9), made, sigmas_s=(1e-3, 3e-4))
    late_s = share * (0.05 - frame_s) / 2
    shifted = [
        replace(m, time_map=TimeMap(m.time_map.offset_s + late_s, m.time_map.speed))
        if m.a == 0
        else m
        for m in measurements
    ]
    (group,) = solve(files, shifted).groups
    off_s = errors_s(group, made)
    known_s = group.files[0].uncertainty_s
    assert abs(off_s[0] - off_s[1:].mean()) < known_s
    assert known_s < 0.004 + (0.05 - frame_s)


def test_a_file_on_one_pair_that_is_not_sure_is_marked():
    rng = np.random.default_rng(7)
    made = [*takes(rng, events=1, loners=0), take(6, 0, 40.0, 20.0, picture=False)]
    measurements = [m for m in compared(rng, made)[0] if 6 not in (m.a, m.b)]
    sound = next(k for k in range(6) if made[k].recorded.has_sound)
    hanging = replace(measured(sound, 6, made, "sound"), confidence=0.7)
    (group,) = solve(files_of(made), [*measurements, hanging]).groups
    assert [file.file for file in group.files if file.weak] == [made[6].recorded.file]
    (weak,) = (file for file in group.files if file.weak)
    assert 0.5 < weak.confidence < 0.75
    assert len(weak.carried_by) == 1


def test_unsure_pairs_place_a_file_only_where_they_agree():
    rng = np.random.default_rng(8)
    made = [*takes(rng, events=1, loners=0), take(6, 0, 15.0, 25.0)]
    group_of_six = [m for m in compared(rng, made)[0] if 6 not in (m.a, m.b)]
    right = [replace(measured(k, 6, made, "picture"), confidence=0.4) for k in (0, 1)]
    (group,) = solve(files_of(made), [*group_of_six, *right]).groups
    assert len(group.files) == 7
    wrong = [unfounded(rng, k, 6, made, "picture", 0.4) for k in (0, 1)]
    found = solve(files_of(made), [*group_of_six, *wrong])
    (unplaced,) = found.unplaced
    assert unplaced.file == made[6].recorded.file
    assert unplaced.guess.confidence == 0.4


def test_the_same_file_twice_lies_at_the_same_place():
    rng = np.random.default_rng(9)
    made = takes(rng, events=1, loners=0)
    twin = replace(made[0], recorded=replace(made[0].recorded, file=Path("twin")))
    made = [*made, twin]
    (group,) = solve(files_of(made), compared(rng, made, sigmas_s=(4e-3, 3e-4))[0]).groups
    places = {file.file: file.begin_s for file in group.files}
    assert places[twin.recorded.file] == pytest.approx(places[made[0].recorded.file], abs=1e-3)


@pytest.mark.parametrize("rate", [0.5, 25 / 24])
def test_a_copy_at_another_speed_is_placed_at_its_rate(rate):
    rng = np.random.default_rng(10)
    made = [*takes(rng, events=1, loners=0), take(6, 0, 10.0, 20.0, sound=False, rate=rate)]
    (group,) = solve(files_of(made), compared(rng, made)[0]).groups
    rates = {file.file: file.rate for file in group.files}
    assert rates.pop(made[6].recorded.file) == pytest.approx(rate, rel=1e-4)
    assert list(rates.values()) == pytest.approx([1] * 6, abs=1e-4)
    assert np.abs(errors_s(group, made)).max() < 1e-3


def test_of_alternatives_for_one_pair_the_one_that_fits_counts():
    rng = np.random.default_rng(11)
    made = takes(rng, events=1, loners=0)
    measurements, _ = compared(rng, made)
    doubled = []
    for m in measurements:
        doubled += [replace(m, confidence=0.4), unfounded(rng, m.a, m.b, made, m.by, 0.6)]
    (group,) = solve(files_of(made), doubled).groups
    assert len(group.files) == 6
    assert np.abs(errors_s(group, made)).max() < 1e-3


def test_nothing_to_compare_is_no_timeline():
    files = [Recorded(Path("a"), 5.0), Recorded(Path("b"), 5.0)]
    found = solve(files, [])
    assert found.groups == ()
    assert [one.file.name for one in found.unplaced] == ["a", "b"]


def test_impossible_input_is_told():
    files = [Recorded(Path("a"), 5.0), Recorded(Path("b"), 5.0, has_sound=False)]
    pair = Measurement(0, 1, "sound", TimeMap(0.0), 1.0, 1e-3, 1e-5, 0.9)
    with pytest.raises(OptionError, match="b: a pair by sound"):
        solve(files, [pair])
    with pytest.raises(OptionError, match="there are 2"):
        solve(files, [replace(pair, b=2)])
    with pytest.raises(OptionError, match="min_confidence"):
        solve(files, [], min_confidence=1.0)
    with pytest.raises(OptionError, match="duration_s"):
        Recorded(Path("a"), 0.0)


@pytest.mark.parametrize("seed", range(12))
def test_what_few_pairs_say_among_many_wrong_ones_is_placed_likely_or_not_at_all(seed):
    rng = np.random.default_rng(seed)
    made = takes(rng, events=3, each=4, lag_s=0.1)
    measurements, _ = compared(rng, made, wrong=0.25, sigmas_s=(4e-3, 2e-4))
    found = solve(files_of(made), [m for m in measurements if rng.random() < 0.5])
    assert all(file.confidence >= 0.5 for group in found.groups for file in group.files)


def test_a_passage_that_sounds_like_one_of_another_event_joins_nothing():
    made = [take(k, 0, 0.0, 20.0) for k in range(4)] + [take(k, 1, 0.0, 20.0) for k in range(4, 8)]
    within = [
        measured(a, b, made, "sound", sigma_s=3e-4)
        for event in (range(4), range(4, 8))
        for a, b in combinations(event, 2)
    ]
    # near the end of one event the music is as near the begin of the other, in two takes of it
    alike = [
        Measurement(0, b, "sound", TimeMap(-18.0), 19.0, 3e-4, 1e-5, confidence)
        for b, confidence in ((4, 0.39), (5, 0.3))
    ]
    found = solve(files_of(made), [*within, *alike])
    assert sorted(len(events_of(group, made)) for group in found.groups) == [1, 1]


@pytest.mark.parametrize(("count", "ppm"), [(2, 300), (3, 300), (2, 500)])
def test_a_clock_that_few_have_is_believed_where_nothing_speaks_against_it(count, ppm):
    made = [take(k, 0, 5.0 * k, 3600.0, picture=False) for k in range(count)]
    made[1] = replace(made[1], rate=1 + ppm * 1e-6)
    (group,) = solve(files_of(made), compared(np.random.default_rng(12), made)[0]).groups
    rates = {file.file: file.rate for file in group.files}
    assert rates[Path("take001")] / rates[Path("take000")] == pytest.approx(made[1].rate, abs=5e-6)


def test_pictures_that_are_shown_at_their_speed_do_not_overrule_what_sounds_say_of_a_clock():
    made = [take(k, 0, 1.5 * k, 36.0, rate=1.0003 if k == 3 else 1.0) for k in range(12)]
    measurements = [
        # a picture's line keeps speed 1 to the last digit where it may be 1
        replace(m, time_map=TimeMap(m.time_map.to_b(m.best_at_s) - m.best_at_s), speed_sigma=0.0)
        if m.by == "picture"
        else replace(m, speed_sigma=8e-6)
        for m in compared(np.random.default_rng(13), made, sigmas_s=(2e-3, 2e-4))[0]
    ]
    (group,) = solve(files_of(made), measurements).groups
    rates = np.array([file.rate for file in sorted(group.files, key=lambda file: file.file)])
    assert rates[3] / np.delete(rates, 3).mean() == pytest.approx(1.0003, abs=1e-5)


def test_two_right_pairs_place_a_file_of_which_three_others_lie():
    rng = np.random.default_rng(14)
    made = [take(k, event, 2.0 * k % 12, 30.0, picture=False) for event in (0, 1) for k in range(6)]
    made = [replace(m, recorded=replace(m.recorded, file=Path(str(k)))) for k, m in enumerate(made)]
    measurements = []
    for a, b in combinations(range(12), 2):
        same = made[a].event == made[b].event
        # all between the events lie, so that sure pairs are worth little; as do three of file 0
        if not same or (a == 0 and b > 2):
            measurements.append(unfounded(rng, a, b, made, "sound", 0.999))
        else:
            measurements.append(measured(a, b, made, "sound", rng=rng, sigma_s=3e-4))
    found = solve(files_of(made), measurements)
    (group,) = (g for g in found.groups if Path("0") in {file.file for file in g.files})
    assert len(group.files) == 6
    assert np.abs(errors_s(group, made)).max() < 2e-3


def test_a_ring_of_right_pairs_is_placed_among_lies():
    """No three of its files confirm each other: only all four do."""
    rng = np.random.default_rng(15)
    made = [take(k, k // 4, 3.0 * (k % 4), 30.0, picture=False) for k in range(12)]
    measurements = []
    for a, b in combinations(range(12), 2):
        beside = (b - a) % 4 in (1, 3) or made[a].event > 0
        if made[a].event == made[b].event and beside:
            measurements.append(measured(a, b, made, "sound", rng=rng, sigma_s=3e-4))
        else:
            lies = made[a].event == made[b].event or rng.random() < 0.4
            sure = 0.999 if lies else 0.01
            measurements.append(unfounded(rng, a, b, made, "sound", sure))
    found = solve(files_of(made), measurements)
    ring = {one.recorded.file for one in made[:4]}
    (group,) = (g for g in found.groups if ring & {file.file for file in g.files})
    assert {file.file for file in group.files} == ring
    assert np.abs(errors_s(group, made)).max() < 2e-3


def test_a_ring_through_a_group_is_placed_among_lies():
    """Two files hang together and each by one pair on a group, which lies otherwise contradict."""
    rng = np.random.default_rng(17)
    made = [take(k, k // 6, 3.0 * (k % 6), 30.0, picture=False) for k in range(12)]
    ring = {(0, 1), (1, 2), (0, 3)}
    measurements = []
    for a, b in combinations(range(12), 2):
        same = made[a].event == made[b].event
        if same and (a > 1 or (a, b) in ring):
            measurements.append(measured(a, b, made, "sound", rng=rng, sigma_s=3e-4))
        else:
            sure = 0.999 if same or rng.random() < 0.4 else 0.01
            measurements.append(unfounded(rng, a, b, made, "sound", sure))
    found = solve(files_of(made), measurements)
    groups = [{file.file for file in group.files} for group in found.groups]
    assert groups == [{one.recorded.file for one in made[k : k + 6]} for k in (0, 6)]


def test_a_file_that_most_of_its_pairs_contradict_is_not_said_to_be_known_exactly():
    made = [take(k, 0, 2.0 * k, 40.0, sound=False) for k in range(6)]
    measurements, _ = compared(np.random.default_rng(16), made, sigmas_s=(3e-3, 0))
    off_s = dict(zip(range(5), (0.36, 0.355, 0.2, 0.045, -0.06), strict=True))
    shifted = [
        replace(m, time_map=TimeMap(m.time_map.offset_s + off_s[m.a])) if m.b == 5 else m
        for m in measurements
    ]
    (group,) = solve(files_of(made), shifted).groups
    *others, vague = sorted(group.files, key=lambda file: file.file)
    assert max(file.uncertainty_s for file in others) < 0.02
    assert vague.uncertainty_s > 0.1


def test_one_pair_that_is_hardly_sure_joins_two_files_but_not_two_among_many():
    """In a folder many more pairs are tried, of which some look as if they met."""
    rng = np.random.default_rng(9)
    made = takes(rng)
    measurements = compared(rng, made)[0]
    loners = [place for place, one in enumerate(made) if one.event >= 3]
    doubtful = unfounded(rng, *loners, made, "picture", 0.6)
    others = [m for m in measurements if {m.a, m.b} != set(loners)]
    found = solve(files_of(made), [*others, doubtful])
    files = {made[place].recorded.file for place in loners}
    assert files == {one.file for one in found.unplaced}
    assert [{pair.a, pair.b} for pair in found.refuted] == [files]
    sure = solve(files_of(made), [*others, replace(doubtful, confidence=0.95)])
    assert {file.file for file in sure.groups[-1].files} == files
    assert all(0.5 < file.confidence < 0.95 for file in sure.groups[-1].files)
    few = [made[place].recorded for place in (*loners, 0, 6)]
    (group,) = solve(few, [replace(doubtful, a=0, b=1)]).groups
    assert {file.file for file in group.files} == files
    (group,) = solve(few[:2], [replace(doubtful, a=0, b=1)]).groups
    assert [file.confidence for file in group.files] == pytest.approx([0.6, 0.6])

"""Sounds that are late against their pictures, and sounds that are not."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from takes_made_up import compared, errors_s, files_of, measured, take, takes

from videoalignment.align.timeline.solve import solve


@pytest.mark.parametrize("lag_s", [0.04, -0.12, 0.2])
def test_a_late_sound_is_found_where_there_are_loops(lag_s):
    rng = np.random.default_rng(6)
    made = takes(rng, events=2, loners=0, lag_s=lag_s)
    found = solve(files_of(made), compared(rng, made, sigmas_s=(1e-3, 3e-4))[0])
    by_name = {one.recorded.file: one.lag_s for one in made}
    lags = 0
    for group in found.groups:
        assert not group.conflicts
        assert np.abs(errors_s(group, made)).max() < 0.005
        for file in group.files:
            if not (file.has_picture and file.has_sound):
                assert file.sound_lag_s is None
            else:
                assert file.sound_lag_s == pytest.approx(by_name[file.file], abs=0.004)
                lags += file.sound_lag_s != 0
    assert lags == 2


@pytest.mark.parametrize(("frame_s", "lag_s"), [(0.1, None), (0.04, 0.1), (0.0, 0.1)])
def test_a_lag_of_one_picture_is_none_where_pictures_are_sparse(frame_s, lag_s):
    made = [take(k, 0, 3.0 * k, 30.0, lag_s=0.1 if k == 1 else 0.0) for k in range(4)]
    files = [replace(file, frame_s=frame_s) for file in files_of(made)]
    measurements, _ = compared(np.random.default_rng(8), made, sigmas_s=(2e-3, 3e-4))
    (group,) = solve(files, measurements).groups
    assert group.files[1].sound_lag_s == (lag_s and pytest.approx(lag_s, abs=4e-3))
    by_sound_s = 3.0 if lag_s else 2.9
    assert group.files[1].begin_s == pytest.approx(by_sound_s, abs=4e-3)
    assert (group.files[1].uncertainty_s < 0.05) == bool(lag_s)


def test_two_files_a_sparse_picture_apart_lie_by_their_sounds_and_contradict_nothing():
    made = [take(0, 0, 0.0, 30.0, lag_s=0.1), take(1, 0, 5.0, 30.0)]
    files = [replace(file, frame_s=0.1) for file in files_of(made)]
    pair = [measured(0, 1, made, by, sigma_s=1e-3) for by in ("picture", "sound")]
    (group,) = solve(files, pair).groups
    assert group.files[1].begin_s == pytest.approx(5.1, abs=4e-3)
    assert [file.sound_lag_s for file in group.files] == [None, None]
    assert all(file.uncertainty_s > 0.05 for file in group.files)
    assert not group.conflicts


@pytest.mark.parametrize(("sigma_s", "lag_s"), [(2e-3, 0.0), (6e-2, None)])
def test_no_lag_is_told_that_pictures_do_not_show(sigma_s, lag_s):
    """That nothing speaks against none is no sign that there is none."""
    made = [take(k, 0, 3.0 * k, 30.0) for k in range(4)]
    rng = np.random.default_rng(18)
    (group,) = solve(files_of(made), compared(rng, made, sigmas_s=(sigma_s, 3e-4))[0]).groups
    assert [file.sound_lag_s for file in group.files] == [lag_s] * 4


def test_a_picture_that_lies_some_milliseconds_off_moves_nothing():
    made = [take(k, 0, 3.0 * k, 30.0) for k in range(4)]
    off = [replace(one, lag_s=0.004 * (-1) ** k) for k, one in enumerate(made)]
    pairs = [(a, b) for a in range(4) for b in range(a + 1, 4)]
    measurements = [measured(*pair, off, "picture", sigma_s=1e-3) for pair in pairs]
    measurements += [measured(*pair, off, "sound", sigma_s=1e-4) for pair in pairs]
    (group,) = solve(files_of(made), measurements).groups
    assert [file.sound_lag_s for file in group.files] == [0.0] * 4
    by_sound_s = [one.map_by("sound").offset_s for one in off]
    begins_s = np.array([file.begin_s for file in group.files])
    assert begins_s - begins_s.mean() == pytest.approx(by_sound_s - np.mean(by_sound_s), abs=3e-4)


def test_of_two_files_nobody_knows_whose_sound_is_late():
    made = [take(0, 0, 0.0, 30.0, lag_s=0.06), take(1, 0, 5.0, 30.0)]
    measurements = [
        measured(0, 1, made, by, sigma_s=sigma_s)
        for by, sigma_s in (("picture", 2e-3), ("sound", 3e-4))
    ]
    (group,) = solve(files_of(made), measurements).groups
    assert [file.sound_lag_s for file in group.files] == [None, None]
    assert np.abs(errors_s(group, made)).max() < 0.001  # by the picture
    (conflict,) = group.conflicts
    assert conflict.pair.by == "sound"
    assert conflict.pair.residual_s == pytest.approx(-0.06, abs=1e-3) or (
        conflict.pair.residual_s == pytest.approx(0.06, abs=1e-3)
    )
    assert "late" in conflict.reason


def test_two_files_whose_sound_and_picture_agree_have_no_lag():
    made = [take(0, 0, 0.0, 30.0), take(1, 0, 5.0, 30.0)]
    measurements = [measured(0, 1, made, by, sigma_s=1e-3) for by in ("picture", "sound")]
    (group,) = solve(files_of(made), measurements).groups
    assert [file.sound_lag_s for file in group.files] == [0.0, 0.0]


def test_a_lag_that_two_files_could_bear_by_halves_moves_neither():
    """Their sounds alone have both kinds of clocks; the pictures of all say where each lies."""
    made = [
        take(k, 0, 2.0 * k, 25.0, sound=k in (2, 4), lag_s=-0.028 if k == 4 else 0.0)
        for k in range(6)
    ]
    pairs = combinations(range(6), 2)
    measurements = [measured(*pair, made, "picture", sigma_s=5e-3) for pair in pairs]
    measurements.append(measured(2, 4, made, "sound", sigma_s=2e-4))
    (group,) = solve(files_of(made), measurements).groups
    assert np.abs(errors_s(group, made)).max() < 0.001
    assert [file.sound_lag_s for file in group.files] == [None] * 6
    (conflict,) = group.conflicts
    assert conflict.pair.by == "sound"


def test_what_only_others_hold_together_does_not_tell_whose_sound_is_late():
    """Two takes have both; by picture silent ones lie between them, by sound recorders do."""
    made = [take(k, 0, 2.0 * k, 25.0) for k in range(6)]
    made[0] = replace(made[0], lag_s=0.14)
    for k, kind in ((1, "sound"), (2, "sound"), (3, "picture"), (4, "picture")):
        has = {f"has_{one}": one == kind for one in ("picture", "sound")}
        made[k] = replace(made[k], recorded=replace(made[k].recorded, **has))
    pictured, recorders = (0, 3, 4, 5), (0, 1, 2, 5)
    seen = [pair for pair in combinations(pictured, 2) if pair != (0, 5)]
    measurements = [measured(*pair, made, "picture", sigma_s=4e-3) for pair in seen]
    heard = combinations(recorders, 2)
    measurements += [measured(*pair, made, "sound", sigma_s=2e-4) for pair in heard]
    (group,) = solve(files_of(made), measurements).groups
    assert [file.sound_lag_s for file in group.files] == [None] * 6

"""Pictures of one place at two moments, which refute that they meet where sounds say so."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from cameras import SIZE, aligned, camera, filed, pictures
from takes_made_up import files_of, measured, take

from videoalignment.align.refine import Fit
from videoalignment.align.shot import Shot
from videoalignment.align.timeline.solve import solve
from videoalignment.time_map import TimeMap

BEGIN_S = 4.25


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cameras")


@pytest.fixture(scope="module")
def reels(folder):
    return camera(folder / "a.mp4", BEGIN_S, 7, 25), camera(folder / "b.mp4", 0, 30, 30)


@pytest.mark.parametrize("elsewhere_s", [0.5, 13.0, 21.0])
def test_one_place_at_another_moment_is_told(reels, elsewhere_s):
    found = aligned(reels, elsewhere_s)
    assert found.refutes == TimeMap(elsewhere_s)
    assert found.inverse().refutes == TimeMap(elsewhere_s).inverse()


@pytest.mark.parametrize("off_s", [0.0, -0.2, 0.2])
def test_where_they_meet_nothing_is_refuted(reels, off_s):
    assert aligned(reels, BEGIN_S + off_s).refutes is None


def test_another_place_refutes_nothing(reels, folder):
    """It may be another side of what happens."""
    other = camera(folder / "c.mp4", 0, 30, 30, scene=1)
    assert aligned((reels[0], other), 13.0).refutes is None


def test_one_window_around_other_pictures_refutes_nothing(folder):
    """Two recordings of one call, whose windows have the same bars, show different people."""
    bars = np.random.default_rng(3).uniform(20, 230, (22, SIZE[1] // 4)).astype(np.float32)
    bars = cv2.resize(bars, (SIZE[1], 44), interpolation=cv2.INTER_NEAREST)
    films = [pictures(4.0, 7, 25), pictures(0, 30, 30, scene=1)]
    for picture in (picture for film in films for picture in film):
        picture[:22], picture[-22:] = bars[:22], bars[22:]
    a = filed(folder / "one.mp4", films[0], 25)
    b = filed(folder / "other.mp4", films[1], 30)
    assert lie_over_each_other(a, b)
    assert aligned((a, b), 4.0).refutes is None


def lie_over_each_other(a, b):
    """Whether there is something in both by which they can be laid over each other."""
    line = TimeMap(4.0)
    shot = Shot.along(Fit(line, 0.0, 0.0, 7.0), a, b)
    return shot is not None and shot.registered(line) is not None


def test_where_nothing_moves_no_moment_is_another(folder):
    still = [
        camera(folder / f"still {length_s}.mp4", begin_s, length_s, 25, things=0)
        for begin_s, length_s in ((4.0, 7), (1.0, 30))
    ]
    assert aligned(tuple(still), 13.0).refutes is None


def loops(refuting):
    """Five takes with picture and sound; of the last, which begins when all others have ended, the
    sounds say that it lies 8 s earlier: the music comes again. Some pictures know better."""
    begins_s = 0.0, 2.0, 3.0, 4.0, 30.0
    made = [take(k, 0, begin_s, 24.0) for k, begin_s in enumerate(begins_s)]
    heard = [*made[:4], replace(made[4], begin_s=22.0 - 8.0)]
    pairs = [(a, b) for a in range(5) for b in range(a + 1, 5)]
    measurements = [measured(*pair, heard, "sound", sigma_s=1e-4) for pair in pairs]
    for pair in pairs:
        seen = measured(*pair, heard, "picture", sigma_s=1e-3)
        if pair[1] == 4:
            nowhere = replace(seen, time_map=TimeMap(-3.0), confidence=0.01)
            seen = replace(nowhere, refutes=seen.time_map if pair[0] < refuting else None)
        measurements.append(seen)
    return files_of(made), measurements


@pytest.mark.parametrize("turned", [False, True])
def test_sounds_place_nothing_where_pictures_show_another_moment(turned):
    files, measurements = loops(refuting=4)
    if turned:
        measurements = [m.inverse() for m in measurements]
    found = solve(files, measurements)
    (group,) = found.groups
    assert [file.file for file in group.files] == [file.file for file in files[:4]]
    assert [alone.file for alone in found.unplaced] == [files[4].file]
    assert {pair.by for pair in found.refuted} == {"sound"}
    assert len(found.refuted) == 4
    assert all(file.confidence > 0.9 for file in group.files)


def test_pictures_that_are_not_found_there_may_be_of_another_side():
    files, measurements = loops(refuting=0)
    (group,) = solve(files, measurements).groups
    assert len(group.files) == 5
    assert not group.conflicts


def test_that_some_sounds_are_refuted_says_nothing_about_others():
    """A file that hangs on one pair stays as sure as it was."""
    files, measurements = loops(refuting=4)
    made = take(5, 0, 20.0, 24.0)
    one = replace(measured(0, 1, [take(0, 0, 0.0, 24.0), made], "sound", sigma_s=1e-4), b=5)
    (group,) = solve([*files, *files_of([made])], [*measurements, one]).groups
    assert group.files[-1].file == made.recorded.file

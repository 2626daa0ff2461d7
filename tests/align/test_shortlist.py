"""Which pairs of pictures are worth comparing, and how thoroughly."""

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from moving import Scene, filmed
from sounds import event
from sounds import heard as whitened

from videoalignment.align.options import AlignOptions
from videoalignment.align.pipeline import align_features, glance
from videoalignment.align.sound import Heard
from videoalignment.align.timeline.measurements import Measurement, Recorded
from videoalignment.align.timeline.shortlist import (
    picture_pairs,
    worth_a_closer_look,
    worth_another_look,
)
from videoalignment.align.timeline.solve import solve
from videoalignment.align.timeline.sources import Source
from videoalignment.time_map import TimeMap

OPTIONS = AlignOptions()
WHOLE = filmed(Scene(1), 40, 30)
PART = filmed(lambda times_s: Scene(1)(times_s + 12.34), 9, 25, seed=1)
ANOTHER = filmed(Scene(2), 15, 25, seed=2)


def sources_of(count):
    """Files with pictures only."""
    picture = filmed(Scene(3), 20, 10)
    return [
        Source(Recorded(Path(f"{k:02d}.mp4"), 20, True, False), picture, None) for k in range(count)
    ]


def glanced(a, b, confidence, sigma_s=0.002, offset_s=1.0):
    return Measurement(a, b, "picture", TimeMap(offset_s), 10, sigma_s, 1e-5, confidence)


def test_a_glance_places_a_take_where_a_long_look_does():
    quick, thorough = glance(PART, WHOLE, OPTIONS), align_features(PART, WHOLE)
    assert quick.matched
    assert quick.offset_s == pytest.approx(thorough.offset_s, abs=0.002)
    assert quick.offset_s == pytest.approx(12.34, abs=0.004)


def test_a_glance_the_other_way_round_is_the_inverse():
    one, other = glance(PART, WHOLE, OPTIONS), glance(WHOLE, PART, OPTIONS)
    assert other == one.inverse()


def test_a_glance_at_another_scene_finds_nothing():
    assert not glance(ANOTHER, WHOLE, OPTIONS).matched


def test_nothing_is_looked_at_closely_where_all_is_known():
    sources = sources_of(4)
    glances = [glanced(a, b, 0.999, offset_s=0.0) for a, b in combinations(range(4), 2)]
    so_far = solve([source.recorded for source in sources], glances)
    assert worth_a_closer_look(sources, glances, so_far) == {}


@pytest.mark.parametrize("count", [3, 40])
def test_each_file_that_is_not_placed_is_looked_at_beside_its_likeliest(count):
    sources, rng = sources_of(count), np.random.default_rng(count)
    glances = [glanced(a, b, rng.uniform(0, 0.15)) for a, b in combinations(range(count), 2)]
    so_far = solve([source.recorded for source in sources], glances)
    chosen = worth_a_closer_look(sources, glances, so_far)
    likeliest = {
        (m.a, m.b)
        for file in range(count)
        for m in [max((m for m in glances if file in (m.a, m.b)), key=lambda m: m.confidence)]
    }
    assert likeliest <= set(chosen)
    assert len(chosen) <= min(len(glances), 4 * count)


def test_a_pair_that_may_mislead_and_a_vague_place_are_looked_at_closely():
    sources = sources_of(5)
    sharp = [glanced(0, 1, 0.999, offset_s=0.0), glanced(2, 3, 0.999, offset_s=0.0)]
    vague = glanced(1, 4, 0.999, sigma_s=0.05, offset_s=0.0)
    misleading = glanced(0, 2, 0.6)
    glances = [*sharp, vague, misleading]
    so_far = solve([source.recorded for source in sources], [*sharp, vague])
    assert worth_a_closer_look(sources, glances, so_far) == {(0, 2): None, (1, 4): None}


@pytest.mark.parametrize("exact", [False, True])
def test_what_only_pairs_of_vague_places_join_is_looked_at_closely(exact):
    """Pages of text look alike: two pairs of takes, each pair of one page."""
    sources = sources_of(4)
    sharp = [glanced(0, 1, 0.999, offset_s=0.0), glanced(2, 3, 0.999, offset_s=0.0)]
    vague = [glanced(a, b, 0.999, sigma_s=0.03, offset_s=0.0) for a in (0, 1) for b in (2, 3)]
    if exact:
        vague[0] = replace(vague[0], sigma_s=0.002)
    so_far = solve([source.recorded for source in sources], [*sharp, *vague])
    (group,) = so_far.groups
    assert len(group.files) == 4
    chosen = worth_a_closer_look(sources, [*sharp, *vague], so_far)
    assert chosen == ({} if exact else {(a, b): None for a in (0, 1) for b in (2, 3)})


def test_pairs_whose_files_are_placed_elsewhere_by_now_are_looked_at_again():
    sources, sounds = heard(3)
    recorded = [source.recorded for source in sources]
    elsewhere = [
        replace(sound, time_map=TimeMap(8.0), confidence=0.95) if 2 in (sound.a, sound.b) else sound
        for sound in sounds
    ]
    seen = [glanced(0, 1, 0.999, offset_s=0.0), glanced(0, 2, 0.01), glanced(1, 2, 0.01)]
    before, now = solve(recorded, sounds), solve(recorded, elsewhere)
    assert worth_another_look(sources, seen, before, before) == {}
    again = worth_another_look(sources, seen, before, now)
    assert set(again) == {(0, 2), (1, 2)}
    for line in again.values():
        assert line is not None
        assert line.apart_s(TimeMap(8.0), 10) < 0.01


def heard(count):
    """Files with pictures and sounds of one event, and what their sounds say."""
    sound = Heard(whitened(event(1, 20)))
    recorded = [source.recorded for source in sources_of(count)]
    sources = [
        Source(replace(one, has_sound=True), filmed(Scene(3), 20, 10), sound) for one in recorded
    ]
    sounds = [
        Measurement(a, b, "sound", TimeMap(0.0), 10, 1e-4, 1e-6, 0.999)
        for a, b in combinations(range(count), 2)
    ]
    return sources, sounds


@pytest.mark.parametrize("offset_s", [0.0, 5.0])
def test_pictures_are_looked_at_closely_where_the_sounds_say_that_they_meet(offset_s):
    """Also where a glance is sure of another place: by sounds that place may be checked."""
    sources, sounds = heard(3)
    glances = [
        glanced(0, 1, 0.999, offset_s=offset_s),
        glanced(0, 2, 0.1, offset_s=-7.0),
        glanced(1, 2, 0.999, offset_s=0.0),
    ]
    so_far = solve([source.recorded for source in sources], [*sounds, *glances])
    chosen = worth_a_closer_look(sources, glances, so_far)
    assert set(chosen) == ({(0, 1), (0, 2)} if offset_s else {(0, 2)})
    for line in chosen.values():
        assert line is not None
        assert line.apart_s(TimeMap(0.0), 10) < 0.01


def test_a_silent_file_tells_of_no_sound_whether_it_is_late():
    sources, sounds = heard(3)
    silent = replace(sources[2].recorded, has_sound=False)
    sources[2] = replace(sources[2], recorded=silent, sound=None)
    glances = [glanced(0, 1, 0.1), *(glanced(k, 2, 0.999, offset_s=0.0) for k in (0, 1))]
    so_far = solve([source.recorded for source in sources], [sounds[0], *glances])
    assert set(worth_a_closer_look(sources, glances, so_far)) == {(0, 1)}


def test_of_files_that_their_sounds_have_placed_a_few_pictures_are_checked():
    count = 12
    sources = [
        Source(Recorded(Path(f"{k:02d}.mp4"), 20), filmed(Scene(3), 20, 10), None)
        for k in range(count)
    ]
    sounds = [
        Measurement(a, b, "sound", TimeMap(0.0), 10, 1e-4, 1e-6, 0.999)
        for a, b in combinations(range(count), 2)
    ]
    by_sound = solve([source.recorded for source in sources], sounds)
    checked = picture_pairs(sources, by_sound)
    assert {place for pair in checked for place in pair} == set(range(count))
    assert len(checked) <= 3 * count

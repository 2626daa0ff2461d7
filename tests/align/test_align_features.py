"""Aligning by features: made-up footage of which everything is known."""

import numpy as np
import pytest
from moving import Scene, filmed

from videoalignment.align import Alignment, align_features, gather_evidence
from videoalignment.align.alignment import MATCHED_FROM
from videoalignment.align.lines import WhitenedPair
from videoalignment.align.search import Candidate
from videoalignment.errors import OptionError
from videoalignment.time_map import TimeMap

SCENE, OTHER_SCENE = Scene(1), Scene(2)
B = filmed(SCENE, 60, 25, seed=9)


def joined(*parts):
    """A scene that shows, from each begin on, another scene at another time: (begin, scene, at)."""

    def scene(times_s):
        frames = parts[0][1](times_s + parts[0][2])
        for begin_s, part, at_s in parts[1:]:
            later = times_s >= begin_s
            frames[later] = part(times_s[later] - begin_s + at_s)
        return frames

    return scene


@pytest.mark.parametrize("speed", [1.0, 25 / 24, 24 / 25, 0.95, 0.55, 1.9])
def test_offset_and_speed_are_found(speed):
    a = filmed(lambda t: SCENE(12.345 + speed * t), 24, 30)
    found = align_features(a, B)
    assert found.matched
    assert found.speed == pytest.approx(speed, abs=0.001)
    assert found.offset_s == pytest.approx(12.345, abs=0.02)
    assert [s.begin_a_s for s in found.segments] == pytest.approx([0], abs=0.1)


@pytest.mark.parametrize("fps", [12, 24, 50])
def test_frame_rates_do_not_bias_the_offset(fps):
    a = filmed(lambda t: SCENE(20.0 + t), 20, fps, noise=0.01)
    assert align_features(a, B).offset_s == pytest.approx(20.0, abs=0.004)


def test_a_that_begins_before_b_has_a_negative_offset():
    a = filmed(lambda t: SCENE(t - 10), 30, 30)
    found = align_features(a, B)
    assert found.offset_s == pytest.approx(-10, abs=0.02)
    assert found.overlap.begin_a_s == pytest.approx(10, abs=0.02)
    assert found.overlap.begin_b_s == pytest.approx(0, abs=1e-6)


def test_cut_and_reordered_footage_is_found_piece_by_piece():
    a = filmed(joined((0, SCENE, 30), (8, SCENE, 5), (15, SCENE, 45)), 25, 30)
    segments = align_features(a, B).segments
    assert [s.begin_a_s for s in segments] == pytest.approx([0, 8, 15], abs=0.2)
    assert [s.begin_b_s for s in segments] == pytest.approx([30, 5, 45], abs=0.2)
    for segment, line in zip(segments, (30, 5 - 8, 45 - 15), strict=True):
        assert segment.begin_b_s - segment.begin_a_s == pytest.approx(line, abs=0.03)


def test_an_insert_is_left_out():
    a = filmed(joined((0, SCENE, 20), (8, OTHER_SCENE, 0), (14, SCENE, 34)), 25, 30)
    found = align_features(a, B)
    assert found.offset_s == pytest.approx(20, abs=0.02)
    assert [s.begin_a_s for s in found.segments] == pytest.approx([0, 14], abs=0.3)
    assert [s.end_a_s for s in found.segments] == pytest.approx([8, 25], abs=0.3)


def test_a_short_shared_stretch_is_found():
    a = filmed(joined((0, SCENE, 56), (4, OTHER_SCENE, 0)), 20, 30)
    found = align_features(a, B)
    assert found.matched
    assert found.offset_s == pytest.approx(56, abs=0.03)
    assert found.segments[0].end_a_s == pytest.approx(4, abs=0.5)


@pytest.mark.parametrize("seed", range(3, 9))
def test_other_footage_does_not_match(seed):
    found = align_features(filmed(Scene(seed), 25, 30), B)
    assert not found.matched
    assert found.segments == ()
    assert found.confidence < 0.5


def turned(alignment: Alignment) -> list[float]:
    """The offset, speed and segments with A and B exchanged, worked out by hand."""
    numbers = [-alignment.offset_s / alignment.speed, 1 / alignment.speed]
    for s in sorted(alignment.segments, key=lambda s: s.begin_b_s):
        numbers += [s.begin_b_s, s.end_b_s, s.begin_a_s, s.end_a_s, 1 / s.speed]
    return numbers


@pytest.mark.parametrize("speed", [1.0, 1.1])
def test_the_other_way_round_is_the_inverse(speed):
    a = filmed(joined((0, SCENE, 30), (8, lambda t: SCENE(speed * t), 5)), 20, 30)
    one, other = align_features(a, B), align_features(B, a)
    numbers = [other.offset_s, other.speed]
    for s in other.segments:
        numbers += [s.begin_a_s, s.end_a_s, s.begin_b_s, s.end_b_s, s.speed]
    assert numbers == pytest.approx(turned(one), abs=1e-9)
    assert (other.duration_a_s, other.duration_b_s) == (one.duration_b_s, one.duration_a_s)
    assert other.confidence == one.confidence


def test_a_video_matches_itself_at_zero():
    found = align_features(B, B)
    assert found.matched
    assert found.speed == 1
    assert found.offset_s == pytest.approx(0, abs=1e-3)
    assert found.confidence > 0.95


def test_who_asks_for_more_confidence_gets_fewer_matches():
    a = filmed(lambda t: SCENE(12.3 + t), 20, 30)
    found = align_features(a, B)
    asked = align_features(a, B, min_confidence=found.confidence)
    assert asked.matched
    assert asked.segments
    refused = align_features(B, a, min_confidence=min(1.0, found.confidence + 1e-9))
    assert not refused.matched
    assert refused.segments == ()
    assert refused.confidence == found.confidence


@pytest.mark.parametrize("min_confidence", [0, -0.5, 1.01, float("nan"), "high"])
def test_a_confidence_that_does_not_exist_is_refused(min_confidence):
    with pytest.raises(OptionError, match="`min_confidence`"):
        align_features(B, B, min_confidence=min_confidence)


@pytest.mark.parametrize("noise", [0.0, 0.01])
def test_stills_match_nothing(noise):
    still = filmed(lambda t: np.repeat(SCENE(np.array([3.0])), len(t), 0), 20, 30, noise=noise)
    other = filmed(
        lambda t: np.repeat(SCENE(np.array([3.0])), len(t), 0), 9, 30, noise=noise, seed=5
    )
    assert not align_features(still, B).matched
    assert not align_features(still, other).matched


@pytest.mark.parametrize("length_s", [0.03, 0.1, 0.8])
def test_very_short_videos_get_an_answer(length_s):
    found = align_features(filmed(lambda t: SCENE(t + 20), length_s, 30), B)
    assert 0 <= found.confidence <= 1
    assert np.isfinite([found.offset_s, found.speed, found.score, found.uncertainty_s]).all()


def shaky_pair(number: int, length_s: float, noise: float, speed: float, shared_s: float):
    """A noisy clip whose first seconds may show what B shows 7 s in, and B."""
    scene, other = Scene(2 * number), Scene(2 * number + 1)
    shown = joined((0, lambda t: scene(speed * t), 7 / speed), (shared_s, other, shared_s))
    return (
        filmed(shown, length_s, 10, noise=noise, seed=1),
        filmed(scene, 15, 10, noise=noise, seed=2),
    )


@pytest.mark.parametrize("seed", range(20, 24))
def test_a_sure_line_never_ends_without_a_stretch(seed):
    """Where no stretch holds up, here since nothing is shared, the one it was found on stays."""
    pair = WhitenedPair.of(filmed(Scene(seed), 6, 30), B)
    line = pair.line(Candidate(TimeMap(10.0), 1.0, 4.0))
    ((stretch, kept),) = pair.cut([line], 0.5)
    assert kept == line
    assert (stretch.begin_a_s, stretch.end_a_s) == (line.fit.begin_a_s, line.fit.end_a_s)


def test_matched_and_confidence_never_disagree():
    """Over pairs of which some match, some do not, and many are doubtful."""
    generator = np.random.default_rng(0)
    confident = []
    for number in range(60):
        length_s, speed = generator.choice([2.0, 3.0, 5.0]), generator.choice([1.0, 1.07])
        noise, shared_s = generator.uniform(0.5, 3), generator.uniform(0, 1.2) * length_s
        found = align_features(*shaky_pair(number, length_s, noise, speed, shared_s))
        assert found.matched == (found.confidence >= MATCHED_FROM)
        assert bool(found.segments) == found.matched
        confident.append(found.confidence)
    assert min(confident) < 0.1
    assert max(confident) > 0.8
    assert sum(0.2 < c < 0.8 for c in confident) >= 5


def test_the_evidence_peaks_at_the_offset():
    a = filmed(lambda t: SCENE(12.3 + t), 20, 30)
    found = align_features(a, B)
    evidence = gather_evidence(a, B, found)
    assert evidence.offsets_s[evidence.scores.argmax()] == pytest.approx(12.3, abs=0.1)
    assert (np.diff(evidence.offsets_s) > 0).all()
    assert evidence.similarity.shape == (len(evidence.times_a_s), len(evidence.times_b_s))
    row = len(evidence.times_a_s) // 2
    best = evidence.times_b_s[evidence.similarity[row].argmax()]
    assert best == pytest.approx(evidence.times_a_s[row] + 12.3, abs=0.3)

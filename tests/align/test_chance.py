"""What chance says of an offset, by what the same points say at other moments of their own."""

from dataclasses import replace

import numpy as np
import pytest
from bodies import RECIPE, Event, followed, swings

from videoalignment.align.motion.chance import chance
from videoalignment.align.motion.moving import Moving
from videoalignment.align.motion.search import score_curve
from videoalignment.features.motion_features import MotionFeatures


def elsewhere(features, eighth: int, backwards: bool):
    """Each point as it moves at other moments of its own time."""
    parts = np.split(features.velocities, np.cumsum(features.counts)[:-1])
    moved = [
        np.roll(part[::-1] if backwards else part, round(eighth * len(part) / 8), axis=0)
        for part in parts
    ]
    return replace(features, velocities=np.concatenate(moved))


def restless(seed: int) -> MotionFeatures:
    """One point after the other that moves anew at every moment, so that moments are short."""
    generator = np.random.default_rng(seed)
    counts = generator.integers(32, 80, 5)
    begins = np.cumsum(np.concatenate([[0], counts[:-1] + generator.integers(3, 30, 4)]))
    velocities = generator.normal(0, 0.1, (int(counts.sum()), 2)).astype(np.float32)
    length_s = float(begins[-1] + counts[-1] + 2) / RECIPE.rate_hz
    return MotionFeatures(velocities, begins, counts, length_s, 0.05, RECIPE)


@pytest.mark.parametrize("seed", [2, 8])
def test_chance_is_what_whole_curves_of_such_motion_say(seed):
    a, b = restless(seed), restless(seed + 1)
    ways = [(eighth, back) for back in (True, False) for eighth in range(8) if eighth or back]
    curves = [score_curve(Moving(a), Moving(elsewhere(b, *way))) for way in ways]
    said = np.array([curve.scores for curve in curves])
    lags = np.rint(curves[0].offsets_s * RECIPE.rate_hz).astype(int)
    mean, deviation = chance(Moving(a), Moving(b), lags)
    assert mean.max() > 0.3
    assert mean == pytest.approx(said.mean(axis=0), abs=1e-3)
    assert deviation == pytest.approx(said.std(axis=0, ddof=1), abs=1e-3)


def test_what_truly_moves_together_is_far_beyond_chance():
    a, b = followed(Event(11), 0, 0, 20), followed(Event(11), 80, 4.0, 12)
    one, other = Moving(b), Moving(a)
    curve = score_curve(one, other)
    lag = round(4.0 * RECIPE.rate_hz)
    mean, deviation = chance(one, other, np.array([lag]))
    here = int(np.argmin(np.abs(curve.offsets_s - 4.0)))
    assert curve.scores[here] > mean[0] + 5 * deviation[0]


def test_where_nothing_is_seen_together_chance_says_nothing():
    a, b = swings(2), swings(3)
    mean, deviation = chance(Moving(a), Moving(b), np.array([1 - Moving(a).samples]))
    assert mean == deviation == 0

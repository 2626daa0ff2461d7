"""From a candidate to a fraction of a frame.

The mean correlation of short windows, as a function of offset *and* speed (shear.py), uses all
windows at once, so that no window needs a peak of its own. Its peak is the answer, first in coarse
steps, then in fine ones.
"""

from dataclasses import dataclass

import numpy as np

from videoalignment.align.footage import Footage
from videoalignment.align.search import Candidate
from videoalignment.align.settings import SETTINGS
from videoalignment.align.shear import Sheared, Windows, curves_around
from videoalignment.time_map import TimeMap


@dataclass(frozen=True)
class Fit:
    """A candidate after refinement."""

    time_map: TimeMap
    correlation: float
    """Mean correlation of the windows on this line, -1..1."""
    begin_a_s: float
    end_a_s: float
    """The stretch of A that it was fitted on."""


def refine(a: Footage, b: Footage, candidate: Candidate | Fit) -> Fit:
    """Refine a candidate.

    Args:
        a: a video, whitened.
        b: another one, whitened alike.
        candidate: within 0.3 s and a few percent of the truth over its stretch of A.
    """
    line = candidate.time_map
    for scale in SETTINGS.rounds:
        begin_s = max(candidate.begin_a_s, a.begin_s, line.to_a(b.begin_s))
        end_s = min(candidate.end_a_s, a.end_s, line.to_a(b.end_s))
        windows = Windows.along(begin_s, end_s)
        curves = curves_around(a, b, line, windows, scale)
        sheared = Sheared.of(curves, windows, scale, line.speed)
        change = _settled(sheared, line.speed)
        shift_s = sheared.best_shift(change)
        line = TimeMap(line.offset_s + shift_s - change * windows.middle_s, line.speed + change)
    correlation = float(sheared.along(change, shift_s).mean())
    return Fit(line, correlation, begin_s, end_s)


def _settled(sheared: Sheared, speed: float) -> float:
    """The best speed change, or one to a known speed that explains the windows as well."""
    best = sheared.best_speed_change()
    free = sheared.along(best, sheared.best_shift(best))
    losses = {}
    for change in np.array(SETTINGS.known_speeds) - speed:
        if change in sheared.speed_changes:
            loss = free - sheared.along(change, sheared.best_shift(change))
            error = loss.std(ddof=1) / len(loss) ** 0.5 + SETTINGS.speed_floor
            losses[float(change)] = loss.mean() / error
    if losses.get(1.0 - speed, np.inf) < SETTINGS.clearly_better:
        return 1.0 - speed
    nearest = min(losses, key=lambda change: losses[change], default=None)
    if nearest is not None and losses[nearest] < SETTINGS.hardly_better:
        return nearest
    return best

"""From a candidate to a fraction of a frame.

The mean correlation of short windows, as a function of offset *and* speed (shear.py), uses all
windows at once, so that no window needs a peak of its own. Its peak is the answer, first in coarse
steps, then in fine ones.
"""

from dataclasses import dataclass

import numpy as np

from videoalignment.align.footage import Footage
from videoalignment.align.search import Candidate
from videoalignment.align.settings import SETTINGS, Round
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
    coarse, fine = SETTINGS.rounds
    around = _Around.of(a, b, candidate, candidate.time_map, coarse)
    free = around.line(around.sheared.best_speed_change())
    found = _Around.of(a, b, candidate, free, fine)
    change = _settled(found.sheared, free.speed)
    if abs(1.0 - free.speed) >= fine.speed_reach and 1.0 - candidate.time_map.speed in (
        around.sheared.speed_changes
    ):
        # Speed 1 is out of the fine round's reach: it is looked at closely, too.
        unchanged = _Around.of(a, b, candidate, around.line(1.0 - candidate.time_map.speed), fine)
        begins_s = found.windows.begins_s, unchanged.windows.begins_s
        kept = np.interp(*begins_s, unchanged.best(0.0))  # an end of B may cost a window
        if standard_errors(found.best(change) - kept) < SETTINGS.clearly_better:
            found, change = unchanged, 0.0
    correlation = float(found.best(change).mean())
    return Fit(found.line(change), correlation, found.begin_a_s, found.end_a_s)


@dataclass(frozen=True)
class _Around:
    """What a round of refinement sees around a line."""

    centre: TimeMap
    windows: Windows
    sheared: Sheared
    begin_a_s: float
    end_a_s: float

    @classmethod
    def of(
        cls, a: Footage, b: Footage, stretch: Candidate | Fit, centre: TimeMap, scale: Round
    ) -> "_Around":
        """Look around a line, over what it shares of a stretch of A."""
        begin_s = max(stretch.begin_a_s, a.begin_s, centre.to_a(b.begin_s))
        end_s = min(stretch.end_a_s, a.end_s, centre.to_a(b.end_s))
        windows = Windows.along(begin_s, end_s)
        curves = curves_around(a, b, centre, windows, scale)
        sheared = Sheared.of(curves, windows, scale, centre.speed)
        return cls(centre, windows, sheared, begin_s, end_s)

    def line(self, change: float) -> TimeMap:
        """The best line of one speed change."""
        shift_s = self.sheared.best_shift(change)
        offset_s = self.centre.offset_s + shift_s - change * self.windows.middle_s
        return TimeMap(offset_s, self.centre.speed + change)

    def best(self, change: float) -> np.ndarray:
        """Each window's correlation on that line, shape (windows,)."""
        return self.sheared.along(change, self.sheared.best_shift(change))


def _settled(sheared: Sheared, speed: float) -> float:
    """The best speed change, or one to a known speed that explains the windows as well."""
    best = sheared.best_speed_change()
    free = sheared.along(best, sheared.best_shift(best))
    losses = {}
    for change in np.array(SETTINGS.known_speeds) - speed:
        if change in sheared.speed_changes:
            known = sheared.along(change, sheared.best_shift(change))
            losses[float(change)] = standard_errors(free - known)
    if losses.get(1.0 - speed, np.inf) < SETTINGS.clearly_better:
        return 1.0 - speed
    nearest = min(losses, key=lambda change: losses[change], default=None)
    if nearest is not None and losses[nearest] < SETTINGS.hardly_better:
        return nearest
    return best


def standard_errors(loss: np.ndarray) -> float:
    """How many standard errors the mean of windows' losses lies above 0."""
    error = loss.std(ddof=1) / len(loss) ** 0.5 + SETTINGS.speed_floor
    return float(loss.mean() / error)

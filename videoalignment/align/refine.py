"""From a candidate to a fraction of a frame.

Short windows spread over the overlap are each correlated with B around the candidate, in steps much
shorter than a frame. Summing those curves along lines through time (the mean over windows as a
function of offset *and* speed) uses all windows at once, so that no window needs a peak of its own.
"""

from dataclasses import dataclass

import numpy as np

from videoalignment.align.footage import Footage
from videoalignment.align.search import Candidate

KNOWN_SPEEDS = (1.0, 24 / 25, 25 / 24, 1000 / 1001, 1001 / 1000, 0.95, 1 / 0.95, 1.05, 1 / 1.05)
_MOST_WINDOWS = 64
_WINDOW_S = 1.5
_LEAST_WINDOWS = 4
# Energy, in whitened units per step, below which a window counts as standing still.
_STILLNESS = 0.05
_RESAMPLINGS = 200
# Speed 1 is kept unless the best speed is better by this many standard errors, and another known
# speed replaces the best one only where the two can hardly be told apart.
_CLEARLY_BETTER = 2.5
_HARDLY_BETTER = 1.0
_SPEED_FLOOR = 1e-4
# What the windows cannot show, e.g. time stamps that an encoder rounded, seconds.
_UNSEEN_ERROR_S = 0.004


@dataclass(frozen=True)
class Fit:
    """A candidate after refinement: moment t of A is moment offset_s + t * speed of B."""

    offset_s: float
    speed: float
    uncertainty_s: float
    """Half width of the offset's 95 % interval, over resampled windows."""
    correlation: float
    """Mean correlation of the windows at this offset and speed, -1..1."""
    begin_a_s: float
    end_a_s: float
    """The stretch of A that it was fitted on."""

    def place_s(self, time_a_s):
        """The moments of B that moments of A meet."""
        return self.offset_s + self.speed * time_a_s


@dataclass(frozen=True)
class _Round:
    """How far around the candidate, and in what steps, a round of refinement looks."""

    reach_s: float
    step_s: float
    speed_reach: float


_ROUNDS = (_Round(0.5, 0.02, 0.06), _Round(0.12, 0.005, 0.01))


def refine(a: Footage, b: Footage, candidate: Candidate | Fit) -> Fit:
    """Refine a candidate.

    Args:
        a: a video, whitened.
        b: another one, whitened alike.
        candidate: within 0.3 s and a few percent of the truth over its stretch of A.
    """
    offset_s, speed = candidate.offset_s, candidate.speed
    for scale in _ROUNDS:
        begin_s = max(candidate.begin_a_s, a.begin_s, (b.begin_s - offset_s) / speed)
        end_s = min(candidate.end_a_s, a.end_s, (b.end_s - offset_s) / speed)
        windows = _Windows.along(begin_s, end_s)
        curves = _curves(a, b, offset_s, speed, windows, scale)
        sheared = _Sheared.of(curves, windows, scale, speed)
        speed_change, shift_s = sheared.best()
        speed_change = sheared.settled(speed_change)
        shift_s = sheared.best_shift(speed_change)
        speed += speed_change
        offset_s += shift_s - speed_change * windows.middle_s
    correlation = sheared.along(speed_change, shift_s)
    return Fit(
        offset_s=offset_s,
        speed=speed,
        uncertainty_s=sheared.uncertainty_s(speed_change, windows.middle_s),
        correlation=float(correlation.mean()),
        begin_a_s=begin_s,
        end_a_s=end_s,
    )


@dataclass(frozen=True)
class _Windows:
    """Equal windows of A, evenly over what it shares with B."""

    begins_s: np.ndarray
    length_s: float

    @classmethod
    def along(cls, begin_s: float, end_s: float) -> "_Windows":
        length_s = min(_WINDOW_S, (end_s - begin_s) / _LEAST_WINDOWS)
        count = min(_MOST_WINDOWS, int((end_s - begin_s) / length_s + 1e-6))
        return cls(np.linspace(begin_s, end_s - length_s, count), length_s)

    @property
    def middle_s(self) -> float:
        """The moment of A about which a change of speed turns the line."""
        return float(self.begins_s.mean()) + self.length_s / 2


def _curves(
    a: Footage, b: Footage, offset_s: float, speed: float, windows: _Windows, scale: _Round
) -> np.ndarray:
    """Correlation of each window with B at lags -reach..reach, shape (windows, lags)."""
    bins = max(4, round(windows.length_s * speed / scale.step_s))
    lags = round(scale.reach_s / scale.step_s)
    begins_s = windows.begins_s[:, None]
    moments = a.averaged(begins_s + np.arange(bins + 1) * scale.step_s / speed)
    moments -= moments.mean(axis=1, keepdims=True)
    places_s = offset_s + speed * begins_s + np.arange(-lags, bins + lags + 1) * scale.step_s
    places = b.averaged(places_s)
    places -= places.mean(axis=1, keepdims=True)
    similarity = moments @ places.transpose(0, 2, 1)
    diagonals = np.arange(bins) + np.arange(2 * lags + 1)[:, None]
    products = similarity[:, np.arange(bins), diagonals].sum(axis=2)
    energy_a = np.square(moments).sum(axis=(1, 2)) + _STILLNESS * bins
    energy_b = np.square(places).sum(axis=(1, 2)) * bins / places.shape[1] + _STILLNESS * bins
    return products / np.sqrt(energy_a * energy_b)[:, None]


@dataclass(frozen=True)
class _Sheared:
    """Windows' correlations along lines: at every speed change and shift."""

    values: np.ndarray
    """shape (windows, speed changes, shifts)."""
    speed_changes: np.ndarray
    shifts_s: np.ndarray
    speed: float
    """What the speed changes are added to."""

    @classmethod
    def of(cls, curves: np.ndarray, windows: _Windows, scale: _Round, speed: float) -> "_Sheared":
        lever_s = windows.begins_s - windows.begins_s.mean()
        span_s = max(float(np.ptp(lever_s)), windows.length_s)
        reach = min(scale.speed_reach, 2 * scale.reach_s / span_s)
        count = int(np.ceil(reach * span_s / scale.step_s / 2))
        changes = np.linspace(-reach, reach, 2 * count + 1)
        known = np.array(KNOWN_SPEEDS) - speed
        changes = np.unique(np.concatenate([changes, known[np.abs(known) < reach]]))
        lags = curves.shape[1]
        place = np.arange(lags) + (changes[:, None] * lever_s[:, None, None]) / scale.step_s
        place = place.clip(0, lags - 1)
        below = np.minimum(place.astype(int), lags - 2)
        share = (place - below).astype(curves.dtype)
        window = np.arange(len(curves))[:, None, None]
        values = (1 - share) * curves[window, below] + share * curves[window, below + 1]
        return cls(values, changes, (np.arange(lags) - lags // 2) * scale.step_s, speed)

    def best(self) -> tuple[float, float]:
        """The speed change and shift of the best line."""
        means = self.values.mean(axis=0)
        row, column = np.unravel_index(np.argmax(means), means.shape)
        return float(self.speed_changes[row]), float(self.shifts_s[column])

    def best_shift(self, speed_change: float) -> float:
        """The best shift at one speed change, between steps."""
        return _peak(self.values[:, self._row(speed_change)].mean(axis=0), self.shifts_s)

    def along(self, speed_change: float, shift_s: float) -> np.ndarray:
        """Each window's correlation on one line, shape (windows,)."""
        return np.array(
            [np.interp(shift_s, self.shifts_s, v) for v in self.values[:, self._row(speed_change)]]
        )

    def settled(self, speed_change: float) -> float:
        """The best speed change, or one to a known speed that explains the windows as well."""
        free = self.along(speed_change, self.best_shift(speed_change))
        losses = {}
        for change in np.array(KNOWN_SPEEDS) - self.speed:
            if change in self.speed_changes:
                loss = free - self.along(change, self.best_shift(change))
                error = loss.std(ddof=1) / len(loss) ** 0.5 + _SPEED_FLOOR
                losses[float(change)] = loss.mean() / error
        if losses.get(1.0 - self.speed, np.inf) < _CLEARLY_BETTER:
            return 1.0 - self.speed
        nearest = min(losses, key=losses.get, default=None)
        if nearest is not None and losses[nearest] < _HARDLY_BETTER:
            return nearest
        return speed_change

    def uncertainty_s(self, speed_change: float, lever_s: float) -> float:
        """How far the offset scatters when windows are drawn anew, with this speed change."""
        generator = np.random.default_rng(0)
        curves = self.values[:, self._row(speed_change)]
        drawn = generator.multinomial(
            len(curves), np.full(len(curves), 1 / len(curves)), _RESAMPLINGS
        )
        shifts_s = [_peak(curve, self.shifts_s) for curve in drawn @ curves]
        return 1.96 * float(np.hypot(np.std(shifts_s), _UNSEEN_ERROR_S / 2))

    def _row(self, speed_change: float) -> int:
        return int(np.argmin(np.abs(self.speed_changes - speed_change)))


def _peak(values: np.ndarray, places: np.ndarray) -> float:
    """Where values are highest, between the places by a parabola."""
    index = int(np.argmax(values))
    if not 0 < index < len(values) - 1:
        return float(places[index])
    before, at, after = values[index - 1 : index + 2]
    curvature = before - 2 * at + after
    shift = (before - after) / (2 * curvature) if curvature < 0 else 0.0
    return float(places[index] + np.clip(shift, -0.5, 0.5) * (places[1] - places[0]))

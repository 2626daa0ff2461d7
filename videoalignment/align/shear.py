"""How well short windows of A fit B around a line through time, and along the lines near it.

Windows spread over what the two share are each correlated with B at lags around the line, in steps
shorter than a frame. A line of another speed meets the windows at lags that grow from window to
window: the curves are *sheared*, and the mean over windows is a function of shift and speed.
"""

from dataclasses import dataclass

import numpy as np

from videoalignment.align.footage import Footage
from videoalignment.align.settings import SETTINGS, Round
from videoalignment.time_map import TimeMap

_BLOCK = 32  # moments whose similarities are computed at once: few that no lag asks for
_CHANGE_S = 0.06  # over which changes are taken, where steps are short enough to see them


@dataclass(frozen=True)
class Windows:
    """Equal windows of A, evenly over what it shares with B."""

    begins_s: np.ndarray
    """Seconds of A, ascending, shape (windows,)."""
    length_s: float

    @classmethod
    def along(cls, begin_s: float, end_s: float) -> "Windows":
        """Windows over a stretch of A, which do not overlap."""
        length_s = min(SETTINGS.window_s, (end_s - begin_s) / SETTINGS.least_windows)
        count = min(SETTINGS.most_windows, int((end_s - begin_s) / length_s + 1e-6))
        return cls(np.linspace(begin_s, end_s - length_s, count), length_s)

    @property
    def middle_s(self) -> float:
        """The moment of A about which a change of speed turns the line."""
        return float(self.begins_s.mean()) + self.length_s / 2

    @property
    def levers_s(self) -> np.ndarray:
        """How far each window lies behind the middle, seconds, shape (windows,)."""
        return self.begins_s - self.begins_s.mean()


def curves_around(
    a: Footage, b: Footage, line: TimeMap, windows: Windows, scale: Round
) -> np.ndarray:
    """Correlate each window with B at lags -reach..reach around a line.

    In fine steps what counts is as much how descriptors change as what they are: in videos of one
    footage that were edited, what drifts slowly differs most, and what noise there is, changes.

    Args:
        a, b: the two videos, whitened.
        line: where B is looked at.
        windows: of A.
        scale: the reach and the step of the lags.

    Returns:
        Correlations -1..1, near 0 for windows that stand still, shape (windows, lags).
    """
    bins = max(4, round(windows.length_s * line.speed / scale.step_s))
    lags = round(scale.reach_s / scale.step_s)
    beside = round(_CHANGE_S / 2 / scale.step_s) if scale.step_s <= _CHANGE_S / 6 else 0
    begins_s = windows.begins_s[:, None]
    steps = np.arange(-beside, bins + beside + 1) * scale.step_s
    moments = a.flow.averaged(begins_s + steps / line.speed)
    steps = np.arange(-lags - beside, bins + lags + beside + 1) * scale.step_s
    places = b.flow.averaged(line.to_b(begins_s) + steps)
    inside = slice(beside, -beside or None)
    curves = _correlations(moments[:, inside], places[:, inside])
    if not beside:
        return curves
    moments, places = (x[:, 2 * beside :] - x[:, : -2 * beside] for x in (moments, places))
    return (curves + _correlations(moments, places)) / 2


def _correlations(moments: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Correlate windows' moments with the places at each lag.

    Args:
        moments: descriptors, shape (windows, n, d).
        places: shape (windows, n - 1 + lags, d).

    Returns:
        Shape (windows, lags).
    """
    moments = moments - moments.mean(axis=1, keepdims=True)
    places = places - places.mean(axis=1, keepdims=True)
    bins, lags = moments.shape[1], places.shape[1] - moments.shape[1]
    products = np.zeros((len(moments), lags + 1), np.float32)
    for first in range(0, bins, _BLOCK):
        block = moments[:, first : first + _BLOCK]
        last = first + block.shape[1] + lags
        similarity = block @ places[:, first:last].transpose(0, 2, 1)
        products += _diagonals(similarity).sum(axis=1)
    stillness = SETTINGS.stillness * bins
    energy_a = _energy(moments) + stillness
    energy_b = _energy(places) * bins / places.shape[1] + stillness
    return products / np.sqrt(energy_a * energy_b)[:, None]


def _diagonals(similarity: np.ndarray) -> np.ndarray:
    """What each moment of A has in common with the places at each lag, as a view.

    Args:
        similarity: of moments and places, shape (windows, n, n - 1 + lags).

    Returns:
        Shape (windows, n, lags).
    """
    windows, moments, places = similarity.shape
    over_windows, over_moments, over_places = similarity.strides
    return np.lib.stride_tricks.as_strided(
        similarity,
        (windows, moments, places - moments + 1),
        (over_windows, over_moments + over_places, over_places),
        writeable=False,
    )


def _energy(descriptors: np.ndarray) -> np.ndarray:
    """Sums of squares, shape (windows,)."""
    return np.einsum("wnd,wnd->w", descriptors, descriptors)


@dataclass(frozen=True)
class Sheared:
    """Windows' correlations along the lines near one: at every speed change and shift."""

    values: np.ndarray
    """Correlations -1..1, shape (windows, speed changes, shifts)."""
    speed_changes: np.ndarray
    """What is added to the line's speed, ascending; those to known speeds are among them."""
    shifts_s: np.ndarray
    """How much later the windows' middle lies in B, seconds, ascending, in equal steps."""

    @classmethod
    def of(cls, curves: np.ndarray, windows: Windows, scale: Round, speed: float) -> "Sheared":
        """Shear curves.

        Args:
            curves: as `curves_around` gives them.
            windows: which they are of.
            scale: what they were made with.
            speed: the line's.
        """
        span_s = max(float(np.ptp(windows.begins_s)), windows.length_s)
        reach = min(scale.speed_reach, 2 * scale.reach_s / span_s)
        count = int(np.ceil(reach * span_s / scale.step_s / 2))
        changes = np.linspace(-reach, reach, 2 * count + 1)
        known = np.array(SETTINGS.known_speeds) - speed
        changes = np.unique(np.concatenate([changes, known[np.abs(known) < reach]]))
        lags = curves.shape[1]
        place = np.arange(lags) + changes[:, None] * windows.levers_s[:, None, None] / scale.step_s
        place = place.clip(0, lags - 1)
        below = np.minimum(place.astype(int), lags - 2)
        share = (place - below).astype(curves.dtype)
        window = np.arange(len(curves))[:, None, None]
        values = (1 - share) * curves[window, below] + share * curves[window, below + 1]
        return cls(values, changes, (np.arange(lags) - lags // 2) * scale.step_s)

    def best_speed_change(self) -> float:
        """The speed change of the best line."""
        means = self.values.mean(axis=0)
        return float(self.speed_changes[np.argmax(means.max(axis=1))])

    def best_shift(self, speed_change: float) -> float:
        """The best shift at one speed change, between steps."""
        return float(peaks(self.at(speed_change).mean(axis=0)[None], self.shifts_s)[0])

    def along(self, speed_change: float, shift_s: float) -> np.ndarray:
        """Each window's correlation on one line, shape (windows,)."""
        return np.array([np.interp(shift_s, self.shifts_s, v) for v in self.at(speed_change)])

    def at(self, speed_change: float) -> np.ndarray:
        """Each window's correlations at one speed change, shape (windows, shifts)."""
        return self.values[:, np.argmin(np.abs(self.speed_changes - speed_change))]


def peaks(curves: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Where curves are highest, between the places by a parabola.

    Args:
        curves: shape (n, places).
        places: where their values were taken, in equal steps, shape (places,).

    Returns:
        Shape (n,).
    """
    top = curves.argmax(axis=1)
    inside = top.clip(1, len(places) - 2)
    row = np.arange(len(curves))
    before, at, after = (curves[row, inside + step] for step in (-1, 0, 1))
    curvature = before - 2 * at + after
    with np.errstate(divide="ignore", invalid="ignore"):
        shift = np.where(curvature < 0, (before - after) / (2 * curvature), 0.0).clip(-0.5, 0.5)
    return places[top] + np.where(top == inside, shift, 0.0) * (places[1] - places[0])

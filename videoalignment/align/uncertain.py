"""How well a line through time is known, from drawing its windows anew (the bootstrap)."""

import numpy as np

from videoalignment.align.alignment import Uncertainty
from videoalignment.align.footage import Footage
from videoalignment.align.refine import Fit
from videoalignment.align.settings import SETTINGS
from videoalignment.align.shear import Sheared, Windows, curves_around, peaks

_DRAWS = 200
# What the windows cannot show, e.g. time stamps that an encoder rounded, seconds.
_UNSEEN_S = 0.002
# Standard deviations in the half width of an interval that holds 95 of 100 cases.
_HALF_WIDTH = 1.96


def uncertainty(a: Footage, b: Footage, fit: Fit) -> Uncertainty:
    """Draw a fit's windows anew, and see how far its best line scatters.

    Each draw finds its own best shift and, where the fit's speed is none of the known ones, its own
    speed: the place of A's first moment moves with the speed, by as many seconds as that moment
    lies before the middle of what was fitted. A known speed counts as exact.

    Args:
        a, b: the two videos, whitened.
        fit: a refined line.
    """
    scale = SETTINGS.rounds[-1]
    windows = Windows.along(fit.begin_a_s, fit.end_a_s)
    curves = curves_around(a, b, fit.time_map, windows, scale)
    sheared = Sheared.of(curves, windows, scale, fit.time_map.speed)
    count = len(curves)
    weights = np.random.default_rng(0).multinomial(count, np.full(count, 1 / count), _DRAWS)
    weights = (weights / count).astype(curves.dtype)
    if fit.time_map.speed in SETTINGS.known_speeds:
        shifts_s = peaks(weights @ sheared.at(0.0), sheared.shifts_s)
        return Uncertainty(windows.middle_s, _half_width(shifts_s), 0.0)
    shifts_s, changes = _best_lines(sheared, weights)
    step = float(sheared.speed_changes[1] - sheared.speed_changes[0])
    speed_variance = changes.var() + step**2 / 12
    turning_s = -float(np.cov(shifts_s, changes, bias=True)[0, 1] / speed_variance)
    at_best = shifts_s + turning_s * changes
    return Uncertainty(
        best_at_s=windows.middle_s + turning_s,
        place_s=_half_width(at_best),
        speed=_HALF_WIDTH * float(np.sqrt(speed_variance)),
    )


def _best_lines(sheared: Sheared, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The best shift and speed change of every draw, two arrays of shape (draws,).

    Args:
        sheared: correlations along lines.
        weights: of the windows in each draw, shape (draws, windows).
    """
    windows, changes, shifts = sheared.values.shape
    drawn = (weights @ sheared.values.reshape(windows, -1)).reshape(-1, changes, shifts)
    row = drawn.max(axis=2).argmax(axis=1)
    best = np.take_along_axis(drawn, row[:, None, None], axis=1)[:, 0]
    return peaks(best, sheared.shifts_s), sheared.speed_changes[row]


def _half_width(shifts_s: np.ndarray) -> float:
    return _HALF_WIDTH * float(np.hypot(np.std(shifts_s), _UNSEEN_S))

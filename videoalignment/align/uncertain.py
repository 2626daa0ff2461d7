"""How well a line through time is known, from drawing its windows anew (the bootstrap)."""

import numpy as np
from scipy.special import stdtrit

from videoalignment.align.alignment import Uncertainty
from videoalignment.align.footage import Footage
from videoalignment.align.refine import Fit, standard_errors
from videoalignment.align.settings import SETTINGS
from videoalignment.align.shear import Sheared, Windows, curves_around, peaks

_DRAWS = 200
# What the windows cannot show, e.g. time stamps that an encoder rounded: half width, seconds.
_UNSEEN_S = 0.004
# Standard errors by which a speed must explain the windows worse to be ruled out: 95 of 100 cases.
_RULED_OUT = 2.0


def uncertainty(a: Footage, b: Footage, fit: Fit) -> Uncertainty:
    """Draw a fit's windows anew, and see how far its best line scatters.

    Each draw finds its own best shift and, where the fit's speed is none of the known ones, its own
    speed: the place of A's first moment moves with the speed, by as many seconds as that moment
    lies before the middle of what was fitted. A known speed counts as exact, unless most draws
    prefer clearly different ones, or another known speed next to it explains the windows as well.

    Args:
        a, b: the two videos, whitened.
        fit: a refined line.
    """
    scale = SETTINGS.rounds[-1]
    windows = Windows.along(fit.begin_a_s, fit.end_a_s)
    curves = curves_around(a, b, fit.time_map, windows, scale)
    sheared = Sheared.of(curves, windows, scale, fit.time_map.speed)
    weights = _draws(len(curves)).astype(curves.dtype)
    half_widths = _half_widths(len(curves))
    if fit.time_map.speed in SETTINGS.known_speeds:
        shifts_s = peaks(weights @ sheared.at(0.0), sheared.shifts_s)
        half_width_s = float(half_widths * shifts_s.std())
        return Uncertainty(
            best_at_s=windows.middle_s,
            place_s=float(np.hypot(half_width_s, _UNSEEN_S)),
            speed=max(half_widths * _doubt(a, b, fit, windows), _to_next(sheared, fit)),
        )
    shifts_s, changes = _best_lines(sheared, weights)
    step = float(sheared.speed_changes[1] - sheared.speed_changes[0])
    speed_variance = changes.var() + step**2 / 12  # a uniform distribution's: speeds go by steps
    turns_at_s = -float(np.cov(shifts_s, changes, bias=True)[0, 1] / speed_variance)
    place_s = (shifts_s + turns_at_s * changes).std()
    return Uncertainty(
        best_at_s=windows.middle_s + turns_at_s,
        place_s=float(np.hypot(half_widths * place_s, _UNSEEN_S)),
        speed=float(half_widths * np.sqrt(speed_variance)),
    )


def _doubt(a: Footage, b: Footage, fit: Fit, windows: Windows) -> float:
    """How far speeds scatter around a known speed that was kept though it is not clear.

    Footage in which little happens, or little of it, explains other speeds as well. That counts
    where most draws prefer a clearly different one; else the known speed is exact, and this is 0.
    """
    coarse, fine = SETTINGS.rounds
    curves = curves_around(a, b, fit.time_map, windows, coarse)
    sheared = Sheared.of(curves, windows, coarse, fit.time_map.speed)
    _, changes = _best_lines(sheared, _draws(len(curves)).astype(curves.dtype))
    if np.median(np.abs(changes)) <= fine.speed_reach:
        return 0.0
    return float(np.sqrt(np.square(changes).mean()))


def _to_next(sheared: Sheared, fit: Fit) -> float:
    """How far away known speeds are that the windows do not rule out, as 1000/1001 beside 1.

    Args:
        sheared: correlations along the lines near the fit's.
        fit: a line of a known speed.
    """
    kept = sheared.along(0.0, sheared.best_shift(0.0))
    furthest = 0.0
    for change in np.array(SETTINGS.known_speeds) - fit.time_map.speed:
        if change and change in sheared.speed_changes:
            loss = kept - sheared.along(change, sheared.best_shift(change))
            if standard_errors(loss) < _RULED_OUT:
                furthest = max(furthest, abs(float(change)))
    return furthest


def _draws(count: int) -> np.ndarray:
    """The weights of `count` windows in every draw, shape (draws, count)."""
    generator = np.random.default_rng(0)
    return generator.multinomial(count, np.full(count, 1 / count), _DRAWS) / count


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


def _half_widths(windows: int) -> float:
    """Standard deviations of the draws in the half width of an interval that holds 95 of 100 cases.

    Draws of few windows scatter less than new windows would, and that scatter itself is known
    less well: Student's distribution in place of the normal one.
    """
    free = max(1, windows - 1)
    return float(stdtrit(free, 0.975)) * (windows / free) ** 0.5

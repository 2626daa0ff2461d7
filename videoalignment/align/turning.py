"""Pictures that can be laid over each other as well a little earlier and later.

What turns, or is filmed by a camera that does, is found wherever it is looked for. Agreement over
places is a dome then, which is climbed in long steps, and whose top is told by all its sides; what
stays, a limb or a background, tells the place better (pixel_place.py).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from videoalignment.align.pixel_place import FROM_AFAR, placed_together
from videoalignment.align.settings import LOOK
from videoalignment.align.shot import Look, Shot
from videoalignment.time_map import TimeMap

TURNING_SIGMA_S = 0.1
"""What turns is known no better than so: standard error, seconds, of pairs of takes of a turning
earth. Of edited ones all pairs of a take may be off alike."""

# How much earlier and later pictures are laid over each other to see whether they come back,
_ASIDE_S = 0.1
# having come at least so much of the way,
_BACK = 0.6
# and, where they do not, to find where they agree most.
_FURTHER_S = (0.2, 0.3)
_MOST_STEPS = 8
# What is encoded coarsely turns late, by more the less it stands out: standard error, seconds.
_LATE_S = 0.012


def told_by_pixels(shot: Shot, found: Look) -> Look | None:
    """Where what is found is always where it was looked for: the place that all pixels tell, if
    they do.

    That takes less than to look all around.
    """
    if _comes_back(shot, found, _all_beside(shot, found, (-_ASIDE_S, _ASIDE_S))):
        return None
    return _placed(shot, found, TURNING_SIGMA_S)


def steadied(shot: Shot, found: Look) -> Look:
    """Where what is found is always where it was looked for: the place of most agreement.

    Agreement over places is a dome then, which is climbed in long steps, and whose top is told
    by all its sides.
    """
    for _ in range(_MOST_STEPS):
        beside = _all_beside(shot, found, (-_ASIDE_S, _ASIDE_S))
        if _comes_back(shot, found, beside):
            return found
        beside += _all_beside(shot, found, (*_FURTHER_S, *(-step_s for step_s in _FURTHER_S)))
        higher = max(beside, key=lambda look: look.agreement)
        if higher.agreement <= found.agreement + LOOK.gain:
            break
        found = higher
    places_s = np.array([shot.place_s(look, found) for look in (found, *beside)])
    agreement = np.array([look.agreement for look in (found, *beside)])
    top_s, sigma_s = _top(places_s, agreement)
    sigma_s = float(np.hypot(sigma_s, TURNING_SIGMA_S))
    top = replace(_moved(found, top_s), turning_s=sigma_s)
    return _placed(shot, top, sigma_s) or top


def _comes_back(shot: Shot, found: Look, beside: Sequence[Look]) -> bool:
    """Whether looks from a little earlier and later lead to the same place."""
    return all(abs(shot.place_s(look, found)) < _ASIDE_S * (1 - _BACK) for look in beside)


def _placed(shot: Shot, found: Look, sigma_s: float) -> Look | None:
    """What is found, where all pixels put it; None unless they know that better than so."""
    line = found.line.time_map
    place = placed_together(shot.ours, shot.theirs, found.registration, line, FROM_AFAR)
    known_s = float(np.hypot(place.sigma_s, _LATE_S)) if place else np.inf
    if not place or known_s >= sigma_s:
        return None
    return replace(_moved(found, place.shift_s), turning_s=known_s)


def _moved(found: Look, shift_s: float) -> Look:
    """What is found, on a line moved by so many seconds of B."""
    fit, line = found.line.fit, found.line.time_map
    moved = replace(fit, time_map=TimeMap(line.offset_s + shift_s, line.speed))
    return replace(found, line=replace(found.line, fit=moved))


def _all_beside(shot: Shot, found: Look, shifts_s: Sequence[float]) -> list[Look]:
    """What is found so many seconds of B later, so far as anything is."""
    looks = (shot.beside(found, shift_s) for shift_s in shifts_s)
    return [look for look in looks if look is not None]


def _top(places_s: np.ndarray, agreement: np.ndarray) -> tuple[float, float]:
    """Where a parabola through agreement is highest, and the standard error of that place.

    Where there is no top among the places, the middle one, 0, anywhere among them.
    """
    near = np.abs(places_s) <= 2 * max(_FURTHER_S)
    places_s, agreement = places_s[near], agreement[near]
    anywhere_s = max(_FURTHER_S) / 3**0.5
    if len(places_s) <= 3:
        return 0.0, anywhere_s
    powers = np.vander(places_s, 3)
    parabola = np.linalg.lstsq(powers, agreement, rcond=None)[0]
    bent, slope = parabola[:2]
    if bent >= 0 or abs(slope / (2 * bent)) > max(_FURTHER_S):
        return 0.0, anywhere_s
    left = agreement - powers @ parabola
    variance = left @ left / (len(left) - 3) * np.linalg.pinv(powers.T @ powers)[:2, :2]
    gradient = np.array([slope / (2 * bent**2), -1 / (2 * bent)])
    return float(-slope / (2 * bent)), float(np.sqrt(gradient @ variance @ gradient))

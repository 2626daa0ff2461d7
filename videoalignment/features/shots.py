"""Where one shot ends and the next begins, by points that were followed.

At a cut, in a fade and in a flash all points are lost. Two videos whose cuts lie over each other
would have all their points seen together, and seem alike by that alone.
"""

import numpy as np
from scipy.ndimage import maximum_filter1d

_STEP_S = 0.05
_AROUND_S = 0.25  # a point outlives a moment that is seen so long before and after it
_NEAR_S = 1.0
_OUTLIVE = 0.2  # share of points, of those seen around a moment, that outlive it within a shot
_FEWEST = 8  # of fewer points nothing is said: captions and logos outlive cuts


def longest_shot(begins_s: np.ndarray, ends_s: np.ndarray) -> tuple[float, float]:
    """The longest stretch of a video in which at every moment points are followed through.

    Args:
        begins_s, ends_s: from when to when each point was followed, shape (points,).

    Returns:
        Its begin and its end, seconds; where no point was followed, all that there is.
    """
    if len(begins_s) == 0:
        return 0.0, np.inf
    moments_s = np.arange(0.0, float(ends_s.max()) + _STEP_S, _STEP_S)
    alive = _between(begins_s, ends_s, moments_s)
    outlive = _between(begins_s + _AROUND_S, ends_s - _AROUND_S, moments_s)
    reach = round((_NEAR_S - _AROUND_S) / _STEP_S)
    most = maximum_filter1d(alive, reach, mode="constant")
    shift = round((_NEAR_S + _AROUND_S) / 2 / _STEP_S)
    padded = np.pad(most, shift)
    around = np.minimum(padded[: -2 * shift], padded[2 * shift :])
    cut = (around >= _FEWEST) & (outlive < _OUTLIVE * around)
    edges = np.flatnonzero(np.diff(np.concatenate([[True], cut, [True]]).astype(int)))
    begins, ends = edges[::2], edges[1::2]
    if len(begins) == 0:
        return 0.0, np.inf
    longest = int(np.argmax(ends - begins))
    begin_s = moments_s[begins[longest]] if begins[longest] else 0.0
    end_s = moments_s[ends[longest] - 1] if ends[longest] < len(moments_s) else np.inf
    return float(begin_s), float(end_s)


def _between(begins_s: np.ndarray, ends_s: np.ndarray, moments_s: np.ndarray) -> np.ndarray:
    """How many stretches hold each moment; those that end before they begin hold none."""
    holds = ends_s >= begins_s
    begun = np.searchsorted(np.sort(begins_s[holds]), moments_s, side="right")
    ended = np.searchsorted(np.sort(ends_s[holds]), moments_s, side="left")
    return begun - ended

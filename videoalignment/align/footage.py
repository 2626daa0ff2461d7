"""A video's descriptors as a function of time, averaged over any spans of it.

A frame stands for the whole span in which it is shown, until the next one. Frame rates that differ,
frames that were dropped or doubled, and time stamps that jitter then need no special case: ffmpeg's
`fps` filter, for one, shows every moment's nearest frame, and a comparison of *time stamps* would
be off by half the difference of the two frame durations.

A frame that is shown for several usual spans stands for frames that are missing after it, and would
make everything late by half of them; so the gap is filled with what lies between it and the next.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.ndimage import maximum_filter1d

from videoalignment.features.store import FrameFeatures

# Most frames of a video may have lost the one after them; a fifth, hardly any.
_USUAL = 0.2
# A frame that is shown for one and a half usual spans lost none: 24 frames a second in 60, say.
_ROUNDED_UP = 0.7
# A frame that is shown longer than this, in usual spans, is a still.
_MOST_MISSING = 8
# A frame changes at less than this share of the pace around it where it repeats the one before.
_REPEATED = 0.15
# How many frames that is before and after; what is shown again as often is a still.
_NEAR = 4
# The share of frames from which repeating is what was done to a video; a frame or two are chance.
_MANY = 0.05
# Frames that are looked at together to see whether they come at equal distances,
_RUN = 16
# and by how many spans of the file they may miss these.
_ON_GRID = 1.2


@dataclass(frozen=True)
class Footage:
    """Descriptors that hold from one edge to the next."""

    edges_s: np.ndarray
    """Begin of every frame and the end of the last one, seconds, ascending, shape (frames + 1,)."""
    descriptors: np.ndarray
    """float32, shape (frames, d)."""

    @classmethod
    def of(cls, features: FrameFeatures) -> "Footage":
        """The footage that features describe; frames that share a time stamp count once."""
        times_s, first = np.unique(features.times_s, return_index=True)
        grid_s = _usual_span_s(times_s, 1 / features.fps)
        end_s = max(features.duration_s, times_s[-1] + min(grid_s, 1 / features.fps))
        new = _new(times_s, features.descriptors[first])
        times_s, descriptors = times_s[new], features.descriptors[first[new]]
        if new.all() or not _are_regular(times_s, grid_s):
            times_s, descriptors = _filled(times_s, descriptors, _usual_span_s(times_s, grid_s))
        return cls(np.append(times_s, end_s), descriptors)

    @property
    def begin_s(self) -> float:
        """When the first frame is shown."""
        return float(self.edges_s[0])

    @property
    def end_s(self) -> float:
        """When the last frame ends."""
        return float(self.edges_s[-1])

    @property
    def span_s(self) -> tuple[float, float]:
        """When the first frame is shown, and when the last one ends."""
        return self.begin_s, self.end_s

    def projected(self, projection: np.ndarray) -> "Footage":
        """The same with descriptors times a matrix (d, k)."""
        return Footage(self.edges_s, self.descriptors @ projection)

    def averaged(self, edges_s: np.ndarray) -> np.ndarray:
        """Mean descriptors between edges; outside the video its first or last frame goes on.

        Args:
            edges_s: seconds, ascending along the last axis, shape (..., n + 1).

        Returns:
            float32, shape (..., n, d).
        """
        frame = np.searchsorted(self.edges_s, edges_s, side="right") - 1
        frame = frame.clip(0, len(self.descriptors) - 1)
        into_frame_s = (edges_s - self.edges_s[frame])[..., None]
        integral = self._integral[frame] + into_frame_s * self.descriptors[frame]
        return (np.diff(integral, axis=-2) / np.diff(edges_s)[..., None]).astype(np.float32)

    @cached_property
    def _integral(self) -> np.ndarray:
        """Integral of the descriptors from the first edge to the begin of each frame."""
        spans_s = np.diff(self.edges_s[:-1])[:, None]
        sums = np.cumsum(self.descriptors[:-1] * spans_s, axis=0, dtype=np.float64)
        return np.concatenate([np.zeros((1, self.descriptors.shape[1])), sums])


def _usual_span_s(times_s: np.ndarray, otherwise_s: float) -> float:
    """How long a frame is shown after which none is missing, seconds."""
    return float(np.quantile(np.diff(times_s), _USUAL)) if len(times_s) > 1 else otherwise_s


def _new(times_s: np.ndarray, descriptors: np.ndarray) -> np.ndarray:
    """Which frames do not show the one before again while the footage moves; all, if most do not.

    Args:
        times_s: begins of frames, seconds, ascending, shape (frames,).
        descriptors: shape (frames, d).
    """
    if len(times_s) < 3:
        return np.ones(len(times_s), bool)
    paces = np.linalg.norm(np.diff(descriptors, axis=0), axis=1) / np.diff(times_s)
    new = np.append(True, paces >= _REPEATED * maximum_filter1d(paces, 2 * _NEAR + 1))
    shown = np.diff(np.append(np.flatnonzero(new), len(new)))  # how often each new one is
    new |= np.repeat(shown > _NEAR, shown)
    return new if new.mean() <= 1 - _MANY else np.ones(len(new), bool)


def _are_regular(times_s: np.ndarray, grid_s: float) -> bool:
    """Whether frames come at equal distances, but for being put on a grid of other distances."""
    if len(times_s) <= _RUN:
        return False
    runs = np.lib.stride_tricks.sliding_window_view(times_s, _RUN)
    evenly = np.linspace(runs[:, 0], runs[:, -1], _RUN, axis=1)
    return bool(np.median(np.ptp(runs - evenly, axis=1)) < _ON_GRID * grid_s)


def _filled(
    times_s: np.ndarray, descriptors: np.ndarray, typical_s: float
) -> tuple[np.ndarray, np.ndarray]:
    """Put frames where some are missing, each between its neighbours; long stills stay stills.

    Args:
        times_s: begins of frames, seconds, ascending, shape (frames,).
        descriptors: shape (frames, d).
        typical_s: the usual span of a frame.
    """
    spans = np.ceil(np.diff(times_s) / typical_s - _ROUNDED_UP).astype(int)
    steps = np.where((spans > 1) & (spans <= _MOST_MISSING), spans, 1)
    if (steps == 1).all():
        return times_s, descriptors
    frame = np.repeat(np.arange(len(steps)), steps)
    nth = np.arange(len(frame)) - np.repeat(np.cumsum(steps) - steps, steps)
    share = nth / steps[frame]
    between_s = times_s[frame] + share * (times_s[frame + 1] - times_s[frame])
    weight = share[:, None].astype(np.float32)
    between = (1 - weight) * descriptors[frame] + weight * descriptors[frame + 1]
    return np.append(between_s, times_s[-1]), np.concatenate([between, descriptors[-1:]])

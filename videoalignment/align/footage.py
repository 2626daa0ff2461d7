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
# A frame that is shown longer than this, in usual spans, is still in between.
_STILL = 1.5
# A frame changes at less than this share of the pace around it where it repeats the one before.
_REPEATED = 0.15
# Where as many change little more than that, they only move slowly.
_BETWEEN = 0.3
# How many frames that is before and after; what is shown again as often is a still.
_NEAR = 4
# The share of frames from which repeating is what was done to a video; a frame or two are chance.
_MANY = 0.05
# Frames in which a beat of repeated ones comes round, at most,
_BEAT = 7
# and how far it stands out of the spectrum, in means: chance does in one of some thousand files.
_IN_STEP = 12.0


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
        changes = _changes(times_s, features.descriptors[first])
        new = _new(changes)
        times_s, descriptors = times_s[new], features.descriptors[first[new]]
        if new.all() or not _in_step(changes):
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

    def within(self, begin_s: float, end_s: float) -> "Footage":
        """The same cut to the frames that are shown between two moments, on the same clock.

        Args:
            begin_s, end_s: seconds; some of the video is between them.
        """
        first = int(np.searchsorted(self.edges_s, begin_s, side="right")) - 1
        last = int(np.searchsorted(self.edges_s, end_s, side="left"))
        first, last = max(first, 0), min(last, len(self.descriptors))
        edges_s = self.edges_s[first : last + 1].clip(begin_s, end_s)
        return Footage(edges_s, self.descriptors[first:last])

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
    def flow(self) -> "Flow":
        """The same where each frame goes over into the next."""
        spans_s = np.diff(self.edges_s)
        half_s = np.minimum(spans_s, _STILL * np.median(spans_s)) / 2
        begins_s, ends_s = self.edges_s[:-1] + half_s, self.edges_s[1:] - half_s
        stills = ends_s > begins_s
        times_s = np.concatenate([begins_s, ends_s[stills]])
        order = np.argsort(times_s, kind="stable")
        frame = np.concatenate([np.arange(len(spans_s)), np.flatnonzero(stills)])[order]
        return Flow(times_s[order], self.descriptors[frame])

    @cached_property
    def _integral(self) -> np.ndarray:
        """Integral of the descriptors from the first edge to the begin of each frame."""
        spans_s = np.diff(self.edges_s[:-1])[:, None]
        sums = np.cumsum(self.descriptors[:-1] * spans_s, axis=0, dtype=np.float64)
        return np.concatenate([np.zeros((1, self.descriptors.shape[1])), sums])


@dataclass(frozen=True)
class Flow:
    """Descriptors that change steadily from one moment to the next.

    Of two videos of one frame rate whose frames hold, the likeness has its peak where frames meet
    frames, wherever the footage lies between: half a frame off at most. What changes steadily is
    most alike where it belongs.
    """

    times_s: np.ndarray
    """Seconds, ascending, shape (moments,)."""
    descriptors: np.ndarray
    """At these moments; before the first and after the last they stay; shape (moments, d)."""

    def averaged(self, edges_s: np.ndarray) -> np.ndarray:
        """Mean descriptors between edges.

        Args:
            edges_s: seconds, ascending along the last axis, shape (..., n + 1).

        Returns:
            float32, shape (..., n, d).
        """
        moment = (np.searchsorted(self.times_s, edges_s, side="right") - 1).clip(0)
        after_s = (edges_s - self.times_s[moment])[..., None].astype(np.float32)
        since = self._pace[moment]
        since *= after_s.clip(0) / 2
        since += self.descriptors[moment]
        since *= after_s
        integral = self._integral[moment]
        integral += since
        return (np.diff(integral, axis=-2) / np.diff(edges_s)[..., None]).astype(np.float32)

    @cached_property
    def _pace(self) -> np.ndarray:
        """How fast descriptors change from each moment on, a second."""
        paces = np.diff(self.descriptors, axis=0) / np.diff(self.times_s)[:, None]
        still = np.zeros_like(self.descriptors[:1])
        return np.concatenate([paces, still]).astype(np.float32)

    @cached_property
    def _integral(self) -> np.ndarray:
        """Integral of the descriptors from the first moment to each."""
        middles = (self.descriptors[1:] + self.descriptors[:-1]) / 2
        sums = np.cumsum(middles * np.diff(self.times_s)[:, None], axis=0, dtype=np.float64)
        return np.concatenate([np.zeros((1, sums.shape[1])), sums])


def _usual_span_s(times_s: np.ndarray, otherwise_s: float) -> float:
    """How long a frame is shown after which none is missing, seconds."""
    return float(np.quantile(np.diff(times_s), _USUAL)) if len(times_s) > 1 else otherwise_s


def _changes(times_s: np.ndarray, descriptors: np.ndarray) -> np.ndarray:
    """How fast each frame but the first changes, as a share of the fastest around it.

    Args:
        times_s: begins of frames, seconds, ascending, shape (frames,).
        descriptors: shape (frames, d).
    """
    paces = np.linalg.norm(np.diff(descriptors, axis=0), axis=1) / np.diff(times_s)
    return paces / np.maximum(maximum_filter1d(paces, 2 * _NEAR + 1), 1e-12)


def _new(changes: np.ndarray) -> np.ndarray:
    """Which frames do not show the one before again while the footage moves; all, if most do not.

    Args:
        changes: as `_changes` gives them.
    """
    new = np.append(True, changes >= _REPEATED)
    shown = np.diff(np.append(np.flatnonzero(new), len(new)))  # how often each new one is
    new |= np.repeat(shown > _NEAR, shown)
    slow = ((changes >= _REPEATED) & (changes < _BETWEEN)).sum()
    clearly = (~new).sum() > max(_MANY * len(new), slow)
    return new if clearly else np.ones(len(new), bool)


def _in_step(changes: np.ndarray) -> bool:
    """Whether frames are repeated to a beat, as where footage was put on another frame rate: then
    nothing is missing between the others.

    Args:
        changes: as `_changes` gives them.
    """
    if len(changes) < 2 * _BEAT:
        return False
    power = np.square(np.abs(np.fft.rfft(changes - changes.mean())))
    fast = power[int(np.ceil(len(changes) / _BEAT)) :]
    return bool(fast.max() > _IN_STEP * fast.mean())


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

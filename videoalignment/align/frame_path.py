"""The way that A takes through the frames of B: the cheapest one, by dynamic programming.

Each frame of A shows one of the frames of B around its place on a lane, a segment's line, or none.
A frame costs what its picture differs from B's. Going on costs nothing where B's clock runs as the
line says, and the more the further B stays behind or jumps ahead: so does staying on a frame that
A repeats, or skipping frames that A lacks. Going back, or to another lane, is a cut and costs most.
Footage that stands still makes all ways cost the same but for a touch of distance from the line.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_EVIDENCE = 25.0
"""What a frame costs that differs twice as much as matching ones do: half the number of pixels of
a thumbnail that differ independently."""
_STEP = 2.0
"""What each frame of B costs that A stays behind or jumps ahead."""
_LONGEST_STEP = 6.0
"""Frames of B from which a longer jump costs no more."""
_CUT = 15.0
"""What it costs to go back, to another lane, or to and from frames that B has not."""
_OFF_LINE = 0.001
"""What each frame of B between a frame and its place on the line costs."""


@dataclass(frozen=True)
class Lane:
    """Frames of A around a segment, and where its line puts them in B."""

    speed: float
    """Seconds of B that pass in one second of A."""
    frames_a: np.ndarray
    """Which frames of A, consecutive, shape (n,)."""
    times_b_s: np.ndarray
    """Where the line puts each, seconds of B, shape (n,)."""
    frames_b: np.ndarray
    """The frame of B nearest to that, shape (n,)."""
    sure: np.ndarray
    """Which of them lie on the segment itself, bool, shape (n,)."""


@dataclass(frozen=True)
class Compared:
    """How A's pictures differ from B's, in units of how much matching ones usually do."""

    reach: int
    """How many frames of B to either side of a lane's frame are compared."""
    differences: Sequence[np.ndarray]
    """For every lane, shape (n, 2 reach + 1), infinite outside B."""
    unlike: Sequence[np.ndarray]
    """For every lane, shape (n,): a frame that differs by more shows something else; infinite
    where pictures cannot tell that."""
    usual: float
    """How much matching frames differ, as a share of how much unrelated ones do."""


class _LaneState:
    """The costs of being at each frame of B around a lane, as A's frames go by."""

    def __init__(
        self, lane: Lane, costs: np.ndarray, times_a_s: np.ndarray, times_b_s: np.ndarray
    ) -> None:
        self._reach = costs.shape[1] // 2
        self._lane, self._costs = lane, costs
        self._times_a_s, self._times_b_s = times_a_s, times_b_s
        self._interval_s = interval_s(times_b_s)
        self.first = int(lane.frames_a[0])
        self.came_from = np.full(costs.shape, -1, np.int16)
        self.cost = np.full(costs.shape[1], np.inf)

    def frames(self, row: int) -> np.ndarray:
        """The frames of B around the place of the lane's frame `row`; some may lie outside B."""
        return self._lane.frames_b[row] + np.arange(-self._reach, self._reach + 1)

    def _times(self, row: int) -> np.ndarray:
        return self._times_b_s[np.clip(self.frames(row), 0, len(self._times_b_s) - 1)]

    def advance(self, frame_a: int, enter: float) -> None:
        """Go on by one frame of A.

        Args:
            frame_a: that frame.
            enter: what it costs to come from the cheapest state anywhere.
        """
        row = frame_a - self.first
        came = np.full(len(self.cost), enter)
        if row > 0:
            went = self._steps(row) + self.cost
            nearest = went.argmin(axis=1)
            on = went[np.arange(len(nearest)), nearest]
            better = on <= came
            came[better] = on[better]
            self.came_from[row, better] = nearest[better]
        self.cost = came + self._costs[row]

    def _steps(self, row: int) -> np.ndarray:
        """What each step costs, from the frames before (columns) to these (rows)."""
        times_a_s = self._times_a_s[self.first + row - 1 : self.first + row + 1]
        expected_s = self._lane.speed * (times_a_s[1] - times_a_s[0])
        passed_s = self._times(row)[:, None] - self._times(row - 1)
        off = np.abs(passed_s - expected_s) / self._interval_s
        back = self.frames(row)[:, None] < self.frames(row - 1)
        return np.where(back, np.inf, _STEP * np.minimum(off, _LONGEST_STEP))


def best_frames(
    times_a_s: np.ndarray, times_b_s: np.ndarray, lanes: Sequence[Lane], compared: Compared
) -> np.ndarray:
    """The frame of B that each frame of A shows, -1 for none, shape (frames of A,).

    Args:
        times_a_s, times_b_s: when the frames are shown, seconds.
        lanes: where A lies in B, roughly.
        compared: how the pictures differ.
    """
    states, misses = [], np.zeros(len(times_a_s))
    for lane, differences, unlike in zip(lanes, compared.differences, compared.unlike, strict=True):
        costs = _costs(lane, differences, unlike, times_b_s)
        states.append(_LaneState(lane, costs, times_a_s, times_b_s))
        miss = np.where(np.isinf(unlike), np.where(lane.sure, 1e6, 0.0), _EVIDENCE * unlike)
        misses[lane.frames_a] = np.maximum(misses[lane.frames_a], miss)
    return _follow(states, misses)


def _costs(
    lane: Lane, differences: np.ndarray, unlike: np.ndarray, times_b_s: np.ndarray
) -> np.ndarray:
    reach = differences.shape[1] // 2
    around = np.clip(lane.frames_b[:, None] + np.arange(-reach, reach + 1), 0, len(times_b_s) - 1)
    off = np.abs(times_b_s[around] - lane.times_b_s[:, None]) / interval_s(times_b_s)
    return _EVIDENCE * differences + _OFF_LINE * off


def interval_s(times_s: np.ndarray) -> float:
    """How long a frame usually lasts, seconds, from the times of all, shape (frames,)."""
    return max(float(np.median(np.diff(times_s))), 1e-4) if len(times_s) > 1 else 1.0


def _follow(states: Sequence[_LaneState], misses: np.ndarray) -> np.ndarray:
    """Run the dynamic programme over A's frames, and walk back along the cheapest way.

    Args:
        states: of each lane.
        misses: what each frame of A costs that shows no frame of B.
    """
    count = len(misses)
    cheapest = np.full((count + 1, 2), -1)  # lane (-1: none) and place, after each frame
    stays_away = np.zeros(count, bool)
    least, none = 0.0, 0.0
    for frame_a in range(count):
        enter = least + _CUT
        stays_away[frame_a] = none <= enter
        none = min(none, enter) + misses[frame_a]
        least, cheapest[frame_a + 1] = none, (-1, 0)
        for number, state in enumerate(states):
            if 0 <= frame_a - state.first < len(state.came_from):
                state.advance(frame_a, enter)
                place = int(state.cost.argmin())
                if state.cost[place] < least:
                    least, cheapest[frame_a + 1] = state.cost[place], (number, place)
    return _walk_back(states, cheapest, stays_away)


def _walk_back(
    states: Sequence[_LaneState], cheapest: np.ndarray, stays_away: np.ndarray
) -> np.ndarray:
    shown = np.full(len(stays_away), -1)
    lane, place = cheapest[-1]
    for frame_a in range(len(shown) - 1, -1, -1):
        if lane < 0:
            if not stays_away[frame_a]:
                lane, place = cheapest[frame_a]
            continue
        state = states[lane]
        row = frame_a - state.first
        shown[frame_a] = state.frames(row)[place]
        place = state.came_from[row, place]
        if place < 0:
            lane, place = cheapest[frame_a]
    return shown

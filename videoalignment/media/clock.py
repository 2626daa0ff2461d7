"""When the frames that ffmpeg delivers are shown, from what its `showinfo` filter says.

A raw pipe carries no time stamps, and ffmpeg's `fps` filter replaces them by its own grid. So one
`showinfo` before it tells each decoded frame's time, and one after it which place of the grid a
sampled frame has; the sample is the last decoded frame whose time rounds to that place or before.
"""

import re
from collections import deque
from fractions import Fraction
from queue import SimpleQueue

NATIVE, SAMPLED = "native", "sampled"

_CONFIG = re.compile(r"\[showinfo@(native|sampled) @ \S+ \[info\] config in time_base: (\d+)/(\d+)")
_FRAME = re.compile(
    r"\[showinfo@(native|sampled) @ \S+ \[info\] n: *\d+ pts: *(-?\d+|NOPTS) "
    r".* duration: *(-?\d+) "
)
# A picture may stand still for a while, and is then sampled again and again. Damaged time stamps
# make it stand for hours or years: the time beyond a minute a picture, all in all.
_STILL_S = 60.0
_MOST_STILL_S = 7200.0


class FrameClock:
    """Turns ffmpeg's messages into the times of the frames that come over the pipe.

    Args:
        fps: the sampling rate, or None when every decoded frame is delivered.
        first: time stamp of the video's first frame, where decoding does not begin with it.
        begin_s: when decoding begins, seconds from the first frame.

    Attributes:
        first: time stamp of the video's first frame, in units of the stream.
        first_s: the same in seconds.
        place: of the first frame that was sampled, on the grid of the sampling rate.
        end_s: end of the last decoded frame so far, seconds from the first frame.
        decoded: frames so far.
        gaps: frames that would fit between decoded ones, each as long as the one before.
        runaway_s: where the time stamps run away, so that one picture would be sampled for hours;
            None while they do not.
    """

    def __init__(
        self, fps: Fraction | None, *, first: int | None = None, begin_s: float = 0.0
    ) -> None:
        self.first = first
        self.place: int | None = None
        self.end_s = begin_s
        self.decoded = 0
        self.gaps = 0
        self.runaway_s: float | None = None
        self._given_s = 0.0
        self._still_s = 0.0
        self._last_s, self._last_duration_s = begin_s, 0.0
        self._fps = fps
        self._time_base = Fraction(1)
        self._decoded: deque[tuple[int, float]] = deque()  # place on the grid, time in seconds
        self._times_s: SimpleQueue[float | None] = SimpleQueue()

    def read_message(self, line: str) -> bool:
        """Take one line of ffmpeg's messages.

        Returns:
            Whether ffmpeg should be stopped, because the time stamps run away: it would hold all
            hours of one picture in memory before the first of them came over the pipe.
        """
        if "[showinfo@" not in line:
            return False
        if config := _CONFIG.search(line):
            if config[1] == NATIVE:
                self._time_base = Fraction(int(config[2]), int(config[3]))
        elif frame := _FRAME.search(line):
            if frame[1] == NATIVE:
                pts = None if frame[2] == "NOPTS" else int(frame[2])
                self._decoded_frame(pts, max(int(frame[3]), 0))
            else:
                self._sampled_frame(int(frame[2]))
        return self.runaway_s is not None

    @property
    def first_s(self) -> float:
        return float((self.first or 0) * self._time_base)

    def stop(self) -> None:
        """Say that no more messages come."""
        self._times_s.put(None)

    def next_time_s(self) -> float | None:
        """The time of the next delivered frame, seconds from the first; None past the last."""
        return self._times_s.get()

    def _decoded_frame(self, pts: int | None, duration: int) -> None:
        self.decoded += 1
        if pts is None:  # `fps` drops such a frame
            if self._fps is None:
                self._give(self.end_s)
            return
        if self.first is None:
            self.first = pts
        time_s = float((pts - self.first) * self._time_base)
        duration_s = float(duration * self._time_base)
        self._follow(time_s, duration_s)
        self.end_s = max(self.end_s, time_s + duration_s)
        if self._fps is None:
            self._give(time_s)
        else:
            self._decoded.append((_nearest(pts * self._time_base * self._fps), time_s))

    def _give(self, time_s: float) -> None:
        """Queue the time of a frame; only damaged time stamps go back, and are then held."""
        self._given_s = max(self._given_s, time_s)
        self._times_s.put(self._given_s)

    def _follow(self, time_s: float, duration_s: float) -> None:
        """Compare a frame's time with that of the frame before."""
        gap_s = time_s - self._last_s - self._last_duration_s
        if gap_s > 0 and self._last_duration_s > 0:
            self.gaps += round(gap_s / self._last_duration_s)
        for still_s in (time_s - self.end_s, duration_s):
            self._still_s += max(0.0, still_s - _STILL_S)
        if self._fps is not None and self._still_s > _MOST_STILL_S and self.runaway_s is None:
            self.runaway_s = self._last_s
        self._last_s, self._last_duration_s = time_s, duration_s

    def _sampled_frame(self, place: int) -> None:
        if self.place is None:
            self.place = place
        while len(self._decoded) > 1 and self._decoded[1][0] <= place:
            self._decoded.popleft()
        if self._decoded and self._fps:
            shown, time_s = self._decoded[0]
            self._give(time_s)
            # No frame is left: the end of the stream itself may have a time that ran away.
            held_s = (place - shown) / self._fps if self._fps else 0
            if len(self._decoded) == 1 and held_s > self.end_s - time_s + _STILL_S:
                self.runaway_s = time_s if self.runaway_s is None else self.runaway_s


def _nearest(value: Fraction) -> int:
    """Rounded as ffmpeg does: halves away from zero."""
    return int(abs(value) + Fraction(1, 2)) * (1 if value >= 0 else -1)

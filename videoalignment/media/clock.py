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
    r"\[showinfo@(native|sampled) @ \S+ \[info\] n: *\d+ pts: *(-?\d+) .* duration: *(-?\d+) "
)


class FrameClock:
    """Turns ffmpeg's messages into the times of the frames that come over the pipe.

    Args:
        fps: the sampling rate, or None when every decoded frame is delivered.

    Attributes:
        end_s: end of the last decoded frame so far, seconds from the first frame.
    """

    def __init__(self, fps: Fraction | None) -> None:
        self.end_s = 0.0
        self._fps = fps
        self._time_base = Fraction(1)
        self._first: int | None = None
        self._decoded: deque[tuple[int, float]] = deque()  # place on the grid, time in seconds
        self._times_s: SimpleQueue[float | None] = SimpleQueue()

    def read_message(self, line: str) -> None:
        """Take one line of ffmpeg's messages."""
        if "[showinfo@" not in line:
            return
        if config := _CONFIG.search(line):
            if config[1] == NATIVE:
                self._time_base = Fraction(int(config[2]), int(config[3]))
        elif frame := _FRAME.search(line):
            if frame[1] == NATIVE:
                self._decoded_frame(int(frame[2]), int(frame[3]))
            else:
                self._sampled_frame(int(frame[2]))

    def stop(self) -> None:
        """Say that no more messages come."""
        self._times_s.put(None)

    def next_time_s(self) -> float | None:
        """The time of the next delivered frame, seconds from the first; None past the last."""
        return self._times_s.get()

    def _decoded_frame(self, pts: int, duration: int) -> None:
        if self._first is None:
            self._first = pts
        time_s = float((pts - self._first) * self._time_base)
        self.end_s = max(self.end_s, time_s + float(max(duration, 0) * self._time_base))
        if self._fps is None:
            self._times_s.put(time_s)
        else:
            self._decoded.append((_nearest(pts * self._time_base * self._fps), time_s))

    def _sampled_frame(self, place: int) -> None:
        while len(self._decoded) > 1 and self._decoded[1][0] <= place:
            self._decoded.popleft()
        if self._decoded:
            self._times_s.put(self._decoded[0][1])


def _nearest(value: Fraction) -> int:
    """Rounded as ffmpeg does: halves away from zero."""
    return int(abs(value) + Fraction(1, 2)) * (1 if value >= 0 else -1)

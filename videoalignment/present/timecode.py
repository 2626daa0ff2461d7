"""Frame rates of editing and their timecodes (SMPTE ST 12-1)."""

import math
import re
from fractions import Fraction

STANDARD_RATES = tuple(
    Fraction(rate)
    for rate in ("24000/1001", "24", "25", "30000/1001", "30", "48", "50", "60000/1001", "60")
)


def standard_rate(fps: float) -> Fraction:
    """Find the editing frame rate that footage belongs to.

    Args:
        fps: frames a second as a file declares them, e.g. 29.97 or 14.99.

    Returns:
        The nearest standard rate. Slow footage (15, 10 frames a second) is doubled until an
        editor has such a rate, so that its frames fall on frames.
    """
    fps = max(fps, 1.0)
    while fps < 23:
        fps *= 2
    return min(STANDARD_RATES, key=lambda rate: abs(math.log(rate / fps)))


def drops_frames(rate: Fraction) -> bool:
    """Tell whether timecode of this rate is counted with dropped numbers: 29.97 and 59.94."""
    return rate.denominator == 1001 and round(rate) % 30 == 0


def timecode(frame: int, rate: Fraction) -> str:
    """Write a frame number as HH:MM:SS:FF, or HH:MM:SS;FF where numbers are dropped.

    23.976 counts frames as 24 a second and so runs behind the clock. 29.97 and 59.94 leave out
    two (four) numbers at each minute except every tenth, and stay within the clock's frame.

    Args:
        frame: number of the frame, from 0.
        rate: one of `STANDARD_RATES`.

    Returns:
        The timecode; it wraps after 24 hours, as clocks do.
    """
    base = round(rate)
    separator = ":"
    if drops_frames(rate):
        separator = ";"
        frame += _dropped_numbers(frame, base)
    seconds, frames = divmod(frame, base)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours % 24:02}:{minutes:02}:{seconds:02}{separator}{frames:02}"


def _dropped_numbers(frame: int, base: int) -> int:
    """How many frame numbers drop-frame counting has left out before this frame."""
    dropped_a_minute = base // 15
    frames_a_minute = base * 60 - dropped_a_minute
    frames_in_ten_minutes = 10 * frames_a_minute + dropped_a_minute
    tens, rest = divmod(frame, frames_in_ten_minutes)
    # The first minute of the ten keeps all its numbers.
    minutes = max(0, rest - dropped_a_minute) // frames_a_minute
    return dropped_a_minute * (9 * tens + minutes)


def frame_of(code: str, rate: Fraction) -> int:
    """Read a timecode of this rate as a frame number, the inverse of `timecode`.

    Args:
        code: HH:MM:SS:FF; numbers are dropped where the last separator is no colon.
        rate: one of `STANDARD_RATES`.
    """
    hours, minutes, seconds, frames = (int(part) for part in re.split("[:;.]", code))
    base = round(rate)
    frame = ((hours * 60 + minutes) * 60 + seconds) * base + frames
    if drops_frames(rate) and code[8] != ":":
        minutes += 60 * hours
        frame -= base // 15 * (minutes - minutes // 10)
    return frame


def one_hour(rate: Fraction) -> int:
    """The frame at which programmes begin by custom, 01:00:00:00."""
    return frame_of("01:00:00;00", rate)

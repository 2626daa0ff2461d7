"""Which frame of a camera was taken nearest to each moment of a span."""

from dataclasses import dataclass

import numpy as np

from videoalignment.align.timeline.records import PlacedFile
from videoalignment.media.frame_times import MICROSECONDS
from videoalignment.present.cameras.records import Span


@dataclass(frozen=True)
class NearestFrames:
    """The nearest frames, as ffmpeg's filters and as numbers.

    A frame is the nearest from the middle between it and the one before. So frames are given the
    time stamps of these middles, on the span's clock, and ffmpeg's `fps` shows each until the next
    begins. The same arithmetic in the same order gives the same numbers here.
    """

    file: PlacedFile
    span: Span
    first_us: int
    """Time stamp of the first frame."""

    @property
    def shift_us(self) -> float:
        """The span's time of the first frame."""
        return (self.file.begin_s - self.span.begin_s) * 1e6

    def filters(self) -> str:
        middle = "if(isnan(PREV_INPTS),PTS,(PTS+PREV_INPTS)/2)"
        moved = f"floor(({middle}-({self.first_us}))*{self.file.rate!r}+({self.shift_us!r}))"
        rate = f"{self.span.rate.numerator}/{self.span.rate.denominator}"
        return (
            f"tpad=stop_mode=clone:stop_duration=1,{MICROSECONDS},setpts='{moved}',"
            f"fps={rate}:start_time=0:round=up"
        )

    def frames(self, stamps_us: np.ndarray) -> np.ndarray:
        """Which frame each of the span shows, shape (span.frames,)."""
        before = np.concatenate([stamps_us[:1], stamps_us[:-1]])
        middles = (stamps_us + before) / 2
        moved = np.floor((middles - self.first_us) * self.file.rate + self.shift_us)
        ticks = self.span.rate.denominator * 1_000_000  # of a frame, in units of 1 / numerator us
        places = np.array([-(-int(us) * self.span.rate.numerator // ticks) for us in moved])
        last = np.searchsorted(places, np.arange(self.span.frames), side="right") - 1
        return np.maximum(last, 0)

    def late_s(self, stamps_us: np.ndarray) -> np.ndarray:
        """The span's time of each frame, seconds."""
        return ((stamps_us - self.first_us) * self.file.rate + self.shift_us) / 1e6

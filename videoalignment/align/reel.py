"""Pictures of stretches of a video, decoded as they are asked for."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from videoalignment.align.registration import Points
from videoalignment.align.settings import LOOK
from videoalignment.media.frames import read_frames
from videoalignment.media.probe import VideoInfo

# A video up to this length is decoded once and kept, seconds: 150 MB.
_KEPT_S = 60.0


@dataclass(frozen=True)
class Pictures:
    """Pictures of a stretch of a video."""

    frames: np.ndarray
    """Grey, uint8, shape (n, height, width)."""
    times_s: np.ndarray
    """Seconds from the video's first frame, ascending, shape (n,)."""

    found: dict[float, Points] = field(default_factory=dict)
    """What stands out in those that were asked for, by their moments."""

    def points_at(self, times_s: np.ndarray) -> list[Points]:
        """What stands out in the pictures that are shown at these moments, found once."""
        shown = np.searchsorted(self.times_s, times_s, side="right") - 1
        return [self._points(frame) for frame in shown.clip(0, len(self.frames) - 1)]

    def _points(self, frame: int) -> Points:
        time_s = float(self.times_s[frame])
        if time_s not in self.found:
            self.found[time_s] = Points.of(self.frames[frame])
        return self.found[time_s]


@dataclass(frozen=True)
class Reel:
    """A video whose pictures are looked at."""

    video: VideoInfo
    length_s: float
    """To the end of its last frame."""

    def stretch(self, begin_s: float, end_s: float) -> Pictures | None:
        """The pictures from one moment to another; None where these are fewer than two.

        Args:
            begin_s, end_s: seconds from the first frame.

        Raises:
            UnusableFileError: the video cannot be decoded there.
        """
        if self.length_s > _KEPT_S:
            pictures = _decoded(self.video, begin_s, end_s)
        else:
            first, last = np.searchsorted(self._whole.times_s, (begin_s, end_s))
            whole = self._whole
            pictures = Pictures(whole.frames[first:last], whole.times_s[first:last], whole.found)
        return pictures if len(pictures.times_s) > 1 else None

    @cached_property
    def _whole(self) -> Pictures:
        return _decoded(self.video, 0.0, self.length_s + 1.0)


def _decoded(video: VideoInfo, begin_s: float, end_s: float) -> Pictures:
    shrunk = LOOK.side / max(video.width, video.height)
    height, width = (max(1, round(side * shrunk)) for side in (video.height, video.width))
    frames = read_frames(video.path, fps=LOOK.fps, size=(height, width), grey=True, batch=16)
    none = np.empty((0, height, width), np.uint8), np.empty(0)
    batches = [none, *((batch.frames, batch.times_s) for batch in frames.between(begin_s, end_s))]
    pictures, times_s = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    return Pictures(pictures, times_s)

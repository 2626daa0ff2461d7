"""Pictures of stretches of a video, read as they are asked for."""

from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock

import numpy as np

from videoalignment.align.registration import Points, softened
from videoalignment.align.settings import LOOK
from videoalignment.features.small_pictures import SmallRecipe, cached_small_pictures
from videoalignment.media.frames import read_frames
from videoalignment.media.probe import VideoInfo

# All pictures of a video up to this length are kept, seconds: 150 MB, a seventh of that on disk.
_KEPT_S = 60.0


@dataclass(frozen=True)
class Pictures:
    """Pictures of a stretch of a video."""

    frames: np.ndarray
    """Grey, uint8, shape (n, height, width)."""
    times_s: np.ndarray
    """Seconds from the video's first frame, ascending, shape (n,)."""
    frame_s: float
    """How long the video shows a frame, usually, of which these may be a few."""

    found: dict[float, Points] = field(default_factory=dict)
    """What stands out in those that were asked for, by their moments."""

    @cached_property
    def soft(self) -> np.ndarray:
        """They, softened once for all looks, uint8, shape (n, height, width)."""
        soft = np.empty_like(self.frames)
        for number, frame in enumerate(self.frames):
            soft[number] = softened(frame)
        return soft

    @property
    def middles_s(self) -> np.ndarray:
        """The middles of the spans in which they are shown, shape (n,)."""
        return self.times_s + self.frame_s / 2

    def at(self, time_s: float) -> np.ndarray:
        """The picture of a moment, between two of them, float32, shape (height, width)."""
        before = int((np.searchsorted(self.middles_s, time_s) - 1).clip(0, len(self.frames) - 2))
        first_s, last_s = self.middles_s[before : before + 2]
        share = np.float32(np.clip((time_s - first_s) / max(last_s - first_s, 1e-9), 0, 1))
        return self.frames[before] * (1 - share) + self.frames[before + 1] * share

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
    _kept: list[Pictures] = field(default_factory=list, init=False, repr=False)
    _lock: Lock = field(default_factory=Lock, init=False, repr=False)

    def stretch(self, begin_s: float, end_s: float, *, roughly: bool = False) -> Pictures | None:
        """The pictures from one moment to another; None where these are fewer than two.

        Args:
            begin_s, end_s: seconds from the first frame.
            roughly: whether few pictures do, at about the right moments, which takes less than half
                the time where a video is long.

        Raises:
            UnusableFileError: the video cannot be decoded there, or its pictures cannot be kept.
        """
        if self.length_s > _KEPT_S:
            pictures = self._decoded(begin_s, end_s, roughly)
        else:
            whole = self._whole
            first, last = np.searchsorted(whole.times_s, (begin_s, end_s))
            stretch = whole.frames[first:last], whole.times_s[first:last]
            pictures = Pictures(*stretch, whole.frame_s, whole.found)
        return pictures if len(pictures.times_s) > 1 else None

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the pictures, pixels."""
        shrunk = LOOK.side / max(self.video.width, self.video.height)
        return (
            max(1, round(self.video.height * shrunk)),
            max(1, round(self.video.width * shrunk)),
        )

    @property
    def _whole(self) -> Pictures:
        with self._lock:  # of this reel alone, that others may be decoded meanwhile
            if not self._kept:
                height, width = self.size
                recipe = SmallRecipe(fps=LOOK.fps, height=height, width=width)
                small = cached_small_pictures(self.video, recipe)
                self._kept.append(Pictures(small.frames, small.times_s, 1 / self.video.fps))
            return self._kept[0]

    def _decoded(self, begin_s: float, end_s: float, roughly: bool) -> Pictures:
        frames = read_frames(
            self.video.path,
            fps=LOOK.first_fps if roughly else LOOK.fps,
            size=self.size,
            grey=True,
            batch=16,
            references_only=roughly,
        )
        batches = [(batch.frames, batch.times_s) for batch in frames.between(begin_s, end_s)]
        none = np.empty((0, *self.size), np.uint8), np.empty(0)
        pictures, times_s = (np.concatenate(parts) for parts in zip(none, *batches, strict=True))
        return Pictures(pictures, times_s, 1 / self.video.fps)


def looked_at_s(begin_s: float, end_s: float) -> tuple[float, float]:
    """What of a stretch of A is looked at, seconds: its middle, where it is long."""
    middle_s = (begin_s + end_s) / 2
    half_s = LOOK.longest_s / 2
    return max(begin_s, middle_s - half_s), min(end_s, middle_s + half_s)

"""What the benchmarks of copied segments share: whole videos, features of any frame rate."""

import math
from abc import abstractmethod
from collections.abc import Iterable
from functools import cached_property

import numpy as np

from videoalignment.datasets.annotations import Clip
from videoalignment.datasets.base import FEATURE_FPS, ClipPair, FrameSequence, VideoDataset
from videoalignment.datasets.segment_files import Boxes, Pair
from videoalignment.features.sidecar import read_sidecar
from videoalignment.features.store import read_features

_UNSTATED_FPS = 1.0  # both benchmarks publish features of one frame a second


class CopiedSegments(VideoDataset):
    """Pairs of whole videos, and which stretches of the two are copies.

    Features are of the rate that the files or the folder's recipe.json state, one frame a second
    where nothing does. Frames are spaced evenly. Time stamps are in 1/15 s as everywhere, so that a
    model's periods are as long at any rate.
    """

    features_folder = "features"

    @property
    @abstractmethod
    def segments(self) -> Boxes:
        """The copied segments of each pair that has some, [q0, r0, q1, r1], seconds."""

    @abstractmethod
    def candidates(self) -> Iterable[tuple[str, list[str]]]:
        """Each query once, with the references that it is compared with; all have features."""

    @cached_property
    def fps(self) -> float:
        """Feature frames a second, as the first video's file or the folder states."""
        path = self.feature_path(self.videos[0])
        if path.suffix == ".npz":
            return read_features(path).fps
        making = read_sidecar(path.parent)
        return making.fps if making else _UNSTATED_FPS

    @cached_property
    def frame_rates(self) -> dict[str, float]:
        """That of the features: their frames are taken to be spaced evenly."""
        return dict.fromkeys(self.videos, self.fps)

    def sequence(self, clip: Clip, descriptors: np.ndarray) -> FrameSequence:
        """All of a video, its frames spaced evenly."""
        times = np.arange(len(descriptors)) * (FEATURE_FPS / self.fps)
        return FrameSequence(descriptors, times.astype(np.float32))

    def length(self, frames: int) -> int:
        """How long so many frames are, in 1/15 s, rounded up."""
        return math.ceil(frames * FEATURE_FPS / self.fps)

    def longest_frames(self, ahead: int = 16) -> int:
        """The longest video in 1/15 s; reads all features."""
        return self.length(super().longest_frames(ahead))

    @property
    def pairs(self) -> tuple[ClipPair, ...]:
        """A pair for every copied segment, at the offset of its begin."""
        index = {clip.video: i for i, clip in enumerate(self.clips)}
        pairs: dict[ClipPair, None] = {}
        for (query, reference), boxes in self.segments.items():
            if not (query in index and reference in index) or query == reference:
                continue
            a, b = index[query], index[reference]
            for offset_s in (boxes[:, 0] - boxes[:, 1]).tolist():
                pair = ClipPair(a, b, offset_s) if a < b else ClipPair(b, a, -offset_s)
                pairs[pair] = None
        return tuple(pairs)

    def _with_features(self, pairs: Iterable[Pair]) -> list[Pair]:
        there = set(self.videos)
        return [pair for pair in pairs if pair[0] in there and pair[1] in there]


def whole_videos(names: Iterable[str]) -> tuple[Clip, ...]:
    """A clip a video, each video once."""
    return tuple(Clip(name, 0, 0, 0) for name in dict.fromkeys(names))

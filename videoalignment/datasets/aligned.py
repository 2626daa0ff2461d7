"""Clips placed on the clock of one event: which overlap, and by how much they are apart."""

from abc import abstractmethod
from functools import cached_property
from typing import ClassVar

import numpy as np

from videoalignment.datasets.annotations import Clip, read_alignment
from videoalignment.datasets.base import ClipPair, VideoDataset
from videoalignment.intervals import hundredths, overlap


class AlignedClips(VideoDataset):
    """Clips placed on the clock of one event."""

    protocol = "localisation"
    annotation: ClassVar[str]
    ranks_clips: ClassVar[bool] = False
    """Whether the evaluation also ranks all clips for each query (mean average precision)."""

    @staticmethod
    @abstractmethod
    def video_name(path: str) -> str:
        """The name of the video that an annotation calls `path`."""

    def _read_clips(self) -> tuple[Clip, ...]:
        return tuple(read_alignment(self.root / self.annotation, self.video_name))

    @property
    def pairs(self) -> tuple[ClipPair, ...]:
        """Pairs of clips that share a moment of the event."""
        rows, columns = np.nonzero(np.triu(self.overlaps, k=1))
        return tuple(
            ClipPair(int(a), int(b), float(self.offsets_s[a, b]))
            for a, b in zip(rows, columns, strict=True)
        )

    @cached_property
    def overlaps(self) -> np.ndarray:
        """Which pairs of clips share a moment of the event, bool, shape (clips, clips)."""
        return overlaps_of(self.clips)

    @cached_property
    def offsets_s(self) -> np.ndarray:
        """True offset x_a - x_b, seconds, of every pair of clips, shape (clips, clips)."""
        begins = np.array([clip.event_begin_s for clip in self.clips])
        offsets_s: np.ndarray = begins[None, :] - begins[:, None]
        return offsets_s


def overlaps_of(clips: tuple[Clip, ...]) -> np.ndarray:
    """Which pairs of clips share a moment of the event, bool, shape (clips, clips)."""
    first, last = hundredths(
        [clip.event_begin_s for clip in clips], [clip.event_end_s for clip in clips]
    )
    return overlap((first[:, None], last[:, None]), (first, last))

"""VCDB: videos that copy segments of each other."""

from collections.abc import Iterable
from functools import cached_property

from videoalignment.datasets.annotations import Clip, CopyPair, annotation_files, read_copies
from videoalignment.datasets.base import FOLDS, ClipPair, Published, VideoDataset


class VCDB(VideoDataset):
    """VCDB: 28 groups of videos that copy segments of each other (Jiang et al., ECCV 2014).

    A clip is one distinct annotated segment; folds go over groups.
    """

    name = "VCDB"
    protocol = "segments"
    has_folds = True
    published = (
        Published("TMK", {"MaxF1": 67.30}),
        Published("TMK_Poullot", {"MaxF1": 66.02}),
    )

    @cached_property
    def copies(self) -> tuple[CopyPair, ...]:
        """All annotated pairs of segments."""
        groups = annotation_files(self.root / "annotation", "*.txt")
        return tuple(copy for group in groups for copy in read_copies(group))

    def _read_clips(self) -> tuple[Clip, ...]:
        segments: dict[tuple[str, float, float], None] = {}
        for copy in self.copies:
            for segment in (
                (copy.video_a, copy.begin_a_s, copy.end_a_s),
                (copy.video_b, copy.begin_b_s, copy.end_b_s),
            ):
                segments[segment] = None
        # Sorted, so that clips of one video come together and its features are read once.
        return tuple(Clip(video, begin, end, -begin) for video, begin, end in sorted(segments))

    @property
    def pairs(self) -> tuple[ClipPair, ...]:
        """The annotated copies between two different clips; both begin with the same moment."""
        index = {(c.video, c.begin_s, c.end_s): i for i, c in enumerate(self.clips)}
        pairs: dict[ClipPair, None] = {}
        for copy in self.copies:
            a = index.get((copy.video_a, copy.begin_a_s, copy.end_a_s))
            b = index.get((copy.video_b, copy.begin_b_s, copy.end_b_s))
            if a is not None and b is not None and a != b:
                pairs[ClipPair(min(a, b), max(a, b), 0.0)] = None
        return tuple(pairs)

    def _validation_clips(self, fold_index: int) -> Iterable[bool]:
        groups = [clip.video.split("/")[0] for clip in self.clips]
        fold = {group: i % FOLDS for i, group in enumerate(sorted(set(groups)))}
        return [fold[group] == fold_index for group in groups]

"""EVVE: which videos of a database show the query's event?"""

from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations

from videoalignment.datasets.annotations import Clip, EventVideo, annotation_files, read_event
from videoalignment.datasets.base import ClipPair, Published, VideoDataset


class EVVE(VideoDataset):
    """EVVE: 13 events; which videos of a database show the query's? (Revaud et al., CVPR 2013).

    Clips are whole videos. "train" is the database split, "val" the queries.
    """

    name = "EVVE"
    protocol = "retrieval"
    published = (
        Published("TMK", {"mAP": 53.43}),
        Published("TMK", {"mAP": 58.36}, {"query_expansion": "aqe"}),
        Published("TMK_Poullot", {"mAP": 51.53}),
    )
    published_longest_frames = 16000

    def _read_clips(self) -> tuple[Clip, ...]:
        events = annotation_files(self.root / "annotations", "*.dat")
        labels = (label for event in events for label in read_event(event))
        self._labels = {label.video: label for label in labels}
        return tuple(Clip(video, 0, 0, 0) for video in self._labels)

    @property
    def labels(self) -> tuple[EventVideo, ...]:
        """The label of each clip, in the order of the clips."""
        return tuple(self._labels[clip.video] for clip in self.clips)

    @property
    def pairs(self) -> tuple[ClipPair, ...]:
        """Pairs of positives of one event and one split."""
        groups = defaultdict(list)
        for i, label in enumerate(self.labels):
            if label.label == 1:
                groups[label.event, label.split].append(i)
        return tuple(
            ClipPair(a, b, None) for group in groups.values() for a, b in combinations(group, 2)
        )

    def _validation_clips(self, fold_index: int) -> Iterable[bool]:
        return [label.split == "query" for label in self.labels]

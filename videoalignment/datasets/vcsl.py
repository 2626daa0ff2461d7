"""VCSL: pairs of videos of which some hold copied segments."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from videoalignment.datasets.annotations import Clip
from videoalignment.datasets.copied import CopiedSegments, whole_videos
from videoalignment.datasets.segment_files import Boxes, Pair, read_boxes, read_pairs


class VCSL(CopiedSegments):
    """VCSL's test part: which stretches of two videos are copies? (He et al., CVPR 2022).

    The root holds label_file_test.json, pair_file_test.csv and features/ID.npy.
    """

    name = "VCSL"
    protocol = "vcsl"

    @property
    def labels(self) -> Path:
        """The file with the true segments."""
        return self.root / "label_file_test.json"

    @cached_property
    def segments(self) -> Boxes:
        """The copied segments of each pair that has some."""
        return read_boxes(self.labels, self.listed)

    @cached_property
    def listed(self) -> list[Pair]:
        """The pairs that are judged, whether or not features are there."""
        return read_pairs(self.root / "pair_file_test.csv")

    @property
    def judged(self) -> list[Pair]:
        """The pairs that are judged and have features."""
        return self._with_features(self.listed)

    def candidates(self) -> Iterable[tuple[str, list[str]]]:
        """Each query with the references of the pairs that are judged."""
        references = defaultdict(list)
        for query, reference in self.judged:
            references[query].append(reference)
        return references.items()

    def _read_clips(self) -> tuple[Clip, ...]:
        return whole_videos(name for pair in self.listed for name in pair)

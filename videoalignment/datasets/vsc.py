"""VSC: queries of which some hold segments copied from a large set of references."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from videoalignment.datasets.annotations import Clip
from videoalignment.datasets.copied import CopiedSegments, whole_videos
from videoalignment.datasets.segment_files import Boxes, read_matches, read_names
from videoalignment.errors import VideoAlignmentError
from videoalignment.metrics.boxes import checked_boxes
from videoalignment.metrics.vsc import Match


class VSC(CopiedSegments):
    """VSC2022's training part: which references were copied, and where? (Pizzi et al., 2023).

    The root holds train_matching_ground_truth.csv, train_query_metadata.csv,
    train_reference_metadata.csv and features/ID.npy.
    """

    name = "VSC"
    protocol = "vsc"

    @property
    def labels(self) -> Path:
        """The file with the true segments."""
        return self.root / "train_matching_ground_truth.csv"

    @cached_property
    def truth(self) -> tuple[Match, ...]:
        """The copied segments of videos that have features."""
        there = set(self.videos)
        matches = read_matches(self.labels, scored=False)
        return tuple(m for m in matches if m.query in there and m.reference in there)

    @property
    def segments(self) -> Boxes:
        """The copied segments of each pair that has some."""
        rows = defaultdict(list)
        for match in self.truth:
            rows[match.query, match.reference].append(match.box)
        return {pair: checked_boxes(boxes) for pair, boxes in rows.items()}

    def unrelated(self, file: Path) -> list[str]:
        """Videos beside the dataset's, with features in the same folder.

        Args:
            file: names them: CSV with the column video_id.

        Raises:
            UnusableFileError: the file cannot be used.
            VideoAlignmentError: it names a video of the dataset, or one without features.
        """
        names = read_names(file)
        if shared := self._labelled.intersection(names):
            raise VideoAlignmentError(
                f"{file}: {min(shared)} has copies in {self.labels}; name videos that share "
                "nothing with any query"
            )
        missing = [name for name in names if not self.feature_path(name).is_file()]
        if missing:
            raise VideoAlignmentError(
                f"{self.feature_path(missing[0])}: no such file, of a video that {file} names; "
                f"{len(missing)} of {len(names)} are missing"
            )
        return names

    def candidates(self) -> Iterable[tuple[str, list[str]]]:
        """Each query with all references."""
        there = set(self.videos)
        references = [name for name in self._references if name in there]
        return [(name, references) for name in self._queries if name in there]

    @property
    def _labelled(self) -> set[str]:
        return {name for match in self.truth for name in (match.query, match.reference)}

    @cached_property
    def _queries(self) -> list[str]:
        return read_names(self.root / "train_query_metadata.csv")

    @cached_property
    def _references(self) -> list[str]:
        return read_names(self.root / "train_reference_metadata.csv")

    def _read_clips(self) -> tuple[Clip, ...]:
        return whole_videos([*self._queries, *self._references])

"""Finders of copied segments: what is evaluated on VCSL and VSC beside the models."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from videoalignment.align.coarse import shared_segments
from videoalignment.configurable import Configurable
from videoalignment.features.store import FrameFeatures
from videoalignment.metrics.vsc import Box


@dataclass(frozen=True)
class FoundSegment:
    """What a finder found in a pair of videos."""

    box: Box
    """Begin in the query and in the reference, end in the query and in the reference, seconds."""
    score: float
    """How sure it is; higher is surer, also across pairs."""


class SegmentFinder(Configurable, ABC):
    """Finds the segments that two videos share, several a pair, from their frame features.

    A model folds a video into one descriptor, and scores offsets of whole videos; a finder looks at
    all frames of both. To add one, subclass it; package.module:Class names it on the command line.

    Args:
        args: any object with attributes, as for models.
    """

    min_score: ClassVar[float | None] = None
    """From which score on the finder itself believes a segment; None where it does not say."""

    def __init__(self, args: Any = None) -> None:
        self.settings = self.read_options(args)

    @abstractmethod
    def find(self, query: FrameFeatures, reference: FrameFeatures) -> Sequence[FoundSegment]:
        """Find the segments of one pair, in any order; called from several threads."""


class CoarseFinder(SegmentFinder):
    """`align` on benchmarks of copied segments, whose features are of about one frame a second."""

    min_score = 0.35
    """Where probabilities are true, F1 is highest from half of itself on; on made-up trees of the
    statistics of VCSL it is about 0.7."""

    def find(self, query: FrameFeatures, reference: FrameFeatures) -> Sequence[FoundSegment]:
        """Segments with their confidence."""
        found = shared_segments(query, reference)
        return [FoundSegment(segment.box, segment.confidence) for segment in found]

"""What an evaluation gives: what all protocols have in common."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from videoalignment.datasets.annotations import Clip

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    Cell = str | float | None


@dataclass(frozen=True)
class Metric:
    """A number that sums up an evaluation, with its 95 % bootstrap interval over queries."""

    name: str
    value: float
    """A share from 0 to 1, like its interval."""
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class QueryResult:
    """What was found for one query."""

    query: str
    match: str
    """The best match."""
    found_offset_s: float
    """x_query - x_match of the same moment, as found."""
    score: float


@dataclass(frozen=True, kw_only=True)
class Result(ABC):
    """What an evaluation gives. A protocol subclasses it with what it alone knows."""

    metrics: tuple[Metric, ...]
    queries: Sequence[QueryResult]
    pairs: int
    """Query-video pairs that were scored."""
    longest_frames: int
    """L, the longest video: offsets -L..L-1 were searched."""

    columns: ClassVar[tuple[str, ...]] = (
        "query", "match", "found_offset_s", "true_offset_s", "error_s", "score",
    )  # fmt: skip
    """Of `rows`, the same for all protocols as far as they go."""

    @property
    def values(self) -> dict[str, float]:
        """The metrics by name."""
        return {metric.name: metric.value for metric in self.metrics}

    @abstractmethod
    def lines(self) -> list[str]:
        """The lines that people's scripts read."""

    def rows(self) -> Iterator[tuple["Cell", ...]]:
        """A row a query for tables, a cell a column, None where nothing is defined."""
        for found in self.queries:
            yield (found.query, found.match, found.found_offset_s, None, None, found.score)

    @abstractmethod
    def archive(self) -> dict[str, list[Any]]:
        """The content of the file that the implementation of 2019 wrote: lists with one entry."""

    def details(self) -> dict[str, Any]:
        """More for the JSON file, by key."""
        return {}

    def files(self) -> dict[str, str]:
        """More files to lie beside the JSON file: their texts by name."""
        return {}

    @abstractmethod
    def draw(self, axes: "Axes") -> None:
        """Draw what is worth looking at, in the first two colours of the cycle."""


def clip_name(clip: Clip) -> str:
    """A clip as people read it: its video, and which seconds of it."""
    return clip.video if clip.whole else f"{clip.video} {clip.begin_s:g}-{clip.end_s:g}s"

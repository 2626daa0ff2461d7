"""What an evaluation gives."""

from dataclasses import dataclass, field

import numpy as np

from videoalignment.datasets.annotations import Clip


@dataclass(frozen=True)
class Metric:
    """A number that sums up an evaluation, with its 95 % bootstrap interval over queries."""

    name: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class QueryResult:
    """What was found for one query."""

    query: str
    match: str
    """The best match."""
    found_offset_s: float
    """x_query - x_match of the same moment, as found."""
    true_offset_s: float | None
    """The same as annotated; None where the two share nothing or nothing is annotated."""
    error_s: float | None
    """Infinite where the match is wrong, None where the protocol defines none."""
    score: float
    average_precision: float | None = None
    """Of this query's ranking (EVVE)."""


@dataclass(frozen=True)
class Result:
    """What an evaluation gives."""

    metrics: tuple[Metric, ...]
    queries: tuple[QueryResult, ...]
    pairs: int
    """Query-video pairs that were scored."""
    longest_frames: int
    """L, the longest video: offsets -L..L-1 were searched."""
    event_means: dict[str, float] = field(default_factory=dict)
    """Mean average precision of each event (EVVE)."""
    errors_s: np.ndarray | None = None
    """Localisation error of each query, shape (queries,)."""
    detections: tuple[np.ndarray, np.ndarray] | None = None
    """Scores and labels of all detections, both of shape (n,) (VCDB)."""


def clip_name(clip: Clip) -> str:
    """A clip as people read it: its video, and which seconds of it."""
    return clip.video if clip.whole else f"{clip.video} {clip.begin_s:g}-{clip.end_s:g}s"

"""What passes between an index, its engines and those who ask."""

import re
from dataclasses import dataclass

import numpy as np

from videoalignment.align.alignment import Segment
from videoalignment.errors import OptionError

_CONTENT = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class VideoEntry:
    """A video of an index."""

    name: str
    """The file, as the user named it. Only ever shown and compared, never part of a filter."""
    content: str
    """Digest of the file's content, 32 hexadecimal digits."""
    duration_s: float

    def __post_init__(self) -> None:
        if not isinstance(self.content, str) or not _CONTENT.fullmatch(self.content):
            raise OptionError(f"`content` {self.content!r:.60}: expected 32 hexadecimal digits")
        if not 0 < self.duration_s < np.inf:
            raise OptionError(f"`duration_s` {self.duration_s}: expected seconds above 0")

    @property
    def number(self) -> int:
        """What engines know it by: the first 63 bits of its content's digest."""
        return int(self.content[:16], 16) >> 1


@dataclass(frozen=True)
class IndexedVideo:
    """A video with what an index keeps of it."""

    entry: VideoEntry
    moments: np.ndarray
    """int8, shape (n, width); none where the index keeps only windows."""
    windows: np.ndarray
    """Unit norm, float32, shape (w, window_width)."""


@dataclass(frozen=True)
class Hits:
    """Windows of an index that are near windows of a query, arrays of shape (n,)."""

    query: np.ndarray
    """The number of the query's window."""
    video: np.ndarray
    """`VideoEntry.number`."""
    window: np.ndarray
    """The number of the window in the video."""
    similarity: np.ndarray
    """Cosine, -1..1; of a large index an approximation."""


@dataclass(frozen=True)
class Span:
    """Some windows of a video."""

    video: int
    first: int
    last: int
    """Included."""


@dataclass(frozen=True)
class Answer:
    """A stretch of a query that a video of the index shows."""

    entry: VideoEntry
    segment: Segment
    """From the query (A) to the video (B); its score is the mean similarity along it."""
    confidence: float
    """Calibrated probability, 0..1, that the two share footage there."""
    measures: tuple[float, ...] = ()
    """What the confidence was made from."""

"""What an engine does for an index. Everything else is the same whichever engine it is."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from videoalignment.index.records import Hits, IndexedVideo, Span, VideoEntry


@dataclass(frozen=True)
class Size:
    """How much there is in an index."""

    videos: int
    windows: int
    octets: int | None
    """On disk; None where the engine cannot tell."""


class Engine(ABC):
    """Keeps the windows and moments of videos, and finds windows that are near others.

    A video is there as soon as its first window is, which is written with or after all others: who
    breaks off in the middle leaves no half video behind. Videos are known by `VideoEntry.number`.
    """

    @abstractmethod
    def about(self) -> str:
        """The text that the index was made with."""

    @abstractmethod
    def add(self, videos: Sequence[IndexedVideo]) -> None:
        """Add videos that are not there; all are there when it returns."""

    @abstractmethod
    def settle(self) -> None:
        """Make what was added fast to find, where it is much; it is found before that too."""

    @abstractmethod
    def remove(self, videos: Sequence[int]) -> None:
        """Remove videos; those that are not there do not matter."""

    @abstractmethod
    def search(self, windows: np.ndarray, count: int) -> Hits:
        """The `count` nearest windows of each window, shape (w, window_width), or all where there
        are fewer."""

    @abstractmethod
    def entries(self, videos: Iterable[int]) -> dict[int, VideoEntry]:
        """Those of the videos that are there."""

    @abstractmethod
    def videos(self) -> Iterator[VideoEntry]:
        """All videos, in any order."""

    @abstractmethod
    def fetch(self, spans: Sequence[Span]) -> list[np.ndarray]:
        """The moments of windows, int8, shape (n, width) each; fewer than was asked for where the
        video ends, none where it is not there or the index keeps only windows."""

    @abstractmethod
    def fetch_windows(self, spans: Sequence[Span]) -> list[np.ndarray]:
        """What is compared of windows, float32, shape (w, window_width) each; fewer where the video
        ends, none where it is not there."""

    @abstractmethod
    def compact(self) -> None:
        """Make what was added and removed in many steps as fast as if it had been made at once."""

    @abstractmethod
    def size(self) -> Size:
        """How much there is."""

    @abstractmethod
    def close(self) -> None:
        """Let go of files and connections."""

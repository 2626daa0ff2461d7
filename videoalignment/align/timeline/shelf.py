"""The pictures of files, kept for a while: several pairs of each file are compared."""

from collections.abc import Sequence
from functools import lru_cache

from videoalignment.align.reel import Reel
from videoalignment.align.timeline.sources import Source
from videoalignment.media.probe import probe_video

_MOST = 16  # files whose pictures are in memory, 150 MB at most each


class Shelf:
    """Files whose pictures are looked at."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources
        self._reel = lru_cache(_MOST)(self._opened)

    def reel(self, place: int) -> Reel:
        """The pictures of a file.

        Args:
            place: of the file, which has pictures.

        Raises:
            UnusableFileError: it cannot be read any more.
        """
        return self._reel(place)

    def _opened(self, place: int) -> Reel:
        source = self._sources[place]
        assert source.picture is not None
        return Reel(probe_video(source.recorded.file), source.picture.duration_s)

"""The pictures of files, kept for a while: several pairs of each file are compared."""

from collections.abc import Sequence
from functools import cache, lru_cache, partial

from videoalignment.align.reel import Reel, Reels
from videoalignment.align.timeline.sources import Source
from videoalignment.media.probe import probe_video

# Files of which a few pictures are kept, and all: 30 MB and 150 MB at most each.
_GLIMPSED, _WATCHED = 32, 12


class Shelf:
    """Files whose pictures are looked at."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources
        self._video = cache(lambda place: probe_video(sources[place].recorded.file))
        self._rough = lru_cache(_GLIMPSED)(partial(self._reel, roughly=True))
        self._fine = lru_cache(_WATCHED)(partial(self._reel, roughly=False))

    def reel(self, place: int) -> Reel:
        """All pictures of a file.

        Args:
            place: of the file, which has pictures.

        Raises:
            UnusableFileError: it cannot be read any more.
        """
        return self._fine(place)

    def reels(self, place: int) -> Reels:
        """The same, and a few of them; see `reel`."""
        return Reels(self._rough(place), self._fine(place))

    def _reel(self, place: int, roughly: bool) -> Reel:
        picture = self._sources[place].picture
        assert picture is not None
        return Reel(self._video(place), picture.duration_s, roughly)

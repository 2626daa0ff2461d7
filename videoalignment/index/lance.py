"""The embedded engine: LanceDB, files in a folder or in an object store.

One table holds everything, a row a window. Every `add` is one commit: who is killed leaves the
table as it was before, and readers see it as it was when they opened it. Values that users can
choose never become part of a filter; numbers do.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from videoalignment.errors import MissingExtraError, UnusableFileError
from videoalignment.index.engine import Engine, Size
from videoalignment.index.records import Hits, IndexedVideo, Span, VideoEntry
from videoalignment.index.settings import STORED

TABLE = "windows"
_ABOUT = b"videoalignment.about"
_INDEX_FROM = 20_000
"""Rows that every search looks at, one by one and exactly, before they are indexed."""
_ROWS_A_PARTITION = 8192
_MOST_PARTITIONS = 1024
_GROWN = 2
"""Of partitions: from so many times as many as there are, they are made anew."""
_PREFIX = "vectors_"
_PROBED = 16
"""Partitions that a search looks into: of 64, 16 lose nothing, 8 a fortieth."""
_KEPT_FOR_READERS = timedelta(minutes=10)
"""Files that only older versions of the table have are not removed before."""


class LanceEngine(Engine):
    """A table of windows in a LanceDB database.

    Args:
        address: a folder, or the address of an object store such as s3://bucket/name.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._table = _opened(address)

    @classmethod
    def create(cls, address: str, about: str) -> "LanceEngine":
        """Make an empty table."""
        schema = _schema().with_metadata({_ABOUT: about.encode()})
        try:
            _lancedb().connect(address).create_table(TABLE, schema=schema)
        except Exception as error:
            raise _told(address, "cannot be made", error) from error
        return cls(address)

    @classmethod
    def has(cls, address: str) -> bool:
        """Whether there is such a table."""
        try:
            _lancedb().connect(address).open_table(TABLE)
        except ValueError:  # what LanceDB raises where there is none
            return False
        except Exception as error:
            raise _told(address, "cannot be reached", error) from error
        return True

    def about(self) -> str:
        return (self._table.schema.metadata or {}).get(_ABOUT, b"").decode(errors="replace")

    def add(self, videos: Sequence[IndexedVideo]) -> None:
        if not videos:
            return
        try:
            self._table.add(_rows(videos))
        except Exception as error:
            raise _told(self._address, "cannot be written", error) from error

    def remove(self, videos: Sequence[int]) -> None:
        for begin in range(0, len(videos), 1000):
            numbers = ", ".join(str(int(video)) for video in videos[begin : begin + 1000])
            self._table.delete(f"video IN ({numbers})")

    def search(self, windows: np.ndarray, count: int) -> Hits:
        asked = self._table.search(
            windows.astype(np.float32), vector_column_name="vector", query_type="vector"
        )
        asked = asked.distance_type("dot").limit(count).nprobes(_PROBED)
        found = asked.select(["video", "window", "_distance"]).to_arrow()
        query = (
            found["query_index"].to_numpy()
            if "query_index" in found.schema.names
            else np.zeros(found.num_rows, np.int64)
        )
        return Hits(
            query=query.astype(np.int64),
            video=found["video"].to_numpy(),
            window=found["window"].to_numpy(),
            similarity=1 - found["_distance"].to_numpy().astype(np.float32),
        )

    def entries(self, videos: Iterable[int]) -> dict[int, VideoEntry]:
        wanted = [int(video) for video in videos]
        found: dict[int, VideoEntry] = {}
        for begin in range(0, len(wanted), 1000):
            numbers = ", ".join(map(str, wanted[begin : begin + 1000]))
            rows = self._where(f"video IN ({numbers}) AND window = 0", _HEAD)
            found |= {entry.number: entry for entry in _entries(rows)}
        return found

    def videos(self) -> Iterator[VideoEntry]:
        query = self._table.search().where("window = 0").select(_HEAD)
        for batch in query.to_batches():
            yield from _entries(batch)

    def fetch(self, spans: Sequence[Span]) -> list[np.ndarray]:
        pieces, rows = self._of_spans(spans, "moments")
        return [moments_of(pieces[row].as_py() for row in own) for own in rows]

    def fetch_windows(self, spans: Sequence[Span]) -> list[np.ndarray]:
        vectors, rows = self._of_spans(spans, "vector")
        flat = vectors.combine_chunks().flatten().to_numpy().astype(np.float32)
        windows = flat.reshape(-1, STORED.window_width)
        return [windows[own] for own in rows]

    def settle(self) -> None:
        rows, name = self._table.count_rows(), self._vector_index()
        partitions = _partitions(rows)
        try:
            if name is None or partitions >= _GROWN * int(name.removeprefix(_PREFIX)):
                if rows >= _INDEX_FROM:
                    self._index_anew(partitions)
            elif self._table.index_stats(name).num_unindexed_rows >= _INDEX_FROM:
                self._table.optimize(cleanup_older_than=_KEPT_FOR_READERS)
        except Exception as error:
            raise _told(self._address, "cannot be indexed", error) from error

    def compact(self) -> None:
        try:
            self._table.optimize(cleanup_older_than=_KEPT_FOR_READERS)
            self.settle()
            name = self._vector_index()
            if name is not None and self._table.index_stats(name).num_indices > 1:
                self._index_anew(_partitions(self._table.count_rows()))
        except Exception as error:
            raise _told(self._address, "cannot be compacted", error) from error

    def size(self) -> Size:
        folder, octets = Path(self._address), None
        if folder.is_dir():
            octets = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
        videos = self._table.count_rows("window = 0")
        return Size(videos, self._table.count_rows(), octets)

    def close(self) -> None:
        pass

    # ------------------------------------------------------------------ inside

    def _where(self, where: str, columns: list[str]) -> Any:
        """Rows that a filter of numbers lets through, as an Arrow table."""
        return self._table.search().where(where).select(columns).limit(None).to_arrow()

    def _of_spans(self, spans: Sequence[Span], column: str) -> tuple[Any, list[list[int]]]:
        """A column of the windows of all spans, and which of its values are each span's."""
        # Videos first, by their index: that of a range of windows would name rows of all videos.
        videos = ", ".join(sorted({str(int(s.video)) for s in spans}))
        windows = " OR ".join(
            f"(video = {int(s.video)} AND window >= {int(s.first)} AND window <= {int(s.last)})"
            for s in spans
        )
        where = f"video IN ({videos}) AND ({windows})" if spans else "false"
        rows = self._where(where, ["video", "window", column])
        keys = zip(rows["video"].to_pylist(), rows["window"].to_pylist(), strict=True)
        place = {key: row for row, key in enumerate(keys)}
        named = (
            ((span.video, window) for window in range(span.first, span.last + 1)) for span in spans
        )
        return rows[column], [[place[key] for key in keys if key in place] for keys in named]

    def _vector_index(self) -> str | None:
        """The name of the index of vectors, which tells its number of partitions."""
        names = (index.name for index in self._table.list_indices())
        return next((name for name in names if name.startswith(_PREFIX)), None)

    def _index_anew(self, partitions: int) -> None:
        """Make the indexes of all there is. An octet a number: product codes of 24 lose a quarter
        of what edits leave alike."""
        from lancedb.index import BTree, IvfSq

        before, name = self._vector_index(), f"{_PREFIX}{partitions}"
        config = IvfSq(
            distance_type="dot", num_partitions=partitions, max_iterations=15, sample_rate=64
        )
        self._table.create_index("vector", config=config, name=name)
        if before not in (None, name):
            self._table.drop_index(before)
        self._table.create_index("video", config=BTree())


def _partitions(rows: int) -> int:
    """How many parts a search of that many rows looks for the nearest ones of; a power of 2."""
    return min(_MOST_PARTITIONS, 1 << max(0, (rows // _ROWS_A_PARTITION).bit_length()))


_HEAD = ["name", "content", "duration_s"]


def moments_of(pieces: Iterable[bytes]) -> np.ndarray:
    """Moments out of the octets of windows in a row, shape (n, width)."""
    octets = b"".join(pieces)
    whole = len(octets) // STORED.width * STORED.width
    return np.frombuffer(octets[:whole], np.int8).reshape(-1, STORED.width)


def moment_pieces(video: IndexedVideo) -> Iterator[bytes]:
    """The octets of each window's moments, none of each where only windows are kept."""
    for window in range(len(video.windows)):
        begin = window * STORED.window_moments
        yield video.moments[begin : begin + STORED.window_moments].tobytes()


def _schema() -> Any:
    pa = _pyarrow()
    return pa.schema(
        [
            pa.field("video", pa.int64(), nullable=False),
            pa.field("window", pa.int32(), nullable=False),
            pa.field("vector", pa.list_(pa.float16(), STORED.window_width), nullable=False),
            pa.field("moments", pa.binary(), nullable=False),
            pa.field("name", pa.string()),
            pa.field("content", pa.string()),
            pa.field("duration_s", pa.float64()),
        ]
    )


def _rows(videos: Sequence[IndexedVideo]) -> Any:
    """Videos as rows; only a video's first row says what it is."""
    pa = _pyarrow()
    counts = [len(video.windows) for video in videos]
    window = np.concatenate([np.arange(count) for count in counts])
    numbers = np.repeat([video.entry.number for video in videos], counts)
    vectors = np.concatenate([video.windows for video in videos]).astype(np.float16)
    pieces = [piece for video in videos for piece in moment_pieces(video)]
    head: dict[str, list[Any]] = {name: [None] * len(window) for name in _HEAD}
    for place, video in zip(np.flatnonzero(window == 0).tolist(), videos, strict=True):
        for name in _HEAD:
            head[name][place] = getattr(video.entry, name)
    columns = [
        pa.array(numbers, pa.int64()),
        pa.array(window, pa.int32()),
        pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), STORED.window_width),
        pa.array(pieces, pa.binary()),
        pa.array(head["name"], pa.string()),
        pa.array(head["content"], pa.string()),
        pa.array(head["duration_s"], pa.float64()),
    ]
    return pa.Table.from_arrays(columns, schema=_schema())


def _entries(rows: Any) -> Iterator[VideoEntry]:
    for row in zip(*(rows[name].to_pylist() for name in _HEAD), strict=True):
        yield VideoEntry(*row)


def _opened(address: str) -> Any:
    """The table at an address.

    Raises:
        UnusableFileError: there is none, or it is of another kind or damaged.
    """
    lancedb = _lancedb()
    try:
        table = lancedb.connect(address).open_table(TABLE)
        schema = table.schema
    except Exception as error:
        raise _told(address, "no index that can be read", error) from error
    if schema.remove_metadata() != _schema() or _ABOUT not in (schema.metadata or {}):
        raise UnusableFileError(f"{address}: holds a table of another kind, no index")
    return table


def _told(address: str, what: str, error: Exception) -> UnusableFileError:
    """An engine's error in one line."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return UnusableFileError(f"{address}: {what} ({lines[0][:200]})")


def _lancedb() -> Any:
    os.environ.setdefault("LANCE_LOG", "error")
    try:
        import lancedb
    except ImportError:
        raise MissingExtraError("LanceDB", "index") from None
    return lancedb


def _pyarrow() -> Any:
    _lancedb()
    import pyarrow

    return pyarrow

"""The distributed engine: Milvus, from a file of Milvus Lite to a cluster, by its address.

One collection holds everything, a row a window, as the embedded engine's table does. Rows have keys
of their own, made of what a video holds, so that who adds a video twice writes the same rows. A
video's first window is written last, and what lacks it is not there. Values that users can choose
never become part of a filter; numbers do.
"""

import base64
import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from videoalignment.errors import MissingExtraError, OptionError, UnusableFileError
from videoalignment.index.engine import Engine, Size
from videoalignment.index.lance import moment_pieces, moments_of
from videoalignment.index.records import Hits, IndexedVideo, Span, VideoEntry
from videoalignment.index.settings import STORED

_ABOUT = -1
"""Stands where a video's number would, in the rows that hold the text the index was made with."""
_LONGEST_TEXT = 65_535
_ABOUT_PIECE = 30_000
_ROWS_AT_ONCE = 4096
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")
_SEARCHED = {"index_type": "AUTOINDEX", "metric_type": "IP"}


class MilvusEngine(Engine):
    """A collection of windows.

    Args:
        address: of a server, as http://host:19530, or a file that Milvus Lite keeps.
        collection: its name there.
    """

    def __init__(self, address: str, collection: str) -> None:
        self._address, self._collection = address, collection
        self._client = _client(address, collection)
        if not self._client.has_collection(collection):
            raise UnusableFileError(f"{address}: has no collection {collection}, so no index")
        fields = {f["name"] for f in self._client.describe_collection(collection)["fields"]}
        if not {"key", *_COLUMNS, "vector"} <= fields:
            raise UnusableFileError(f"{address}: {collection} is of another kind, no index")
        self._client.load_collection(collection)

    @classmethod
    def create(cls, address: str, collection: str, about: str) -> "MilvusEngine":
        """Make an empty collection.

        Raises:
            UnusableFileError: it is there already, or cannot be made.
        """
        client = _client(address, collection)
        if client.has_collection(collection):
            raise UnusableFileError(f"{address}: {collection} is there already")
        searched = client.prepare_index_params()
        searched.add_index("vector", **_SEARCHED)
        client.create_collection(
            collection, schema=_schema(), index_params=searched, consistency_level="Strong"
        )
        pieces = [about[i : i + _ABOUT_PIECE] for i in range(0, len(about), _ABOUT_PIECE)]
        zero = np.zeros(STORED.window_width, np.float32)
        rows = [_row(_ABOUT, i, zero, b"", name=piece) for i, piece in enumerate(pieces)]
        client.insert(collection, rows)
        client.close()
        return cls(address, collection)

    @classmethod
    def has(cls, address: str, collection: str) -> bool:
        """Whether there is such a collection."""
        client = _client(address, collection)
        try:
            return bool(client.has_collection(collection))
        finally:
            client.close()

    def about(self) -> str:
        rows = self._where(f"video == {_ABOUT}", ["window", "name"])
        return "".join(row["name"] for row in sorted(rows, key=lambda row: row["window"]))

    def add(self, videos: Sequence[IndexedVideo]) -> None:
        rows: list[dict[str, Any]] = []
        heads: list[dict[str, Any]] = []
        for video in videos:
            known = video.entry
            if len(known.name.encode(errors="surrogateescape")) > _LONGEST_TEXT:
                raise OptionError(f"`name` {known.name[:60]!r}…: at most {_LONGEST_TEXT} octets")
            pieces = zip(video.windows, moment_pieces(video), strict=True)
            own = [_row(known.number, w, *both) for w, both in enumerate(pieces)]
            own[0] |= {name: getattr(known, name) for name in _HEAD}
            heads.append(own[0])
            rows += own[1:]
        for begin in range(0, len(rows), _ROWS_AT_ONCE):
            self._client.upsert(self._collection, rows[begin : begin + _ROWS_AT_ONCE])
        if heads:
            self._client.upsert(self._collection, heads)

    def remove(self, videos: Sequence[int]) -> None:
        for begin in range(0, len(videos), 100):
            numbers = [int(video) for video in videos[begin : begin + 100]]
            # the first windows first: whoever breaks off leaves no half video
            for rest in ("window == 0", "window > 0"):
                self._client.delete(self._collection, filter=f"video in {numbers} and {rest}")

    def search(self, windows: np.ndarray, count: int) -> Hits:
        if not len(windows):
            none = np.zeros(0, np.int64)
            return Hits(none, none, none, np.zeros(0, np.float32))
        found = self._client.search(
            self._collection,
            data=list(windows.astype(np.float32)),
            anns_field="vector",
            limit=count,
            filter="video >= 0",
            output_fields=["video", "window"],
        )
        hits = [
            (query, hit["entity"]["video"], hit["entity"]["window"], hit["distance"])
            for query, near in enumerate(found)
            for hit in near
        ]
        query_of, video, window, similarity = zip(*hits, strict=True) if hits else [()] * 4
        return Hits(
            query=np.array(query_of, np.int64),
            video=np.array(video, np.int64),
            window=np.array(window, np.int64),
            similarity=np.array(similarity, np.float32),
        )

    def entries(self, videos: Iterable[int]) -> dict[int, VideoEntry]:
        wanted = [int(video) for video in videos]
        found: dict[int, VideoEntry] = {}
        for begin in range(0, len(wanted), 100):
            where = f"video in {wanted[begin : begin + 100]} and window == 0"
            for row in self._where(where, list(_HEAD)):
                entry = VideoEntry(*(row[name] for name in _HEAD))
                found[entry.number] = entry
        return found

    def videos(self) -> Iterator[VideoEntry]:
        for row in self._where("video >= 0 and window == 0", list(_HEAD)):
            yield VideoEntry(*(row[name] for name in _HEAD))

    def fetch(self, spans: Sequence[Span]) -> list[np.ndarray]:
        return [
            moments_of(base64.b64decode(piece) for piece in self._of_span(span, "moments"))
            for span in spans
        ]

    def fetch_windows(self, spans: Sequence[Span]) -> list[np.ndarray]:
        width = STORED.window_width
        return [
            np.array(self._of_span(span, "vector"), np.float32).reshape(-1, width) for span in spans
        ]

    def settle(self) -> None:
        pass  # the server sees to it

    def compact(self) -> None:
        self._client.flush(self._collection)
        if not _is_file(self._address):
            self._client.compact(self._collection)

    def size(self) -> Size:
        def count(where: str) -> int:
            rows = self._client.query(
                self._collection, filter=where, output_fields=["count(*)"], limit=1
            )
            return int(rows[0]["count(*)"])

        octets, path = None, Path(self._address)
        if _is_file(self._address):
            files = [path] if path.is_file() else path.rglob("*")
            octets = sum(p.stat().st_size for p in files if p.is_file())
        return Size(count("video >= 0 and window == 0"), count("video >= 0"), octets)

    def close(self) -> None:
        self._client.close()

    # ------------------------------------------------------------------ inside

    def _of_span(self, span: Span, column: str) -> list[Any]:
        """A column of some windows of a video, in their order."""
        where = f"video == {int(span.video)} and window >= {int(span.first)}"
        rows = self._where(f"{where} and window <= {int(span.last)}", ["window", column])
        return [row[column] for row in sorted(rows, key=lambda row: row["window"])]

    def _where(self, where: str, columns: list[str]) -> list[dict[str, Any]]:
        """All rows that a filter of numbers lets through."""
        rows = []
        iterator = self._client.query_iterator(
            self._collection, batch_size=1000, filter=where, output_fields=columns
        )
        while batch := iterator.next():
            rows += batch
        iterator.close()
        return rows


_HEAD = ("name", "content", "duration_s")
_COLUMNS = ("video", "window", "moments", *_HEAD)


def _row(
    video: int, window: int, vector: np.ndarray, moments: bytes, name: str = ""
) -> dict[str, Any]:
    """A row that is not a video's first one, or holds a piece of the index's own text."""
    return {
        "key": f"{video}-{window}",
        "video": video,
        "window": window,
        "vector": vector.astype(np.float32),
        "moments": base64.b64encode(moments).decode(),
        "name": name,
        "content": "",
        "duration_s": 0.0,
    }


def _schema() -> Any:
    pymilvus = _pymilvus()
    schema = pymilvus.MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    kinds = pymilvus.DataType
    schema.add_field("key", kinds.VARCHAR, is_primary=True, max_length=64)
    schema.add_field("video", kinds.INT64)
    schema.add_field("window", kinds.INT64)
    schema.add_field("vector", kinds.FLOAT_VECTOR, dim=STORED.window_width)
    schema.add_field("moments", kinds.VARCHAR, max_length=_LONGEST_TEXT)
    schema.add_field("name", kinds.VARCHAR, max_length=_LONGEST_TEXT)
    schema.add_field("content", kinds.VARCHAR, max_length=32)
    schema.add_field("duration_s", kinds.DOUBLE)
    return schema


def _is_file(address: str) -> bool:
    return "://" not in address


def _client(address: str, collection: str) -> Any:
    if not _NAME.fullmatch(collection):
        raise OptionError(f"`index`: {collection!r:.60} is no name of a collection")
    pymilvus = _pymilvus()
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL)
    try:
        return pymilvus.MilvusClient(address, timeout=30)
    except Exception as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise UnusableFileError(f"{address}: cannot be opened ({lines[0][:200]})") from error


def _pymilvus() -> Any:
    try:
        import pymilvus
    except ImportError:
        raise MissingExtraError("pymilvus", "milvus") from None
    return pymilvus

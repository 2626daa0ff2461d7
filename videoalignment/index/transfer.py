"""An index as one file, to be carried elsewhere: a Parquet file that is checked when it is read.

It holds what is kept of each video; windows are made from that again.
"""

import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from videoalignment.errors import (
    FeatureMismatchError,
    MissingExtraError,
    UnusableFileError,
    VideoAlignmentError,
)
from videoalignment.features.frame_features import LONGEST_S
from videoalignment.files import readable_file, whole_path
from videoalignment.index.describe import Description
from videoalignment.index.records import Span, VideoEntry
from videoalignment.index.settings import STORED
from videoalignment.index.video_index import VideoIndex
from videoalignment.progress import Progress
from videoalignment.text import one_line

_ABOUT = b"videoalignment.index"
_VIDEOS_AT_ONCE = 16
_LONGEST_NAME = 65_535


def export_index(index: VideoIndex, path: str | os.PathLike[str]) -> int:
    """Write all videos of an index into a file, whole or not at all.

    Returns:
        How many.

    Raises:
        UnusableFileError: the file cannot be written.
    """
    pa, parquet = _parquet()
    entries = sorted(index.videos(), key=lambda entry: entry.content)
    schema = _schema(pa).with_metadata({_ABOUT: index.whitening.digest.encode()})
    with (
        whole_path(path) as temporary,
        parquet.ParquetWriter(temporary, schema, compression="zstd") as writer,
        Progress("exporting", len(entries), "videos") as progress,
    ):
        for begin in range(0, len(entries), _VIDEOS_AT_ONCE):
            some = entries[begin : begin + _VIDEOS_AT_ONCE]
            moments = index.engine.fetch([whole_span(entry) for entry in some])
            columns = [
                [entry.name for entry in some],
                [entry.content for entry in some],
                [entry.duration_s for entry in some],
                [rows.tobytes() for rows in moments],
            ]
            writer.write_table(pa.table(columns, schema=schema))
            progress.advance(len(some))
    return len(entries)


def import_index(index: VideoIndex, path: str | os.PathLike[str]) -> int:
    """Add all videos of a file that `export_index` wrote, those that are there already left out.

    Returns:
        How many were added.

    Raises:
        UnusableFileError: the file is none, or holds what no index exports; what came before in it
            was added.
        FeatureMismatchError: its videos were described otherwise than those of the index.
    """
    _, parquet = _parquet()
    path = readable_file(path, "an exported index")
    added = 0
    try:
        with parquet.ParquetFile(path) as file:
            _check(file, index)
            with Progress("importing", file.metadata.num_rows, "videos") as progress:
                for batch in file.iter_batches(_VIDEOS_AT_ONCE):
                    added += index.add(list(_videos(batch)), settle=False)
                    progress.advance(batch.num_rows)
        index.settle()
    except VideoAlignmentError as error:
        raise type(error)(f"{path}: {error}") from None
    except Exception as error:  # a broken file may make its reader raise anything
        reason = one_line(error)[:200] or type(error).__name__
        raise UnusableFileError(f"{path}: no exported index ({reason})") from error
    return added


def whole_span(entry: VideoEntry) -> Span:
    """All windows of a video."""
    return Span(entry.number, 0, int(np.ceil(entry.duration_s / STORED.window_s)))


def _check(file: Any, index: VideoIndex) -> None:
    pa, _ = _parquet()
    schema = file.schema_arrow
    if schema.remove_metadata() != _schema(pa):
        raise UnusableFileError("holds other columns than an exported index")
    about = (schema.metadata or {}).get(_ABOUT, b"").decode(errors="replace")
    if about != index.whitening.digest:
        raise FeatureMismatchError(
            f"its videos were described in another way ({one_line(about)[:40]}, the index has "
            f"{index.whitening.digest}); add the files instead"
        )


def _videos(batch: Any) -> Iterator[tuple[VideoEntry, Description]]:
    for row in batch.to_pylist():
        if any(value is None for value in row.values()) or len(row["name"]) > _LONGEST_NAME:
            raise UnusableFileError("a video without a name, a content or moments")
        entry = VideoEntry(row["name"], row["content"], row["duration_s"])
        moments = np.frombuffer(row["moments"], np.int8)
        expected = max(1, int(np.ceil(entry.duration_s * STORED.rate_hz - 1e-6)))
        if entry.duration_s > LONGEST_S or len(moments) != expected * STORED.width:
            raise UnusableFileError(
                f"{len(moments)} octets for a video of {entry.duration_s:g} s, "
                f"expected {expected * STORED.width}"
            )
        yield entry, Description(moments.reshape(-1, STORED.width), entry.duration_s)


def _schema(pa: Any) -> Any:
    return pa.schema(
        [
            ("name", pa.string()),
            ("content", pa.string()),
            ("duration_s", pa.float64()),
            ("moments", pa.binary()),
        ]
    )


def _parquet() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise MissingExtraError("pyarrow", "index") from None
    return pyarrow, pyarrow.parquet

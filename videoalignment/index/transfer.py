"""An index as one file, to be carried elsewhere: a Parquet file that is checked when it is read.

It holds what is kept of each video. Windows are made of moments again, and stand there themselves
where an index keeps nothing else.
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
from videoalignment.index.records import VideoEntry
from videoalignment.index.settings import STORED
from videoalignment.index.video_index import VideoIndex
from videoalignment.index.whitening import unit
from videoalignment.index.window_track import Kept, WindowTrack
from videoalignment.progress import Progress
from videoalignment.text import one_line

_ABOUT = b"videoalignment.index"
_MOMENTS, _WINDOWS = "moments", "windows"
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
    column = _WINDOWS if index.windows_only else _MOMENTS
    schema = _schema(pa, column).with_metadata({_ABOUT: index.whitening.digest.encode()})
    with (
        whole_path(path) as temporary,
        parquet.ParquetWriter(temporary, schema, compression="zstd") as writer,
        Progress("exporting", len(entries), "videos") as progress,
    ):
        for begin in range(0, len(entries), _VIDEOS_AT_ONCE):
            some = entries[begin : begin + _VIDEOS_AT_ONCE]
            columns = [
                [entry.name for entry in some],
                [entry.content for entry in some],
                [entry.duration_s for entry in some],
                [_octets(video) for video in index.kept(some)],
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
        FeatureMismatchError: its videos were described otherwise than those of the index, or it
            holds less of them than the index keeps.
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


def _octets(video: Kept) -> bytes:
    """What stands in a file of a video: whole numbers of moments, or halves of windows."""
    if isinstance(video, WindowTrack):
        return video.vectors.astype("<f2").tobytes()
    return video.moments.tobytes()


def _check(file: Any, index: VideoIndex) -> None:
    pa, _ = _parquet()
    schema = file.schema_arrow
    if schema.remove_metadata() not in (_schema(pa, _MOMENTS), _schema(pa, _WINDOWS)):
        raise UnusableFileError("holds other columns than an exported index")
    about = (schema.metadata or {}).get(_ABOUT, b"").decode(errors="replace")
    if about != index.whitening.digest:
        raise FeatureMismatchError(
            f"its videos were described in another way ({one_line(about)[:40]}, the index has "
            f"{index.whitening.digest}); add the files instead"
        )


def _videos(batch: Any) -> Iterator[tuple[VideoEntry, Kept]]:
    for row in batch.to_pylist():
        if any(value is None for value in row.values()) or len(row["name"]) > _LONGEST_NAME:
            raise UnusableFileError("a video without a name, a content or what is kept of it")
        entry = VideoEntry(row["name"], row["content"], row["duration_s"])
        if entry.duration_s > LONGEST_S:
            raise UnusableFileError(f"a video of {entry.duration_s:g} s")
        moments = max(1, int(np.ceil(entry.duration_s * STORED.rate_hz - 1e-6)))
        if _MOMENTS in row:
            rows = _rows(row[_MOMENTS], np.dtype(np.int8), moments, STORED.width)
            yield entry, Description(rows, entry.duration_s)
        else:
            windows = -(-moments // STORED.window_moments)
            rows = _rows(row[_WINDOWS], np.dtype("<f2"), windows, STORED.window_width)
            yield entry, WindowTrack(unit(rows), entry.duration_s)


def _rows(octets: bytes, dtype: np.dtype, count: int, width: int) -> np.ndarray:
    """Numbers of a file, shape (count, width)."""
    expected = count * width * dtype.itemsize
    if len(octets) != expected:
        raise UnusableFileError(f"{len(octets)} octets of a video, expected {expected}")
    return np.frombuffer(octets, dtype).reshape(count, width)


def _schema(pa: Any, column: str) -> Any:
    return pa.schema(
        [
            ("name", pa.string()),
            ("content", pa.string()),
            ("duration_s", pa.float64()),
            (column, pa.binary()),
        ]
    )


def _parquet() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise MissingExtraError("pyarrow", "index") from None
    return pyarrow, pyarrow.parquet

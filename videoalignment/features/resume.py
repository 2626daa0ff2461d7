"""The frames of a video behind those that were described before a break.

Decoding all again would cost a large part of the work, so the place is sought, and the last frames
that are known are described once more: only where they come out the same is the place, and the
state of the decoder, the true one. Otherwise the video is decoded from its beginning.
"""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from videoalignment.features.unfinished import Rows
from videoalignment.media.frames import FrameBatch, SeekError, VideoFrames
from videoalignment.progress import Progress

Describe = Callable[[Iterable[FrameBatch]], Iterator[tuple[FrameBatch, np.ndarray]]]
"""From batches to each with its descriptors, a row or several a frame."""

_COMPARED = 2  # batches
# Of descriptors of the same frames: a GPU need not round twice in the same way.
_SAME = 1e-6


def frames_behind(
    rows: Rows, frames: VideoFrames, describe: Describe, label: str
) -> Iterator[FrameBatch]:
    """The batches that are still to be described.

    Args:
        rows: what is described already; all of the video where it ends in a part of a batch.
        frames: of the video.
        describe: in the way in which the rows were made.
        label: of a progress bar.
    """
    passed = rows.frames
    if rows.frames and not rows.damaged:
        try:
            for batch in _sought(rows, frames, describe):
                passed += len(batch.frames)
                yield batch
            return
        except SeekError:
            pass
    with Progress(f"{label}: finding the place", passed, "frames") as progress:
        for batch in frames:
            if passed > 0:
                passed -= len(batch.frames)
                progress.advance(len(batch.frames))
            else:
                yield batch


def _sought(rows: Rows, frames: VideoFrames, describe: Describe) -> Iterator[FrameBatch]:
    """The same, without decoding what comes long before.

    Raises:
        SeekError: the frames are not the true ones, or nobody can tell.
    """
    descriptors, times_s = np.concatenate(rows.descriptors), np.concatenate(rows.times_s)
    known, a_frame = rows.frames, len(descriptors) // rows.frames
    size = frames.batch
    begin = max(0, ((known - 1) // size - _COMPARED + 1) * size)
    batches = frames.after(begin, float(times_s[begin * a_frame]))
    for batch, found in describe(_take(batches, -(-(known - begin) // size))):
        end = begin + len(batch.frames)
        span = slice(begin * a_frame, end * a_frame)
        same = found.shape == descriptors[span].shape and np.array_equal(
            np.repeat(batch.times_s, a_frame), times_s[span]
        )
        if not same or np.abs(found - descriptors[span]).max() > _SAME:
            raise SeekError(f"{frames.info.path}: other frames were found")
        begin = end
    if begin != known or frames.damaged:
        raise SeekError(f"{frames.info.path}: fewer frames were found")
    yield from batches


def _take(batches: Iterator[FrameBatch], count: int) -> Iterator[FrameBatch]:
    for _ in range(count):
        batch = next(batches, None)
        if batch is None:
            return
        yield batch

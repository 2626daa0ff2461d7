"""Extraction: the features of one video.

Frames are decoded ahead by another process while the network runs.
"""

import os
from collections.abc import Iterable, Iterator
from functools import partial

import numpy as np

from videoalignment.features.describe import FrameDescriber
from videoalignment.features.frame_features import FrameFeatures
from videoalignment.features.resume import frames_behind
from videoalignment.features.unfinished import Rows, Unfinished
from videoalignment.media.frames import FrameBatch, read_frames
from videoalignment.media.inside import Inside
from videoalignment.media.probe import probe_video
from videoalignment.progress import Progress
from videoalignment.workers import map_in_order


def extract_video(
    path: str | os.PathLike,
    describer: FrameDescriber,
    *,
    fps: float = 15.0,
    at_most: bool = False,
    image_area: float = 12000,
    regional: bool = False,
    threads: int = 0,
    allow_truncated: bool = False,
    label: str | None = None,
    unfinished: Unfinished | None = None,
    inside: Inside | None = None,
) -> FrameFeatures:
    """Describe the sampled frames of a video.

    Args:
        path: the video file.
        describer: made once, used for many videos.
        fps: frames a second; of a video with fewer, some come twice.
        at_most: take a video with fewer frames a second as it is, so that none comes twice.
        image_area: pixels that frames are scaled to.
        regional: keep one row a region, before whitening, instead of one a frame.
        threads: that ffmpeg decodes with; 0 for as many as it likes.
        allow_truncated: keep the frames before the break of a file that breaks off;
            `FrameFeatures.truncated` then says how much was read.
        label: of the progress bar; the file's name unless given.
        unfinished: keeps what is done while a long video is described, and has what an earlier
            run did.
        inside: the part of the picture that is described; all of it unless given.

    Raises:
        VideoAlignmentError: the video cannot be read, or breaks off.
    """
    recipe = describer.recipe(image_area=image_area, max_fps=fps, regional=regional)
    if at_most:
        fps = min(fps, probe_video(path).fps)
    frames = read_frames(
        path,
        fps=fps,
        image_area=image_area,
        batch=describer.batch,
        threads=threads,
        allow_truncated=allow_truncated,
        inside=inside,
    )
    rows = Rows()
    if unfinished is not None:
        rows = unfinished.resume(f"{recipe.digest} {fps} {describer.batch}")
    describe_batch = partial(_describe_batch, describer=describer, regional=regional)

    def describe(batches: Iterable[FrameBatch]) -> Iterator[tuple[FrameBatch, np.ndarray]]:
        return map_in_order(describe_batch, batches, describer.threads)

    label = label or frames.info.path.name
    length_s = frames.info.duration_s
    total = None if length_s is None else max(0, round(length_s * fps) - rows.frames)
    with Progress(label, total, "frames") as progress:
        for batch, descriptors in describe(frames_behind(rows, frames, describe, label)):
            times_s = np.repeat(batch.times_s, len(descriptors) // len(batch.frames))
            rows.add(descriptors, times_s, len(batch.frames))
            if unfinished is not None:
                unfinished.add(descriptors, times_s, len(batch.frames), damaged=frames.damaged)
            progress.advance(len(batch.frames))
    return FrameFeatures(
        descriptors=np.concatenate(rows.descriptors),
        times_s=np.concatenate(rows.times_s),
        fps=fps,
        recipe=recipe,
        duration_s=frames.duration_s or 1 / fps,  # of a single frame, nothing may say how long
        truncated=frames.read_of() if frames.truncated else None,
    )


def _describe_batch(
    batch: FrameBatch, describer: FrameDescriber, regional: bool
) -> tuple[FrameBatch, np.ndarray]:
    """The batch and its descriptors, a row a frame or a row a region."""
    if not regional:
        return batch, describer.describe(batch.frames)
    regions = describer.describe_regions(batch.frames)
    return batch, regions.reshape(-1, regions.shape[2])

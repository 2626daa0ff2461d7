"""The features of one video: frames decoded ahead, described batch by batch."""

import os

import numpy as np

from videoalignment.features.describe import FrameDescriber
from videoalignment.features.store import FrameFeatures
from videoalignment.features.video import read_frames
from videoalignment.progress import Progress


def extract_video(
    path: str | os.PathLike,
    describer: FrameDescriber,
    *,
    fps: float = 15.0,
    image_area: float = 12000,
    threads: int = 0,
    allow_truncated: bool = False,
) -> FrameFeatures:
    """Describe the sampled frames of a video.

    Args:
        path: the video file.
        describer: made once, used for many videos.
        fps: frames a second.
        image_area: pixels that frames are scaled to.
        threads: that ffmpeg decodes with; 0 for as many as it likes.
        allow_truncated: keep the frames before the break of a file that breaks off;
            `made_by["truncated"]` then says how much was read.

    Raises:
        VideoAlignmentError: the video cannot be read, or breaks off.
    """
    frames = read_frames(
        path,
        fps=fps,
        image_area=image_area,
        batch=describer.batch,
        threads=threads,
        allow_truncated=allow_truncated,
    )
    expected_s = frames.info.duration_s
    descriptors, times_s = [], []
    total = None if expected_s is None else round(expected_s * fps)
    with Progress(frames.info.path.name, total, "frames") as progress:
        for batch in frames:
            descriptors.append(describer.describe(batch.frames))
            times_s.append(batch.times_s)
            progress.advance(len(batch.frames))
    made_by = {**describer.made_by, "image_area": image_area}
    if frames.truncated:
        made_by["truncated"] = frames.read_of()
    return FrameFeatures(
        descriptors=np.concatenate(descriptors),
        times_s=np.concatenate(times_s),
        fps=fps,
        made_by=made_by,
        duration_s=frames.duration_s,
    )

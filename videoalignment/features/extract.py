"""Extraction: the features of one video, or of all videos in a folder tree.

Frames are decoded ahead by another process while the network runs. A folder may be extracted by
several processes at once, and again after a break: what exists is skipped, and every file appears
whole or not at all.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from videoalignment.errors import VideoAlignmentError
from videoalignment.features.describe import FrameDescriber
from videoalignment.features.store import FrameFeatures, write_features
from videoalignment.media.frames import FrameBatch, read_frames
from videoalignment.media.video_files import VideoFile
from videoalignment.progress import Progress
from videoalignment.workers import map_in_order


def extract_video(
    path: str | os.PathLike,
    describer: FrameDescriber,
    *,
    fps: float = 15.0,
    image_area: float = 12000,
    regional: bool = False,
    threads: int = 0,
    allow_truncated: bool = False,
    label: str | None = None,
) -> FrameFeatures:
    """Describe the sampled frames of a video.

    Args:
        path: the video file.
        describer: made once, used for many videos.
        fps: frames a second.
        image_area: pixels that frames are scaled to.
        regional: keep one row a region, before whitening, instead of one a frame.
        threads: that ffmpeg decodes with; 0 for as many as it likes.
        allow_truncated: keep the frames before the break of a file that breaks off;
            `made_by["truncated"]` then says how much was read.
        label: of the progress bar; the file's name unless given.

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
    length_s = frames.info.duration_s
    total = None if length_s is None else round(length_s * fps)
    describe = partial(_describe_batch, describer=describer, regional=regional)
    descriptors, times_s = [], []
    with Progress(label or frames.info.path.name, total, "frames") as progress:
        for batch, rows in map_in_order(describe, frames, describer.threads):
            descriptors.append(rows)
            times_s.append(np.repeat(batch.times_s, len(rows) // len(batch.frames)))
            progress.advance(len(batch.frames))
    made_by = {**describer.made_by, "image_area": image_area, "regional": regional}
    if frames.truncated:
        made_by["truncated"] = frames.read_of()
    return FrameFeatures(
        descriptors=np.concatenate(descriptors),
        times_s=np.concatenate(times_s),
        fps=fps,
        made_by=made_by,
        duration_s=frames.duration_s,
    )


def _describe_batch(
    batch: FrameBatch, describer: FrameDescriber, regional: bool
) -> tuple[FrameBatch, np.ndarray]:
    """The batch and its descriptors, a row a frame or a row a region."""
    if not regional:
        return batch, describer.describe(batch.frames)
    regions = describer.describe_regions(batch.frames)
    return batch, regions.reshape(-1, regions.shape[2])


@dataclass(frozen=True)
class Outcome:
    """What came of a run over many videos."""

    done: int
    skipped: int
    failures: tuple[str, ...]
    """One line a video that failed: the file and the reason."""


def extract_all(
    videos: list[VideoFile],
    out_folder: str | os.PathLike,
    extract: Callable[..., FrameFeatures],
    *,
    suffix: str = ".pkl",
    overwrite: bool = False,
    say: Callable[[str], None] = print,
) -> Outcome:
    """Write one feature file a video; a video that fails does not stop the others.

    Args:
        videos: from `find_videos`.
        out_folder: gets NAME + suffix for every video, in the same folders.
        extract: called with a path and `label`; usually `extract_video` with its options bound.
        suffix: ".pkl", ".npy" or ".npz".
        overwrite: extract again what is already there.
        say: gets a line for each video that was extracted.

    Raises:
        VideoAlignmentError: none for a video; see `Outcome.failures`.
    """
    done, skipped, failures = 0, 0, []
    claimed: dict[Path, Path] = {}
    for number, video in enumerate(videos, 1):
        target = Path(out_folder, video.name + suffix)
        first = claimed.setdefault(target, video.path)
        if first != video.path:
            failures.append(f"{video.path}: has the name of {first}; rename one of them")
            continue
        if target.exists() and not overwrite:
            skipped += 1
            continue
        try:
            features = extract(video.path, label=f"{number}/{len(videos)} {video.path.name}")
            write_features(target, features)
        except VideoAlignmentError as error:
            failures.append(str(error))
        except OSError as error:  # a full disk, a drive that was unplugged
            failures.append(f"{video.path}: {error.strerror or error}")
        else:
            done += 1
            say(f"{target}  {_summary(features)}")
    return Outcome(done, skipped, tuple(failures))


def _summary(features: FrameFeatures) -> str:
    rows, width = features.descriptors.shape
    broken = features.made_by.get("truncated")
    return f"{rows} x {width}" + (f", breaks off: {broken}" if broken else "")

"""Training a PCA whitening on videos: one pass, bounded memory, goes on after a break."""

import json
import logging
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from videoalignment.errors import (
    FeatureMismatchError,
    OptionError,
    UnusableFileError,
    VideoAlignmentError,
)
from videoalignment.features.arrays import read_npz
from videoalignment.features.describe import FrameDescriber
from videoalignment.features.outcome import Outcome
from videoalignment.files import whole_file
from videoalignment.media.frames import FrameBatch, check_sampling, read_frames
from videoalignment.media.probe import probe_video
from videoalignment.media.video_files import VideoFile
from videoalignment.pca import PcaSums
from videoalignment.progress import Progress
from videoalignment.workers import map_in_order

logger = logging.getLogger(__name__)

_SAVE_EVERY_S = 10.0


@dataclass(frozen=True)
class TrainingSample:
    """Which frames of each video a PCA is trained on."""

    fps: float = 15.0
    """Frames a second."""
    image_area: float = 12000
    """Pixels that frames are scaled to."""
    max_frames: int | None = None
    """At most so many frames of a video, spread over its length."""

    def __post_init__(self) -> None:
        check_sampling(self.fps, self.image_area)
        if self.max_frames is not None and self.max_frames < 1:
            raise OptionError(f"`max_frames` {self.max_frames}: expected 1 or more")


@dataclass
class _Training:
    """A training so far, and the file that keeps it."""

    path: Path
    about: str
    """The options that the descriptors depend on, as JSON."""
    sums: PcaSums
    videos: set[str]

    @classmethod
    def resumed(cls, path: Path, about: str, channels: int) -> "_Training":
        """The training that `path` holds, or a fresh one.

        Raises:
            VideoAlignmentError: the file is broken, or of a training with other options.
        """
        training = cls(path, about, PcaSums(channels), set())
        if not path.exists():
            return training
        names = ("count", "sum", "outer", "videos", "about")
        try:
            state = read_npz(path, names)
            options = str(state["about"])
            sums = training.sums
            if options == about and (
                (state["sum"].shape, state["outer"].shape) != (sums.sum.shape, sums.outer.shape)
            ):
                raise ValueError("of other shapes than it says")
            sums.count, sums.sum, sums.outer = int(state["count"]), state["sum"], state["outer"]
            training.videos = set(json.loads(str(state["videos"])))
        except Exception as error:  # a broken archive may raise anything at all
            raise UnusableFileError(
                f"{path}: not the state of a PCA training; delete it to start anew"
            ) from error
        if options != about:
            raise FeatureMismatchError(
                f"{path}: the unfinished training had other options ({options}); "
                "use the same, or delete the file to start anew"
            )
        return training

    def save(self) -> None:
        sums = self.sums
        with whole_file(self.path) as file:
            np.savez(
                file,
                count=sums.count,
                sum=sums.sum,
                outer=sums.outer,
                videos=json.dumps(sorted(self.videos)),
                about=self.about,
            )


def gather_training(
    videos: list[VideoFile],
    state_path: str | os.PathLike,
    describer: FrameDescriber,
    *,
    sample: TrainingSample = TrainingSample(),
    threads: int = 0,
) -> tuple[PcaSums, Outcome]:
    """Sum up the descriptors of videos for a PCA.

    A video counts wholly or not at all; one that fails is left out and reported. What was gathered
    is kept in `state_path` every few seconds and on the way out, so that the same call goes on
    where an earlier one stopped; delete the file once the PCA is written.

    Args:
        videos: from `find_videos`.
        state_path: where the unfinished training is kept.
        describer: whose `training_rows` are summed.
        sample: which frames are taken.
        threads: that ffmpeg decodes with; 0 for as many as it likes.

    Returns:
        The sums over all videos, and which failed.

    Raises:
        VideoAlignmentError: the state file is of another training, or cannot be written.
    """
    recipe = describer.recipe(
        image_area=sample.image_area,
        max_fps=sample.fps,
        regional=not describer.sum_before_pca,  # what the rows are
    )
    about = json.dumps({**recipe.to_json(), "max_frames": sample.max_frames}, sort_keys=True)
    training = _Training.resumed(Path(state_path), about, describer.channels)
    skipped, failures = len(training.videos), []
    saved = time.monotonic()
    try:
        for number, video in enumerate(videos, 1):
            name = video.name + video.path.suffix
            if name in training.videos:
                continue
            label = f"{number}/{len(videos)} {video.path.name}"
            try:
                sums = _sum_video(video.path, describer, sample, threads, label)
            except VideoAlignmentError as error:
                failures.append(str(error))
                continue
            training.sums.merge(sums)
            training.videos.add(name)
            logger.info("%s  %d descriptors", video.path, sums.count)
            if time.monotonic() - saved > _SAVE_EVERY_S:
                training.save()
                saved = time.monotonic()
    finally:
        training.save()
    done = len(training.videos) - skipped
    return training.sums, Outcome(done, skipped, tuple(failures))


def _sum_video(
    path: Path, describer: FrameDescriber, sample: TrainingSample, threads: int, label: str
) -> PcaSums:
    """The sums over one video's descriptors."""
    sums = PcaSums(describer.channels)
    length_s, fps = probe_video(path).duration_s, sample.fps
    if sample.max_frames is not None and length_s:
        fps = min(fps, sample.max_frames / length_s)
    frames = read_frames(
        path, fps=fps, image_area=sample.image_area, batch=describer.batch, threads=threads
    )
    total = None if length_s is None else round(length_s * fps)
    batches = _first_frames(frames, sample.max_frames)
    with Progress(label, total, "frames") as progress:
        for rows, taken in map_in_order(
            lambda batch: (describer.training_rows(batch), len(batch)), batches, describer.threads
        ):
            sums.add(rows)
            progress.advance(taken)
    return sums


def _first_frames(batches: Iterable[FrameBatch], count: int | None) -> Iterator[np.ndarray]:
    """The frames of the batches, at most `count` in all; None for all."""
    for batch in batches:
        yield batch.frames[:count]
        if count is not None:
            count -= min(count, len(batch.frames))
            if count == 0:
                return

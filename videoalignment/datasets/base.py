"""What all datasets share: clips, where their features lie, frame rates, phases.

A dataset is a folder

    annotation/ (VCDB)  annotations/ (EVVE)  gt_climbing.align  gt_madonna.align
    rmac_resnet34_29/   frame descriptors, a .pkl, .npy or .npz file a video, 15 frames a second
    videos/             the videos; only their frame rate is read, 25 where a video is missing

To add one, subclass `VideoDataset` and say which clips there are (docs/own_dataset.md walks through
an example).
"""

import logging
import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from videoalignment import my_data
from videoalignment.datasets.annotations import Clip
from videoalignment.errors import OptionError, VideoAlignmentError
from videoalignment.features.store import FORMATS, read_features, read_many
from videoalignment.media.probe import probe_video
from videoalignment.media.video_files import find_video
from videoalignment.progress import track
from videoalignment.provenance import FeatureRecipe

FEATURE_FPS = 15
PHASES = ("all", "train", "val")
FOLDS = 5
_ASSUMED_FRAME_RATE = 25.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class FrameSequence:
    """The frame descriptors of a clip with their time stamps."""

    descriptors: np.ndarray
    """float32, shape (T, d)."""
    times: np.ndarray
    """Feature frames since the clip's first, float32, shape (T,)."""


@dataclass(frozen=True)
class ClipPair:
    """Two clips that show the same, for training."""

    a: int
    """Indices into the dataset's clips."""
    b: int
    offset_s: float | None
    """True offset x_a - x_b, seconds; None where only the event is known to be the same."""


@dataclass(frozen=True)
class Published:
    """What a paper reports of a model on a dataset.

    Those of this package's datasets are from Baraldi et al., LAMV, CVPR 2018: R-MAC of ResNet-34
    at level 29.
    """

    model: str
    percent: Mapping[str, float]
    """By the name of the metric."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Those that differ from the defaults of the model and the protocol."""


class VideoDataset(ABC):
    """Clips of videos, their features and their ground truth.

    Args:
        root: the dataset's folder; None for the one that `my_data` names.
        resnet_level: names the folder of features, where `features_folder` has a place for it.
        phase: "all", "train" or "val" clips.
        fold_index: which of the folds is "val", where the dataset has folds.
        allow_missing: leave out clips without a feature file instead of raising.

    Raises:
        VideoAlignmentError: the root, an annotation or feature files are missing or cannot be used.
    """

    name: ClassVar[str]
    """The class's unless given; names the variable that says where the dataset lies."""
    protocol: ClassVar[str]
    """How the dataset is evaluated: a name in `eval.PROTOCOLS`, or package.module:Class."""
    published: ClassVar[tuple[Published, ...]] = ()
    """Numbers to compare with, e.g. those of the paper that evaluates on the dataset."""
    has_folds: ClassVar[bool] = False
    """Whether `fold_index` says which clips are "val"."""
    features_folder: ClassVar[str] = "rmac_resnet34_{resnet_level}"
    """Folder of the feature files within the root."""
    published_longest_frames: ClassVar[int] = 0
    """The longest video of the dataset as published; its protocol searches offsets as far."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "name" not in vars(cls):
            cls.name = cls.__name__

    def __init__(
        self,
        root: Path | str | None = None,
        *,
        resnet_level: int = 29,
        phase: str = "all",
        fold_index: int = 0,
        allow_missing: bool = False,
    ) -> None:
        self.root = Path(root) if root is not None else self.default_root()
        self.features_root = self.root / self.features_folder.format(resnet_level=resnet_level)
        if phase not in PHASES:
            raise OptionError(f"`phase` {phase!r}: expected one of {', '.join(PHASES)}")
        if not 0 <= fold_index < FOLDS:
            raise OptionError(f"`fold_index` {fold_index}: expected 0 to {FOLDS - 1}")
        self.clips = self._read_clips()
        if phase != "all":
            inside = self._validation_clips(fold_index)
            self.clips = tuple(
                clip
                for clip, val in zip(self.clips, inside, strict=True)
                if val == (phase == "val")
            )
        self._leave_out_missing(allow_missing)

    @classmethod
    def default_root(cls) -> Path:
        """The dataset's folder where none is given."""
        return my_data.dataset_root(cls.name)

    @abstractmethod
    def _read_clips(self) -> tuple[Clip, ...]:
        """All clips, as the annotations list them."""

    def _validation_clips(self, fold_index: int) -> Iterable[bool]:
        """For each clip whether it belongs to the fold."""
        raise OptionError(f"`phase`: {self.name} has no folds; it is used whole, all")

    @property
    @abstractmethod
    def pairs(self) -> tuple[ClipPair, ...]:
        """Pairs of clips that show the same, a before b."""

    @property
    def fps(self) -> float:
        """Feature frames a second."""
        return FEATURE_FPS

    @property
    def videos(self) -> tuple[str, ...]:
        """Names of the videos that clips are cut from, each once, in the order of the clips."""
        return tuple(dict.fromkeys(clip.video for clip in self.clips))

    @property
    def about(self) -> str:
        """What the dataset is and where it lies, for people."""
        return f"{self.name}: {len(self.clips)} clips of {len(self.videos)} videos in {self.root}"

    # -------------------------------------------------------------- features

    def feature_path(self, video: str) -> Path:
        """Where a video's frame descriptors lie, or would lie."""
        candidates = [self.features_root / f"{video}.{suffix}" for suffix in FORMATS]
        # os.path's, because it takes a name that no disk can hold for a missing file
        return next((path for path in candidates if os.path.isfile(path)), candidates[0])  # noqa: PTH113

    def feature_recipe(self) -> FeatureRecipe | None:
        """How the features were made, as the first video's say; None where nobody knows."""
        return read_features(self.feature_path(self.videos[0])).recipe

    def read_descriptors(self, videos: Iterable[str], ahead: int = 16) -> Iterator[np.ndarray]:
        """Read the frame descriptors of videos, in order; the next ones in the background.

        Args:
            videos: their names.
            ahead: how many are read before they are asked for.

        Yields:
            Frame descriptors, float32, shape (frames, d), the same d for all.

        Raises:
            VideoAlignmentError: a file cannot be used, differs from the first in d or in how it
                was made, or is of another rate than `fps`.
        """
        paths = (self.feature_path(video) for video in videos)
        return read_many(paths, fps=self.fps, ahead=ahead)

    def longest_frames(self, ahead: int = 16) -> int:
        """Frames of the longest video; reads all features unless the dataset publishes it."""
        if self.published_longest_frames:
            return self.published_longest_frames
        features = self.read_descriptors(self.videos, ahead)
        features = track(features, "measuring", len(self.videos), "videos")
        return max(map(len, features))

    def sequence(self, clip: Clip, descriptors: np.ndarray) -> FrameSequence:
        """Cut a clip out of its video's frame descriptors.

        Args:
            clip: the clip; all of the video where it is `whole`.
            descriptors: of the whole video, shape (frames, d).

        Returns:
            Descriptors and time stamps; none where the features end before the clip begins.
        """
        if not clip.whole:
            begin, end = int(clip.begin_s * FEATURE_FPS), int(clip.end_s * FEATURE_FPS)
            descriptors = descriptors[begin:end]
        return FrameSequence(
            descriptors, time_stamps(len(descriptors), self.frame_rates[clip.video])
        )

    def _leave_out_missing(self, allow_missing: bool) -> None:
        paths = {video: self.feature_path(video) for video in self.videos}
        missing = {video for video, path in paths.items() if not os.path.isfile(path)}  # noqa: PTH113
        if not missing:
            return
        first = paths[min(missing)]
        count = f"{len(missing)} of {len(paths)} feature files are missing"
        if not allow_missing or len(missing) == len(paths):
            raise VideoAlignmentError(
                f"{first}: no such file; {count} from {self.features_root}; download or extract "
                "them, or leave their videos out with `allow_missing`"
            )
        logger.warning("%s: %s and left out, the first is %s", self.name, count, first)
        self.clips = tuple(clip for clip in self.clips if clip.video not in missing)

    # ----------------------------------------------------------- frame rates

    @cached_property
    def frame_rates(self) -> dict[str, float]:
        """Each video's own frame rate, read from its file; 25 where there is none to read."""
        # Probing waits for ffmpeg, so threads help.
        with ThreadPoolExecutor(max_workers=4) as pool:
            probed = pool.map(self._frame_rate, self.videos)
            rates = list(track(probed, "frame rates", len(self.videos), "videos"))
        assumed = rates.count(None)
        if assumed:
            logger.warning(
                "%s: %d of %d videos have no readable file in %s; %g frames/s assumed",
                self.name,
                assumed,
                len(rates),
                self.root / "videos",
                _ASSUMED_FRAME_RATE,
            )
        return {
            video: rate or _ASSUMED_FRAME_RATE
            for video, rate in zip(self.videos, rates, strict=True)
        }

    def _frame_rate(self, video: str) -> float | None:
        path = find_video(self.root / "videos" / video)
        try:
            return probe_video(path).fps if path else None
        except VideoAlignmentError:
            return None


def time_stamps(frames: int, frame_rate: float) -> np.ndarray:
    """When the frames sampled at 15 a second from a video of another rate are shown.

    A sampled frame is the video's own frame nearest in time, so it carries that one's time:
    frame k has round(k v / 15) / v seconds, rounded half to even.

    Returns:
        Feature frames (1/15 s), float32, shape (frames,).
    """
    own_frames = np.round(np.arange(frames) * (frame_rate / FEATURE_FPS))
    return (own_frames / frame_rate * FEATURE_FPS).astype(np.float32)

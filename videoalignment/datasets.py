"""The datasets: which clips there are, where their features lie, what is true of them.

A dataset is a folder

    annotation/ (VCDB)  annotations/ (EVVE)  gt_climbing.align  gt_madonna.align
    rmac_resnet34_29/   frame descriptors, a .pkl, .npy or .npz file a video, 15 frames a second
    videos/             the videos; only their frame rate is read, 25 where a video is missing

To add one, subclass `VideoDataset`, say which clips there are, and list it in `DATASETS`
(docs/own_dataset.md walks through an example).
"""

import sys
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import ClassVar

import numpy as np
import scipy.sparse.csgraph

from videoalignment import my_data
from videoalignment.annotations import (
    Clip,
    CopyPair,
    EventVideo,
    read_alignment,
    read_copies,
    read_event,
)
from videoalignment.errors import VideoAlignmentError
from videoalignment.features.probe import probe_video
from videoalignment.features.store import FORMATS, read_many
from videoalignment.intervals import hundredths, overlap
from videoalignment.progress import track

FEATURE_FPS = 15
PHASES = ("all", "train", "val")
FOLDS = 5
_VIDEO_SUFFIXES = (".mp4", ".flv", ".avi", ".mkv", ".webm", ".mov", ".mpg", ".3gp", ".wmv")
_ASSUMED_FRAME_RATE = 25.0


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
    features_folder: ClassVar[str] = "rmac_resnet34_{resnet_level}"
    """Folder of the feature files within the root."""
    published_longest_frames: ClassVar[int] = 0
    """The longest video of the dataset as published; its protocol searches offsets as far."""

    def __init__(
        self,
        root: Path | str | None = None,
        *,
        resnet_level: int = 29,
        phase: str = "all",
        fold_index: int = 0,
        allow_missing: bool = False,
    ) -> None:
        self.root = Path(root) if root is not None else my_data.dataset_root(self.name)
        self.features_root = self.root / self.features_folder.format(resnet_level=resnet_level)
        if phase not in PHASES:
            raise VideoAlignmentError(f"phase {phase!r}: expected one of {', '.join(PHASES)}")
        if not 0 <= fold_index < FOLDS:
            raise VideoAlignmentError(f"fold_index {fold_index}: expected 0 to {FOLDS - 1}")
        self.clips = self._read_clips()
        if phase != "all":
            inside = self._validation_clips(fold_index)
            self.clips = tuple(
                clip
                for clip, val in zip(self.clips, inside, strict=True)
                if val == (phase == "val")
            )
        self._leave_out_missing(allow_missing)

    @abstractmethod
    def _read_clips(self) -> tuple[Clip, ...]:
        """All clips, as the annotations list them."""

    def _validation_clips(self, fold_index: int) -> Iterable[bool]:
        """For each clip whether it belongs to the fold."""
        raise VideoAlignmentError(f"{self.name} has no folds; it is used whole (phase all)")

    @property
    @abstractmethod
    def pairs(self) -> tuple[ClipPair, ...]:
        """Pairs of clips that show the same, a before b."""

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
        return next((path for path in candidates if path.is_file()), candidates[0])

    def read_descriptors(self, videos: Iterable[str], ahead: int = 16) -> Iterator[np.ndarray]:
        """Read the frame descriptors of videos, in order; the next ones in the background.

        Args:
            videos: their names.
            ahead: how many are read before they are asked for.

        Yields:
            Frame descriptors, float32, shape (frames, d), the same d for all.

        Raises:
            VideoAlignmentError: a file cannot be used, or differs from the first in d.
        """
        return read_many((self.feature_path(video) for video in videos), ahead=ahead)

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
        missing = {video for video, path in paths.items() if not path.is_file()}
        if not missing:
            return
        first = paths[min(missing)]
        count = f"{len(missing)} of {len(paths)} feature files are missing"
        if not allow_missing or len(missing) == len(paths):
            raise VideoAlignmentError(
                f"{first}: no such file; {count} from {self.features_root}; download or extract "
                "them, or leave their videos out with --allow_missing"
            )
        print(f"{self.name}: {count} and left out, the first is {first}", file=sys.stderr)
        self.clips = tuple(clip for clip in self.clips if clip.video not in missing)

    # ----------------------------------------------------------- frame rates

    @cached_property
    def frame_rates(self) -> dict[str, float]:
        """Each video's own frame rate, read from its file; 25 where there is none to read."""
        # Probing waits for ffmpeg, so threads help.
        with ThreadPoolExecutor(max_workers=4) as pool:
            rates = pool.map(self._frame_rate, self.videos)
            rates = list(track(rates, "frame rates", len(self.videos), "videos"))
        assumed = rates.count(None)
        if assumed:
            print(
                f"{self.name}: {assumed} of {len(rates)} videos have no readable file in "
                f"{self.root / 'videos'}; {_ASSUMED_FRAME_RATE:g} frames/s assumed",
                file=sys.stderr,
            )
        return {
            video: rate or _ASSUMED_FRAME_RATE
            for video, rate in zip(self.videos, rates, strict=True)
        }

    def _frame_rate(self, video: str) -> float | None:
        stem = self.root / "videos" / video
        for suffix in _VIDEO_SUFFIXES:
            path = stem.with_name(stem.name + suffix)
            if path.is_file():
                try:
                    return probe_video(path).fps
                except VideoAlignmentError:
                    continue
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


# ------------------------------------------------------------ alignment of clips


class AlignedClips(VideoDataset):
    """Clips placed on the clock of one event."""

    annotation: ClassVar[str]
    ranks_clips: ClassVar[bool] = False
    """Whether the evaluation also ranks all clips for each query (mean average precision)."""

    @staticmethod
    @abstractmethod
    def video_name(path: str) -> str:
        """The name of the video that an annotation calls `path`."""

    def _read_clips(self) -> tuple[Clip, ...]:
        return tuple(read_alignment(self.root / self.annotation, self.video_name))

    @property
    def pairs(self) -> tuple[ClipPair, ...]:
        """Pairs of clips that share a moment of the event."""
        rows, columns = np.nonzero(np.triu(self.overlaps, k=1))
        return tuple(
            ClipPair(int(a), int(b), float(self.offsets_s[a, b]))
            for a, b in zip(rows, columns, strict=True)
        )

    @cached_property
    def overlaps(self) -> np.ndarray:
        """Which pairs of clips share a moment of the event, bool, shape (clips, clips)."""
        return _overlaps(self.clips)

    @cached_property
    def offsets_s(self) -> np.ndarray:
        """True offset x_a - x_b, seconds, of every pair of clips, shape (clips, clips)."""
        begins = np.array([clip.event_begin_s for clip in self.clips])
        return begins[None, :] - begins[:, None]


def _overlaps(clips: tuple[Clip, ...]) -> np.ndarray:
    first, last = hundredths(
        [clip.event_begin_s for clip in clips], [clip.event_end_s for clip in clips]
    )
    return overlap((first[:, None], last[:, None]), (first, last))


class Climbing(AlignedClips):
    """Climbing: 89 clips of one day on a rock face (Revaud et al., CVPR 2013)."""

    name = "Climbing"
    published_longest_frames = 18886
    annotation = "gt_climbing.align"

    @staticmethod
    def video_name(path: str) -> str:
        """PATH up to its first dot; one video keeps an inner extension."""
        name = path.split(".")[0]
        return f"{name}.avi" if name == "albert_ixus70/longvid" else name


class Madonna(AlignedClips):
    """Madonna: 230 clips of concerts (Revaud et al., CVPR 2013).

    Folds go over the connected components of the overlap graph.
    """

    name = "Madonna"
    published_longest_frames = 9085
    annotation = "gt_madonna.align"
    ranks_clips = True

    @staticmethod
    def video_name(path: str) -> str:
        """The file's name up to its first dot, without its folder."""
        return path.rsplit("/", 1)[-1].split(".")[0]

    def _validation_clips(self, fold_index: int) -> Iterable[bool]:
        _, component = scipy.sparse.csgraph.connected_components(_overlaps(self.clips))
        return component % FOLDS == fold_index


class Demo(AlignedClips):
    """Demo: clips cut out of a few real videos and edited, made by `videoalignment.demo`."""

    name = "Demo"
    annotation = "gt_demo.align"
    features_folder = "rmac_efficientnet_lite0_12"

    @staticmethod
    def video_name(path: str) -> str:
        """PATH without its suffix, e.g. "bikes/03_crop"."""
        return path.removesuffix(".mp4")

    @property
    def about(self) -> str:
        scenes = {video.split("/")[0] for video in self.videos}
        return (
            f"Demo: {len(self.clips)} clips, cut out of real footage of {len(scenes)} scenes and "
            f"edited (cropped, recoloured, ...): {self.root / 'videos'}\n"
            "For each: which other clip shows the same moment, and how far apart do the two begin?"
        )


# -------------------------------------------------------------- copied segments


class VCDB(VideoDataset):
    """VCDB: 28 groups of videos that copy segments of each other (Jiang et al., ECCV 2014).

    A clip is one distinct annotated segment; folds go over groups.
    """

    name = "VCDB"

    @cached_property
    def copies(self) -> tuple[CopyPair, ...]:
        """All annotated pairs of segments."""
        groups = _annotation_files(self.root / "annotation", "*.txt")
        return tuple(copy for group in groups for copy in read_copies(group))

    def _read_clips(self) -> tuple[Clip, ...]:
        segments = {}
        for copy in self.copies:
            for segment in (
                (copy.video_a, copy.begin_a_s, copy.end_a_s),
                (copy.video_b, copy.begin_b_s, copy.end_b_s),
            ):
                segments[segment] = None
        # Sorted, so that clips of one video come together and its features are read once.
        return tuple(Clip(video, begin, end, -begin) for video, begin, end in sorted(segments))

    @property
    def pairs(self) -> tuple[ClipPair, ...]:
        """The annotated copies between two different clips; both begin with the same moment."""
        index = {(c.video, c.begin_s, c.end_s): i for i, c in enumerate(self.clips)}
        pairs = {}
        for copy in self.copies:
            a = index.get((copy.video_a, copy.begin_a_s, copy.end_a_s))
            b = index.get((copy.video_b, copy.begin_b_s, copy.end_b_s))
            if a is not None and b is not None and a != b:
                pairs[ClipPair(min(a, b), max(a, b), 0.0)] = None
        return tuple(pairs)

    def _validation_clips(self, fold_index: int) -> Iterable[bool]:
        groups = [clip.video.split("/")[0] for clip in self.clips]
        fold = {group: i % FOLDS for i, group in enumerate(sorted(set(groups)))}
        return [fold[group] == fold_index for group in groups]


# -------------------------------------------------------------- retrieval of events


class EVVE(VideoDataset):
    """EVVE: 13 events; which videos of a database show the query's? (Revaud et al., CVPR 2013).

    Clips are whole videos. "train" is the database split, "val" the queries.
    """

    name = "EVVE"
    published_longest_frames = 16000

    def _read_clips(self) -> tuple[Clip, ...]:
        events = _annotation_files(self.root / "annotations", "*.dat")
        labels = (label for event in events for label in read_event(event))
        self._labels = {label.video: label for label in labels}
        return tuple(Clip(video, 0, 0, 0) for video in self._labels)

    @property
    def labels(self) -> tuple[EventVideo, ...]:
        """The label of each clip, in the order of the clips."""
        return tuple(self._labels[clip.video] for clip in self.clips)

    @property
    def pairs(self) -> tuple[ClipPair, ...]:
        """Pairs of positives of one event and one split."""
        groups = defaultdict(list)
        for i, label in enumerate(self.labels):
            if label.label == 1:
                groups[label.event, label.split].append(i)
        return tuple(
            ClipPair(a, b, None) for group in groups.values() for a, b in combinations(group, 2)
        )

    def _validation_clips(self, fold_index: int) -> Iterable[bool]:
        return [label.split == "query" for label in self.labels]


def _annotation_files(folder: Path, pattern: str) -> list[Path]:
    files = sorted(folder.glob(pattern))
    if not files:
        raise VideoAlignmentError(
            f"{folder / pattern}: no annotation file; docs/datasets.md says what belongs there"
        )
    return files


DATASETS: dict[str, type[VideoDataset]] = {
    dataset.name: dataset for dataset in (Climbing, Madonna, VCDB, EVVE, Demo)
}

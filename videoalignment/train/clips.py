"""What a kernel is trained on: clips with their features, which of them are related, and how."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import scipy.sparse.csgraph

from videoalignment.datasets import (
    FEATURE_FPS,
    FOLDS,
    AlignedClips,
    ClipPair,
    FrameSequence,
    VideoDataset,
)
from videoalignment.errors import OptionError, VideoAlignmentError
from videoalignment.progress import track

_SHORTEST = 8
"""Feature frames; shorter clips have no course in time to learn from."""
_PARTNERS = 3
"""Pairs of each clip at least, where it has so many."""
_PARTS = 4
"""Of datasets without folds, one part in so many is kept for validation."""


@dataclass(frozen=True)
class TrainingPair:
    """Two clips that show the same."""

    a: int
    b: int
    offset: float | None
    """True offset x_a - x_b, feature frames; None where only the event is known to be the same."""


@dataclass(frozen=True)
class TrainingClips:
    """Clips, and what is true of them."""

    sequences: Sequence[FrameSequence]
    pairs: Sequence[TrainingPair]
    unrelated: np.ndarray
    """Which clips are known to show nothing of each other, bool, shape (clips, clips)."""

    def __len__(self) -> int:
        return len(self.sequences)

    def some(self, pairs: Sequence[TrainingPair]) -> "TrainingClips":
        """These pairs, and the clips that they need."""
        kept = sorted({clip for pair in pairs for clip in (pair.a, pair.b)})
        place = {clip: i for i, clip in enumerate(kept)}
        return TrainingClips(
            [self.sequences[clip] for clip in kept],
            [TrainingPair(place[p.a], place[p.b], p.offset) for p in pairs],
            self.unrelated[np.ix_(kept, kept)],
        )


def split(
    dataset_class: type[VideoDataset], fold_index: int = 0, **options: object
) -> tuple[TrainingClips, TrainingClips]:
    """The clips of a dataset to train and to validate on.

    A dataset's own phases, "train" and "val", where it has them; else one in four of the groups of
    clips that are connected by overlaps is for validation.

    Args:
        dataset_class: of the dataset.
        fold_index: which fold or part is for validation.
        options: of the dataset, e.g. its root.

    Raises:
        VideoAlignmentError: the dataset cannot be used, or one part has no pair.
    """
    if not 0 <= fold_index < FOLDS:
        raise OptionError(f"`fold_index` {fold_index}: expected 0 to {FOLDS - 1}")
    try:
        parts = [
            dataset_class(phase=phase, fold_index=fold_index, **options)  # type: ignore[arg-type]
            for phase in ("train", "val")
        ]
    except OptionError:  # it has no phases
        whole = dataset_class(**options)  # type: ignore[arg-type]
        clips, groups = read_clips(whole), connected(len(whole.clips), whole.pairs)
        training, validation = _by_group(clips, groups, fold_index)
    else:
        training, validation = map(read_clips, parts)
    for name, part in (("train", training), ("validate", validation)):
        if not part.pairs:
            raise VideoAlignmentError(
                f"{dataset_class.name}: no pair of clips to {name} on; it takes several groups of "
                f"clips that overlap, of {_SHORTEST} frames at least"
            )
    return training, validation


def read_clips(dataset: VideoDataset) -> TrainingClips:
    """All clips of a dataset with their features, and which of them are related."""
    pairs = [p for p in dataset.pairs if p.a != p.b]
    count = len(dataset.clips)
    if isinstance(dataset, AlignedClips):
        related = dataset.overlaps.copy()
    else:
        groups = connected(count, pairs)
        related = groups[:, None] == groups
    videos = np.unique([clip.video for clip in dataset.clips], return_inverse=True)[1]
    related |= videos[:, None] == videos
    sequences = list(_read_sequences(dataset))
    long = np.array([len(sequence.times) >= _SHORTEST for sequence in sequences], bool)
    unrelated = ~related & long & long[:, None]
    usable = [
        TrainingPair(p.a, p.b, None if p.offset_s is None else p.offset_s * FEATURE_FPS)
        for p in pairs
        if long[p.a] and long[p.b]
    ]
    return TrainingClips(sequences, _closest(usable, sequences), unrelated)


def _closest(
    pairs: Sequence[TrainingPair], sequences: Sequence[FrameSequence]
) -> list[TrainingPair]:
    """The pairs that share most, for each clip: an evaluation looks at a clip's best match only,
    and pairs that share next to nothing cannot be placed, whatever is learnt."""
    ends = [float(sequence.times[-1]) if len(sequence.times) else 0.0 for sequence in sequences]
    shared = [_shared(pair, ends) for pair in pairs]
    kept: set[int] = set()
    count: dict[int, int] = {}
    for i in sorted(range(len(pairs)), key=lambda i: -shared[i]):
        ends_of = pairs[i].a, pairs[i].b
        if shared[i] >= _SHORTEST and min(count.get(clip, 0) for clip in ends_of) < _PARTNERS:
            kept.add(i)
            for clip in ends_of:
                count[clip] = count.get(clip, 0) + 1
    return [pairs[i] for i in sorted(kept)]


def _shared(pair: TrainingPair, ends: Sequence[float]) -> float:
    """Feature frames that the clips of a pair share; all of the shorter where nobody knows."""
    if pair.offset is None:
        return min(ends[pair.a], ends[pair.b])
    return min(ends[pair.a], ends[pair.b] + pair.offset) - max(0.0, pair.offset)


def _read_sequences(dataset: VideoDataset) -> Iterable[FrameSequence]:
    """The features of each clip, read once a run of clips of one video."""
    runs = [(video, list(run)) for video, run in groupby(dataset.clips, lambda clip: clip.video)]
    features = dataset.read_descriptors(video for video, _ in runs)
    features = track(features, "reading features", len(runs), "videos")
    for (_, clips), descriptors in zip(runs, features, strict=True):
        for clip in clips:
            yield dataset.sequence(clip, descriptors)


def connected(count: int, pairs: Iterable[ClipPair]) -> np.ndarray:
    """The group of each clip: pairs join the groups of their clips."""
    ends = np.array([(pair.a, pair.b) for pair in pairs]).reshape(-1, 2)
    graph = scipy.sparse.coo_matrix((np.ones(len(ends)), ends.T), (count, count))
    groups: np.ndarray = scipy.sparse.csgraph.connected_components(graph, directed=False)[1]
    return groups


def _by_group(
    clips: TrainingClips, groups: np.ndarray, part: int
) -> tuple[TrainingClips, TrainingClips]:
    """Pairs of most groups, and those of the others; groups by falling number of pairs, in turn."""
    of_pair = [groups[pair.a] for pair in clips.pairs]
    found, sizes = np.unique(of_pair, return_counts=True)
    order = found[np.argsort(-sizes, kind="stable")]
    parts = min(_PARTS, max(len(order), 1))
    held = set(order[part % parts :: parts].tolist())
    sides: tuple[list[TrainingPair], list[TrainingPair]] = ([], [])
    for pair, group in zip(clips.pairs, of_pair, strict=True):
        sides[group in held].append(pair)
    return clips.some(sides[0]), clips.some(sides[1])

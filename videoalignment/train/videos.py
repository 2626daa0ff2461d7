"""Training without annotations: clips are cut out of videos and edited, so that the truth is known.

The clips are made as those of Demo are: from each video one for each edit (cropped, recoloured,
slower, ...), at random places. Of one video they are related, of different videos unrelated.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from videoalignment.datasets import Demo
from videoalignment.datasets.make_demo import RECIPE, Source, clips_root
from videoalignment.errors import OptionError, VideoAlignmentError
from videoalignment.media.probe import probe_video
from videoalignment.media.video_files import find_videos
from videoalignment.train.run import Trained, train_lamv
from videoalignment.train.settings import TrainingSettings

_SHORTEST_S = 4.0
"""Of a video; of shorter ones the clips would share too little."""
_LONGEST_CLIP_S = 30.0
_FEWEST = 4
"""Videos: some to learn from, some to stop by."""

logger = logging.getLogger(__name__)


def train_on_videos(
    folder: Path,
    *,
    model_options: Mapping[str, Any] | None = None,
    longest_frames: int | None = None,
    shortest_period: float | None = None,
    settings: TrainingSettings | None = None,
    device: str | torch.device = "auto",
    checkpoint: Path | None = None,
    fold_index: int = 0,
    edits: int | None = None,
) -> Trained:
    """Train a kernel on clips that are cut out of the videos of a folder.

    The clips and their features are kept in the cache folder, so that training again is quick.

    Args:
        folder: a tree of folders with videos that show different things.
        model_options: of LAMV by name, see `train_lamv`.
        longest_frames: of the videos that the kernel is for, feature frames; those of the clips
            unless given, which are short.
        shortest_period: see `train_lamv`.
        settings: how to train.
        device: where to compute.
        checkpoint: see `train_lamv`.
        fold_index: which part of the videos is to stop by.
        edits: clips of each video, each with another edit; one with every edit of Demo unless
            given.

    Raises:
        VideoAlignmentError: there are too few videos, or one cannot be read.
    """
    settings = settings or TrainingSettings()
    videos = [video.path for video in find_videos(folder) if _is_usable(video.path)]
    if len(videos) < _FEWEST:
        raise OptionError(
            f"`source` {folder}: {len(videos)} videos of {_SHORTEST_S:g} s or more that can be "
            f"read, expected {_FEWEST} at least"
        )
    sources = tuple(Source(path.name, f"{i:04}") for i, path in enumerate(videos))
    root = clips_root(
        replace(RECIPE, sources=sources, edits=RECIPE.edits[:edits], seed=settings.seed),
        videos,
        "train",
        longest_s=_LONGEST_CLIP_S,
    )
    return train_lamv(
        Demo,
        root=root,
        fold_index=fold_index,
        model_options=model_options,
        longest_frames=longest_frames,
        shortest_period=shortest_period,
        settings=settings,
        device=device,
        checkpoint=checkpoint,
    )


def _is_usable(path: Path) -> bool:
    try:
        length_s = probe_video(path).duration_s
    except VideoAlignmentError as error:
        logger.warning("left out: %s", error)
        return False
    if length_s is None or length_s < _SHORTEST_S:
        logger.warning("left out: %s is shorter than %g s", path, _SHORTEST_S)
        return False
    return True

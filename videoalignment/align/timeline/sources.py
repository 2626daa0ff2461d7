"""The files to place, described once each."""

import logging
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from videoalignment.align.options import AlignOptions
from videoalignment.align.timeline.measurements import Recorded
from videoalignment.align.timeline.records import By, Unplaced
from videoalignment.errors import VideoAlignmentError
from videoalignment.features.cache import cached_features
from videoalignment.features.frame_features import FrameFeatures
from videoalignment.media.probe import probe_video
from videoalignment.progress import track

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Source:
    """A recording with what is needed to compare it."""

    recorded: Recorded
    picture: FrameFeatures | None
    """Its frames' features; None where it has no picture, or pictures are not asked for."""


def describe_sources(
    paths: Sequence[Path], by: By, options: AlignOptions
) -> tuple[list[Source], list[Unplaced]]:
    """Describe recordings, through the cache; those that cannot be read are named and left out.

    Args:
        paths: of the recordings.
        by: what they are to be compared by.
        options: how frames are described.
    """
    sources, unreadable = [], []
    for path in track(paths, "reading", len(paths), "files"):
        try:
            sources.append(_described(path, by, options))
        except VideoAlignmentError as error:
            reason = _without_name(error, path)
            logger.warning("%s: %s", path, reason)
            unreadable.append(Unplaced(path, f"cannot be used: {reason}"))
    return sources, unreadable


def _described(path: Path, by: By, options: AlignOptions) -> Source:
    video = probe_video(path)
    picture = cached_features(
        path, backbone=options.backbone, fps=options.fps, device=options.device
    )
    return Source(Recorded(path, picture.duration_s, True, video.has_audio), picture)


def _without_name(error: VideoAlignmentError, path: Path) -> str:
    """What is wrong with a file, without its name in front."""
    return str(error).removeprefix(f"{os.fspath(path)}: ")


def recorded_of(sources: Iterable[Source]) -> list[Recorded]:
    """What is placed."""
    return [source.recorded for source in sources]

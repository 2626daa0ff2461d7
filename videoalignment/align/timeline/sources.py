"""The files to place, described once each."""

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.ndimage import percentile_filter

from videoalignment.align.described import usable_sound
from videoalignment.align.options import AlignOptions
from videoalignment.align.sound import Heard
from videoalignment.align.timeline.measurements import NEEDED, Recorded
from videoalignment.align.timeline.records import Unplaced
from videoalignment.errors import UnusableFileError, VideoAlignmentError
from videoalignment.features.cache import cached_features
from videoalignment.features.frame_features import FrameFeatures
from videoalignment.features.motion_store import cached_motion
from videoalignment.media.probe import probe_media
from videoalignment.progress import track

_AROUND_S = 0.5
_STILL = 2.5  # usual spans: what lasts longer shows that nothing moves
_CHANGED = 0.3  # of what changes around: a repeated picture differs by its encoding only

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Source:
    """A recording with what is needed to compare it."""

    recorded: Recorded
    picture: FrameFeatures | None
    """Its frames' features; None where it has no picture, or pictures are not asked for."""
    sound: Heard | None
    """Its sound; None where there is nothing to hear, or sounds are not asked for."""


def describe_sources(
    paths: Sequence[Path], options: AlignOptions
) -> tuple[list[Source], list[Unplaced]]:
    """Describe recordings, through the cache; those that cannot be read are named and left out.

    Args:
        paths: of the recordings.
        options: what they are to be compared by, and how frames are described.
    """
    sources, unreadable = [], []
    for path in track(paths, "reading", len(paths), "files"):
        try:
            sources.append(_described(path, options))
        except VideoAlignmentError as error:
            reason = _without_name(error, path)
            logger.warning("%s: %s", path, reason)
            unreadable.append(Unplaced(path, f"cannot be used: {reason}"))
    return sources, unreadable


def _described(path: Path, options: AlignOptions) -> Source:
    media, by = probe_media(path), options.by
    if (needed := NEEDED.get(by)) and not getattr(media, f"has_{needed}"):
        raise UnusableFileError(f"{path}: has no {needed}, which is what was to be compared")
    picture, sound = None, None
    if by == "motion":
        cached_motion(path)  # so that a file that cannot be followed is named
    if media.has_picture and by not in ("sound", "motion"):
        picture = cached_features(
            path, backbone=options.backbone, fps=options.fps, device=options.device
        )
    has_sound = media.has_sound
    if media.has_sound and by not in ("picture", "motion"):
        instead = "only its picture is used"
        sound = usable_sound(path, needed=picture is None, instead=instead)
        has_sound = sound is not None
    duration_s = media.duration_s or 0.0  # of all streams, and roughly
    if picture is not None:
        duration_s = picture.duration_s
    if sound is not None:
        duration_s = max(duration_s, sound.end_s)
    frame_s = 0.0 if picture is None else _frame_s(picture)
    track = 0 if sound is None else sound.track
    recorded = Recorded(path, duration_s, media.has_picture, has_sound, frame_s, track)
    return Source(recorded, picture, None if sound is None or sound.silent else Heard(sound))


def _frame_s(picture: FrameFeatures) -> float:
    """How long a video's pictures last in the mean, those that are only repeated left out.

    What changes between two frames is compared with what changes around them, for half a second.
    """
    changes = np.linalg.norm(np.diff(picture.descriptors, axis=0), axis=1)
    if len(changes) == 0:
        return 0.0
    span_s = float(picture.times_s[-1] - picture.times_s[0])
    around = 2 * max(1, round(_AROUND_S * len(changes) / max(span_s, _AROUND_S))) + 1
    usual = percentile_filter(changes, 90, size=around, mode="nearest")
    spans_s = np.diff(picture.times_s[1:][changes > _CHANGED * usual])
    if len(spans_s) == 0:
        return span_s
    return float(spans_s[spans_s <= _STILL * np.median(spans_s)].mean())


def _without_name(error: VideoAlignmentError, path: Path) -> str:
    """What is wrong with a file, without its name in front."""
    return str(error).removeprefix(f"{os.fspath(path)}: ")

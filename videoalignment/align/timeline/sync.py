"""Many recordings in, one timeline out."""

import os
from collections.abc import Iterable
from dataclasses import replace

import torch

from videoalignment.align.alignment import MATCHED_FROM
from videoalignment.align.options import BACKBONE, AlignOptions, CompareBy
from videoalignment.align.timeline.compare import measure_pairs
from videoalignment.align.timeline.records import Timeline
from videoalignment.align.timeline.solve import check_min_confidence, solve
from videoalignment.align.timeline.sources import describe_sources
from videoalignment.errors import OptionError
from videoalignment.features.cache import FPS
from videoalignment.media.recordings import find_recordings


def sync(
    paths: Iterable[str | os.PathLike[str]],
    *,
    by: CompareBy = "auto",
    backbone: str = BACKBONE,
    fps: float = FPS,
    min_overlap_s: float | None = None,
    min_confidence: float = MATCHED_FROM,
    device: str | torch.device = "auto",
) -> Timeline:
    """Put several recordings on one timeline, or on several where they share nothing.

    Pairs are compared by picture and by sound, and their places are solved together, so that pairs
    that contradict the rest are found and left out; see docs/syncing.md.

    Args:
        paths: files and folders, videos and sound files mixed. Features are cached by content.
        by: what to compare: "picture", "sound", "both", or "motion", what moves, for cameras on
            other sides; "auto" is "both", and "motion" for files that these leave apart of which
            one has nothing to hear.
        backbone: the network that describes frames.
        fps: frames a second that are described at most.
        min_overlap_s: length, seconds, of the stretches that are searched for; see `align_pair`.
        min_confidence: the probability from which files are put together, above 0 and below 1.
        device: where to compute, e.g. "auto", "cpu", "cuda" or "cuda:1".

    Returns:
        Groups of files, each on a clock of its own, and the files that could not be placed, those
        that cannot be read among them.

    Raises:
        VideoAlignmentError: there is no such file, there are fewer than two, or an option has no
            such value.
    """
    check_min_confidence(min_confidence)
    options = AlignOptions(min_overlap_s, backbone, fps, device, min_confidence, by)
    if isinstance(paths, str | os.PathLike):
        paths = [paths]
    found = find_recordings(paths)
    if len(found) < 2:
        given = found[0] if found else "no recording"
        raise OptionError(f"{given}: nothing to lie beside; give two recordings or more")
    sources, unreadable = describe_sources(found, options)
    files = [source.recorded for source in sources]
    timeline = solve(files, measure_pairs(sources, options), min_confidence=min_confidence)
    return replace(timeline, unplaced=(*timeline.unplaced, *unreadable))

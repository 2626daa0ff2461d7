"""Answers with the full accuracy of aligning, where the videos' files are at hand."""

import logging
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import torch

from videoalignment.align.alignment import Segment
from videoalignment.align.pipeline import align_pair
from videoalignment.errors import VideoAlignmentError
from videoalignment.index.records import Answer

_NEAR_S, _NEAR_WINDOWS_S = 0.5, 2.0
"""How far aligning may move an answer of an index with moments, and of one with windows only; what
it finds elsewhere is another one."""

logger = logging.getLogger(__name__)


def placed_by_files(
    query: str | os.PathLike[str],
    answers: Iterable[Answer],
    *,
    windows_only: bool = False,
    device: str | torch.device = "auto",
) -> list[Answer]:
    """Place answers again with the files themselves, every frame of them.

    An answer whose file is gone, or which aligning does not find near it, stays as it is.

    Args:
        query: the query's file.
        answers: of an index.
        windows_only: whether the index keeps only windows, so that they may be further off.
        device: where to compute.
    """
    near_s = _NEAR_WINDOWS_S if windows_only else _NEAR_S
    segments: dict[str, tuple[Segment, ...]] = {}  # each video is aligned once
    placed = []
    for answer in answers:
        name = answer.entry.name
        if name not in segments:
            segments[name] = _aligned(query, Path(name), device)
        placed.append(_nearest(answer, segments[name], near_s))
    return placed


def _aligned(
    query: str | os.PathLike[str], video: Path, device: str | torch.device
) -> tuple[Segment, ...]:
    """Where a query and a video match; nowhere, with a warning, where that cannot be told."""
    if not video.is_file():
        logger.warning("%s: not at hand, so its place is that of the index", video)
        return ()
    try:
        return align_pair(query, video, by="picture", device=device).alignment.segments
    except VideoAlignmentError as error:
        logger.warning("%s; its place is that of the index", error)
        return ()


def _nearest(answer: Answer, segments: Sequence[Segment], near_s: float) -> Answer:
    """An answer on the line of the segment that says the same; as it was where none does."""
    segment = answer.segment
    middle_s = segment.middle_a_s
    for found in segments:
        inside = found.begin_a_s <= middle_s <= found.end_a_s
        if inside and found.time_map.apart_s(segment.time_map, middle_s) < near_s:
            return replace(answer, segment=replace(segment, time_map=found.time_map))
    return answer

"""Answers with the full accuracy of aligning, where the videos' files are at hand."""

import logging
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import torch

from videoalignment.align.pipeline import align_pair
from videoalignment.errors import VideoAlignmentError
from videoalignment.index.records import Answer

_NEAR_S = 0.5
"""How far aligning may move an answer; what it finds elsewhere is another one."""

logger = logging.getLogger(__name__)


def placed_by_files(
    query: str | os.PathLike[str],
    answers: Iterable[Answer],
    *,
    device: str | torch.device = "auto",
) -> list[Answer]:
    """Place answers again with the files themselves, every frame of them.

    An answer whose file is gone, or which aligning does not find near it, stays as it is.

    Args:
        query: the query's file.
        answers: of an index.
        device: where to compute.
    """
    return [_placed(query, answer, device) for answer in answers]


def _placed(query: str | os.PathLike[str], answer: Answer, device: str | torch.device) -> Answer:
    video, segment = Path(answer.entry.name), answer.segment
    if not video.is_file():
        logger.warning("%s: not at hand, so its place is that of the index", video)
        return answer
    try:
        pair = align_pair(query, video, by="picture", device=device)
    except VideoAlignmentError as error:
        logger.warning("%s; its place is that of the index", error)
        return answer
    middle_s = (segment.begin_a_s + segment.end_a_s) / 2
    for found in pair.alignment.segments:
        inside = found.begin_a_s <= middle_s <= found.end_a_s
        if inside and found.time_map.apart_s(segment.time_map, middle_s) < _NEAR_S:
            return replace(answer, segment=replace(segment, time_map=found.time_map))
    return answer

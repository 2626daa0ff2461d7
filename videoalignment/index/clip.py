"""Searching for a clip's file: its picture as it is, and what may be a picture inside of it."""

import os

import torch

from videoalignment.align.alignment import MATCHED_FROM
from videoalignment.index.records import Answer, VideoEntry
from videoalignment.index.video_index import VideoIndex, distinct
from videoalignment.media.insides import insides


def search_clip(
    index: VideoIndex,
    path: str | os.PathLike[str],
    *,
    top: int = 10,
    min_confidence: float = MATCHED_FROM,
    without: VideoEntry | None = None,
    device: str | torch.device = "auto",
) -> list[Answer]:
    """Find the stretches of a clip that videos of an index show, framed or not.

    What lies inside of black bars, or looks like a picture in the picture, is asked for as well, by
    itself: both change all of what a network sees of the whole.

    Args:
        index: where to look.
        path: the clip's file.
        top: how many answers at most.
        min_confidence: of the answers that are given.
        without: a video that is not looked at.
        device: where to compute.

    Returns:
        The surest first.

    Raises:
        VideoAlignmentError: the file cannot be read, or an option has no such value.
    """
    answers: list[Answer] = []
    for inside in (None, *insides(path)):
        features = index.features(path, inside=inside, device=device)
        answers += index.search(features, top=top, min_confidence=min_confidence, without=without)
    return distinct(answers)[:top]

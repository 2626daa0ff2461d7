"""Features of whole videos, kept by what is in the file and how they are made.

The folder is `VIDEOALIGNMENT_CACHE`, or `videoalignment` in the user's cache directory. A file that
is renamed keeps its features; one that is changed gets new ones.
"""

import os
from functools import lru_cache

import torch

from videoalignment.devices import choose_device
from videoalignment.features.describe import FrameDescriber
from videoalignment.features.extract import extract_video
from videoalignment.features.frame_features import FrameFeatures
from videoalignment.features.kept import kept_features
from videoalignment.features.store import read_features, write_features
from videoalignment.features.unfinished import PART_EVERY_S, Unfinished
from videoalignment.files import cache_folder
from videoalignment.media.frames import check_sampling
from videoalignment.media.inside import Inside
from videoalignment.provenance import content_digest

FPS = 60.0
"""Frames a second that are described at most; a video with fewer gives all it has."""


def cached_features(
    path: str | os.PathLike,
    *,
    backbone: str = "efficientnet_lite0",
    level: int | None = None,
    fps: float = FPS,
    device: str | torch.device = "auto",
    part_every_s: float = PART_EVERY_S,
    inside: Inside | None = None,
) -> FrameFeatures:
    """Features of a whole video, extracted once per content and recipe.

    Args:
        path: the video file.
        backbone: the network, see `videoalignment.features.backbones`.
        level: where it is cut; None for its default.
        fps: frames a second at most.
        device: where to compute, e.g. "auto", "cpu", "cuda" or "cuda:1".
        part_every_s: seconds of work that an interruption may lose.
        inside: the part of the picture that is described; all of it unless given.

    Raises:
        VideoAlignmentError: the video cannot be read.
    """
    check_sampling(fps, image_area=1)
    content = content_digest(path)
    describer = _describer(backbone, level, device)
    recipe = describer.recipe(max_fps=fps)
    part = "" if inside is None else f"-{inside}"
    kept = cache_folder() / "features" / f"{content}-{recipe.digest}{part}.npz"
    if (features := kept_features(kept, read_features, recipe)) is not None:
        return features
    with Unfinished(kept, path, every_s=part_every_s, content=content) as unfinished:
        features = extract_video(
            path, describer, fps=fps, at_most=True, unfinished=unfinished, inside=inside
        )
        write_features(kept, features)
    return features


@lru_cache(maxsize=2)
def _describer(backbone: str, level: int | None, device: str | torch.device) -> FrameDescriber:
    """The network, made once for many videos; aligning and indexes each cut it at a level."""
    return FrameDescriber(backbone, level, device=str(choose_device(device)))

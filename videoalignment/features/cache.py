"""Features of whole videos, kept by what is in the file and how they are made.

The folder is `VIDEOALIGNMENT_CACHE`, or `videoalignment` in the user's cache directory. A file that
is renamed keeps its features; one that is changed gets new ones.
"""

import hashlib
import json
import os
from pathlib import Path

from videoalignment.errors import VideoAlignmentError
from videoalignment.features.store import FrameFeatures, read_features, write_features
from videoalignment.files import cache_folder

FPS = 60.0
"""Frames a second that are described at most; a video with fewer gives all it has."""
_RECIPE_VERSION = 1


def cached_features(
    path: str | os.PathLike,
    *,
    backbone: str = "efficientnet_lite0",
    fps: float = FPS,
    device: str = "auto",
) -> FrameFeatures:
    """Features of a whole video, extracted once per content and recipe.

    Args:
        path: the video file.
        backbone: the network, see `videoalignment.features.backbones`.
        fps: frames a second at most.
        device: "auto", "cpu" or "cuda".

    Raises:
        VideoAlignmentError: the video cannot be read.
    """
    recipe = {"backbone": backbone, "fps": fps, "version": _RECIPE_VERSION}
    name = hashlib.blake2b(json.dumps(recipe, sort_keys=True).encode(), digest_size=8).hexdigest()
    kept = cache_folder() / "features" / f"{_content_digest(path)}-{name}.npz"
    if kept.exists():
        try:
            return read_features(kept)
        except VideoAlignmentError:  # damaged; made anew below
            pass
    features = _extract(path, backbone, fps, device)
    write_features(kept, features)
    return features


def _extract(path: str | os.PathLike, backbone: str, fps: float, device: str) -> FrameFeatures:
    from videoalignment.devices import choose_device
    from videoalignment.features.describe import FrameDescriber
    from videoalignment.features.extract import extract_video
    from videoalignment.media.probe import probe_video

    fps = min(fps, probe_video(path).fps)
    describer = FrameDescriber(backbone, device=str(choose_device(device)))
    return extract_video(path, describer, fps=fps)


def _content_digest(path: str | os.PathLike) -> str:
    """A digest of a file's content, hexadecimal."""
    try:
        with Path(path).open("rb") as file:
            digest = hashlib.blake2b(digest_size=16)
            while block := file.read(1 << 22):
                digest.update(block)
    except FileNotFoundError:
        raise VideoAlignmentError(f"{path}: no such file") from None
    except OSError as error:
        raise VideoAlignmentError(f"{path}: cannot be read ({error.strerror})") from error
    return digest.hexdigest()

"""How well each level of EfficientNet-Lite0 tells the true offset of two videos from all others.

    python -m benchmarks.backbone_levels A B SECONDS     # A starts SECONDS into B

A level's *margin* is the mean cosine of frames that meet at the true offset, less the best at any
offset more than half a second away; its *sharpness* the same for offsets 2 or 3 frames away.
Descriptors are centred on their video's mean first.
"""

import argparse
from pathlib import Path

import numpy as np

from videoalignment.features.describe import FrameDescriber
from videoalignment.media.frames import read_frames

_FPS = 15
_MIN_OVERLAP = 3 * _FPS


def centred(describer: FrameDescriber, frames: np.ndarray) -> np.ndarray:
    """Descriptors less their mean, unit norm, shape (frames, d)."""
    rows = describer.describe(frames)
    rows = rows - rows.mean(axis=0)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def scores_at_offsets(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Offsets of A in B, frames, and the mean cosine of the frames that meet there."""
    cosines = a @ b.T
    offsets = np.arange(_MIN_OVERLAP - len(a), len(b) - _MIN_OVERLAP + 1)
    return offsets, np.array([np.diagonal(cosines, offset).mean() for offset in offsets])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("a", type=Path)
    parser.add_argument("b", type=Path)
    parser.add_argument("seconds", type=float, help="where A starts in B")
    arguments = parser.parse_args()
    frames = [
        np.concatenate([batch.frames for batch in read_frames(path)])
        for path in (arguments.a, arguments.b)
    ]
    print("level  numbers  margin  sharpness")
    for level in range(2, 19):
        describer = FrameDescriber("efficientnet_lite0", level)
        offsets, scores = scores_at_offsets(*(centred(describer, f) for f in frames))
        away = np.abs(offsets - arguments.seconds * _FPS)
        true = scores[away <= 1].max()
        margin = true - scores[away > _FPS / 2].max()
        sharpness = true - scores[(away >= 1.5) & (away <= 3.5)].max()
        print(f"{level:5}  {describer.channels:7}  {margin:6.3f}  {sharpness:9.3f}", flush=True)


if __name__ == "__main__":
    main()

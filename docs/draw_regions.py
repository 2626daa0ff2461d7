"""Draw the R-MAC regions of one frame into docs/regions.png, for docs/features.md.

python docs/draw_regions.py VIDEO [--second 2.0] [--output docs/regions.png]
"""

import argparse
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.patches import Rectangle

from videoalignment.cli.console import run_command
from videoalignment.features.backbones import FeatureMaps
from videoalignment.features.rmac import Region, rmac_regions
from videoalignment.media.frames import read_frames

_LEVELS = 3


def read_frame(video: Path, second: float) -> np.ndarray:
    """The frame shown at `second`, or the last one before the end, scaled as for the features."""
    for batch in read_frames(video):
        frame = batch.frames[-1]
        if batch.times_s[-1] >= second:
            return batch.frames[np.searchsorted(batch.times_s, second)]
    return frame


def draw_level(axes: plt.Axes, frame: np.ndarray, cells: tuple[int, int], level: int) -> None:
    """The frame, its cells, and the squares of one level; one square is filled."""
    height, width = cells
    axes.imshow(frame, extent=(0, width, height, 0))
    before = rmac_regions(height, width, level - 1) if level > 1 else []
    regions: list[Region] = rmac_regions(height, width, level)[len(before) :]
    for number, region in enumerate(regions):
        inset = 0.06 + 0.05 * (number % 3)  # so that overlapping squares stay apart
        axes.add_patch(
            Rectangle(
                (region.x + inset, region.y + inset),
                region.width - 2 * inset,
                region.height - 2 * inset,
                facecolor=(1, 1, 1, 0.35) if number == 0 else "none",
                edgecolor=plt.get_cmap("Set2")(number % 8),
                linewidth=2,
            )
        )
    axes.set_title(f"level {level}: {len(regions)} squares", fontsize=10)
    axes.set_xticks(range(width + 1), [])
    axes.set_yticks(range(height + 1), [])
    axes.grid(color="white", alpha=0.35, linewidth=0.6)
    axes.tick_params(length=0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("video", type=Path)
    parser.add_argument("--second", type=float, default=2.0, help="which frame (2.0)")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("regions.png"))
    arguments = parser.parse_args()
    frame = read_frame(arguments.video, arguments.second)
    maps = FeatureMaps("efficientnet_lite0", 12)(torch.from_numpy(frame[None]))
    figure, axes = plt.subplots(1, _LEVELS, figsize=(3.2 * _LEVELS, 2.2), layout="constrained")
    for level in range(1, _LEVELS + 1):
        draw_level(axes[level - 1], frame, tuple(maps.shape[2:]), level)
    figure.savefig(arguments.output, dpi=100)
    print(arguments.output)


if __name__ == "__main__":
    run_command(main)

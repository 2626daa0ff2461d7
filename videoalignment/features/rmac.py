"""R-MAC: maxima of a feature map over a grid of overlapping squares.

Source: Tolias, Sicre and Jégou, Particular object retrieval with integral max-pooling of CNN
activations, arXiv 1511.05879.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import normalize

_WANTED_OVERLAP = 0.4  # of neighbouring squares of the first level


class Region(NamedTuple):
    """A rectangle of a feature map, in cells."""

    x: int
    y: int
    width: int
    height: int


def rmac_regions(height: int, width: int, levels: int) -> list[Region]:
    """The squares over which a feature map is pooled: by level, then downwards, then to the right.

    Args:
        height: of the map, in cells.
        width: of the map, in cells.
        levels: how many sizes of squares; level l has l of them along the shorter side.
    """
    short, long = min(height, width), max(height, width)

    def overlap(steps: int) -> float:
        return (short**2 - short * (long - short) / (steps - 1)) / short**2

    extra = 1 + min(range(6), key=lambda i: abs(overlap(i + 2) - _WANTED_OVERLAP))
    extra_x = extra if height < width else 0
    extra_y = extra if height > width else 0
    regions = []
    for level in range(1, levels + 1):
        side = math.floor(2 * short / (level + 1))
        if side == 0:
            continue  # a map one cell wide
        regions += [
            Region(x, y, side, side)
            for y in _positions(height, side, level + extra_y)
            for x in _positions(width, side, level + extra_x)
        ]
    return regions


def _positions(length: int, side: int, count: int) -> list[int]:
    """Where `count` squares begin that are spread evenly along a side of the map."""
    half = math.floor(side / 2 - 1)
    step = (length - side) / (count - 1) if count > 1 else 0
    starts = (math.floor(half + step * i) - half for i in range(count))
    return [min(max(start, 0), length - side) for start in starts]


def pool_regions(maps: Tensor, levels: int) -> Tensor:
    """Maxima of feature maps over their regions, unit norm.

    Args:
        maps: feature maps, shape (n, channels, height, width).
        levels: see `rmac_regions`.

    Returns:
        Region descriptors, float32, shape (n, regions, channels).
    """
    regions = rmac_regions(maps.shape[2], maps.shape[3], levels)
    maxima = [maps[:, :, r.y : r.y + r.height, r.x : r.x + r.width].amax((2, 3)) for r in regions]
    return normalize(torch.stack(maxima, dim=1).float(), dim=2)


def sum_regions(regions: Tensor) -> Tensor:
    """Region descriptors (n, regions, d) to frame descriptors (n, d), unit norm."""
    return normalize(regions.sum(dim=1), dim=1)

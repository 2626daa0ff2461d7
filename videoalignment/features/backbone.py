"""What a network must provide to describe frames; `BACKBONES` of this package lists those we have.

A network of one's own is a class in a module of one's own, `backbone="package.module:Name"`:

    class Tiny(Backbone):
        name, levels, default_level = "tiny", 2, 2

        def build(self, weights):
            network = nn.Sequential(nn.Conv2d(3, 8, 3, 2), nn.Conv2d(8, 16, 3, 2))
            network.load_state_dict(torch.load(weights, weights_only=True))
            return network.eval()

        def cut(self, network, level):
            return network[:level]
"""

import os
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from torch import nn


class Backbone(ABC):
    """A network for images that can be cut at a level."""

    name: ClassVar[str]
    """As recipes and the names of feature folders have it: letters, digits, "_", "-" and "."."""
    levels: ClassVar[int]
    """How many levels there are; they count from 1, the one nearest to the input."""
    default_level: ClassVar[int]

    @abstractmethod
    def build(self, weights: str | os.PathLike | None) -> "nn.Module":
        """Make the whole network with its weights, ready for inference.

        Its `state_dict` tells recipes which weights these are.

        Args:
            weights: a file of the network's weights, or None for the usual ones.

        Raises:
            VideoAlignmentError: the weights cannot be had.
        """

    @abstractmethod
    def cut(self, network: "nn.Module", level: int) -> "nn.Module":
        """Take a network that `build` made apart, so that nothing behind the level is computed.

        Args:
            network: may be changed.
            level: 1 to `levels`.

        Returns:
            From frames, float32 or bfloat16, shape (n, 3, height, width), RGB with ImageNet's mean
            taken off and divided by its standard deviation, to maps (n, channels, height', width').
        """

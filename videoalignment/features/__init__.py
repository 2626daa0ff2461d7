"""From video files to frame descriptors: decode, network, pooling, whitening, files.

`BACKBONES` lists the networks; they are loaded on first use, so that listing them needs no torch.
"""

from typing import TYPE_CHECKING

from videoalignment.registry import Registry

if TYPE_CHECKING:
    from videoalignment.features.backbone import Backbone

BACKBONES: "Registry[type[Backbone]]" = Registry(
    "backbone",
    {
        "resnet34": "videoalignment.features.backbones:ResNet34",
        "efficientnet_lite0": "videoalignment.features.backbones:EfficientNetLite0",
    },
    base="videoalignment.features.backbone:Backbone",
)

__all__ = ["BACKBONES"]

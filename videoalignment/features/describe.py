"""From frames to frame descriptors: network, R-MAC pooling, PCA whitening."""

import os
from collections.abc import Callable
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from videoalignment.errors import FeatureMismatchError, OptionError
from videoalignment.features.backbones import (
    FeatureMaps,
    checked_level,
    digest_of_tensors,
    find_backbone,
)
from videoalignment.features.rmac import pool_regions, sum_regions
from videoalignment.pca import Whitening
from videoalignment.provenance import FeatureRecipe

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}

# More frames at once need memory that is handed back and fetched anew for every layer.
_CPU_BATCH = 16


class FrameDescriber:
    """Describes frames by a network cut at a level, R-MAC pooling and optional PCA whitening.

    Args:
        backbone: "resnet34", "efficientnet_lite0", or "package.module:Name" for one of your own,
            see `features.backbone`.
        level: where the network is cut; None for the backbone's default.
        weights: a file of the network's weights; None for the usual ones.
        whitening: applied to the region descriptors, or to their sum where `sum_before_pca`.
        rmac_levels: sizes of regions.
        sum_before_pca: sum the regions first, then whiten.
        precision: of the network, "float32" or "bfloat16"; pooling and whitening are float32.
        device: where to compute, "cpu" or "cuda".
        batch: frames that go through the network at once; on a CPU no more than 16, which is
            fastest.

    Attributes:
        batch: frames that are best given at once.
        threads: calls that are best made at once, see `workers.map_in_order`.

    Raises:
        VideoAlignmentError: a value that does not exist, or weights that cannot be had.
    """

    def __init__(
        self,
        backbone: str = "efficientnet_lite0",
        level: int | None = None,
        *,
        weights: str | os.PathLike | None = None,
        whitening: Whitening | None = None,
        rmac_levels: int = 3,
        sum_before_pca: bool = False,
        precision: str = "float32",
        device: str = "cpu",
        batch: int = 64,
    ) -> None:
        if precision not in PRECISIONS:
            raise OptionError(f"`precision` {precision!r}: expected one of {', '.join(PRECISIONS)}")
        for name, value in (("rmac_levels", rmac_levels), ("batch", batch)):
            if value < 1:
                raise OptionError(f"`{name}` {value}: expected 1 or more")
        found = find_backbone(backbone)
        self.backbone, self.level = found.name, checked_level(found, level)
        self.rmac_levels, self.precision = rmac_levels, precision
        self.sum_before_pca = sum_before_pca
        self._device = torch.device(device)
        on_cpu = self._device.type == "cpu"
        self.batch = min(batch, _CPU_BATCH) if on_cpu else batch
        self.threads = torch.get_num_threads() if on_cpu else 1
        self._maps = FeatureMaps(
            backbone, self.level, weights=weights, dtype=PRECISIONS[precision]
        ).to(self._device)
        self._whitening: Whitening | None = None
        if whitening is not None:
            self.whiten_with(whitening)

    def whiten_with(self, whitening: Whitening) -> None:
        """Apply this whitening from now on.

        Raises:
            FeatureMismatchError: it is for another number of channels.
        """
        if whitening.mean.shape[1] != self.channels:
            raise FeatureMismatchError(
                f"the PCA is for {whitening.mean.shape[1]} channels, {self.network} gives "
                f"{self.channels}; was it trained on another network?"
            )
        self._whitening = whitening.to(self._device)

    @property
    def network(self) -> str:
        """Backbone and level as file names have them, e.g. "resnet34_29"."""
        return f"{self.backbone}_{self.level}"

    @cached_property
    def channels(self) -> int:
        """Numbers a region descriptor has before whitening."""
        return self.describe_regions(np.zeros((1, 64, 64, 3), np.uint8)).shape[2]

    def recipe(
        self, *, image_area: float = 12000, max_fps: float = 15.0, regional: bool = False
    ) -> FeatureRecipe:
        """How the descriptors of frames are made.

        Args:
            image_area: pixels that the frames are scaled to.
            max_fps: frames described a second at most.
            regional: rows come from `describe_regions`, which knows no whitening.
        """
        whitening = None if regional else self._whitening
        return FeatureRecipe(
            network=self.backbone,
            level=self.level,
            weights=self._maps.weights_digest,
            rmac_levels=self.rmac_levels,
            whitening=_digest(whitening) if whitening else None,
            sum_before_pca=self.sum_before_pca and whitening is not None,
            regional=regional,
            image_area=image_area,
            max_fps=max_fps,
            precision=self.precision,
        )

    @torch.inference_mode()
    def describe(self, frames: np.ndarray) -> np.ndarray:
        """Describe frames.

        Args:
            frames: RGB, uint8, shape (n, height, width, 3).

        Returns:
            Unit-norm descriptors, float32, shape (n, d).
        """
        return self._in_parts(frames, self._described)

    @torch.inference_mode()
    def describe_regions(self, frames: np.ndarray) -> np.ndarray:
        """Describe the regions of frames, before any whitening.

        Args:
            frames: RGB, uint8, shape (n, height, width, 3).

        Returns:
            Unit-norm descriptors, float32, shape (n, regions, channels).
        """
        return self._in_parts(frames, self._regions)

    @torch.inference_mode()
    def training_rows(self, frames: np.ndarray) -> np.ndarray:
        """What a whitening is trained on: region descriptors, or sums where `sum_before_pca`.

        Args:
            frames: RGB, uint8, shape (n, height, width, 3).

        Returns:
            Unit-norm rows before whitening, float32, shape (rows, channels).
        """
        if self.sum_before_pca:
            return self._in_parts(frames, lambda part: sum_regions(self._regions(part)))
        return self._in_parts(frames, lambda part: self._regions(part).flatten(0, 1))

    def _in_parts(self, frames: np.ndarray, compute: Callable[[Tensor], Tensor]) -> np.ndarray:
        parts = torch.from_numpy(frames).split(self.batch)
        return np.concatenate([compute(part.to(self._device)).cpu().numpy() for part in parts])

    def _regions(self, frames: Tensor) -> Tensor:
        return pool_regions(self._maps(frames), self.rmac_levels)

    def _described(self, frames: Tensor) -> Tensor:
        regions = self._regions(frames)
        if self._whitening is None:
            return sum_regions(regions)
        if self.sum_before_pca:
            return self._whitening(sum_regions(regions))
        return sum_regions(self._whitening(regions))


def _digest(whitening: Whitening) -> str:
    return digest_of_tensors({"mean": whitening.mean, "dvt": whitening.dvt})

"""How two videos are to be aligned."""

import math
from dataclasses import dataclass
from numbers import Real
from typing import Literal, get_args

import torch

from videoalignment.align.alignment import MATCHED_FROM, By
from videoalignment.align.settings import SETTINGS
from videoalignment.devices import choose_device
from videoalignment.errors import OptionError
from videoalignment.features.backbones import find_backbone
from videoalignment.features.cache import FPS

BACKBONE = "efficientnet_lite0"
"""The network that the decision was calibrated with."""
MIN_OVERLAP_S = SETTINGS.min_overlap_s
CompareBy = Literal["auto", By]
"""What may be compared. Of "both", picture and sound, what one of two recordings lacks is left out;
"motion" is for cameras that film one event from other sides; "auto" is "both", and then "motion"
where these leave doubt and sound cannot tell."""


@dataclass(frozen=True)
class AlignOptions:
    """What was asked for.

    Raises:
        VideoAlignmentError: an option has no such value.
    """

    min_overlap_s: float | None = None
    """Length, seconds of the shorter video, of the stretches that are searched for; None is
    `MIN_OVERLAP_S`, or all of a video that is shorter."""
    backbone: str = BACKBONE
    """The network that describes frames."""
    fps: float = FPS
    """Frames a second that are described at most."""
    device: str | torch.device = "auto"
    """Where to compute, e.g. "auto", "cpu", "cuda" or "cuda:1"."""
    min_confidence: float = MATCHED_FROM
    """The confidence from which the two match."""
    by: CompareBy = "auto"
    """What is compared; see `CompareBy`."""

    def __post_init__(self) -> None:
        if self.min_overlap_s is not None:
            _check_above_0("min_overlap_s", self.min_overlap_s, "seconds")
        _check_above_0("fps", self.fps, "frames a second")
        if not isinstance(self.min_confidence, Real) or not 0 < self.min_confidence <= 1:
            raise OptionError(
                f"`min_confidence` {self.min_confidence}: expected a number above 0, at most 1"
            )
        if self.by not in (known := get_args(CompareBy)):
            raise OptionError(f"`by` {self.by!r}: expected {' or '.join(map(repr, known))}")
        if not isinstance(self.backbone, str):
            raise OptionError(f"`backbone` {self.backbone!r}: expected a name, e.g. {BACKBONE!r}")
        find_backbone(self.backbone)
        choose_device(self.device)

    @property
    def least_overlap_s(self) -> float:
        """What was asked for, or else the default, seconds."""
        return MIN_OVERLAP_S if self.min_overlap_s is None else float(self.min_overlap_s)

    def window_s(self, shorter_s: float) -> float:
        """Length of the windows that a search slides, for a shorter video of this length, seconds.

        Raises:
            OptionError: more was asked for than the shorter video lasts.
        """
        if self.min_overlap_s is None:
            return min(self.least_overlap_s, shorter_s)
        if self.min_overlap_s > shorter_s:
            raise OptionError(
                f"`min_overlap_s` {self.min_overlap_s:g}: the shorter video is only "
                f"{shorter_s:.3f} s long"
            )
        return self.least_overlap_s


def _check_above_0(name: str, value: object, unit: str) -> None:
    number = float(value) if isinstance(value, Real) else math.nan
    if not 0 < number < math.inf:
        shown = f"{number:g}" if isinstance(value, Real) else repr(value)
        raise OptionError(f"`{name}` {shown}: expected a number of {unit} above 0")

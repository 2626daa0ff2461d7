"""The baseline without time."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from videoalignment.models.base import Model
from videoalignment.spectrum import Spectra


class SumAggregation(Model):
    """The baseline: the unit-norm sum of the frames. One score, the same at every offset."""

    def __init__(self, args: Any = None) -> None:
        super().__init__()

    def single_fv(self, ts: Tensor, xs: Tensor) -> Tensor:
        """Descriptors of shape (b, d)."""
        return F.normalize(ts.sum(1), dim=-1)

    def shift_fv(self, fv: Tensor, offset: Tensor | float) -> Tensor:
        return fv

    def spectra(self, fv: Tensor) -> Spectra:
        cosines = fv[:, None]
        return Spectra(cosines, torch.zeros_like(cosines), torch.zeros(1, dtype=torch.float64))

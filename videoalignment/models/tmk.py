"""The temporal match kernel as a model: with options of choice, and as first published."""

from typing import Any

import torch
from torch import Tensor, nn

from videoalignment.errors import VideoAlignmentError
from videoalignment.models.base import Model, given
from videoalignment.pca import Whitening, read_whitening
from videoalignment.spectrum import Spectra
from videoalignment.temporal_match_kernel import TemporalMatchKernel


class _TemporalMatchKernelModel(Model):
    kernel: TemporalMatchKernel

    def single_fv(self, ts: Tensor, xs: Tensor) -> Tensor:
        """Descriptors of shape (b, P, 2m, d); `ts` may be (b, T, P, d), one sequence a period."""
        return self.kernel.single_fv(ts, xs)

    def shift_fv(self, fv: Tensor, offset: Tensor | float) -> Tensor:
        return self.kernel.shift_fv(fv, offset)

    def spectra(self, fv: Tensor) -> Spectra:
        return self.kernel.spectra(fv)


class TMK(_TemporalMatchKernelModel):
    """The temporal match kernel with periods and normalisation of choice (LAMV, CVPR 2018).

    Reads from `args`: T (9767, 2731, 1039, 253), m (16), norm ("feat_freq"), beta (32); with
    use_pca the files pca_mean and pca_DVt, and with multiple_pca one whitening a period, which
    start equal and part when they are trained.
    """

    def __init__(self, args: Any = None) -> None:
        super().__init__()
        self.kernel = TemporalMatchKernel(
            tuple(given(args, "T", (9767, 2731, 1039, 253))),
            m=given(args, "m", 16),
            beta=given(args, "beta", 32),
            normalisation=given(args, "norm", "feat_freq"),
        )
        self.whitenings = nn.ModuleList()
        if getattr(args, "use_pca", 0):
            if not (getattr(args, "pca_mean", None) and getattr(args, "pca_DVt", None)):
                raise VideoAlignmentError("use_pca needs two files: --pca_mean and --pca_DVt")
            whitening = read_whitening(args.pca_mean, args.pca_DVt)
            copies = len(self.kernel.periods) if getattr(args, "multiple_pca", 0) else 1
            self.whitenings.extend(TrainableWhitening(whitening) for _ in range(copies))

    def single_fv(self, ts: Tensor, xs: Tensor) -> Tensor:
        if len(self.whitenings) == 1:
            ts = self.whitenings[0](ts)
        elif self.whitenings:
            ts = torch.stack([whitening(ts) for whitening in self.whitenings], dim=2)
        return super().single_fv(ts, xs)


class TMK_Poullot(_TemporalMatchKernelModel):
    """The temporal match kernel as first published (ACM MM 2015). Reads m (16) from `args`."""

    def __init__(self, args: Any = None) -> None:
        super().__init__()
        self.kernel = TemporalMatchKernel(
            (2731, 4391, 9767, 14653), m=given(args, "m", 16), normalisation="freq"
        )


class TrainableWhitening(nn.Module):
    """A PCA whitening of frame descriptors whose numbers may be trained."""

    def __init__(self, whitening: Whitening) -> None:
        super().__init__()
        self.mean = nn.Parameter(whitening.mean.clone(), requires_grad=False)
        self.DVt = nn.Parameter(whitening.dvt.clone(), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        """Whiten descriptors, shape (..., d) -> (..., k); zero rows (padding) stay zero."""
        padding = (x == 0).all(-1, keepdim=True)
        return Whitening(self.mean, self.DVt)(x).masked_fill(padding, 0)

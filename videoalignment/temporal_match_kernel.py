"""The temporal match kernel: tensors in, tensors out.

A video descriptor sums the frame descriptors, each weighted by sines and cosines of its time stamp
at m harmonics of P periods. Two of them score every time offset: a sum of von Mises windows of the
time difference, weighted by the similarity of the frames.

Source: Poullot, Tsukatani, Nguyen, Jégou, Satoh, "Temporal matching kernel with explicit feature
maps", ACM Multimedia 2015; normalisations by Baraldi, Douze, Cucchiara, Jégou, "LAMV: learning to
align and match videos with kernelized temporal layers", CVPR 2018.
"""

from collections.abc import Sequence

import numpy as np
import scipy.special
import torch
from torch import Tensor, nn

from videoalignment.errors import VideoAlignmentError
from videoalignment.spectrum import Spectra, score_pairs, waves

NORMALISATIONS = ("feat", "freq", "feat_freq", "matrix")
_EPS = 1e-8
_SMALLEST_COEFFICIENT = 1e-7


def von_mises_coefficients(m: int, beta: float = 32) -> Tensor:
    """Fourier coefficients of a von Mises window of concentration `beta`.

    Returns:
        Coefficients of the harmonics 0..m-1, float32, shape (m,), at least 1e-7.
    """
    # ive(i, x) = I_i(x) exp(-x), which keeps both parts of each quotient within range
    bessel = scipy.special.ive(np.arange(m), beta)
    sinh = (1 - np.exp(-2 * beta)) / 2  # sinh(beta) exp(-beta)
    coefficients = bessel / sinh
    coefficients[0] = (bessel[0] - np.exp(-2 * beta)) / (2 * sinh)
    return torch.from_numpy(np.maximum(coefficients, _SMALLEST_COEFFICIENT)).float()


class TemporalMatchKernel(nn.Module):
    """Builds, shifts and scores temporal match kernel descriptors.

    Args:
        periods: periods in feature frames, P of them.
        m: harmonics a period, the mean included.
        beta: concentration of the window; larger is narrower.
        normalisation: one of "feat", "freq", "feat_freq", "matrix".
        coefficients: weights of the harmonics of each period, shape (P, m), in place of the
            window's, which are the same for all periods; `m` and `beta` do not matter then.

    `coefficients`, shape (m,) or (P, m), is a parameter; `requires_grad_()` makes it trainable.
    """

    def __init__(
        self,
        periods: Sequence[float],
        m: int = 16,
        beta: float = 32,
        normalisation: str = "feat_freq",
        coefficients: Tensor | None = None,
    ) -> None:
        super().__init__()
        if normalisation not in NORMALISATIONS:
            raise VideoAlignmentError(
                f"normalisation {normalisation!r}: expected one of {', '.join(NORMALISATIONS)}"
            )
        if m < 1 or not periods or min(periods) <= 0:
            raise VideoAlignmentError(
                f"m = {m}, periods {list(periods)}: m and at least one period must be positive"
            )
        if coefficients is None:
            coefficients = von_mises_coefficients(m, beta)
        elif coefficients.dim() != 2 or len(coefficients) != len(periods):
            raise VideoAlignmentError(
                f"coefficients of shape {tuple(coefficients.shape)}: expected a row for each of "
                f"{len(periods)} periods"
            )
        self.normalisation = normalisation
        self.m = coefficients.shape[-1]
        self.coefficients = nn.Parameter(coefficients.float(), requires_grad=False)
        self.periods: Tensor
        self.register_buffer("periods", torch.tensor(periods, dtype=torch.float64))

    @property
    def turns(self) -> Tensor:
        """Frequencies in turns a feature frame, period by period, float64, shape (P m,)."""
        harmonics = torch.arange(self.m, device=self.periods.device)
        return (harmonics / self.periods[:, None]).flatten()

    def _sqrt_coefficients(self) -> Tensor:
        """Of the harmonics, shape (m, 1), or (P, m, 1) where periods have their own."""
        return self.coefficients.clamp(min=_SMALLEST_COEFFICIENT).sqrt()[..., None]

    def single_fv(self, ts: Tensor, xs: Tensor) -> Tensor:
        """Fold frame descriptors into video descriptors.

        Args:
            ts: frame descriptors, shape (b, T, d), or (b, T, P, d) for one sequence a period.
                Zero rows (padding) add nothing.
            xs: time stamps in feature frames, shape (b, T).

        Returns:
            Video descriptors, shape (b, P, 2m, d): m sine rows, then m cosine rows.
        """
        cos, sin = (wave.unflatten(1, (-1, self.m)) for wave in waves(xs, self.turns))
        rows = torch.stack([sin, cos], dim=2)  # (b, P, 2, m, T)
        if ts.dim() == 3:
            sums: Tensor = (rows.flatten(1, 3) @ ts).unflatten(1, rows.shape[1:4])
        else:
            sums = rows.flatten(2, 3) @ ts.transpose(1, 2)
            sums = sums.unflatten(2, rows.shape[2:4])
        return (sums * self._sqrt_coefficients().unsqueeze(-3)).flatten(2, 3)

    def shift_fv(self, fv: Tensor, offset: Tensor | float) -> Tensor:
        """Descriptors of the same videos with every time stamp increased by `offset`.

        Args:
            fv: video descriptors, shape (b, P, 2m, d).
            offset: feature frames, a number or shape (b,).
        """
        offset = torch.as_tensor(offset, device=fv.device).expand(len(fv))
        cos, sin = waves(offset[:, None], self.turns)
        cos, sin = (wave.unflatten(1, (-1, self.m)) for wave in (cos, sin))  # (b, P, m, 1)
        sines, cosines = fv.unflatten(2, (2, self.m)).unbind(2)
        return torch.cat([sines * cos + cosines * sin, cosines * cos - sines * sin], dim=2)

    def normalise(self, fv: Tensor) -> Tensor:
        """Normalise descriptors, shape (b, P, 2m, d), for scoring."""
        if "feat" in self.normalisation:
            weights = torch.cat([self._sqrt_coefficients()] * 2, dim=-2)
            fv = fv / norm_over(fv / weights, dims=-1)
        if "freq" in self.normalisation:
            fv = fv / norm_over(fv, dims=2, divisor=self.m)
        if self.normalisation == "matrix":
            fv = fv / norm_over(fv, dims=(2, 3))
        return fv

    def spectra(self, fv: Tensor) -> Spectra:
        """Descriptors, normalised and weighted so that the plain sum is the mean over periods."""
        divisor = len(self.periods)
        if self.normalisation == "freq":
            divisor *= self.m
        elif self.normalisation != "matrix":
            divisor *= fv.shape[-1]
        normalised = self.normalise(fv) / divisor**0.5
        sines, cosines = normalised.unflatten(2, (2, self.m)).unbind(2)
        return Spectra(cosines.flatten(1, 2), sines.flatten(1, 2), self.turns)

    def score_pair(self, fv_a: Tensor, fv_b: Tensor, offsets: Tensor) -> Tensor:
        """Score b pairs of descriptors at offsets of shape (1, n) or (b, n): shape (b, n)."""
        return score_pairs(self.spectra(fv_a), self.spectra(fv_b), offsets)


def norm_over(x: Tensor, dims: int | tuple[int, ...], divisor: float = 1) -> Tensor:
    """Norm over `dims`, kept away from zero as the published numbers were made."""
    return (x.square().sum(dims, keepdim=True) / divisor + _EPS).sqrt() + _EPS

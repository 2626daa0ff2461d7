"""The temporal match kernel with what can be learnt: frequencies' weights, periods' mix, strengths.

A trained kernel is TMK whose score gives each harmonic i of period p the weight exp(g_pi + h_p)
besides its own, and whose two normalisations divide by a power of the norm instead of the norm.
With all g and h at 0 and both powers at 1, as it begins, it is TMK to the last digit.

Source: Baraldi, Douze, Cucchiara, Jégou, "LAMV: learning to align and match videos with kernelized
temporal layers", CVPR 2018, where weights of the frequencies and whitenings are learnt.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from videoalignment.spectrum import Spectra
from videoalignment.temporal_match_kernel import TemporalMatchKernel, norm_over


class LearntKernel(TemporalMatchKernel):
    """A temporal match kernel with parameters to train; takes what `TemporalMatchKernel` takes."""

    def __init__(
        self,
        periods: Sequence[float],
        m: int = 16,
        beta: float = 32,
        normalisation: str = "feat_freq",
        coefficients: Tensor | None = None,
    ) -> None:
        super().__init__(periods, m, beta, normalisation, coefficients)
        self.log_weights = nn.Parameter(torch.zeros(len(periods), self.m), requires_grad=False)
        """g, shape (P, m)."""
        self.log_mix = nn.Parameter(torch.zeros(len(periods)), requires_grad=False)
        """h, shape (P,)."""
        self.strengths = nn.Parameter(torch.ones(2), requires_grad=False)
        """Powers of the norms: of "feat" and of "freq", where the normalisation has them."""

    @property
    def weights(self) -> Tensor:
        """What training adds to each harmonic, above 0, shape (P, m)."""
        return (self.log_weights + self.log_mix[:, None]).exp()

    def normalise(self, fv: Tensor) -> Tensor:
        feat, freq = self.strengths
        if "feat" in self.normalisation:
            own = torch.cat([self._sqrt_coefficients()] * 2, dim=-2)
            fv = fv / _power(norm_over(fv / own, dims=-1), feat)
        if "freq" in self.normalisation:
            fv = fv / _power(norm_over(fv, dims=2, divisor=self.m), freq)
        if self.normalisation == "matrix":
            fv = fv / norm_over(fv, dims=(2, 3))
        return fv

    def spectra(self, fv: Tensor) -> Spectra:
        plain = super().spectra(fv)
        rows = self.weights.sqrt().flatten()[:, None]
        return Spectra(plain.cosines * rows, plain.sines * rows, plain.turns)


def _power(norm: Tensor, strength: Tensor) -> Tensor:
    """norm ** strength; exactly the norm where the strength is 1."""
    return norm * norm.pow(strength - 1)

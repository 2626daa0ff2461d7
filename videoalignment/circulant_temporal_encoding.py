"""Circulant temporal encoding: tensors in, tensors out.

Two sequences of frame descriptors, zero-padded to a common length N, are compared by a circular
correlation in the Fourier domain, regularised by the spectrum of the query so that slowly changing
footage does not match everywhere. Only the m lowest frequencies are kept.

Source: Douze, Revaud, Verbeek, Jégou, Schmid, "Circulant temporal encoding for video retrieval and
temporal alignment", IJCV 2016 (arXiv 1506.02588).
"""

import torch
from torch import Tensor, nn

from videoalignment.errors import VideoAlignmentError
from videoalignment.spectrum import Spectra, score_pairs, waves


class CirculantTemporalEncoding(nn.Module):
    """Builds, shifts and scores circulant temporal encodings.

    Args:
        m: frequencies kept, the mean included.
        fft_length: N, the common length in feature frames. The score repeats every N offsets, so
            it is to hold the two longest videos put together and the range of offsets asked for.
            4 m unless given.
        regularisation: lambda, added to the query's power at each frequency.
    """

    def __init__(self, m: int, fft_length: int | None = None, regularisation: float = 0.1) -> None:
        super().__init__()
        self.m = m
        self.fft_length = fft_length or 4 * m
        self.regularisation = regularisation
        if not 1 <= m <= self.fft_length // 2 + 1:
            raise VideoAlignmentError(
                f"m = {m} frequencies: a length of {self.fft_length} has "
                f"1 to {self.fft_length // 2 + 1}"
            )
        self._frequencies: Tensor
        self.register_buffer("_frequencies", torch.arange(m, dtype=torch.float64))

    @property
    def turns(self) -> Tensor:
        """Frequencies in turns a feature frame, float64, shape (m,)."""
        return self._frequencies / self.fft_length

    def single_fv(self, ts: Tensor, xs: Tensor) -> Tensor:
        """Fold frame descriptors into video descriptors.

        Args:
            ts: frame descriptors, shape (b, T, d). Zero rows (padding) add nothing.
            xs: time stamps in feature frames, shape (b, T).

        Returns:
            DFT coefficients, shape (b, d, 2m): m real parts, then m imaginary parts.

        Raises:
            VideoAlignmentError: a video is longer than `fft_length`.
        """
        if xs.numel():
            self._check_length(ts, xs)
        cos, sin = waves(xs, self.turns)
        return (torch.cat([cos, -sin], dim=1) @ ts).transpose(1, 2)

    def _check_length(self, ts: Tensor, xs: Tensor) -> None:
        padding = (ts == 0).all(-1)
        first = xs.masked_fill(padding, torch.inf).amin(1)
        last = xs.masked_fill(padding, -torch.inf).amax(1)
        longest = float((last - first).amax()) + 1
        if longest > self.fft_length:
            raise VideoAlignmentError(
                f"a video of {longest:.0f} frames is longer than the fft_length of "
                f"{self.fft_length}; give at least the two longest videos put together"
            )

    def shift_fv(self, fv: Tensor, offset: Tensor | float) -> Tensor:
        """Descriptors of the same videos with every time stamp increased by `offset`.

        Args:
            fv: video descriptors, shape (b, d, 2m).
            offset: feature frames, a number or shape (b,).
        """
        offset = torch.as_tensor(offset, device=fv.device).expand(len(fv))
        cos, sin = (wave.mT for wave in waves(offset[:, None], self.turns))  # (b, 1, m)
        real, imaginary = fv.split(self.m, dim=2)
        return torch.cat([real * cos + imaginary * sin, imaginary * cos - real * sin], dim=2)

    def spectra(self, fv: Tensor) -> Spectra:
        """Descriptors as spectra of database videos: as they are."""
        real, imaginary = fv.transpose(1, 2).split(self.m, dim=1)
        return Spectra(real, -imaginary, self.turns)

    def query_spectra(self, fv: Tensor) -> Spectra:
        """Descriptors as spectra of queries, which set the score's denominator."""
        spectra = self.spectra(fv)
        power = (spectra.cosines.square() + spectra.sines.square()).sum(-1, keepdim=True)
        # The inverse DFT of a real signal: all frequencies but the mean and, where it is kept,
        # the highest one stand for two conjugate ones.
        share = torch.full((self.m, 1), 2 / self.fft_length, device=fv.device)
        share[0] /= 2
        if 2 * (self.m - 1) == self.fft_length:
            share[-1] /= 2
        weight = share / (power + self.regularisation)
        return Spectra(spectra.cosines * weight, spectra.sines * weight, self.turns)

    def score_pair(self, fv_a: Tensor, fv_b: Tensor, offsets: Tensor) -> Tensor:
        """Score b pairs of descriptors, a the query, at offsets (1, n) or (b, n): shape (b, n)."""
        return score_pairs(self.query_spectra(fv_a), self.spectra(fv_b), offsets)

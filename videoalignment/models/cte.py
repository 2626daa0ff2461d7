"""Circulant temporal encoding as a model."""

from typing import Any

from torch import Tensor

from videoalignment.circulant_temporal_encoding import CirculantTemporalEncoding
from videoalignment.models.base import Model, given
from videoalignment.spectrum import Spectra


class CTE(Model):
    """Circulant temporal encoding (IJCV 2016).

    Reads from `args`: m (512 frequencies, or as many as fft_length has) and fft_length (4 m): the
    length, in feature frames, to which all videos are padded; the evaluation sets it from the
    longest video of the dataset.
    """

    DEFAULT_M = 512

    def __init__(self, args: Any = None) -> None:
        super().__init__()
        fft_length = getattr(args, "fft_length", None)
        most = self.DEFAULT_M if fft_length is None else min(self.DEFAULT_M, fft_length // 2 + 1)
        self.encoding = CirculantTemporalEncoding(given(args, "m", most), fft_length)

    def single_fv(self, ts: Tensor, xs: Tensor) -> Tensor:
        """Descriptors of shape (b, d, 2m): m real parts, then m imaginary parts."""
        return self.encoding.single_fv(ts, xs)

    def shift_fv(self, fv: Tensor, offset: Tensor | float) -> Tensor:
        return self.encoding.shift_fv(fv, offset)

    def spectra(self, fv: Tensor) -> Spectra:
        return self.encoding.spectra(fv)

    def query_spectra(self, fv: Tensor) -> Spectra:
        return self.encoding.query_spectra(fv)

"""Circulant temporal encoding as a model."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from torch import Tensor

from videoalignment.circulant_temporal_encoding import CirculantTemporalEncoding
from videoalignment.errors import OptionError
from videoalignment.models.base import Model
from videoalignment.spectrum import Spectra


class CTE(Model):
    """Circulant temporal encoding (IJCV 2016).

    Reads from `args`: m (512 frequencies, or as many as fft_length has) and fft_length (4 m): the
    length, in feature frames, to which all videos are padded; the evaluation sets it from the
    longest video of the dataset.
    """

    options: ClassVar[dict[str, Any]] = {"m": 512, "fft_length": None}

    def __init__(self, args: Any = None) -> None:
        super().__init__()
        options = self.read_options(args)
        self.encoding = CirculantTemporalEncoding(options["m"], options["fft_length"])

    @classmethod
    def read_options(cls, args: Any = None) -> dict[str, Any]:
        options = super().read_options(args)
        if options["fft_length"] is not None and getattr(args, "m", None) is None:
            options["m"] = min(options["m"], options["fft_length"] // 2 + 1)
        return options

    @classmethod
    def check_options(cls, options: Mapping[str, Any]) -> None:
        m, fft_length = options["m"], options["fft_length"]
        if m < 1:
            raise OptionError(f"`m` {m}: expected 1 frequency or more")
        if fft_length is not None and m > fft_length // 2 + 1:
            raise OptionError(
                f"`m` {m}: a `fft_length` of {fft_length} has {fft_length // 2 + 1} frequencies"
            )

    @classmethod
    def fit_options(
        cls, options: Mapping[str, Any], longest_frames: Callable[[], int]
    ) -> Mapping[str, Any]:
        """With a length that holds the two longest videos put together."""
        if options["fft_length"] is not None:
            return options
        # Of short videos, as long as the frequencies ask for.
        return {**options, "fft_length": max(2 * longest_frames(), 4 * options["m"])}

    def single_fv(self, ts: Tensor, xs: Tensor) -> Tensor:
        """Descriptors of shape (b, d, 2m): m real parts, then m imaginary parts."""
        return self.encoding.single_fv(ts, xs)

    def shift_fv(self, fv: Tensor, offset: Tensor | float) -> Tensor:
        return self.encoding.shift_fv(fv, offset)

    def spectra(self, fv: Tensor) -> Spectra:
        return self.encoding.spectra(fv)

    def query_spectra(self, fv: Tensor) -> Spectra:
        return self.encoding.query_spectra(fv)

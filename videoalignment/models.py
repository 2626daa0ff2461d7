"""The models: each folds a video's frame descriptors into one descriptor that scores all offsets.

All share one interface:

    single_fv(ts, xs)                       frame descriptors, time stamps -> video descriptors
    score_pair(fv_a, fv_b, offsets)         scores of b pairs at offsets (1, n) or (b, n): (b, n)
    shift_fv(fv, offset)                    the same videos, every time stamp increased
    query_spectra(fv), spectra(fv)          what `matching` multiplies for all pairs at once
    forward_pair(ts_a, ts_b, xs_a, xs_b)    frame descriptors of b pairs -> scores; also called
                                            `forward` and `score`

A model is made from `args`, any object with attributes: an argparse namespace, a NamedTuple. What
it lacks takes the default. To add a model, subclass `Model` and list it in `MODELS`.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from videoalignment.circulant_temporal_encoding import CirculantTemporalEncoding
from videoalignment.errors import VideoAlignmentError
from videoalignment.features.pca import Whitening, read_whitening
from videoalignment.spectrum import Spectra, score_pairs
from videoalignment.temporal_match_kernel import TemporalMatchKernel


class Model(nn.Module):
    """What all models have in common; a subclass gives the first four methods of the interface."""

    def single_fv(self, ts: Tensor, xs: Tensor) -> Tensor:
        """Video descriptors of frame descriptors `ts` (b, T, d) with time stamps `xs` (b, T)."""
        raise NotImplementedError

    def shift_fv(self, fv: Tensor, offset: Tensor | float) -> Tensor:
        """Descriptors of the same videos with every time stamp increased by `offset` frames."""
        raise NotImplementedError

    def spectra(self, fv: Tensor) -> Spectra:
        """Descriptors, normalised, as spectra of database videos."""
        raise NotImplementedError

    def query_spectra(self, fv: Tensor) -> Spectra:
        """Descriptors as spectra of queries; the same for models that are symmetric."""
        return self.spectra(fv)

    def score_pair(self, fv_a: Tensor, fv_b: Tensor, offsets: Tensor) -> Tensor:
        """Score b pairs of descriptors, a the query.

        Args:
            fv_a, fv_b: descriptors from `single_fv`, b videos each.
            offsets: x_a - x_b of the same moment, in feature frames, shape (1, n) or (b, n).

        Returns:
            Scores, shape (b, n). Differentiable.
        """
        return score_pairs(self.query_spectra(fv_a), self.spectra(fv_b), offsets)

    def forward_pair(
        self, ts_a: Tensor, ts_b: Tensor, xs_a: Tensor, xs_b: Tensor, offsets: Tensor | None = None
    ) -> Tensor:
        """Score b pairs of videos from their frame descriptors.

        Args:
            ts_a, ts_b: frame descriptors, shapes (b, T_a, d) and (b, T_b, d).
            xs_a, xs_b: time stamps in feature frames, shapes (b, T_a) and (b, T_b).
            offsets: shape (1, n) or (b, n); -T..T-1 with T the longer of T_a, T_b unless given.

        Returns:
            Scores, shape (b, n).
        """
        if offsets is None:
            longest = max(ts_a.shape[1], ts_b.shape[1])
            offsets = torch.arange(-longest, longest, device=ts_a.device).view(1, -1)
        return self.score_pair(
            self.single_fv(ts_a, xs_a), self.single_fv(ts_b, xs_b), offsets.float()
        )

    def forward(self, *args: Any, **kwargs: Any) -> Tensor:
        """Synonym of `forward_pair`."""
        return self.forward_pair(*args, **kwargs)

    def score(self, *args: Any, **kwargs: Any) -> Tensor:
        """Synonym of `forward_pair`."""
        return self.forward_pair(*args, **kwargs)


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
            tuple(_given(args, "T", (9767, 2731, 1039, 253))),
            m=_given(args, "m", 16),
            beta=_given(args, "beta", 32),
            normalisation=_given(args, "norm", "feat_freq"),
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
            (2731, 4391, 9767, 14653), m=_given(args, "m", 16), normalisation="freq"
        )


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
        self.encoding = CirculantTemporalEncoding(_given(args, "m", most), fft_length)

    def single_fv(self, ts: Tensor, xs: Tensor) -> Tensor:
        """Descriptors of shape (b, d, 2m): m real parts, then m imaginary parts."""
        return self.encoding.single_fv(ts, xs)

    def shift_fv(self, fv: Tensor, offset: Tensor | float) -> Tensor:
        return self.encoding.shift_fv(fv, offset)

    def spectra(self, fv: Tensor) -> Spectra:
        return self.encoding.spectra(fv)

    def query_spectra(self, fv: Tensor) -> Spectra:
        return self.encoding.query_spectra(fv)


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


MODELS = {model.__name__: model for model in (TMK, TMK_Poullot, CTE, SumAggregation)}


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


def _given(args: Any, name: str, default: Any) -> Any:
    """An option, with None standing for its default as argparse has it."""
    value = getattr(args, name, None)
    return default if value is None else value

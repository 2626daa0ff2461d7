"""The temporal match kernel as a model: with options of choice, and as first published."""

import math
from collections.abc import Callable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from videoalignment.errors import FeatureMismatchError, OptionError
from videoalignment.models.base import Model
from videoalignment.pca import Whitening, read_whitening
from videoalignment.periods import PeriodSet, auto_periods
from videoalignment.provenance import digest_of
from videoalignment.spectrum import Spectra
from videoalignment.temporal_match_kernel import NORMALISATIONS, TemporalMatchKernel

_OF_PCA = ("multiple_pca", "pca_mean", "pca_DVt")
AUTO = "auto"


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

    Reads from `args`: m, T, norm, beta; with use_pca the files pca_mean and pca_DVt, and with
    multiple_pca one whitening a period, which start equal and part when they are trained. T may
    be a `periods.PeriodSet`, which has its own weights in place of those that m and beta give; an
    evaluation makes one of T "auto", by the longest video of the dataset.
    """

    options: ClassVar[dict[str, Any]] = {
        "m": 16,  # frequencies a period
        "T": (9767, 2731, 1039, 253),  # periods, in feature frames
        "norm": "feat_freq",
        "beta": 32.0,  # concentration of the window
        "use_pca": 0,
        "multiple_pca": 0,
        "pca_mean": None,
        "pca_DVt": None,
    }

    def __init__(self, args: Any = None) -> None:
        super().__init__()
        options = self.read_options(args)
        self.kernel = self._make_kernel(options)
        self.whitenings = nn.ModuleList()
        if options["use_pca"]:
            whitening = _read_whitening(options)
            copies = len(self.kernel.periods) if options["multiple_pca"] else 1
            self.whitenings.extend(TrainableWhitening(whitening) for _ in range(copies))

    @classmethod
    def kernel_class(cls) -> type[TemporalMatchKernel]:
        """What the kernel is made of."""
        return TemporalMatchKernel

    @classmethod
    def _make_kernel(cls, options: Mapping[str, Any]) -> TemporalMatchKernel:
        """The kernel that complete options ask for."""
        periods, norm, kernel = options["T"], options["norm"], cls.kernel_class()
        if isinstance(periods, PeriodSet):
            return kernel(
                periods.periods,
                normalisation=norm,
                coefficients=torch.tensor(periods.weights) * len(periods.periods),
            )
        if _is_auto(periods):
            raise OptionError(
                "`T` auto: for which range? give `periods.auto_periods(longest_frames)`"
            )
        return kernel(tuple(periods), m=options["m"], beta=options["beta"], normalisation=norm)

    @classmethod
    def resolve_options(cls, given: Mapping[str, Any]) -> dict[str, Any]:
        """With periods that need not be integers, or a `PeriodSet`, or "auto"."""
        periods = given.get("T")
        options = super().resolve_options({**given, "T": None})
        if periods is not None:
            options["T"] = _as_periods(periods)
            cls.check_options(options)
        return options

    @classmethod
    def fit_options(
        cls, options: Mapping[str, Any], longest_frames: Callable[[], int]
    ) -> Mapping[str, Any]:
        """With the documented periods for the longest video where T is "auto"."""
        if not _is_auto(options["T"]):
            return options
        return {**options, "T": auto_periods(longest_frames())}

    @classmethod
    def check_options(cls, options: Mapping[str, Any]) -> None:
        _check_m(options["m"])
        _check_periods(options)
        if options["norm"] not in NORMALISATIONS:
            raise OptionError(
                f"`norm` {options['norm']!r}: expected one of {', '.join(NORMALISATIONS)}"
            )
        if not 0 < options["beta"] < math.inf:
            raise OptionError(f"`beta` {options['beta']}: expected a number above 0")
        for name in ("use_pca", "multiple_pca"):
            if options[name] not in (0, 1):
                raise OptionError(f"`{name}` {options[name]}: expected 0 or 1")
        unused = [name for name in _OF_PCA if options[name] and not options["use_pca"]]
        if unused:
            raise OptionError(f"`{unused[0]}` does not apply without `use_pca` 1")

    @classmethod
    def name_options(cls, options: Mapping[str, Any]) -> dict[str, Any]:
        """Whitenings are told apart by what they are, not by where they lie."""
        named = super().name_options(options)
        if options["use_pca"]:
            whitening = _read_whitening(options)
            parts = (whitening.mean, whitening.dvt)
            digest = digest_of(*(part.contiguous().numpy().tobytes() for part in parts))
            named = {n: v for n, v in named.items() if n not in ("use_pca", "pca_mean", "pca_DVt")}
            named["pca"] = digest[:8]
        return named

    def single_fv(self, ts: Tensor, xs: Tensor) -> Tensor:
        if len(self.whitenings) == 1:
            ts = self.whitenings[0](ts)
        elif self.whitenings:
            ts = torch.stack([whitening(ts) for whitening in self.whitenings], dim=2)
        return super().single_fv(ts, xs)


class TMK_Poullot(_TemporalMatchKernelModel):
    """The temporal match kernel as first published (ACM MM 2015). Reads m from `args`."""

    options: ClassVar[dict[str, Any]] = {"m": 16}

    def __init__(self, args: Any = None) -> None:
        super().__init__()
        m = self.read_options(args)["m"]
        self.kernel = TemporalMatchKernel((2731, 4391, 9767, 14653), m=m, normalisation="freq")

    @classmethod
    def check_options(cls, options: Mapping[str, Any]) -> None:
        _check_m(options["m"])


def _is_auto(periods: Any) -> bool:
    return isinstance(periods, str) and periods == AUTO


def _as_periods(periods: Any) -> Any:
    """Periods as a model takes them: numbers, a `PeriodSet`, or "auto"; also as one of a list."""
    if isinstance(periods, PeriodSet):
        return periods
    if periods == AUTO or periods in ([AUTO], (AUTO,)):
        return AUTO
    if isinstance(periods, Sequence) and all(_is_number(period) for period in periods):
        return tuple(int(n) if isinstance(n, Integral) else float(n) for n in periods)
    raise OptionError(f"`T` {periods!r}: expected numbers, as in 9767 2731 1039 253, or {AUTO}")


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _check_periods(options: Mapping[str, Any]) -> None:
    periods = options["T"]
    if isinstance(periods, PeriodSet) or _is_auto(periods):
        for name in ("m", "beta"):
            if options[name] != TMK.options[name]:
                raise OptionError(f"`{name}` does not apply: `T` {AUTO} has weights of its own")
    elif not periods or not all(0 < period < math.inf for period in periods):
        raise OptionError(f"`T` {list(periods)}: expected periods above 0")


def _check_m(m: int) -> None:
    if m < 1:
        raise OptionError(f"`m` {m}: expected 1 frequency or more")


def _read_whitening(options: Mapping[str, Any]) -> Whitening:
    files = options["pca_mean"], options["pca_DVt"]
    if not all(files):
        raise OptionError("`use_pca` needs two files: `pca_mean` and `pca_DVt`")
    return read_whitening(*files)


class TrainableWhitening(nn.Module):
    """A PCA whitening of frame descriptors whose numbers may be trained."""

    def __init__(self, whitening: Whitening) -> None:
        super().__init__()
        self.mean = nn.Parameter(whitening.mean.clone(), requires_grad=False)
        self.DVt = nn.Parameter(whitening.dvt.clone(), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        """Whiten descriptors, shape (..., d) -> (..., k); zero rows (padding) stay zero.

        Raises:
            FeatureMismatchError: the descriptors are of another width.
        """
        if x.shape[-1] != self.mean.shape[-1]:
            raise FeatureMismatchError(
                f"features of {x.shape[-1]} numbers a frame, a whitening for "
                f"{self.mean.shape[-1]}; was it made for other features?"
            )
        padding = (x == 0).all(-1, keepdim=True)
        return Whitening(self.mean, self.DVt)(x).masked_fill(padding, 0)

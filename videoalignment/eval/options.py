"""What an evaluation can be told, importable in no time: neither torch nor NumPy is needed here.

`EvaluationOptions` is what somebody gave. `resolve_options` asks the model, the dataset and its
protocol which options they take, and gives `ResolvedOptions`: every option that applies, with its
value, and the run's name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from videoalignment.datasets import DATASETS
from videoalignment.errors import OptionError
from videoalignment.eval.methods import METHODS
from videoalignment.eval.protocols import PROTOCOLS
from videoalignment.eval.run_name import run_name

if TYPE_CHECKING:
    from videoalignment.configurable import Configurable
    from videoalignment.datasets import VideoDataset
    from videoalignment.eval.protocol import Protocol
    from videoalignment.periods import PeriodSet

NORMALISATION_NAMES = ("feat", "freq", "feat_freq", "matrix")
PRECISION_NAMES = ("float32", "float16", "bfloat16")


@dataclass(frozen=True)
class EvaluationOptions:
    """Options of an evaluation as given. None stands for not given."""

    dataset: str
    """A name in `DATASETS`, or package.module:Class."""
    model: str
    """A name in `METHODS`, or package.module:Class."""

    # of models
    m: int | None = None
    T: "tuple[float, ...] | str | PeriodSet | None" = None
    norm: str | None = None
    beta: float | None = None
    fft_length: int | None = None
    use_pca: int | None = None
    multiple_pca: int | None = None
    pca_mean: str | None = None
    pca_DVt: str | None = None
    lamv_weights: str | None = None
    # of protocols
    query_expansion: str | None = None
    rule: str | None = None
    timeline: int | None = None
    # of all evaluations
    resnet_level: int | None = None
    phase: str | None = None
    fold_index: int | None = None
    allow_missing: bool | None = None
    precision: str | None = None
    device: str | None = None
    seed: int | None = None
    b_s: int | None = None

    own: Mapping[str, Any] = field(default_factory=dict)
    """Options by name that only a model or a protocol of one's own takes."""


@dataclass(frozen=True, kw_only=True)
class ResolvedOptions:
    """All options of an evaluation, those that were not given at their defaults."""

    dataset: str
    model: str
    protocol: str
    run_name: str
    """Of the folder of its results: different for runs that compute something different."""
    model_options: Mapping[str, Any]
    protocol_options: Mapping[str, Any]
    differing: Mapping[str, Any]
    """Those that change the metrics and differ from the defaults."""

    resnet_level: int = 29
    phase: str = "all"
    fold_index: int = 0
    allow_missing: bool = False
    precision: str = "float32"
    """Of the products of descriptors."""
    device: str = "auto"
    seed: int = 0
    """Of the bootstrap intervals, and of models that begin with random numbers."""
    b_s: int = 16
    """Videos whose features wait in memory; bounds the memory, not the result."""

    def __post_init__(self) -> None:
        if self.precision not in PRECISION_NAMES:
            raise OptionError(
                f"`precision` {self.precision!r}: expected one of {', '.join(PRECISION_NAMES)}"
            )
        for name, least in (("seed", 0), ("b_s", 1), ("fold_index", 0), ("resnet_level", 1)):
            value = getattr(self, name)
            if not isinstance(value, int) or value < least:
                raise OptionError(f"`{name}` {value!r}: expected an integer from {least}")

    def as_given(self) -> dict[str, Any]:
        """By the names of `EvaluationOptions`, None where an option does not apply."""
        applying = {**self.model_options, **self.protocol_options}
        own = {name: value for name, value in applying.items() if name not in _NAMES}
        return {name: applying.get(name, getattr(self, name, None)) for name in _NAMES} | own


_NAMES = tuple(f.name for f in fields(EvaluationOptions) if f.name != "own")
_SHARED = tuple(f.name for f in fields(ResolvedOptions) if f.name in _NAMES[2:])
"""Options of all evaluations."""
_NOT_NAMED = ("device", "b_s")  # do not change the result
_SHARED_DEFAULTS = {f.name: f.default for f in fields(ResolvedOptions) if f.name in _SHARED}


def resolve_options(options: EvaluationOptions) -> ResolvedOptions:
    """Ask the model, the dataset and its protocol which options they take.

    Raises:
        OptionError: an option does not apply, or has no such value; the message names it.
        UnusableFileError: a file that an option names cannot be used.
    """
    model, dataset = METHODS[options.model], DATASETS[options.dataset]
    protocol = _protocol_of(dataset)
    protocol.check_takes(model, options.model, options.dataset)
    given = {name: getattr(options, name) for name in _NAMES[2:]} | dict(options.own)
    given = {name: value for name, value in given.items() if value is not None}
    shared = {name: given.pop(name) for name in _SHARED if name in given}
    if "allow_missing" in shared:
        shared["allow_missing"] = bool(shared["allow_missing"])
    taken = model.options.keys() | protocol.options.keys()
    if refused := [name for name in given if name not in taken]:
        raise OptionError(
            f"`{refused[0]}` does not apply: {options.model} takes {_listed(model)}, and "
            f"{options.dataset} with its protocol {protocol.name} takes {_listed(protocol)}"
        )
    _check_dataset(dataset, options.dataset, shared)
    of_model, of_protocol = model.resolve_options(given), protocol.resolve_options(given)
    named = {
        name: value
        for name, value in shared.items()
        if name not in _NOT_NAMED and value != _SHARED_DEFAULTS[name]
    }
    words = model.name_options(of_model) | protocol.name_options(of_protocol) | named
    differing = model.differing_options(of_model) | protocol.differing_options(of_protocol) | named
    differing.pop("seed", None)  # of the intervals
    return ResolvedOptions(
        dataset=options.dataset,
        model=options.model,
        protocol=protocol.name,
        run_name=run_name(options.model, options.dataset, words),
        model_options=of_model,
        protocol_options=of_protocol,
        differing=differing,
        **shared,
    )


def _protocol_of(dataset: "type[VideoDataset]") -> "type[Protocol]":
    if not hasattr(dataset, "protocol"):
        raise OptionError(
            f"`dataset` {dataset.name}: the class names no `protocol`; there are "
            f"{', '.join(PROTOCOLS)}"
        )
    protocol = PROTOCOLS[dataset.protocol]
    protocol.check_fits(dataset)
    return protocol


def _listed(kind: "type[Configurable]") -> str:
    return ", ".join(kind.options) or "no options"


def _check_dataset(dataset: "type[VideoDataset]", name: str, shared: Mapping[str, Any]) -> None:
    """Refuse what would change nothing."""
    if "resnet_level" in shared and "{resnet_level}" not in dataset.features_folder:
        raise OptionError(
            f"`resnet_level` does not apply: the features of {name} are in "
            f"{dataset.features_folder}"
        )
    if shared.get("fold_index"):
        if not dataset.has_folds:
            raise OptionError(f"`fold_index` does not apply: {name} has no folds")
        if shared.get("phase", "all") == "all":
            raise OptionError("`fold_index` does not apply to `phase` all; take train or val")

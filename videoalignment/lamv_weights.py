"""Files of weights that a temporal match kernel has learnt: safetensors, read without trust.

A file holds the tensors

    periods        (P,)      feature frames
    coefficients   (P, m)    weights of the harmonics before training
    weights        (P, m)    what training multiplies them with, above 0
    strengths      (2,)      powers of the norms that "feat" and "freq" divide by
    whitening_mean (n, d)    where whitenings were learnt: one for all periods (n = 1) or one each
    whitening_DVt  (n, k, d)

and, in its metadata, the normalisation, the recipe of the features that it was trained on, and a
record of the training.
"""

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from videoalignment.errors import OptionError, UnusableFileError, VideoAlignmentError
from videoalignment.files import readable_file, whole_file
from videoalignment.pca import Whitening
from videoalignment.periods import PeriodSet
from videoalignment.provenance import FeatureRecipe, digest_of
from videoalignment.temporal_match_kernel import NORMALISATIONS
from videoalignment.text import one_line

_FORMAT = "videoalignment LAMV 1"
_LEAST, _MOST = 1e-6, 1e6
"""Of a weight; beyond, float32 computes nothing sensible."""
_LONGEST = 1e9
_MOST_FREQUENCIES = 1 << 16
_MOST_OCTETS = 1 << 30
_TENSORS = ("periods", "coefficients", "weights", "strengths")
_ANEW = "copy it again, or train anew"


@dataclass(frozen=True)
class LamvWeights:
    """What a kernel has learnt, and how.

    Raises:
        OptionError: shapes do not fit, or a number is impossible; the message says which.
    """

    kernel: PeriodSet
    """Periods, and the weights of their harmonics before training."""
    normalisation: str
    weights: Tensor
    """What training multiplies them with, above 0, float32, shape (P, m)."""
    strengths: tuple[float, float] = (1.0, 1.0)
    """Powers of the norms that "feat" and "freq" divide by, 0 to 2."""
    whitenings: tuple[Whitening, ...] = ()
    """None, one for all periods, or one a period."""
    recipe: FeatureRecipe | None = None
    """Of the features that it was trained on; None where nobody knows."""
    training: Mapping[str, Any] = field(default_factory=dict)
    """How it was trained, as JSON types."""

    def __post_init__(self) -> None:
        shape = len(self.kernel.periods), self.kernel.m
        if tuple(self.weights.shape) != shape:
            raise OptionError(f"weights of shape {tuple(self.weights.shape)}, expected {shape}")
        if not bool(((self.weights >= _LEAST) & (self.weights <= _MOST)).all()):
            raise OptionError(f"weights: expected numbers from {_LEAST:g} to {_MOST:g}")
        if not all(1 <= period <= _LONGEST for period in self.kernel.periods):
            raise OptionError(f"periods: expected 1 to {_LONGEST:g} frames")
        if self.normalisation not in NORMALISATIONS:
            raise OptionError(f"no normalisation {str(self.normalisation)[:40]!r}")
        if len(self.strengths) != 2 or not all(0 <= power <= 2 for power in self.strengths):
            raise OptionError(f"strengths {self.strengths}: expected two numbers from 0 to 2")
        if len(self.whitenings) not in (0, 1, shape[0]):
            raise OptionError(
                f"{len(self.whitenings)} whitenings: expected 1, or one for each of {shape[0]} "
                "periods"
            )

    @property
    def digest(self) -> str:
        """16 hexadecimal digits that stand for the numbers, whatever the record says."""
        parts = [t.contiguous().numpy().tobytes() for t in self._tensors().values()]
        return digest_of(self.normalisation.encode(), *parts)

    def _tensors(self) -> dict[str, Tensor]:
        tensors = {
            "periods": torch.tensor(self.kernel.periods, dtype=torch.float64),
            "coefficients": torch.tensor(self.kernel.weights, dtype=torch.float32),
            "weights": self.weights.float(),
            "strengths": torch.tensor(self.strengths, dtype=torch.float32),
        }
        if self.whitenings:
            tensors["whitening_mean"] = torch.cat([w.mean for w in self.whitenings])
            tensors["whitening_DVt"] = torch.stack([w.dvt for w in self.whitenings])
        return tensors

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the file, whole or not at all.

        Raises:
            UnusableFileError: it cannot be written.
        """
        about = {
            "format": _FORMAT,
            "normalisation": self.normalisation,
            "recipe": json.dumps(self.recipe.to_json() if self.recipe else None),
            "training": json.dumps(self.training),
        }
        with whole_file(path) as file:
            file.write(save(self._tensors(), about))


def read_lamv_weights(path: str | os.PathLike[str]) -> LamvWeights:
    """Read a file of weights.

    Raises:
        UnusableFileError: it is missing, broken, something else, or holds numbers that no kernel
            can have.
    """
    path = readable_file(path, "a file of LAMV's weights")
    if path.stat().st_size > _MOST_OCTETS:
        raise UnusableFileError(f"{path}: too large for a file of LAMV's weights; check the path")
    try:
        with safe_open(path, "pt") as file:
            names = list(file.keys())
            about, tensors = file.metadata() or {}, {name: file.get_tensor(name) for name in names}
    except (SafetensorError, OSError, ValueError, RuntimeError, MemoryError) as error:
        raise UnusableFileError(
            f"{path}: not a readable file of safetensors ({one_line(error)[:120]}); {_ANEW}"
        ) from error
    try:
        return _weights(about, tensors)
    except (VideoAlignmentError, ValueError, RecursionError) as error:
        raise UnusableFileError(
            f"{path}: {one_line(error).replace('`', '')[:300]}; {_ANEW}"
        ) from error


def _weights(about: Mapping[str, str], tensors: Mapping[str, Tensor]) -> LamvWeights:
    """What a file's content says.

    Raises:
        ValueError: it is not what `write` writes; the message does not know the file's name.
    """
    if about.get("format") != _FORMAT:
        raise ValueError("no file of LAMV's weights")
    for name in _TENSORS:
        _check_tensor(name, tensors.get(name))
    if tensors["coefficients"].dim() != 2 or tensors["coefficients"].numel() > _MOST_FREQUENCIES:
        raise ValueError(f"coefficients of shape {tuple(tensors['coefficients'].shape)}")
    recipe, training = (json.loads(about.get(name, "null")) for name in ("recipe", "training"))
    return LamvWeights(
        PeriodSet(
            tuple(tensors["periods"].flatten().tolist()),
            tuple(map(tuple, tensors["coefficients"].tolist())),
        ),
        about.get("normalisation", ""),
        tensors["weights"].float(),
        tuple(tensors["strengths"].flatten().tolist()),
        _whitenings(tensors),
        None if recipe is None else FeatureRecipe.from_json(recipe),
        training if isinstance(training, dict) else {},
    )


def _check_tensor(name: str, tensor: Tensor | None) -> None:
    if tensor is None:
        raise ValueError(f"lacks the tensor {name}")
    if not tensor.dtype.is_floating_point or tensor.dtype.itemsize < 4 or not tensor.numel():
        raise ValueError(f"{name} holds {tensor.dtype}, expected some float32")
    if not bool(tensor.isfinite().all()):
        raise ValueError(f"{name} holds NaN or infinity")
    if float(tensor.abs().max()) > max(_MOST, math.inf if name == "periods" else 0):
        raise ValueError(f"{name} holds numbers too large to compute with")


def _whitenings(tensors: Mapping[str, Tensor]) -> tuple[Whitening, ...]:
    names = ("whitening_mean", "whitening_DVt")
    found = [tensors.get(name) for name in names]
    if found == [None, None]:
        return ()
    for name, tensor in zip(names, found, strict=True):
        _check_tensor(name, tensor)
    mean, dvt = (tensor.float() for tensor in found if tensor is not None)
    if mean.dim() != 2 or dvt.dim() != 3 or dvt.shape[::2] != mean.shape:
        raise ValueError(
            f"whitenings of shapes {tuple(mean.shape)} and {tuple(dvt.shape)} do not fit together"
        )
    return tuple(Whitening(m[None], d) for m, d in zip(mean, dvt, strict=True))


def shipped_weights_path(network: str, level: int, longest_frames: int) -> Path | None:
    """The file that ships with the package for features of a network, None where there is none.

    Args:
        network, level: of the features' recipe.
        longest_frames: of the longest video; the file made for the next longer is taken.
    """
    folder = Path(__file__).with_name("models") / "weights"
    found = folder.glob(f"lamv_{network}_{level}_*.safetensors")
    files = {int(path.stem.rsplit("_", 1)[1]): path for path in found}
    longer = [longest for longest in sorted(files) if longest >= longest_frames]
    return files[longer[0]] if longer else None

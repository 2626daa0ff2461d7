"""PCA whitening of descriptors: an exact fit in one pass, and the files that hold it.

With mean m, and eigenvectors V and eigenvalues e of (X - m)^T (X - m), largest first, a descriptor
x becomes DVt (x - m), DVt = diag(1 / sqrt(e + 1e-7)) V^T, scaled to unit norm.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import normalize

from videoalignment.errors import FeatureMismatchError, OptionError, UnusableFileError
from videoalignment.files import readable_file, whole_file
from videoalignment.torch_files import is_plain, load_torch_file

_EPSILON = 1e-7
# Sums of greater numbers' products, squared, leave float32; a whitening's stay below 1e4.
_GREATEST = 1e7


@dataclass(frozen=True)
class Whitening:
    """A PCA whitening from d to k dimensions."""

    mean: Tensor
    """float32, shape (1, d)."""
    dvt: Tensor
    """float32, shape (k, d)."""

    def __call__(self, descriptors: Tensor) -> Tensor:
        """Whiten descriptors (..., d) to unit norm (..., k)."""
        return normalize((descriptors - self.mean) @ self.dvt.T, dim=-1)

    def to(self, device: torch.device) -> "Whitening":
        """The same whitening on another device."""
        return Whitening(self.mean.to(device), self.dvt.to(device))


@dataclass
class PcaSums:
    """All that a PCA needs to know of the rows seen so far: O(d²) numbers, float64."""

    dimensions: int
    count: int = 0
    sum: np.ndarray = field(init=False)
    outer: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.sum = np.zeros(self.dimensions)
        self.outer = np.zeros((self.dimensions, self.dimensions))

    def add(self, rows: np.ndarray) -> None:
        """Take in descriptors, shape (n, dimensions)."""
        rows = np.asarray(rows, dtype=np.float64)
        self.count += len(rows)
        self.sum += rows.sum(axis=0)
        self.outer += rows.T @ rows

    def merge(self, other: "PcaSums") -> None:
        """Take in all that `other` has seen."""
        self.count += other.count
        self.sum += other.sum
        self.outer += other.outer

    def fit(self, dimensions: int) -> Whitening:
        """The whitening to at most `dimensions` numbers, equal to that of all rows at once.

        Raises:
            OptionError: `dimensions` is below 1.
            UnusableFileError: no rows were seen, or some were not finite.
        """
        if dimensions < 1:
            raise OptionError(f"`dimensions` {dimensions}: expected 1 or more")
        if self.count == 0:
            raise UnusableFileError("PCA: no descriptors to train on; give it videos that decode")
        if not np.isfinite(self.outer).all():
            raise UnusableFileError("PCA: descriptors to train on hold NaN or infinity")
        mean = self.sum / self.count
        scatter = self.outer - self.count * np.outer(mean, mean)
        eigenvalues, vectors = np.linalg.eigh(scatter)
        largest = np.argsort(eigenvalues)[::-1][:dimensions]
        # a direction without any spread may come out slightly negative
        scales = 1 / np.sqrt(np.maximum(eigenvalues[largest], 0) + _EPSILON)
        dvt = scales[:, None] * vectors[:, largest].T
        return Whitening(torch.from_numpy(mean[None]).float(), torch.from_numpy(dvt).float())


def whitening_paths(prefix: str, network: str) -> tuple[Path, Path]:
    """Where the mean and the matrix of a whitening are written, e.g. PREFIX_mean_resnet34_29.t7."""
    return Path(f"{prefix}_mean_{network}.t7"), Path(f"{prefix}_Dvt_{network}.t7")


def save_whitening(whitening: Whitening, prefix: str, network: str) -> tuple[Path, Path]:
    """Write a whitening's two files and return their paths.

    Raises:
        UnusableFileError: they cannot be written.
    """
    paths = whitening_paths(prefix, network)
    for path, tensor in zip(paths, (whitening.mean, whitening.dvt), strict=True):
        with whole_file(path) as file:
            torch.save(tensor, file)
    return paths


def load_whitening(prefix: str, network: str) -> Whitening:
    """Read a whitening, own or published (PREFIX_mean_… or PREFIX_pca_mean_…).

    Args:
        prefix: the path up to "_mean" and "_Dvt", or up to "_pca_mean".
        network: backbone and level, e.g. "resnet34_29".

    Raises:
        UnusableFileError: a file is missing (the message lists what was tried) or broken.
        FeatureMismatchError: the two do not fit together.
    """
    tried = [whitening_paths(name, network) for name in (prefix, f"{prefix}_pca")]
    return read_whitening(*(_first_existing(paths) for paths in zip(*tried, strict=True)))


def read_whitening(
    mean_path: str | os.PathLike[str], dvt_path: str | os.PathLike[str]
) -> Whitening:
    """Read a whitening from its two files, tensors (1, d) and (k, d) saved by torch.

    Raises:
        UnusableFileError: a file is missing or broken, or holds what whitens nothing.
        FeatureMismatchError: the two do not fit together.
    """
    mean, dvt = _load_tensor(mean_path).reshape(1, -1), _load_tensor(dvt_path)
    if dvt.ndim != 2 or dvt.shape[1] != mean.shape[1]:
        raise FeatureMismatchError(
            f"{dvt_path}: shape {tuple(dvt.shape)} does not fit the mean's {tuple(mean.shape)} "
            f"in {mean_path}; the two belong to different trainings"
        )
    if not dvt.any():
        raise UnusableFileError(f"{dvt_path}: holds nothing but zeros; {_ANEW}")
    return Whitening(mean, dvt)


def _first_existing(paths: tuple[Path, ...]) -> Path:
    for path in paths:
        if path.is_file():
            return path
    tried = ", ".join(str(path) for path in paths)
    raise UnusableFileError(
        f"no PCA file: tried {tried}; train one (`train_pca`), or give none as its prefix"
    )


_ANEW = "copy it again, or train the PCA anew"


def _load_tensor(path: str | os.PathLike[str]) -> Tensor:
    tensor = load_torch_file(readable_file(path, "a PCA file"), "PCA file")
    if not is_plain(tensor) or not tensor.is_floating_point() or tensor.numel() == 0:
        raise UnusableFileError(f"{path}: holds no plain tensor of numbers; {_ANEW}")
    numbers: Tensor = tensor.detach().float()
    if not numbers.isfinite().all():
        raise UnusableFileError(f"{path}: holds NaN or infinity; {_ANEW}")
    if numbers.abs().amax() > _GREATEST:
        raise UnusableFileError(f"{path}: holds numbers too large to compute with; {_ANEW}")
    return numbers

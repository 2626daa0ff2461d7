"""Scores of TMK+PDQF hashes, as those who exchange them compute them.

Level 1 is the cosine of two mean features, quick and blind to time. Level 2 is the highest value
that a period's kernel reaches at any whole offset, divided by its highest possible value:

    K(delta) = sum_j cos(j u) (c_j . c_j' + s_j . s_j') + sin(j u) (s_j . c_j' - c_j . s_j'),

u = 2 pi delta / T_p. Those are spectra (`spectrum`), a period each, so `matching` finds the
maximum of all pairs at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import torch

from videoalignment.errors import FeatureMismatchError, UnusableFileError
from videoalignment.matching import best_offsets
from videoalignment.spectrum import Spectra
from videoalignment.tmk_files import TmkHash, to_bytes

LEVEL1 = 0.7
"""The usual threshold of level 1."""
LEVEL2 = 0.7
"""The usual threshold of level 2."""

_LONGER = 1.001  # than sqrt(a_j): no row is, but by rounding
_LARGEST_MEAN = 1e12  # a feature of 8-bit frames has at most 2e4


def level1_scores(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Level 1 of every mean feature of `a` with every one of `b`, to the last bit.

    Sums are taken in float32, number after number, as the program does whose scores are exchanged;
    that shows in the sixth digit. A video whose mean is zero, all black, scores 0.

    Args:
        a: mean features, shape (n, d).
        b: mean features, shape (k, d).

    Returns:
        Shape (n, k).

    Raises:
        FeatureMismatchError: the means differ in d.
    """
    if a.shape[1] != b.shape[1]:
        raise FeatureMismatchError(
            f"hashes of {a.shape[1]} and {b.shape[1]} dimensions cannot be compared; "
            "make both in the same way"
        )
    products = np.zeros((len(a), len(b)), np.float32)
    for column_a, column_b in zip(a.T, b.T, strict=True):
        products += np.multiply.outer(column_a, column_b)
    norms = np.multiply.outer(_norms(a), _norms(b))
    return np.divide(products, norms, out=np.zeros_like(products), where=norms > 0)


def _norms(means: np.ndarray) -> np.ndarray:
    squares = np.zeros(len(means), np.float32)
    for column in means.T:
        squares += column * column
    return np.sqrt(squares)


@dataclass(frozen=True)
class PeriodSpectra:
    """Rows of n hashes, ready for level 2: spectra period by period."""

    periods: tuple[int, ...]
    """In frames."""
    spectra: tuple[Spectra, ...]
    """One a period, of n hashes each."""
    highest: float
    """The highest value that a period's kernel can reach."""

    def __len__(self) -> int:
        return len(self.spectra[0])


def period_spectra(hashes: Sequence[TmkHash]) -> PeriodSpectra:
    """The rows of hashes, all folded in the same way, at least one.

    Raises:
        FeatureMismatchError: two were folded in different ways.
        UnusableFileError: rows are longer than any hash's; the message does not know the file.
    """
    first = hashes[0]
    for tmk in hashes:
        first.check_comparable(tmk)
        check_scorable(tmk)
    cosines = torch.from_numpy(np.stack([tmk.cosines for tmk in hashes]))
    sines = torch.from_numpy(np.stack([tmk.sines for tmk in hashes]))
    harmonics = torch.arange(len(first.coefficients), dtype=torch.float64)
    periods = tuple(first.periods.tolist())
    weights = first.coefficients.astype(np.float64)
    return PeriodSpectra(
        periods,
        tuple(
            Spectra(cosines[:, p], sines[:, p], harmonics / period)
            for p, period in enumerate(periods)
        ),
        float(weights[0] + 2 * weights[1:].sum()),
    )


def check_scorable(tmk: TmkHash) -> None:
    """Refuse numbers that would outweigh everything they are compared with.

    Raises:
        UnusableFileError: a row is longer than its coefficient allows; the message does not know
            the file's name.
    """
    longest = np.sqrt(tmk.coefficients.astype(np.float64))
    for name in ("cosines", "sines"):
        lengths = np.linalg.norm(getattr(tmk, name).astype(np.float64), axis=2)
        excess = lengths - longest * _LONGER
        if excess.max() > 0:
            p, j = np.unravel_index(excess.argmax(), excess.shape)
            raise UnusableFileError(
                f"row {j} of period {tmk.periods[p]} among the {name} has length "
                f"{lengths[p, j]:g}, at most {longest[j]:g} was expected; make the hash again"
            )


def level2_scores(a: PeriodSpectra, b: PeriodSpectra) -> np.ndarray:
    """Level 2 of every hash of `a` with every one of `b`, float32, shape (len(a), len(b))."""
    scores = (
        best_offsets(rows_a, rows_b, torch.arange(period)).scores
        for period, rows_a, rows_b in zip(a.periods, a.spectra, b.spectra, strict=True)
    )
    return (reduce(torch.maximum, scores) / a.highest).numpy()


def check_means(means: np.ndarray) -> None:
    """Refuse mean features that are too large for a cosine in float32.

    Raises:
        UnusableFileError: one is; the message does not know the file's name.
    """
    largest = float(np.abs(means).max(initial=0))
    if largest > _LARGEST_MEAN:
        raise UnusableFileError(
            f"has numbers up to {largest:g} in its mean feature, which no video has; "
            "make the hash again"
        )


@dataclass(frozen=True)
class HashDifference:
    """How far one hash is from another of the same video."""

    identical: bool
    """Whether their files are the same to the byte."""
    frames: tuple[int, int]
    """How many frames each has."""
    level1: float
    level2: float
    largest_mean: float
    """Largest difference of two numbers of the mean features, over the length of the second."""
    largest_row: float
    """Largest distance of two rows, over the row's length."""


def hash_difference(a: TmkHash, b: TmkHash) -> HashDifference:
    """Compare two hashes that should be the same.

    Raises:
        FeatureMismatchError: they were folded in different ways.
        UnusableFileError: one has numbers that no hash has.
    """
    rows_a, rows_b = period_spectra([a]), period_spectra([b])
    a.check_comparable(b)
    length = float(np.linalg.norm(b.mean.astype(np.float64))) or 1.0
    lengths = np.sqrt(b.coefficients.astype(np.float64))
    used = lengths > 0
    distances = [
        np.linalg.norm(x.astype(np.float64) - y, axis=2)[:, used] / lengths[used]
        for x, y in ((a.cosines, b.cosines), (a.sines, b.sines))
    ]
    return HashDifference(
        identical=to_bytes(a) == to_bytes(b),
        frames=(a.frames, b.frames),
        level1=float(level1_scores(a.mean[None], b.mean[None])[0, 0]),
        level2=float(level2_scores(rows_a, rows_b)[0, 0]),
        largest_mean=float(np.abs(a.mean.astype(np.float64) - b.mean).max()) / length,
        largest_row=float(np.max(distances)),
    )

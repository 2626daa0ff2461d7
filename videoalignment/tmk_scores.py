"""Scores of TMK+PDQF hashes, as those who exchange them compute them.

Level 1 is the cosine of two mean features, quick and blind to time. Level 2 is the highest value
that a period's kernel reaches at any whole offset, divided by its highest possible value:

    K(delta) = sum_j cos(j u) (c_j . c_j' + s_j . s_j') + sin(j u) (s_j . c_j' - c_j . s_j'),

u = 2 pi delta / T_p. The products in it are matrix products of the rows of many hashes;
`tmk_kernels` finds the maximum.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import torch
from torch import Tensor

from videoalignment.errors import FeatureMismatchError, UnusableFileError
from videoalignment.tmk_files import TmkHash, to_bytes
from videoalignment.tmk_kernels import highest_values
from videoalignment.workers import map_in_order

LEVEL1 = 0.7
"""The usual threshold of level 1."""
LEVEL2 = 0.7
"""The usual threshold of level 2."""

_WAVES = ("cosines", "sines")
_BLOCK_A, _BLOCK_B = 16, 128  # hashes a side whose products stay in the cache
_LONGER = 1.001  # than sqrt(a_j): no row is, but by rounding
_MOST_ROWS = 2048  # a usual hash has 128; work grows with their square
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


@dataclass(frozen=True, eq=False)
class HashRows:
    """Rows of n hashes, ready for level 2."""

    rows: Tensor
    """For each period and harmonic the cosine rows of all hashes, then their sine rows, float32,
    shape (P m, 2n, d)."""
    like: TmkHash
    """One of the hashes, which says how they were folded."""

    def __len__(self) -> int:
        return self.rows.shape[1] // 2

    def __getitem__(self, chosen: slice) -> "HashRows":
        rows = self.rows.unflatten(1, (2, -1))[:, :, chosen].flatten(1, 2)
        return HashRows(rows, self.like)


def hash_rows(hashes: Sequence[TmkHash]) -> HashRows:
    """The rows of hashes, all folded in the same way, at least one.

    Raises:
        FeatureMismatchError: two were folded in different ways.
        UnusableFileError: rows are longer than any hash's; the message does not know the file.
    """
    for tmk in hashes:
        hashes[0].check_comparable(tmk)
        check_scorable(tmk)
    waves = [torch.from_numpy(np.stack([getattr(tmk, w) for tmk in hashes])) for w in _WAVES]
    rows = torch.stack(waves).permute(2, 3, 0, 1, 4)  # (P, m, 2, n, d)
    return HashRows(rows.flatten(2, 3).flatten(0, 1).contiguous(), hashes[0])


def check_scorable(tmk: TmkHash) -> None:
    """Refuse numbers that would outweigh everything they are compared with.

    Raises:
        UnusableFileError: a row is longer than its coefficient allows, or there are too many; the
            message does not know the file's name.
    """
    periods, harmonics, _ = tmk.cosines.shape
    if periods * harmonics > _MOST_ROWS:
        raise UnusableFileError(
            f"has {periods} periods of {harmonics} harmonics, more than {_MOST_ROWS} rows; "
            "make the hash again"
        )
    longest = np.sqrt(tmk.coefficients.astype(np.float64))
    for name in _WAVES:
        lengths = np.linalg.norm(getattr(tmk, name).astype(np.float64), axis=2)
        excess = lengths - longest * _LONGER
        if excess.max() > 0:
            p, j = np.unravel_index(excess.argmax(), excess.shape)
            raise UnusableFileError(
                f"row {j} of period {tmk.periods[p]} among the {name} has length "
                f"{lengths[p, j]:g}, at most {longest[j]:g} was expected; make the hash again"
            )


def level2_scores(a: HashRows, b: HashRows) -> np.ndarray:
    """Level 2 of every hash of `a` with every one of `b`, float32, shape (len(a), len(b)).

    Raises:
        FeatureMismatchError: they were folded in different ways.
    """
    a.like.check_comparable(b.like)
    weights = a.like.coefficients.astype(np.float64)
    highest = weights[0] + 2 * weights[1:].sum()
    corners = list(product(range(0, len(a), _BLOCK_A), range(0, len(b), _BLOCK_B)))
    scores = np.empty((len(a), len(b)), np.float32)

    def score(corner: tuple[int, int]) -> Tensor:
        i, j = corner
        return _highest_of_pairs(a[i : i + _BLOCK_A], b[j : j + _BLOCK_B])

    blocks = map_in_order(torch.inference_mode()(score), corners, torch.get_num_threads())
    for (i, j), block in zip(corners, blocks, strict=True):
        scores[i : i + _BLOCK_A, j : j + _BLOCK_B] = block.numpy() / highest
    return scores


def _highest_of_pairs(a: HashRows, b: HashRows) -> Tensor:
    """The highest value of the kernels of each pair, shape (len(a), len(b))."""
    products = torch.bmm(a.rows, b.rows.transpose(1, 2))  # (P m, 2 len(a), 2 len(b))
    cosine_rows, sine_rows = products.chunk(2, dim=1)
    cos_cos, cos_sin = cosine_rows.chunk(2, dim=2)
    sin_cos, sin_sin = sine_rows.chunk(2, dim=2)
    periods, harmonics = len(a.like.periods), len(a.like.coefficients)
    parts = [
        part.reshape(periods, harmonics, -1) for part in (cos_cos + sin_sin, sin_cos - cos_sin)
    ]
    coefficients = torch.cat(parts, dim=1).transpose(1, 2).contiguous()
    lengths = torch.from_numpy(a.like.periods.astype(np.float64))
    return highest_values(coefficients, lengths).view(len(a), len(b))


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
    rows_a, rows_b = hash_rows([a]), hash_rows([b])
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

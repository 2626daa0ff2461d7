"""Many `.tmk` files at once: their mean features, and both scores of all their pairs."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from videoalignment.errors import FeatureMismatchError, UnusableFileError
from videoalignment.progress import Progress
from videoalignment.tmk_files import SUFFIX, TmkHash, read_hash, read_mean
from videoalignment.tmk_scores import (
    check_means,
    check_scorable,
    hash_rows,
    level1_scores,
    level2_scores,
)

BLOCK = 128
"""Hashes a side whose rows are compared at once; their rows take 34 megabytes."""


@dataclass(frozen=True)
class PairScores:
    """Both scores of two hashes."""

    a: Path
    b: Path
    level1: float
    """Cosine of the mean features."""
    level2: float
    """Highest value of the kernels, 1 for a hash with itself."""


def score_files(
    a: Sequence[str | os.PathLike],
    b: Sequence[str | os.PathLike] | None = None,
    *,
    progress: Progress | None = None,
) -> Iterator[PairScores]:
    """Both scores of every file of `a` with every file of `b`, or of all pairs within `a`.

    Args:
        a: `.tmk` files.
        b: others; None for each of `a` with those that come after it.
        progress: advanced by the number of pairs done.

    Yields:
        The pairs, in the order of the files.

    Raises:
        UnusableFileError: a file cannot be used.
        FeatureMismatchError: files were made in different ways.
    """
    within = b is None
    files_a = [Path(file) for file in a]
    files_b = files_a if b is None else [Path(file) for file in b]
    means_a, means_b = read_means(files_a), read_means(files_b)
    read = scorable_hashes()
    for begin in range(0, len(files_a), BLOCK):
        rows_a = hash_rows([read(file) for file in files_a[begin : begin + BLOCK]])
        level1 = level1_scores(means_a[begin : begin + BLOCK], means_b)
        level2 = np.empty_like(level1)
        for other in range(begin if within else 0, len(files_b), BLOCK):
            block_b = files_b[other : other + BLOCK]
            rows_b = hash_rows([read(file) for file in block_b])
            level2[:, other : other + BLOCK] = level2_scores(rows_a, rows_b)
            if progress:
                progress.advance(len(rows_a) * len(rows_b))
        for i, file_a in enumerate(files_a[begin : begin + BLOCK]):
            for j in range(begin + i + 1 if within else 0, len(files_b)):
                yield PairScores(file_a, files_b[j], float(level1[i, j]), float(level2[i, j]))


def find_hashes(sources: Sequence[str | os.PathLike]) -> list[Path]:
    """The `.tmk` files of files and folder trees, each once, folders in the order of names.

    Raises:
        UnusableFileError: there is no such file or folder, or no hash in a folder.
    """
    found: dict[Path, None] = {}
    for source in map(Path, sources):
        if not source.is_dir():
            if not source.exists():
                raise UnusableFileError(f"{source}: no such file or folder")
            found[source] = None
            continue
        files = [Path(folder, name) for folder, _, names in os.walk(source) for name in names]
        hashes = sorted(file for file in files if file.suffix.lower() == SUFFIX)
        hashes = [file for file in hashes if not file.name.startswith(".")]
        if not hashes:
            raise UnusableFileError(f"{source}: holds no {SUFFIX} files")
        found.update(dict.fromkeys(hashes))
    return list(found)


def read_means(files: Sequence[str | os.PathLike]) -> np.ndarray:
    """Mean features of `.tmk` files, all of the same width, float32, shape (n, d).

    Raises:
        UnusableFileError: a file cannot be used.
        FeatureMismatchError: two differ in width.
    """
    means = None
    for i, file in enumerate(files):
        mean = read_mean(file)
        try:
            check_means(mean)
        except UnusableFileError as error:
            raise UnusableFileError(f"{file}: {error}") from None
        if means is None:
            means = np.empty((len(files), len(mean)), np.float32)
        if len(mean) != means.shape[1]:
            raise FeatureMismatchError(
                f"{file}: has {len(mean)} dimensions, {files[0]} has {means.shape[1]}; "
                "make both in the same way"
            )
        means[i] = mean
    return np.empty((0, 0), np.float32) if means is None else means


def scorable_hashes() -> Callable[[str | os.PathLike], TmkHash]:
    """A reader of `.tmk` files that checks that they are fit for scores, and keeps the last ones.

    It raises UnusableFileError where a file cannot be used.
    """

    @lru_cache(4 * BLOCK)
    def read(file: str | os.PathLike) -> TmkHash:
        tmk = read_hash(file)
        try:
            check_scorable(tmk)
        except UnusableFileError as error:
            raise UnusableFileError(f"{file}: {error}") from None
        return tmk

    return read  # type: ignore[return-value]  # paths can be hashed

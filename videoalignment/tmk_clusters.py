"""Clusters of TMK+PDQF hashes: the connected components over pairs that pass both levels.

Level 1 compares all pairs by matrix products of mean features, tile by tile, so that memory holds
the means and little else. Level 2 reads the rows, many times as large, only of pairs that pass
level 1 and are not connected already: joining them again would change nothing.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations_with_replacement
from pathlib import Path

import numpy as np

from videoalignment.errors import OptionError
from videoalignment.progress import Progress
from videoalignment.tmk_files import TmkHash
from videoalignment.tmk_pairs import BLOCK, read_means, scorable_hashes
from videoalignment.tmk_scores import LEVEL1, LEVEL2, hash_rows, level1_scores, level2_scores

_TILE = 2048  # means a side that are multiplied at once
_DOUBT = 1e-4  # far above what the order of float32 sums can make of a cosine


def cluster_hashes(
    paths: Sequence[str | os.PathLike],
    *,
    level1: float = LEVEL1,
    level2: float = LEVEL2,
    progress: Progress | None = None,
) -> list[list[Path]]:
    """Group `.tmk` files: two are together if a chain of pairs that pass both levels joins them.

    Args:
        paths: the files; their order changes nothing, and one that is named twice counts once.
        level1: the least level 1 of a pair, -1 to 1.
        level2: the least level 2 of a pair, -1 to 1.
        progress: advanced by the number of pairs done, of n (n + 1) / 2.

    Returns:
        Each group's files in order, groups in the order of their first files.

    Raises:
        UnusableFileError: a file cannot be used.
        FeatureMismatchError: files were made in different ways.
        OptionError: a threshold is out of range.
    """
    for name, value in (("level1", level1), ("level2", level2)):
        if not -1 <= value <= 1:
            raise OptionError(f"`{name}` {value:g}: expected a number from -1 to 1")
    files = sorted({os.fspath(path) for path in paths})
    means = read_means(files)
    groups = _Groups(len(files))
    read = scorable_hashes()
    for i, j in _pairs_above(means, level1, progress):
        _join(groups, i, j, lambda n: read(files[n]), level2)
    members: dict[int, list[Path]] = {}
    for n, file in enumerate(files):
        members.setdefault(groups.of(n), []).append(Path(file))
    return list(members.values())


class _Groups:
    """Which items are connected so far; each group is known by its first item."""

    def __init__(self, count: int) -> None:
        self._parents = np.arange(count)

    def of(self, item: int) -> int:
        """The first item of the group that holds this one."""
        parents = self._parents
        while parents[item] != item:
            parents[item] = parents[parents[item]]
            item = parents[item]
        return int(item)

    def all_of(self, items: np.ndarray) -> np.ndarray:
        """`of` for many items."""
        found = self._parents[items]
        while (further := self._parents[found]).tolist() != found.tolist():
            found = further
        return found

    def join(self, a: int, b: int) -> None:
        """Make two groups one."""
        first, second = sorted((self.of(a), self.of(b)))
        self._parents[second] = first


def _pairs_above(
    means: np.ndarray, level1: float, progress: Progress | None
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pairs i < j that pass level 1, tile by tile."""
    units = _unit_rows(means)
    starts = range(0, len(means), _TILE)
    for begin_i, begin_j in combinations_with_replacement(starts, 2):
        cosines = units[begin_i : begin_i + _TILE] @ units[begin_j : begin_j + _TILE].T
        i, j = np.nonzero(cosines >= level1 - _DOUBT)
        doubtful = cosines[i, j] < level1 + _DOUBT
        i, j = i + begin_i, j + begin_j
        kept = i < j
        kept[doubtful] &= _passes(means, i[doubtful], j[doubtful], level1)
        if kept.any():
            yield i[kept], j[kept]
        if progress:
            within = begin_i == begin_j
            progress.advance(len(cosines) * (len(cosines) + 1) // 2 if within else cosines.size)


def _unit_rows(means: np.ndarray) -> np.ndarray:
    norms = np.linalg.norm(means, axis=1, keepdims=True)
    return means / np.where(norms == 0, 1, norms)


def _passes(means: np.ndarray, i: np.ndarray, j: np.ndarray, level1: float) -> np.ndarray:
    """Whether pairs pass level 1 as it is defined, whatever tile they lie in."""
    scores = [
        level1_scores(means[a : a + 1], means[b : b + 1])[0, 0] for a, b in zip(i, j, strict=True)
    ]
    return np.array(scores, np.float32) >= level1


def _join(
    groups: _Groups,
    i: np.ndarray,
    j: np.ndarray,
    hash_of: Callable[[int], TmkHash],
    level2: float,
) -> None:
    """Connect those pairs of a tile that pass level 2 too, block by block."""
    blocks = np.stack([i // BLOCK, j // BLOCK])
    order = np.lexsort((blocks[1], blocks[0]))
    cuts = np.flatnonzero(np.diff(blocks[:, order]).any(0)) + 1
    for block in np.split(order, cuts):
        apart = groups.all_of(i[block]) != groups.all_of(j[block])
        if not apart.any():
            continue
        a, place_a = np.unique(i[block][apart], return_inverse=True)
        b, place_b = np.unique(j[block][apart], return_inverse=True)
        hashes_a, hashes_b = ([hash_of(int(n)) for n in names] for names in (a, b))
        scores = level2_scores(hash_rows(hashes_a), hash_rows(hashes_b))
        for x, y in zip(place_a, place_b, strict=True):
            if scores[x, y] >= level2:
                groups.join(int(a[x]), int(b[y]))

"""Plain ways to find copied segments in a table of similarities: voting diagonals, time warping.

Each takes the features of two videos and gives boxes with scores, as `align` does, so that
`copied_segments.py` can compare them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from dtaidistance import dtw, dtw_ndim

from videoalignment.features.store import FrameFeatures

ScoredBox = tuple[tuple[float, float, float, float], float]
Find = Callable[[FrameFeatures, FrameFeatures], Sequence[ScoredBox]]


def _centred(features: FrameFeatures) -> np.ndarray:
    """As `align` has them: similarity to what a video shows all along tells nothing."""
    rows = features.descriptors - features.descriptors.mean(axis=0)
    return rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-6)


def _runs(near: np.ndarray, gap: int) -> list[tuple[int, int]]:
    """First and last places of runs that are true, but for gaps of so many places."""
    places = np.flatnonzero(near)
    if not len(places):
        return []
    cuts = np.flatnonzero(np.diff(places) > gap + 1)
    first = [0, *(cuts + 1)]
    last = [*cuts, len(places) - 1]
    return [(int(places[f]), int(places[e])) for f, e in zip(first, last, strict=True)]


@dataclass(frozen=True)
class Hough:
    """Moments that look alike vote for their offset; runs along the offsets with most votes."""

    similar_from: float = 0.4
    offsets: int = 8
    """That are looked at."""
    gap: int = 3
    """Moments that may look unlike within a run."""
    least: int = 3
    """Moments of a run."""

    def __call__(self, a: FrameFeatures, b: FrameFeatures) -> list[ScoredBox]:
        similarity = _centred(a) @ _centred(b).T
        rows, columns = np.nonzero(similarity >= self.similar_from)
        votes = np.bincount(
            columns - rows + len(similarity),
            weights=similarity[rows, columns],
            minlength=sum(similarity.shape) + 1,
        )
        votes = np.convolve(votes, np.ones(3), "same")  # a speed near 1 drifts
        found: list[ScoredBox] = []
        taken = np.zeros(similarity.shape, bool)
        for offset in np.argsort(-votes, kind="stable")[: self.offsets] - len(similarity):
            near = np.zeros(len(similarity))
            for shift in (-1, 0, 1):
                row = np.arange(len(similarity))
                column = row + offset + shift
                inside = (column >= 0) & (column < similarity.shape[1])
                row, column = row[inside], column[inside]
                free = np.where(taken[row, column], 0, similarity[row, column])
                near[row] = np.maximum(near[row], free)
            for first, last in _runs(near >= self.similar_from, self.gap):
                along = near[first : last + 1]
                if (along >= self.similar_from).sum() < self.least:
                    continue
                box = (first, max(0, first + offset), last + 1, last + 1 + offset)
                found.append((tuple(map(float, box)), float(along.sum())))
                begin, end = max(0, first + offset - 3), last + offset + 4
                taken[first : last + 1, begin:end] = True
        return found


@dataclass(frozen=True)
class TimeWarping:
    """The path of dynamic time warping, the shorter video within the longer one, cut where it looks
    unlike."""

    similar_from: float = 0.4
    gap: int = 3
    least: int = 3

    def __call__(self, a: FrameFeatures, b: FrameFeatures) -> list[ScoredBox]:
        one, other = (_centred(x).astype(np.float64) for x in (a, b))
        anywhere = [0, 0, len(other) - 1, len(other) - 1]  # all of the shorter one, in the longer
        if len(one) > len(other):
            anywhere = [len(one) - 1, len(one) - 1, 0, 0]
        _, costs = dtw_ndim.warping_paths_fast(one, other, psi=anywhere, penalty=0.5, psi_neg=True)
        rows, columns = np.array(dtw.best_path(costs)).T
        along = (one[rows] * other[columns]).sum(axis=1)
        found: list[ScoredBox] = []
        for first, last in _runs(along >= self.similar_from, self.gap):
            if (along[first : last + 1] >= self.similar_from).sum() < self.least:
                continue
            box = rows[first], columns[first], rows[last] + 1, columns[last] + 1
            found.append((tuple(map(float, box)), float(along[first : last + 1].sum())))
        return found

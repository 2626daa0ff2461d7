"""Segments that two videos share, from features that are too coarse to align by frames.

At one frame a second there are no offsets between frames to refine, but a copy of ten seconds still
has ten moments that look like ten others, in order. So all moments are compared with all, and paths
along which they agree are taken one by one, the strongest first; several of them, re-ordered, at
several speeds, are no special case. A path is believed by what agrees along it, counted so that
what does not change counts once: black, a still, or a studio that two broadcasts share.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from videoalignment.align.alignment import Segment
from videoalignment.align.calibration import Calibration
from videoalignment.align.coarse_settings import COARSE
from videoalignment.align.footage import Footage
from videoalignment.align.paths import best_local_path, pieces
from videoalignment.features.store import FrameFeatures
from videoalignment.time_map import TimeMap

COARSE_CALIBRATION = Calibration(
    weights=(1.304, 0.988, -0.507), intercept=0.505, settings="dcf0487dfa17102f"
)
"""Fitted by benchmarks/calibrate_copies.py."""


@dataclass(frozen=True)
class SharedSegment:
    """A stretch of A that a stretch of B seems to show."""

    segment: Segment
    """From corner to corner; its score is the mean similarity of the moments that meet."""
    confidence: float
    """Calibrated probability, 0..1, that it is a copy."""
    measures: tuple[float, ...]
    """What the confidence was made from."""

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Begin in A and in B, end in A and in B, seconds."""
        s = self.segment
        return s.begin_a_s, s.begin_b_s, s.end_a_s, s.end_b_s


def shared_segments(
    a: FrameFeatures, b: FrameFeatures, *, min_confidence: float = 0.0
) -> list[SharedSegment]:
    """Find the segments that two videos share.

    Places are known to a moment, 1 / `COARSE.rate_hz` s or the time from frame to frame where that
    is longer. Features of more frames a second are averaged.

    Args:
        a, b: the two videos' features.
        min_confidence: of the segments that are given.

    Returns:
        The surest first; they may overlap in A or in B, not in both.

    Raises:
        FeatureMismatchError: the features cannot be compared.
    """
    a.check_comparable(b)
    pair = _Pair.of(a, b)
    found = [pair.judged(path) for path in pair.paths()]
    found = [segment for segment in found if segment.confidence >= min_confidence]
    return sorted(found, key=lambda segment: -segment.confidence)


@dataclass(frozen=True)
class _Moments:
    """A video's moments, evenly spaced."""

    descriptors: np.ndarray
    """Unit norm, centred on the video's mean before, float32, shape (n, d)."""
    novelty: np.ndarray
    """How much each differs from the one before, 0..1, shape (n,)."""
    begin_s: float
    step_s: float

    @classmethod
    def of(cls, footage: Footage, step_s: float) -> "_Moments":
        """Average footage over spans of so many seconds."""
        count = max(1, round((footage.end_s - footage.begin_s) / step_s))
        rows = footage.averaged(footage.begin_s + step_s * np.arange(count + 1))
        rows = _unit(rows) - _unit(rows).mean(axis=0) if count > 1 else rows
        rows = _unit(rows)
        alike = (rows[1:] * rows[:-1]).sum(axis=1)
        novelty = np.append(1.0, ((1 - alike) / COARSE.novelty).clip(0, 1))
        return cls(rows, novelty, footage.begin_s, step_s)

    def begins_s(self, index: int) -> float:
        """When a moment begins; the one after the last ends the video."""
        return self.begin_s + self.step_s * index


@dataclass(frozen=True)
class _Pair:
    """All moments of two videos compared with all."""

    a: _Moments
    b: _Moments
    similarity: np.ndarray
    """-1..1, shape (n, m)."""
    above: np.ndarray
    """How far each stands out, shape (n, m)."""
    gains: np.ndarray
    """How much each meeting and its neighbours speak for a copy, spreads of the background."""

    @classmethod
    def of(cls, a: FrameFeatures, b: FrameFeatures) -> "_Pair":
        """Compare two videos."""
        footage = Footage.of(a), Footage.of(b)
        length_a_s, length_b_s = (f.end_s - f.begin_s for f in footage)
        step_s = max(
            1 / COARSE.rate_hz,
            *(float(np.median(np.diff(f.edges_s))) for f in footage),
            math.sqrt(length_a_s * length_b_s / COARSE.most_cells),
        )
        moments_a, moments_b = (_Moments.of(f, step_s) for f in footage)
        similarity = moments_a.descriptors @ moments_b.descriptors.T
        above = _above(similarity)
        return cls(moments_a, moments_b, similarity, above, _gains(above))

    def paths(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The cells of each path, shape (cells, 2), and what each cell gains; the strongest first.

        What a path has explained counts against further ones.
        """
        left = self.gains.copy()
        for _ in range(COARSE.most_paths):
            path, total = best_local_path(left, COARSE.skip)
            if total < COARSE.least_gain:
                return
            rows, columns = path.T
            net = left[rows, columns]
            net[1:] -= COARSE.skip * (np.diff(path, axis=0).sum(axis=1) - 2)
            for piece in pieces(net, COARSE.drop):
                if net[piece].sum() >= COARSE.least_gain:
                    piece = self._trimmed(path, piece)
                    yield path[piece], left[rows[piece], columns[piece]]
            gained = COARSE.shadow * self.gains[rows, columns].clip(0)
            explained_a, explained_b = np.zeros(left.shape[0]), np.zeros(left.shape[1])
            np.maximum.at(explained_a, rows, gained)
            np.maximum.at(explained_b, columns, gained)
            left -= np.maximum(explained_a[:, None], explained_b).astype(np.float32)
            for shift in range(-COARSE.band, COARSE.band + 1):
                left[rows, (columns + shift).clip(0, left.shape[1] - 1)] = -COARSE.most
                left[(rows + shift).clip(0, left.shape[0] - 1), columns] = -COARSE.most

    def _trimmed(self, path: np.ndarray, piece: slice) -> slice:
        """A piece of a path without what neighbours and chance brought in at both ends.

        It begins and ends with a moment that looks more like the rest than like chance.
        """
        above = self.above[path[piece, 0], path[piece, 1]]
        inside = np.flatnonzero(above >= min(above.mean() / 2, above.max()))
        return slice(piece.start + int(inside[0]), piece.start + int(inside[-1]) + 1)

    def judged(self, found: tuple[np.ndarray, np.ndarray]) -> SharedSegment:
        """A path as a segment, with how sure it is."""
        path, gains = found
        numbers = self.measures(path, gains)
        (first_a, first_b), (last_a, last_b) = path[0].tolist(), path[-1].tolist()
        begin_a_s, end_a_s = self.a.begins_s(first_a), self.a.begins_s(last_a + 1)
        begin_b_s, end_b_s = self.b.begins_s(first_b), self.b.begins_s(last_b + 1)
        speed = (end_b_s - begin_b_s) / (end_a_s - begin_a_s)
        line = TimeMap(begin_b_s - speed * begin_a_s, speed)
        likeness = float(self.similarity[path[:, 0], path[:, 1]].mean().clip(0, 1))
        segment = Segment(line, begin_a_s, end_a_s, likeness)
        confidence = COARSE_CALIBRATION.probability(np.array(numbers))
        return SharedSegment(segment, confidence, numbers)

    def measures(self, path: np.ndarray, gains: np.ndarray) -> tuple[float, float, float]:
        """The numbers that the decision rests on.

        They are what the path gains, each moment as far as it is new in both videos (logarithm);
        the root of the number of independent changes that agree, without those that agree most: two
        broadcasts from one studio may cut at the same moments, but what happens between the cuts
        differs; and how many places there were to begin at (logarithm).

        Args:
            path: its cells, shape (cells, 2).
            gains: of the cells, shape (cells,).
        """
        rows, columns = path.T
        new = np.minimum(self.a.novelty[rows], self.b.novelty[columns])
        fresh = float((gains.clip(0) * new + gains.clip(None, 0)).sum())
        changes_a = np.diff(self.a.descriptors[rows], axis=0)
        changes_b = np.diff(self.b.descriptors[columns], axis=0)
        agreement = np.sort((changes_a * changes_b).sum(axis=1))
        weakest = agreement[: math.ceil(COARSE.weakest * len(agreement))]
        size = math.sqrt(float(np.square(weakest).sum()) + COARSE.noise)
        lasting = float(weakest.sum()) / size
        return math.log1p(max(0.0, fresh)), lasting, math.log(self.similarity.size)


def _above(similarity: np.ndarray) -> np.ndarray:
    """How far each similarity stands out from those of its row and its column.

    A frame that looks like everything (a blur, a talking head) raises its whole row.
    """
    rows = np.median(similarity, axis=1, keepdims=True)
    columns = np.median(similarity, axis=0, keepdims=True)
    above: np.ndarray = similarity - (rows + columns - np.median(similarity))
    return above


def _gains(above: np.ndarray) -> np.ndarray:
    """What each meeting gains a path: the mean with its neighbours, before and after in both.

    Of copies that differ much, single moments hardly stand out; a few in a row do.
    """
    n, m = above.shape
    sums, counts = above.copy(), np.ones((n, m), np.float32)
    for k in range(1, min(COARSE.neighbours, n - 1, m - 1) + 1):
        sums[k:, k:] += above[:-k, :-k]
        sums[:-k, :-k] += above[k:, k:]
        counts[k:, k:] += 1
        counts[:-k, :-k] += 1
    means = sums / counts
    spread = max(1.4826 * float(np.median(np.abs(means))), COARSE.background_floor)
    return np.minimum(means / spread, COARSE.most).astype(np.float32) - COARSE.chance


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-6)

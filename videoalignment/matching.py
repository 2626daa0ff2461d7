"""All pairs at once: for every query and every database video the best offset and its score.

Spectra are made once a video. The products of a block of queries with a block of videos are
batched matrix products; what is left a pair is 2K numbers, from which a product with a fixed table
gives the score at every offset. Two things keep that small:

- The score is a trigonometric polynomial, so its curvature is bounded: |score''| <= M with
  M = sum_k (2 pi w_k)^2 |(X_k, Y_k)|, and between two samples a distance h apart it lies below the
  higher of them + M h^2 / 8. It is sampled coarsely first; only where that bound exceeds the best
  value known are the offsets in between computed. The result is that of a full scan.
- Curves are made and reduced block by block; they never lie in memory together.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import torch
from torch import Tensor

from videoalignment.errors import VideoAlignmentError
from videoalignment.progress import Progress
from videoalignment.spectrum import Spectra, waves
from videoalignment.workers import map_in_order

_PRODUCT_BYTES = 128 << 20  # of a block of pairs
_CANDIDATES = 1 << 14  # coarse samples looked around at once; most pairs have a handful
_GROUP = 32  # coarse samples that are compared by their maximum first


@dataclass(frozen=True)
class BestOffsets:
    """For every query and every database video, where they match best."""

    scores: Tensor
    """The highest score, shape (Q, N)."""
    offsets: Tensor
    """The offset it was reached at, x_query - x_database in feature frames, shape (Q, N)."""


def best_offsets(
    queries: Spectra,
    database: Spectra,
    offsets: Tensor,
    *,
    windows: Sequence[tuple[int, int]] | None = None,
    precision: torch.dtype = torch.float32,
    progress: Progress | None = None,
) -> BestOffsets:
    """Find, for every query and every database video, the offset with the highest score.

    Args:
        queries: spectra of Q queries, from a model's `query_spectra`.
        database: spectra of N videos, from a model's `spectra`, on the same device.
        offsets: candidate offsets in feature frames, ascending and evenly spaced, shape (n,).
        windows: for each database video the range [begin, end) of indices into `offsets` that is
            searched; all of them unless given.
        precision: of the products of descriptors. float16 and bfloat16 halve the memory that is
            read and use a GPU's matrix units, and keep about three and two digits of the score, so
            that offsets whose scores are that close may change places.
        progress: advanced by the number of pairs done.

    Returns:
        Scores and offsets, both of shape (Q, N), float32 on the CPU. The offset is that of a full
        scan, but for ties within 1e-6 of the score.

    Raises:
        VideoAlignmentError: the spectra differ in K or d (the message shows both), the offsets
            are not evenly spaced, or there is not one window a video, or an empty one.
    """
    _check(queries, database, offsets, windows)
    windows = windows or [(0, len(offsets))] * len(database)
    scan = _Scan(queries, database, offsets)
    size = (len(queries), len(database))
    scores, indices = torch.empty(size), torch.empty(size, dtype=torch.long)
    on_cpu = queries.cosines.device.type == "cpu"
    threads = torch.get_num_threads() if on_cpu else 1
    block = _block_size(len(queries.turns), -(-len(queries) // threads))

    def match(corner: tuple[int, int]) -> tuple[Tensor, Tensor]:
        """Best scores and indices, shape (videos, queries), of the block that begins there."""
        q, n = corner
        rows, row_scale = _stack(queries[q : q + block], precision)
        columns, column_scale = _stack(database[n : n + block], precision)
        coefficients = _multiply(rows, columns, row_scale * column_scale)
        best = [scan.maximum(c, *windows[n + j]) for j, c in enumerate(coefficients)]
        best_scores, indices = zip(*best, strict=True)
        return torch.stack(best_scores), torch.stack(indices)

    corners = list(product(range(0, len(queries), block), range(0, len(database), block)))
    matched = map_in_order(torch.inference_mode()(match), corners, threads)
    for (q, n), (score, index) in zip(corners, matched, strict=True):
        place = (slice(q, q + block), slice(n, n + block))
        scores[place], indices[place] = score.T, index.T
        if progress:
            progress.advance(score.numel())
    return BestOffsets(scores, offsets.cpu()[indices])


def _check(
    queries: Spectra,
    database: Spectra,
    offsets: Tensor,
    windows: Sequence[tuple[int, int]] | None,
) -> None:
    shapes = tuple(queries.cosines.shape[1:]), tuple(database.cosines.shape[1:])
    if shapes[0] != shapes[1]:
        raise VideoAlignmentError(
            f"queries of {shapes[0]} and videos of {shapes[1]} (frequencies, dimensions) "
            "cannot be compared; make both with the same model and features"
        )
    steps = offsets.double().diff()
    if len(offsets) == 0 or (len(steps) and not (steps[0] > 0 and steps.allclose(steps[0]))):
        raise VideoAlignmentError("offsets must be ascending and evenly spaced, at least one")
    if windows and len(windows) != len(database):
        raise VideoAlignmentError(f"{len(windows)} windows for {len(database)} videos")
    if windows and not all(0 <= begin < end <= len(offsets) for begin, end in windows):
        raise VideoAlignmentError(
            f"every window must hold at least one of the {len(offsets)} offsets"
        )


def _block_size(frequencies: int, most: int) -> int:
    """Videos in a block whose four products, float32, stay within the memory set for them."""
    return max(1, min(256, most, math.isqrt(_PRODUCT_BYTES // (16 * frequencies))))


def _stack(spectra: Spectra, precision: torch.dtype) -> tuple[Tensor, Tensor]:
    """Cosine rows of all videos, then their sine rows, a matrix a frequency, and its scale.

    The power of CTE's spectra spans more than float16 does, so that in a lower precision each
    matrix is scaled to at most 1.

    Returns:
        Rows / scale, shape (K, 2b, d), and the scale, shape (K, 1, 1) or (1, 1, 1).
    """
    rows = torch.cat([spectra.cosines, spectra.sines]).transpose(0, 1)
    if precision == torch.float32:
        return rows, rows.new_ones(1, 1, 1)
    scale = rows.abs().amax((1, 2), keepdim=True)
    scale = scale.masked_fill(scale == 0, 1)
    return (rows / scale).to(precision), scale


def _multiply(queries: Tensor, database: Tensor, scale: Tensor) -> Tensor:
    """X, then Y of all pairs, from stacked spectra: (N, Q, 2K)."""
    products = torch.bmm(queries, database.transpose(1, 2)).float()  # (K, 2Q, 2N)
    cosine_rows, sine_rows = products.chunk(2, dim=1)
    cos_cos, cos_sin = cosine_rows.chunk(2, dim=2)
    sin_cos, sin_sin = sine_rows.chunk(2, dim=2)
    x, y = (cos_cos + sin_sin).mul_(scale), (sin_cos - cos_sin).mul_(scale)
    return torch.cat([x, y]).permute(2, 1, 0).contiguous()


class _Scan:
    """Finds the maximum over offsets of scores that are given by their coefficients."""

    def __init__(self, queries: Spectra, database: Spectra, offsets: Tensor) -> None:
        turns = queries.turns.double().cpu()
        device = queries.cosines.device
        offsets = offsets.double().cpu()
        step = float(offsets[1] - offsets[0]) if len(offsets) > 1 else 1.0
        squared = (2 * math.pi * turns).square()
        self.stride = _stride(queries, database, squared.to(device), step)
        self._squared = squared.float().to(device)
        self._slack = (self.stride * step) ** 2 / 8
        # One sample beyond the last offset bounds the interval that the last offset lies in, more
        # of them fill up the last group.
        samples = -(-(len(offsets) - 1) // self.stride) + 1 + _GROUP
        coarse = offsets[0] + self.stride * step * torch.arange(samples, dtype=torch.float64)
        self._coarse = _table(coarse, turns).to(device)
        self._coarse_rows = self._coarse.T.contiguous()
        self._near = torch.arange(1 - self.stride, self.stride, device=device)
        self._local = _table(self._near.cpu() * step, turns).to(device)

    def maximum(self, coefficients: Tensor, begin: int, end: int) -> tuple[Tensor, Tensor]:
        """Highest score, and its index into the offsets, within [begin, end).

        Args:
            coefficients: X, then Y of Q pairs, shape (Q, 2K).

        Returns:
            Scores and indices, both of shape (Q,).
        """
        first, last = begin // self.stride, -(-(end - 1) // self.stride)
        width = -(-(last - first + 1) // _GROUP) * _GROUP
        values = coefficients @ self._coarse[:, first : first + width]
        inside = values[:, -(-begin // self.stride) - first : (end - 1) // self.stride - first + 1]
        if self.stride == 1:
            best, index = inside.max(1)
            return best, index + begin
        if inside.shape[1]:
            highest = inside.amax(1)
            threshold = highest - self._slack * self._curvature(coefficients)
        else:  # a window between two samples
            highest = threshold = values.new_full(values.shape[:1], -torch.inf)
        pair, sample = _few_above(values, threshold)
        near = [
            self._highest_near(coefficients[p], s + first, begin, end)
            for p, s in zip(pair.split(_CANDIDATES), sample.split(_CANDIDATES), strict=True)
        ]
        value, index = (torch.cat(parts) for parts in zip(*near, strict=True))
        best, index = _maximum_by_pair(value, index, pair, len(coefficients))
        flat = best.isneginf()  # nothing rises above the rest, as of a clip without frames
        return torch.where(flat, highest, best), index.masked_fill(flat, begin)

    def _highest_near(
        self, coefficients: Tensor, sample: Tensor, begin: int, end: int
    ) -> tuple[Tensor, Tensor]:
        """Highest score around each coarse sample, and its index, within [begin, end)."""
        index = sample[:, None] * self.stride + self._near
        scores = self._around(coefficients, sample)
        scores = scores.masked_fill((index < begin) | (index >= end), -torch.inf)
        value, column = scores.max(1)
        return value, index.gather(1, column[:, None])[:, 0]

    def _curvature(self, coefficients: Tensor) -> Tensor:
        """The highest |score''| there can be, and a little for rounding, shape (Q,)."""
        x, y = coefficients.chunk(2, dim=1)
        amplitudes = torch.hypot(x, y)
        return amplitudes @ self._squared + 1e-6 * amplitudes.sum(1) / self._slack

    def _around(self, coefficients: Tensor, sample: Tensor) -> Tensor:
        """Scores at the offsets around coarse samples, shape (R, 2 stride - 1)."""
        x, y = coefficients.chunk(2, dim=1)
        cos, sin = self._coarse_rows[sample].chunk(2, dim=1)
        return torch.cat([x * cos + y * sin, y * cos - x * sin], dim=1) @ self._local


def _table(offsets: Tensor, turns: Tensor) -> Tensor:
    """What coefficients are multiplied with to give scores at `offsets`: (2K, n)."""
    return torch.cat(waves(offsets, turns))


def _stride(queries: Spectra, database: Spectra, squared: Tensor, step: float) -> int:
    """How coarsely to sample first, in offsets: wide, but with a bound that still tells apart.

    The bound should lie no more than a third of a typical deviation above the samples; then only a
    handful of samples come near the highest. It is a matter of speed, not of the result.
    """
    power = [(s.cosines.square() + s.sines.square()).sum(2).mean(0) for s in (queries, database)]
    amplitudes = (power[0] * power[1]).sqrt().double()
    curvature = float((amplitudes * squared).sum())
    deviation = float((amplitudes[squared > 0].square().sum() / 2).sqrt())
    if curvature == 0:
        return 64
    return int(min(64, max(1, math.sqrt(8 * deviation / 3 / curvature) / step)))


def _few_above(values: Tensor, threshold: Tensor) -> tuple[Tensor, Tensor]:
    """Rows and columns where `values` (Q, width) exceed `threshold` (Q,).

    For few hits: only groups of columns whose maximum exceeds the threshold are looked into, which
    takes a third of the time of comparing every value.
    """
    groups = values.shape[1] // _GROUP
    maxima = values.unflatten(1, (_GROUP, groups)).amax(1)
    row, group = (maxima > threshold[:, None]).nonzero(as_tuple=True)
    columns = group[:, None] + groups * torch.arange(_GROUP, device=values.device)
    hit, member = (values[row[:, None], columns] > threshold[row][:, None]).nonzero(as_tuple=True)
    return row[hit], columns[hit, member]


def _maximum_by_pair(
    value: Tensor, index: Tensor, pair: Tensor, pairs: int
) -> tuple[Tensor, Tensor]:
    """Reduce candidates, several a pair, to the best of each; the first index where they tie."""
    best = torch.full((pairs,), -torch.inf, device=value.device)
    best.scatter_reduce_(0, pair, value, "amax")
    reached = value >= best[pair]
    found = torch.full((pairs,), torch.iinfo(torch.long).max, device=value.device)
    found.scatter_reduce_(0, pair[reached], index[reached], "amin")
    return best, found

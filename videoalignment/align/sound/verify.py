"""How much of two recordings sounds alike along a line, in numbers that chance cannot raise."""

import math
from dataclasses import dataclass

import numpy as np

from videoalignment.align.sound.heard import Heard
from videoalignment.align.sound.refine import overlap
from videoalignment.align.sound.settings import SETTINGS
from videoalignment.time_map import TimeMap


@dataclass(frozen=True, eq=False)
class Verification:
    """What agrees along a line."""

    likeness: float
    """Correlation of the whitened sounds that meet, 0..1."""
    heard_s: float
    """How much of the overlap has something to hear in both."""
    agreement: float
    """Root of the number of independent moments that agree."""
    lasting: float
    """Mean agreement of the pieces but the best ones, in standard deviations of a piece."""
    share: float
    """Share of the pieces in which there is something to hear that agree, 0..1."""
    weakest: float
    """Mean agreement of the third of the overlap that agrees least, one stretch, in parts of the
    mean of all: about 0 where all agreement is that of a jingle."""
    agreeing_s: tuple[float, float]
    """The first and the last moment of A that agree; the overlap's where none does."""
    pieces: np.ndarray
    """Which pieces of A, counted from its first sample, were compared, int, shape (p,), ascending;
    of any two lines that lie over the same pieces the same ones."""
    cells: np.ndarray
    """How much each cell of these pieces agrees, standard deviations; NaN where nothing is heard in
    one of the two. Shape (p, cells of a piece)."""

    @property
    def evidence(self) -> float:
        """How much speaks for the line; compares lines of one pair of recordings.

        Likeness counts more than length: music that repeats itself is alike at other offsets, but
        not as alike as it is to itself, even where the other offset has the longer overlap.
        """
        return self.likeness * self.heard_s ** (1 / 6)


def verify(
    a: Heard, b: Heard, line: TimeMap, within_s: tuple[float, float] = (-math.inf, math.inf)
) -> Verification:
    """Measure what agrees along a line.

    Args:
        a, b: the two recordings.
        line: where A lies in B.
        within_s: the stretch of A that is looked at.
    """
    begin_s, end_s = overlap(a, b, line)
    begin_s, end_s = max(begin_s, within_s[0]), min(end_s, within_s[1])
    cell = round(SETTINGS.cell_s * a.rate_hz)
    per_piece = round(SETTINGS.piece_s / SETTINGS.cell_s)
    pieces = _pieces(begin_s - a.features.begin_s, end_s - a.features.begin_s)
    begins_s = a.features.begin_s + pieces * SETTINGS.piece_s
    middles_s = begins_s[:, None] + (np.arange(per_piece) + 0.5) * SETTINGS.cell_s
    heard = a.sounds_at(middles_s) & b.sounds_at(line.to_b(middles_s))
    heard &= (middles_s > begin_s) & (middles_s < end_s)
    if heard.any():
        correlations, sound = _cells(a, b, line, begins_s, cell, per_piece)
        heard &= sound > 0
    overlap_s = begin_s, max(begin_s, end_s)
    if heard.sum() < 2:
        nothing = np.full(heard.shape, np.nan)
        return Verification(0.0, 0.0, 0.0, -1.0, 0.0, 0.0, overlap_s, pieces, nothing)
    cells, likeness = _in_deviations(correlations, heard)
    return summed(cells, likeness, pieces, a.features.begin_s, overlap_s)


def _pieces(begin_s: float, end_s: float) -> np.ndarray:
    """Numbers of the pieces between two moments, counted from A's first sample; some of them where
    there are many."""
    first = max(0, math.floor(begin_s / SETTINGS.piece_s))
    last = math.ceil(end_s / SETTINGS.piece_s)
    every = 1
    while last - first > every * SETTINGS.most_pieces:
        every *= 2
    return np.arange(-(-first // every) * every, last, every)


def _cells(
    a: Heard, b: Heard, line: TimeMap, begins_s: np.ndarray, cell: int, per_piece: int
) -> tuple[np.ndarray, np.ndarray]:
    """Correlations of cells on the line and at the decoys, and what there is to correlate.

    Returns:
        Correlations, shape (1 + decoys, pieces, cells); products of the norms, (pieces, cells).
    """
    count, most = cell * per_piece, max(SETTINGS.decoys)
    begins_a = np.rint(a.sample_at(begins_s)).astype(int)
    middles_s = a.features.begin_s + (begins_a + count / 2) / a.rate_hz
    begins_b = np.rint(b.sample_at(line.to_b(middles_s)) - count / 2).astype(int)
    one = a.cut(begins_a, count).reshape(len(begins_s), per_piece, cell)
    other = b.cut(begins_b - most, count + 2 * most)
    lags = [0, *SETTINGS.decoys, *(-decoy for decoy in SETTINGS.decoys)]
    norm_a = np.sqrt(np.einsum("pcs,pcs->pc", one, one))
    correlations, norms = [], norm_a
    for lag in lags:
        shifted = other[:, most + lag : most + lag + count].reshape(one.shape)
        norm_b = np.sqrt(np.einsum("pcs,pcs->pc", shifted, shifted))
        product = np.einsum("pcs,pcs->pc", one, shifted)
        correlations.append(product / (norm_a * norm_b + 1e-9))
        if lag == 0:
            norms = norm_a * norm_b
    return np.array(correlations), norms


def _in_deviations(correlations: np.ndarray, heard: np.ndarray) -> tuple[np.ndarray, float]:
    """How much each cell agrees, in standard deviations of the decoys, and the mean correlation."""
    along = correlations[0]
    deviation = float(np.sqrt(np.mean(np.square(correlations[1:, heard])))) + 1e-9
    sign = 1.0 if along[heard].sum() >= 0 else -1.0
    z = np.clip(sign * along / deviation, -SETTINGS.most_cell, SETTINGS.most_cell)
    return np.where(heard, z, np.nan), float(np.clip(sign * along[heard].mean(), 0, 1))


def summed(
    cells: np.ndarray,
    likeness: float,
    pieces: np.ndarray,
    begin_a_s: float,
    overlap_s: tuple[float, float],
) -> Verification:
    """Put cells together, two of which at least are heard.

    Args:
        cells, likeness, pieces: as in `Verification`.
        begin_a_s: A's first sample.
        overlap_s: the first and the last moment of A that were compared.
    """
    heard = ~np.isnan(cells)
    z = np.where(heard, cells, 0)
    counts = heard.sum(axis=1)
    full = counts >= min(counts.max(), max(2, counts.max() / 4))
    by_piece = z.sum(axis=1)[full] / np.sqrt(counts[full])
    ranked = np.sort(by_piece)[: max(1, int(np.ceil(len(by_piece) * (1 - SETTINGS.strongest))))]
    agree = by_piece >= SETTINGS.agrees
    total = float(z[heard].sum())
    where_s = begin_a_s + pieces[full][agree] * SETTINGS.piece_s
    first_s, last_s = (where_s[0], where_s[-1] + SETTINGS.piece_s) if agree.any() else overlap_s
    return Verification(
        likeness=likeness,
        heard_s=float(heard.sum()) * SETTINGS.cell_s,
        agreement=total / float(np.sqrt(np.square(z[heard]).sum()) + 1e-9),
        lasting=float(np.clip(ranked, -1, SETTINGS.most_lasting).mean()),
        share=float(agree.mean()),
        weakest=_weakest_third(z[heard]),
        agreeing_s=(float(max(first_s, overlap_s[0])), float(min(last_s, overlap_s[1]))),
        pieces=pieces,
        cells=cells,
    )


def _weakest_third(z: np.ndarray) -> float:
    """Mean of the lowest stretch of a third of cells, in parts of the mean of all, shape (n,)."""
    parts = max(1, int(len(z) * SETTINGS.cell_s / SETTINGS.part_s))
    means = np.array([part.mean() for part in np.array_split(z, parts)])
    third = max(1, parts // 3)
    lowest = np.convolve(means, np.full(third, 1 / third), "valid").min()
    return float(lowest / max(1e-9, means.mean()))

"""Recordings of which parts were cut out, put in or put elsewhere: several lines, not one.

Two versions of one programme agree along a line up to a cut, and along another one after it. Every
moment of A is on one of the lines, or on none. As what each moment says for each line is a
logarithm of a likelihood ratio, the likeliest way through them is the path with the highest sum, on
which every change of line costs as much as it takes to find a line at all among all that there are.

Music that repeats itself agrees along several lines at once, and by turns along one more than along
others; that is nothing that was cut. So a stretch counts only where its line is told from every
other one that is heard there, and nothing counts unless the stretches come in the same order in A
and in B, as they do after cuts and inserts: turns of a loop go back and forth. Of 42 false cuts in
some 900 pairs that share no moment, loops and ticking many of them, one was in order.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from videoalignment.align.segments import best_path, runs
from videoalignment.align.sound.heard import Heard
from videoalignment.align.sound.rivals import Rivalry, cannot_be_told, rivalry
from videoalignment.align.sound.settings import SETTINGS
from videoalignment.align.sound.verify import Verification, summed, verify
from videoalignment.time_map import TimeMap

_STEP_CELLS = 10  # moments in which a line is chosen, cells of a piece
_OVERLAP_S = 0.3  # of B that two stretches may share: ends are known to a step, and fade over


@dataclass(frozen=True)
class SoundStretch:
    """A stretch of A that is heard along one line."""

    line: TimeMap
    begin_a_s: float
    end_a_s: float
    verification: Verification
    """What agrees in this stretch alone."""
    rivalry: Rivalry
    """How near other lines come to this one here."""


def find_cuts(
    a: Heard, b: Heard, lines: Sequence[tuple[TimeMap, Verification]], tries: float
) -> tuple[SoundStretch, ...]:
    """The stretches of A that are heard along one of the lines each, in A's order and B's; none
    where they are not in B's order.

    Args:
        a, b: the two recordings.
        lines: what was found, with what agrees along each.
        tries: logarithm of how many lines there were to choose from.
    """
    clear = [(line, agreeing) for line, agreeing in lines if _usual(agreeing) > 0]
    if not clear:
        return ()
    pieces = np.unique(np.concatenate([agreeing.pieces for _, agreeing in clear]))
    gains = np.stack([_gains(agreeing, pieces) for _, agreeing in clear])
    path = best_path(np.concatenate([np.zeros((1, gains.shape[1])), gains]), tries) - 1
    stretches, reached_s = [], -math.inf
    for number, first, last in runs(path):
        within_s = _moment_s(a, pieces, first), _moment_s(a, pieces, last)
        chosen, _ = clear[number]
        if chosen.to_b(within_s[0]) < reached_s - _OVERLAP_S:
            return ()
        reached_s = chosen.to_b(within_s[1])
        own = verify(a, b, chosen, within_s)
        others = [verify(a, b, line, within_s) for line, _ in clear if line is not chosen]
        by_chance = (2 * tries) ** 0.5
        heard = [other for other in others if other.agreement > by_chance]
        if not any(cannot_be_told(own, other) for other in heard):
            stretches.append(SoundStretch(chosen, *within_s, own, rivalry(own, heard)))
    return tuple(stretches)


def together(
    a: Heard, lines: Sequence[Verification], stretches: Sequence[SoundStretch]
) -> Verification:
    """What agrees along all stretches, among all of A that any of their lines puts in B.

    What lies between stretches agrees with nothing, so that a jingle, or two of them, in recordings
    that share nothing else remain little of all.

    Args:
        a: the shorter recording.
        lines: all that agrees along the lines of the stretches, wherever it is.
        stretches: one at least.
    """
    pieces = np.unique(np.concatenate([line.pieces for line in lines]))
    cells = np.full((len(pieces), lines[0].cells.shape[1]), np.nan)
    for line in lines:
        rows = np.searchsorted(pieces, line.pieces)
        cells[rows] = np.where(np.isnan(line.cells), cells[rows], 0.0)
    for stretch in stretches:
        _, here, rows = np.intersect1d(stretch.verification.pieces, pieces, return_indices=True)
        found = stretch.verification.cells[here]
        cells[rows] = np.where(np.isnan(found), cells[rows], found)
    heard_s = np.array([stretch.verification.heard_s for stretch in stretches])
    likeness = np.array([stretch.verification.likeness for stretch in stretches])
    return summed(
        cells,
        float((likeness * heard_s).sum() / heard_s.sum()),
        pieces,
        a.features.begin_s,
        (stretches[0].begin_a_s, stretches[-1].end_a_s),
    )


def _usual(agreeing: Verification) -> float:
    """How much cells of the pieces that agree usually agree, 0 where no piece does."""
    heard = (~np.isnan(agreeing.cells)).sum(axis=1)
    sums = np.nan_to_num(agreeing.cells).sum(axis=1)
    agree = sums >= SETTINGS.agrees * np.sqrt(np.maximum(heard, 1))
    return float(sums[agree].sum() / heard[agree].sum()) if agree.any() else 0.0


def _gains(agreeing: Verification, pieces: np.ndarray) -> np.ndarray:
    """What speaks for a line in each step, shape (steps,): log likelihood ratios of cells that are
    normally distributed about what is usual where sounds agree, and about 0 where they do not."""
    usual = _usual(agreeing)
    ratios = np.nan_to_num(usual * agreeing.cells - usual**2 / 2)
    gains = np.zeros((len(pieces), ratios.shape[1] // _STEP_CELLS))
    steps = ratios.reshape(len(ratios), -1, _STEP_CELLS).sum(axis=2)
    gains[np.searchsorted(pieces, agreeing.pieces)] = steps
    return gains.ravel()


def _moment_s(a: Heard, pieces: np.ndarray, step: int) -> float:
    """The moment of A at which a step begins."""
    in_piece = round(SETTINGS.piece_s / SETTINGS.cell_s) // _STEP_CELLS
    piece, rest = divmod(step, in_piece)
    number = pieces[piece] if piece < len(pieces) else pieces[-1] + 1
    return float(
        a.features.begin_s + number * SETTINGS.piece_s + rest * SETTINGS.piece_s / in_piece
    )

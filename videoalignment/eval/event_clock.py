"""Clips of an event on one clock: a kernel's score curves of all pairs, solved together.

The highest score of two clips is wrong where they share little or the kernel resonates. But what
the others of the event say adds up: a place of a clip is worth the sum, over all clips that have
one already, of what the pair's whole score curve says there, also where none of these curves has
its peak. So groups of clips are joined at the shift at which the sum of their pairs' curves is
highest, the surest first, and then each clip may move to where all others say more.

What a score says is a log likelihood ratio. What two clips share adds to their score in proportion
to the frames that meet. Noise is about alike at all offsets, since frames that do not meet leave as
much of it in a kernel's score as those that do. So long stretches that would lie over each other
and do not score speak against a place, as much as a score speaks for one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from videoalignment.datasets import FEATURE_FPS
from videoalignment.offset_curve import OffsetCurve, summed
from videoalignment.progress import Progress
from videoalignment.spectrum import Spectra, score_pairs

_LEAST_SHARED = 3 * FEATURE_FPS
"""Offsets at which clips share less say nothing, feature frames; half of a shorter clip."""
_STRENGTH = 0.65
"""What clips of one event score a shared frame, of what the likeliest pairs do, which are the
strongest. From half as much to one and a half times as much, little changes."""
_LEAST = 4.0
"""Log likelihood ratio from which clips are put together."""
_NORMAL = 1.4826  # of a median of absolute values to a normal distribution's deviation
_ROUNDS = 6  # of moving single clips


@dataclass(frozen=True)
class EventClock:
    """Where clips lie. Columns of (clips,)."""

    group: np.ndarray
    """A number for each group of clips that lie on one clock; clips alone have one of their own."""
    begin: np.ndarray
    """The moment of the group's clock at which each begins, feature frames; the earliest at 0."""
    match: np.ndarray
    """The clip of its group that says most for its place; -1 where none says anything for it."""


@torch.inference_mode()
def pair_curves(
    queries: Spectra, database: Spectra, frames: Sequence[int]
) -> dict[tuple[int, int], OffsetCurve]:
    """What every offset of every pair is worth, as a log likelihood ratio.

    Args:
        queries, database: spectra of the same clips, in the two parts of a pair.
        frames: how many each clip has.

    Returns:
        By the places of two clips, the lower one first: a curve over x_a - x_b, the difference of
        the time stamps of one moment. Pairs that can share hardly anything are left out.
    """
    scores: dict[tuple[int, int], OffsetCurve] = {}
    with Progress("curves", len(frames) * (len(frames) - 1) // 2, "pairs") as progress:
        for a in range(len(frames) - 1):
            for b, curve in _curves(a, queries, database, frames):
                scores[a, b] = curve
            progress.advance(len(frames) - 1 - a)
    if not scores:
        return {}
    noise = _NORMAL * float(np.median([np.median(np.abs(c.values)) for c in scores.values()]))
    shared = {pair: _shared(curve, frames, *pair) for pair, curve in scores.items()}
    strength = _STRENGTH * _strength(scores, shared, len(frames))
    for pair, curve in scores.items():
        expected = strength * shared[pair]
        worth = expected * (curve.values - expected / 2) / max(noise**2, 1e-20)
        scores[pair] = OffsetCurve(curve.first, worth.astype(np.float32))
    return scores


def _curves(
    a: int, queries: Spectra, database: Spectra, frames: Sequence[int]
) -> Iterator[tuple[int, OffsetCurve]]:
    """Scores of a clip with all later ones, above the middle one of each pair."""
    for b in range(a + 1, len(frames)):
        least = min(_LEAST_SHARED, min(frames[a], frames[b]) // 2)
        offsets = torch.arange(least - frames[b], frames[a] - least + 1).float()
        if least > 0 and len(offsets) > 2:
            scores = score_pairs(queries[a : a + 1], database[b : b + 1], offsets[None])[0]
            yield b, OffsetCurve(least - frames[b], (scores - scores.median()).cpu().numpy())


def _shared(curve: OffsetCurve, frames: Sequence[int], a: int, b: int) -> np.ndarray:
    """Frames that meet at each offset, of the geometric mean of both clips' frames."""
    offsets = curve.first + np.arange(len(curve.values))
    shared = np.minimum(frames[a], frames[b] + offsets) - np.maximum(0, offsets)
    scaled: np.ndarray = shared / np.sqrt(frames[a] * frames[b])
    return scaled


def _strength(
    scores: dict[tuple[int, int], OffsetCurve],
    shared: dict[tuple[int, int], np.ndarray],
    clips: int,
) -> float:
    """What the likeliest pairs, as many as there are clips, score a shared frame."""
    peaks = {pair: curve.highest() for pair, curve in scores.items()}
    likeliest = sorted(peaks, key=lambda pair: -peaks[pair][1])[:clips]
    heights = [peaks[pair][1] for pair in likeliest]
    met = [shared[pair][peaks[pair][0] - scores[pair].first] for pair in likeliest]
    return float(np.median(heights) / np.median(met))


def event_clock(curves: dict[tuple[int, int], OffsetCurve], clips: int) -> EventClock:
    """Place clips by the sums of their pairs' curves.

    Args:
        curves: as `pair_curves` gives them.
        clips: how many there are.
    """
    places = _Places(curves, clips)
    places.grow()
    places.mend()
    return places.clock()


class _Places:
    """Clips in groups, each with a place; it can be improved."""

    def __init__(self, curves: dict[tuple[int, int], OffsetCurve], clips: int) -> None:
        self._curves, self._count = curves, clips
        self._group, self._begin = np.arange(clips), np.zeros(clips, dtype=int)

    def _curve(self, a: int, b: int) -> OffsetCurve | None:
        """Of two clips, whichever comes first."""
        if a < b:
            return self._curves.get((a, b))
        curve = self._curves.get((b, a))
        return curve and curve.turned()

    def grow(self) -> None:
        """Join groups at the highest sum of their curves, while that says enough."""
        sums = dict(self._curves)  # of groups; how much later the second one's clock begins
        best = {pair: curve.highest() for pair, curve in sums.items()}
        while best:
            one, other = max(best, key=lambda pair: best[pair][1])
            shift, worth = best[one, other]
            if worth < _LEAST:
                return
            joined = self._group == other
            self._begin[joined] += shift
            self._group[joined] = one
            for third in {group for pair in sums for group in pair} - {one, other}:
                ours, theirs = (_taken(sums, best, group, third) for group in (one, other))
                both = [*([ours] if ours else []), *([theirs.moved(shift)] if theirs else [])]
                if both:
                    pair = (min(one, third), max(one, third))
                    sums[pair] = summed(both) if one < third else summed(both).turned()
                    best[pair] = sums[pair].highest()
            del sums[one, other], best[one, other]

    def mend(self) -> None:
        """Move single clips to where all others say more, until none moves."""
        for _ in range(_ROUNDS):
            moved = [self._moved(clip) for clip in range(self._count)]
            if not any(moved):
                return

    def _moved(self, clip: int) -> bool:
        own, begin = self._group[clip], self._begin[clip]
        sums = {group: self._said(clip, group) for group in np.unique(self._group)}
        best = {group: curve.highest() for group, curve in sums.items() if curve}
        group = max(best, key=lambda group: best[group][1], default=own)
        if group in best and best[group][1] >= _LEAST:
            self._group[clip], self._begin[clip] = group, best[group][0]
        elif (self._group == own).sum() > 1:
            self._group[clip], self._begin[clip] = self._group.max() + 1, 0
        return bool(self._group[clip] != own or self._begin[clip] != begin)

    def _said(self, clip: int, group: int) -> OffsetCurve | None:
        """What the other clips of a group say for each place of a clip."""
        others = [int(k) for k in np.flatnonzero(self._group == group) if k != clip]
        pairs = ((other, self._curve(other, clip)) for other in others)
        found = [curve.moved(int(self._begin[other])) for other, curve in pairs if curve]
        return summed(found) if found else None

    def clock(self) -> EventClock:
        """The places, between frames, and who says most for each."""
        begin, match = self._begin.astype(float), np.full(self._count, -1)
        for clip, group in enumerate(self._group):
            said = self._said(clip, int(group))
            if said:
                at, size = int(self._begin[clip]), (self._group == group).sum()
                # the others move, too: each clip by its share of what the two of a pair are off
                begin[clip] = at + (said.between(at) - at) * (size - 1) / size
                match[clip] = self._surest(clip)
        for group in np.unique(self._group):
            begin[self._group == group] -= begin[self._group == group].min()
        return EventClock(np.unique(self._group, return_inverse=True)[1], begin, match)

    def _surest(self, clip: int) -> int:
        """The clip of its group that says most for where it lies; -1 where none says anything."""
        worth = {-1: 0.0}
        for other in np.flatnonzero(self._group == self._group[clip]):
            curve = self._curve(clip, int(other)) if other != clip else None
            if curve:
                worth[int(other)] = curve.at(int(self._begin[other] - self._begin[clip]))
        return max(worth, key=lambda other: worth[other])


def _taken(
    sums: dict[tuple[int, int], OffsetCurve],
    best: dict[tuple[int, int], tuple[int, float]],
    group: int,
    third: int,
) -> OffsetCurve | None:
    """Take a sum of two groups out, in that order."""
    pair = (min(group, third), max(group, third))
    best.pop(pair, None)
    curve = sums.pop(pair, None)
    return curve if curve is None or group < third else curve.turned()

"""Views of one event, placed by what the curves of all their pairs say together.

What one pair says is weak, and its best offset often wrong. But right places agree round all loops
of three views and more, so what all pairs say of a placement is added up: logarithms of its odds.
Placements grow from the best offsets of every pair by one view at a time, the likeliest of each
size being followed; those that were met say how likely a pair's offset is, by their odds with it
and without. Views that nothing joins are then tried again among themselves.

Views that lie fixed to each other already, as their sounds say, are one body; bodies are placed.
"""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter1d

from videoalignment.align.calibration import Calibration
from videoalignment.align.motion.search import Curve
from videoalignment.align.motion.settings import SETTINGS
from videoalignment.align.motion.worth import CALIBRATION, worth
from videoalignment.offset_curve import OffsetCurve, summed

Pair = tuple[int, int]
"""Two bodies, the lower number first."""

_MORE = 3  # places at which a further body is tried
_FINE_S = np.linspace(-0.2, 0.2, 81)  # around a place, where it is looked at more closely
_ROUNDS = 6
_NEARER = 0.02  # what a second nearer is worth where curves say nothing


@dataclass(frozen=True)
class Together:
    """Bodies on one clock."""

    begins_s: dict[int, float]
    """The moment of the clock at which each begins, by its number."""
    probability: dict[Pair, float]
    """That two of them lie so, 0..1."""

    def later_s(self, pair: Pair) -> float:
        """How much later the first of two bodies begins than the second."""
        return self.begins_s[pair[0]] - self.begins_s[pair[1]]


@dataclass(frozen=True)
class _Placement:
    """A way to place some bodies, in steps of the curves."""

    odds: float
    """Logarithm, against nothing's being shared."""
    begins: dict[int, int]

    def key(self) -> tuple[tuple[int, int], ...]:
        """What tells it from others, whatever its clock begins with."""
        first = self.begins[min(self.begins)]
        return tuple(sorted((body, begin - first) for body, begin in self.begins.items()))

    def same(self, other: "_Placement", pair: Pair, within: float) -> bool:
        """Whether another placement puts two bodies as this one does."""
        if not set(pair) <= other.begins.keys():
            return False
        here, there = (p.begins[pair[0]] - p.begins[pair[1]] for p in (self, other))
        return abs(here - there) <= within


def place_together(
    curves: Mapping[Pair, Sequence[Curve]], bodies: int, calibration: Calibration = CALIBRATION
) -> list[Together]:
    """Place bodies by the curves of their pairs.

    Args:
        curves: by two bodies, of a view of each, over how much later the first body begins than the
            second; all in steps of one length.
        bodies: how many there are.
        calibration: what was fitted of what offsets are worth.

    Returns:
        Those that lie on one clock more likely than not, the surest ones first; or the best guess.
    """
    some = next(itertools.chain.from_iterable(curves.values()), None)
    if some is None:
        return []
    step_s = float(some.offsets_s[1] - some.offsets_s[0])
    said = {
        pair: _pooled([worth(curve, calibration) for curve in between])
        for pair, between in curves.items()
        if between
    }
    search = _Search(said, step_s, bodies)
    found: list[Together] = []
    left = set(range(bodies))
    while placements := search.placements(left):
        best = placements[0]
        if found and best.odds <= 0:
            break
        found.append(_together(best, placements, curves, step_s))
        left -= best.begins.keys()
    return found


class _Search:
    """Looks for likely placements."""

    def __init__(self, said: dict[Pair, OffsetCurve], step_s: float, bodies: int) -> None:
        self._said = said | {(b, a): curve.turned() for (a, b), curve in said.items()}
        self._apart = round(SETTINGS.independent_s / step_s)
        self._shares = SETTINGS.shares / max(1, bodies - 1)

    def placements(self, among: set[int]) -> list[_Placement]:
        """Ways to place some of these bodies, the likeliest first, each once."""
        level = [*self._begun(among)]
        found: list[_Placement] = []
        while level := self._kept(level, found):
            found += level
            level = [more for one in level for more in self._grown(one, among)]
        return sorted(found, key=lambda placement: -placement.odds)

    def _before(self, offsets: int) -> float:
        """Log odds, before anything is seen, that a body lies at one of so many offsets."""
        return math.log(self._shares / max(1.0, offsets / self._apart))

    def _begun(self, among: set[int]) -> Iterator[_Placement]:
        for (a, b), curve in self._said.items():
            if a < b and {a, b} <= among:
                for offset, value in curve.peaks(SETTINGS.peaks, self._apart):
                    yield _Placement(value + self._before(len(curve.values)), {a: offset, b: 0})

    def _grown(self, placement: _Placement, among: set[int]) -> Iterator[_Placement]:
        """The placement with a further body."""
        for body in sorted(among - placement.begins.keys()):
            between = [
                self._said[body, other].moved(begin)
                for other, begin in placement.begins.items()
                if (body, other) in self._said
            ]
            if not between:
                continue
            curve = _pooled(between)
            for begin, value in curve.peaks(_MORE, self._apart):
                odds = placement.odds + value + self._before(len(curve.values))
                yield _Placement(odds, {**placement.begins, body: begin})

    def _kept(self, level: list[_Placement], found: list[_Placement]) -> list[_Placement]:
        """The likeliest of placements of one size, each once."""
        best = max([0.0, *(placement.odds for placement in (*level, *found))])
        each: dict[tuple[tuple[int, int], ...], _Placement] = {}
        for placement in sorted(level, key=lambda placement: -placement.odds):
            if placement.odds < best - SETTINGS.kept_within or len(each) == SETTINGS.kept:
                break
            each.setdefault(placement.key(), placement)
        return [*each.values()]


def _pooled(curves: Sequence[OffsetCurve]) -> OffsetCurve:
    """What several pairs say together: as much as the root of their number.

    They see one event, and are right and wrong together: where a thing turns, all of them find half
    a turn as likely as none.
    """
    total = summed(curves)
    return replace(total, values=total.values / math.sqrt(len(curves)))


def _together(
    best: _Placement,
    placements: list[_Placement],
    curves: Mapping[Pair, Sequence[Curve]],
    step_s: float,
) -> Together:
    """The best placement, how likely each of its pairs is, and its places more exactly."""
    different = _different(placements, SETTINGS.same_s / step_s)
    pairs = [*itertools.combinations(sorted(best.begins), 2)]
    probability = {pair: _probability(best, different, pair, step_s) for pair in pairs}
    begins_s = {body: begin * step_s for body, begin in best.begins.items()}
    return Together(_refined(begins_s, curves), probability)


def _different(placements: list[_Placement], within: float) -> list[_Placement]:
    """Placements without those that differ from likelier ones by little."""
    kept: dict[frozenset[int], list[_Placement]] = {}
    for placement in placements:
        bodies = frozenset(placement.begins)
        likelier = kept.setdefault(bodies, [])
        pairs = [(min(bodies), body) for body in bodies]
        if not any(
            all(placement.same(other, pair, within) for pair in pairs) for other in likelier
        ):
            likelier.append(placement)
    return [placement for group in kept.values() for placement in group]


def _probability(
    best: _Placement, placements: list[_Placement], pair: Pair, step_s: float
) -> float:
    """How likely it is that two bodies lie as in the best placement.

    Placements with neither of the two say nothing of it.
    """
    about = [p for p in placements if set(pair) & p.begins.keys()]
    odds = np.array([0.0, *(p.odds for p in about)])
    within = SETTINGS.same_s / step_s
    so = np.array([False, *(best.same(p, pair, within) for p in about)])
    likelihood = np.exp(odds - odds.max())
    return min(1.0, float(likelihood[so].sum() / likelihood.sum()))  # rounding may exceed it


def _refined(
    begins_s: dict[int, float], curves: Mapping[Pair, Sequence[Curve]]
) -> dict[int, float]:
    """Places at which the curves, between their steps, are highest in sum."""
    begins_s = dict(begins_s)
    smooth = [
        (pair, CubicSpline(curve.offsets_s, gaussian_filter1d(_bounded(curve), 1.0)))
        for pair, between in curves.items()
        if set(pair) <= begins_s.keys()
        for curve in between
    ]
    for _ in range(_ROUNDS):
        for body in begins_s:
            total = -_NEARER * np.abs(_FINE_S)
            for (a, b), clearness in smooth:
                if body in (a, b):
                    moved_s = _FINE_S if body == a else -_FINE_S
                    total += np.nan_to_num(
                        clearness(begins_s[a] - begins_s[b] + moved_s, extrapolate=False)
                    )
            begins_s[body] += float(_FINE_S[np.argmax(total)])
    return begins_s


def _bounded(curve: Curve) -> np.ndarray:
    return curve.clearness.clip(SETTINGS.hardly, SETTINGS.clear)

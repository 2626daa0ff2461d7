"""Periods of the temporal match kernel: how a set of them behaves, and sets that do not resonate.

Two videos that share one moment have the kernel's own curve as their scores over offsets,

    k(delta) = sum_pi w_pi cos(2 pi i delta / T_p) / sum_pi w_pi,

with w_pi the weight of harmonic i of period T_p. It is 1 at the true offset; wherever many
frequencies come round together it is high again, and such a false peak wins as soon as noise adds
to it. How high false peaks are is a matter of the periods and the weights alone, so both can be
searched for before any video is seen.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from scipy.optimize import linprog

from videoalignment.errors import OptionError

FREQUENCIES = 64
"""Of a set, the means included: the size of TMK's usual descriptor, 4 periods of 16."""
_STRATA = ((1, 2, 0.25), (2, 4, 0.5), (4, 10, 0.25))
"""Where periods are drawn from, in units of the shortest, and which share of them: all short ones
resonate soon, all long ones cannot tell neighbouring frames apart."""
_MEAN_SHARE = 1 / FREQUENCIES
"""Weight of the means (i = 0) together: they tell nothing of time, but of what is seen."""
_MOST_WEIGHT, _LEAST_WEIGHT = 3.4, 0.1
"""Of a frequency, in units of the usual one: noise is averaged over all, so that all should count.
"""
_SHARPNESS = 0.16
"""Root of the weighted mean square of the frequencies, in units of the highest there can be."""
_LOBE, _STEP = 2.8, 0.2
"""Offsets that belong to the main peak, and how finely the others are looked at, in units of the
shortest wave: the highest harmonic of the shortest period."""
_CANDIDATES, _STARTS, _SWEEPS, _LOOKED_AT = 500, 4, 20, 300
_LARGEST = 10_000_000
"""Offsets: a week of video."""


@dataclass(frozen=True)
class PeriodSet:
    """Periods, and how much each of their harmonics weighs.

    Raises:
        OptionError: there is no period, one is not above 0, or the weights do not fit.
    """

    periods: tuple[float, ...]
    """Feature frames, P of them."""
    weights: tuple[tuple[float, ...], ...]
    """Of the harmonics 0..m-1 of each period, at least 0; P rows of m numbers."""

    def __post_init__(self) -> None:
        if not self.periods or not all(0 < period < math.inf for period in self.periods):
            raise OptionError(f"`periods` {list(self.periods)}: expected numbers above 0")
        shape = {len(row) for row in self.weights}
        numbers = [weight for row in self.weights for weight in row]
        if len(self.weights) != len(self.periods) or len(shape) != 1 or not numbers:
            raise OptionError(f"`weights`: expected {len(self.periods)} rows of one length")
        if not all(0 <= weight < math.inf for weight in numbers) or sum(numbers) <= 0:
            raise OptionError("`weights`: expected numbers from 0 on, not all of them 0")

    @property
    def m(self) -> int:
        """Harmonics a period, the mean included."""
        return len(self.weights[0])


@dataclass(frozen=True)
class Behaviour:
    """How a kernel scores offsets that are wrong."""

    highest_false_peak: float
    """The highest value beyond the main peak, as a share of it; the main peak ends at the first
    offset from which the curve rises again."""
    false_peak_at: int
    """The offset of it, feature frames; 0 where the curve only falls."""
    half_width: int
    """The first offset, feature frames, at which the curve is below one half."""


def kernel_curve(kernel: PeriodSet, offsets: np.ndarray) -> np.ndarray:
    """The kernel's own curve.

    Args:
        kernel: its periods and weights.
        offsets: feature frames, shape (n,).

    Returns:
        Scores, 1 at offset 0, float64, shape (n,).
    """
    offsets, weights = np.asarray(offsets, float), np.array(kernel.weights)
    curve = np.zeros(len(offsets))
    for period, row in zip(kernel.periods, weights / weights.sum(), strict=True):
        for harmonic in np.flatnonzero(row):
            curve += row[harmonic] * np.cos(2 * np.pi * harmonic / period * offsets)
    return curve


def behaviour(kernel: PeriodSet, longest_frames: int) -> Behaviour:
    """How a kernel behaves over all offsets between videos.

    Args:
        kernel: its periods and weights.
        longest_frames: of the longest video; offsets up to that are looked at.

    Raises:
        OptionError: `longest_frames` is no number of frames.
    """
    _check_longest(longest_frames)
    curve = kernel_curve(kernel, np.arange(longest_frames + 1))
    rises = np.flatnonzero(np.diff(curve) > 0)
    below = np.flatnonzero(curve < 0.5)
    half_width = int(below[0]) if len(below) else longest_frames + 1
    if not len(rises):
        return Behaviour(0.0, 0, half_width)
    at = int(rises[0] + curve[rises[0] :].argmax())
    return Behaviour(float(curve[at]), at, half_width)


def auto_periods(longest_frames: int) -> PeriodSet:
    """The documented set for videos of such a length: the one made for the next longer.

    Videos that are longer than those of all documented sets get the last one, stretched.

    Args:
        longest_frames: of the longest video.

    Raises:
        OptionError: `longest_frames` is no number of frames.
    """
    _check_longest(longest_frames)
    sets = documented_sets()
    for longest, kernel in sets.items():
        if longest_frames <= longest:
            return kernel
    stretch = longest_frames / longest
    return PeriodSet(tuple(stretch * period for period in kernel.periods), kernel.weights)


@cache
def documented_sets() -> dict[int, PeriodSet]:
    """The sets that ship with the package, by the longest video each is made for, ascending."""
    text = Path(__file__).with_name("period_sets.json").read_text(encoding="utf-8")
    return {
        int(longest): PeriodSet(tuple(found["periods"]), tuple(map(tuple, found["weights"])))
        for longest, found in sorted(json.loads(text).items(), key=lambda item: int(item[0]))
    }


# ------------------------------------------------------------------ the search


def search_periods(
    longest_frames: int,
    *,
    count: int = 8,
    m: int = 8,
    shortest: float = 100.0,
    seed: int = 0,
) -> PeriodSet:
    """Search for periods and weights whose false peaks are low; takes seconds.

    First periods: each in turn is replaced by the candidate with which the highest false peak of
    equal weights is lowest, from a few random beginnings. Then weights: the least highest false
    peak is the solution of a linear program, as the curve is linear in them.

    Args:
        longest_frames: of the longest video.
        count: periods.
        m: harmonics a period, the mean included.
        shortest: of the periods, feature frames. The main peak's width goes with it: shorter ones
            place a match better, and have higher false peaks.
        seed: of the beginnings; the same numbers give the same set.

    Raises:
        OptionError: a number is out of range.
    """
    _check_longest(longest_frames)
    if count < 1 or m < 2 or not 2 * m < shortest < math.inf:
        raise OptionError(
            f"`count` {count}, `m` {m}, `shortest` {shortest}: expected a period, 2 harmonics and "
            "a shortest period of more frames than twice the harmonics"
        )
    wave = shortest / (m - 1)
    lobe = min(int(_LOBE * wave), longest_frames)
    offsets = np.arange(lobe, longest_frames + 1, max(1, int(_STEP * wave)))
    periods = _search(offsets, _slots(count, shortest), m, seed)
    weights = _weights(offsets, periods, m, _SHARPNESS / wave)
    mean = np.full((count, 1), _MEAN_SHARE / count)
    table = np.hstack([mean, (1 - _MEAN_SHARE) * weights])
    return PeriodSet(
        tuple(round(float(period), 2) for period in periods),
        tuple(tuple(round(float(weight), 5) for weight in row) for row in table),
    )


def _check_longest(longest_frames: int) -> None:
    if not 1 <= longest_frames <= _LARGEST:
        raise OptionError(f"`longest_frames` {longest_frames}: expected 1 to {_LARGEST} frames")


def _slots(count: int, shortest: float) -> list[np.ndarray]:
    """The candidates for each period."""
    slots: list[np.ndarray] = []
    share = 0.0
    for low, high, part in _STRATA:
        share += part
        candidates = shortest * np.geomspace(low, high, _CANDIDATES)
        slots += [candidates] * (round(share * count) - len(slots))
    return slots


def _search(offsets: np.ndarray, slots: Sequence[np.ndarray], m: int, seed: int) -> np.ndarray:
    """The periods whose curve, of equal weights, is lowest at its highest."""
    curves = {id(slot): _curves(slot, offsets, m) for slot in slots}
    tables = [curves[id(slot)] for slot in slots]
    best: tuple[float, list[int]] | None = None
    for start in range(_STARTS):
        rng = np.random.default_rng([seed, start])
        chosen = [int(rng.integers(len(slot))) for slot in slots]
        total = np.sum([table[i] for table, i in zip(tables, chosen, strict=True)], axis=0)
        for _ in range(_SWEEPS):
            before = total.max()
            for slot in rng.permutation(len(slots)):
                base = total - tables[slot][chosen[slot]]
                chosen[slot] = _lowest(base, tables[slot], chosen[slot])
                total = base + tables[slot][chosen[slot]]
            if total.max() > before - 1e-6:
                break
        if best is None or total.max() < best[0]:
            best = float(total.max()), chosen
    assert best is not None
    return np.array([slot[i] for slot, i in zip(slots, best[1], strict=True)])


def _curves(periods: np.ndarray, offsets: np.ndarray, m: int) -> np.ndarray:
    """Sums of the harmonics' cosines of each period, float32, shape (periods, offsets)."""
    angle = (2 * np.pi * offsets / periods[:, None]).astype(np.float32)
    curves: np.ndarray = np.sum([np.cos(harmonic * angle) for harmonic in range(1, m)], axis=0)
    return curves


def _lowest(base: np.ndarray, table: np.ndarray, chosen: int) -> int:
    """The row of the table that added to `base` has the lowest maximum."""
    high = np.argsort(-base, kind="stable")[:_LOOKED_AT]  # most rows fail there already
    promising = np.argsort((base[high] + table[:, high]).max(axis=1), kind="stable")[:30]
    rows = np.append(promising, chosen)
    return int(rows[(base + table[rows]).max(axis=1).argmin()])


def _weights(offsets: np.ndarray, periods: np.ndarray, m: int, least_rms: float) -> np.ndarray:
    """The weights of harmonics 1..m-1, sum 1, whose curve is lowest at its highest: (P, m - 1).

    The linear program: min h, subject to curve(delta) <= h at all offsets, weights within bounds,
    and their frequencies' mean square at least `least_rms` squared. Only offsets where the
    constraint has been broken are handed to the solver.
    """
    turns = (np.arange(1, m) / periods[:, None]).ravel()
    count = len(turns)
    least_rms = min(least_rms, float(np.sqrt(np.square(turns).mean())))
    cosines = np.cos(2 * np.pi * offsets[:, None] * turns)
    active = np.zeros(len(offsets), bool)
    active[:: max(1, len(offsets) // 256)] = True
    weights = np.full(count, 1 / count)
    for _ in range(30):
        constraints = np.hstack([cosines[active], -np.ones((active.sum(), 1))])
        sharp = np.append(-np.square(turns), 0)
        solved = linprog(
            np.append(np.zeros(count), 1),
            A_ub=np.vstack([constraints, sharp]),
            b_ub=np.append(np.zeros(active.sum()), -(least_rms**2)),
            A_eq=np.append(np.ones(count), 0)[None],
            b_eq=[1],
            bounds=[(_LEAST_WEIGHT / count, max(_MOST_WEIGHT, 1) / count)] * count + [(None, None)],
        )
        weights, height = solved.x[:count], solved.x[count]
        broken = cosines @ weights > height + 1e-3
        if not broken.any():
            break
        active |= broken
    return weights.reshape(len(periods), m - 1)

"""Which stretch of A follows which line, when A was cut and re-ordered, or follows none.

Every moment of A is on one of the lines found, or on none. The best path through these states is
the one with the highest similarity along it, where each change of state costs as much as a
second of it (Viterbi's algorithm), so that a shaky moment does not break a segment.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from videoalignment.align.footage import Footage
from videoalignment.align.refine import Fit
from videoalignment.align.settings import SETTINGS

_OTHERS = 30  # stretches of B that a moment of A is compared with...
_CHANCE = 0.75  # ... and which quantile of how alike they are it must exceed


@dataclass(frozen=True)
class Stretch:
    """A stretch of A that follows one line."""

    line: int
    begin_a_s: float
    end_a_s: float


def find_stretches(a: Footage, b: Footage, lines: list[Fit]) -> list[Stretch]:
    """Cut A into stretches that each follow one of the lines, in A's order.

    Args:
        a, b: the two videos, whitened.
        lines: where A meets B; each knows the stretch of A that it was fitted on.
    """
    wanted = (a.end_s - a.begin_s) * SETTINGS.segment_moments_per_s
    count = int(np.clip(wanted, 2, SETTINGS.most_segment_moments))
    edges_s = np.linspace(a.begin_s, a.end_s, count + 1)
    similarity = np.stack([_similarity(a, b, line, edges_s) for line in lines])
    usual = np.array([_usual(s, line, edges_s) for s, line in zip(similarity, lines, strict=True)])
    gains = similarity - usual[:, None] / 2
    spread = np.nanvar(similarity)
    change = max(
        SETTINGS.change_s * usual.max() / 2 * count / (a.end_s - a.begin_s),
        SETTINGS.shaky * spread / usual.max(),
    )
    gains = np.nan_to_num(gains, nan=-change)  # B does not reach there
    path = best_path(np.concatenate([np.zeros((1, count)), gains]), change) - 1
    return [
        Stretch(state, float(edges_s[first]), float(edges_s[last]))
        for state, first, last in runs(path)
    ]


def _similarity(a: Footage, b: Footage, line: Fit, edges_s: np.ndarray) -> np.ndarray:
    """Similarity of each moment of A and the one it meets, NaN where B has none, shape (n,)."""
    edges_b_s = line.time_map.to_b(edges_s)
    half_s = (edges_b_s[1] - edges_b_s[0]) / 2
    moments_a, moments_b = a.averaged(edges_s), b.averaged(edges_b_s)
    inside = (edges_b_s[1:] > b.begin_s + half_s) & (edges_b_s[:-1] < b.end_s - half_s)
    fitted = inside & (edges_s[1:] > line.begin_a_s) & (edges_s[:-1] < line.end_a_s)
    usual_a, usual_b = moments_a[fitted].mean(axis=0), moments_b[fitted].mean(axis=0)
    moments_a, moments_b = moments_a - usual_a, moments_b - usual_b
    energy_a, energy_b = np.square(moments_a).sum(axis=1), np.square(moments_b).sum(axis=1)
    noise = 0.05 * (energy_a + energy_b)[fitted].mean() + 1e-6
    similarity = (moments_a * moments_b).sum(axis=1) / ((energy_a + energy_b) / 2 + noise)
    # Beyond what the line was fitted on any two moments are alike in not being of that shot.
    others_s = np.linspace(b.begin_s, b.end_s, _OTHERS + 2)
    others = b.averaged(others_s)[:-1] - usual_b
    either = (energy_a[:, None] + np.square(others).sum(axis=1)) / 2
    alike = moments_a @ others.T / (either + noise)
    chance = np.quantile(alike, _CHANCE, axis=1).clip(0)
    return np.where(inside, np.where(fitted, similarity, similarity - chance), np.nan)


def _usual(similarity: np.ndarray, line: Fit, edges_s: np.ndarray) -> float:
    """Mean similarity over the stretch that the line was fitted on."""
    fitted = (edges_s[1:] > line.begin_a_s) & (edges_s[:-1] < line.end_a_s)
    return max(float(np.nanmean(similarity[fitted])), 0.02)


def runs(path: np.ndarray) -> Iterator[tuple[int, int, int]]:
    """Where a path stays in one state: the state, the first moment, and the one after the last.

    Args:
        path: the state at each moment; what is negative is none.
    """
    cuts = (np.flatnonzero(np.diff(path)) + 1).tolist()
    for first, last in zip([0, *cuts], [*cuts, len(path)], strict=True):
        if path[first] >= 0:
            yield int(path[first]), first, last


def best_path(gains: np.ndarray, change: float) -> np.ndarray:
    """The state at each moment on the path with the highest sum of gains less changes.

    Args:
        gains: shape (states, moments).
        change: what a change of state costs.
    """
    states, count = gains.shape
    came_from = np.zeros((count, states), dtype=np.int64)
    total = gains[:, 0].copy()
    stay = np.arange(states)
    for moment in range(1, count):
        best = int(np.argmax(total))
        move = total[best] - change > total
        came_from[moment] = np.where(move, best, stay)
        total = np.where(move, total[best] - change, total) + gains[:, moment]
    path = np.zeros(count, dtype=np.int64)
    path[-1] = np.argmax(total)
    for moment in range(count - 1, 0, -1):
        path[moment - 1] = came_from[moment, path[moment]]
    return path

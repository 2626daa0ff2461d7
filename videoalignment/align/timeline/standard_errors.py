"""How exactly the places of one group's files are known, once they are solved.

By the pairs' standard errors, wider where pairs miss by more; by what no pair can show, when in
the span in which it is shown a picture was taken; and by how far off the pairs of a file are, where
most of them contradict it.
"""

from dataclasses import dataclass

import numpy as np

from videoalignment.align.timeline.equations import Equations, Files
from videoalignment.align.timeline.measurements import PairTable
from videoalignment.align.timeline.settings import TimelineSettings


@dataclass(frozen=True)
class Solution:
    """Equations as they were solved."""

    equations: Equations
    weight: np.ndarray
    """Of each equation, 0 where it was left out, shape (equations,)."""
    missed: np.ndarray
    """What each misses, shape (equations,)."""
    placing: np.ndarray
    """The files' places from the unknowns, shape (files, unknowns)."""

    @property
    def against(self) -> np.ndarray:
        """Each file's place less the mean of the others', from the unknowns, like `placing`."""
        count = len(self.placing)
        others = (1 - np.eye(count)) / max(count - 1, 1)
        difference: np.ndarray = (np.eye(count) - others) @ self.placing
        return difference


def standard_errors(
    files: Files, table: PairTable, solution: Solution, settings: TimelineSettings
) -> np.ndarray:
    """Of each file's place against the mean of the others', seconds, shape (files,).

    Args:
        files, table: the group's.
        solution: of its equations.
        settings: the constants.
    """
    known = np.hypot(_by_pairs(solution), settings.stamped * _by_stamps(files, table, solution))
    return np.maximum(known, _contradicted(len(files), table, solution))


def _by_pairs(solution: Solution) -> np.ndarray:
    """By the equations' standard errors, wider where the pairs miss by more."""
    equations, weight = solution.equations, solution.weight
    covariance = np.linalg.inv(equations.normal(weight))
    variance = np.einsum("ij,jk,ik->i", solution.against, covariance, solution.against)
    held = np.flatnonzero(weight[: equations.pairs] > 0)
    spare = len(held) - (len(solution.placing) - 1)
    squares = (np.square(solution.missed[held]) * weight[held]).sum()
    wider = max(1.0, squares / spare) if spare > 0 else 1.0
    return np.sqrt(variance.clip(min=0) * wider)


def _by_stamps(files: Files, table: PairTable, solution: Solution) -> np.ndarray:
    """By how much each place would change, were pictures taken when they begin to be shown: then
    two files lie half the difference of their frames' lengths off, in all their pairs alike."""
    equations, weight = solution.equations, solution.weight
    frame_a_s, frame_b_s = files.frame_s[table.a], files.frame_s[table.b]
    seen = ~table.by_sound & (np.minimum(frame_a_s, frame_b_s) > 0)
    off_s = np.zeros(len(weight))
    off_s[: len(table)] = np.where(seen, (frame_a_s - frame_b_s) / 2, 0.0)
    change = np.linalg.solve(equations.normal(weight), equations.matrix.T @ (weight * off_s))
    return np.abs(solution.against @ change)


def _contradicted(count: int, table: PairTable, solution: Solution) -> np.ndarray:
    """What the pairs of each file usually miss its place by, where most of them contradict it; else
    0. Those that hold may then agree by chance, however sure each is."""
    usual_s = np.zeros(count)
    holds = solution.weight > 0
    for file in range(count):
        beside = np.flatnonzero((table.a == file) | (table.b == file))
        if len(beside) and holds[beside].mean() <= 0.5:
            usual_s[file] = np.median(np.abs(solution.missed[beside]))
    return usual_s

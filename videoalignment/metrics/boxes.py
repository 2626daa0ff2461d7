"""Copied segments as boxes: a stretch of a query and the stretch of a reference that shows it."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from videoalignment.errors import OptionError

Interval = tuple[float, float]


def checked_boxes(boxes: ArrayLike) -> np.ndarray:
    """Boxes as an array, checked.

    Args:
        boxes: rows [q0, r0, q1, r1], seconds: begin in the query and in the reference, then ends.

    Returns:
        float64, shape (n, 4).

    Raises:
        OptionError: a box has not four finite numbers.

    A box that ends before it begins is let through: published labels hold one. Nothing meets it,
    and its length counts as negative, as in the reference evaluator.
    """
    try:
        array = np.asarray(boxes, np.float64)
    except (TypeError, ValueError, OverflowError):
        raise OptionError("boxes must be rows of four numbers, q0 r0 q1 r1") from None
    if array.size == 0:
        return np.zeros((0, 4))
    if array.ndim != 2 or array.shape[1] != 4:
        raise OptionError(f"boxes of shape {array.shape}, expected (n, 4): q0 r0 q1 r1")
    wrong = ~np.isfinite(array).all(1)
    if wrong.any():
        raise OptionError(f"box {array[int(wrong.argmax())].tolist()}: expected finite numbers")
    return array


def intersections(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The boxes that every box of one side shares with every box of the other.

    Args:
        a, b: boxes, shapes (n, 4) and (m, 4).

    Returns:
        The shared boxes, shape (n, m, 4), and which of them have a positive area, bool, (n, m).
    """
    begins = np.maximum(a[:, None, :2], b[None, :, :2])
    ends = np.minimum(a[:, None, 2:], b[None, :, 2:])
    return np.concatenate([begins, ends], axis=2), (ends > begins).all(2)


def union(intervals: Iterable[Sequence[float]]) -> list[Interval]:
    """Intervals (begin, end) put together where they overlap or touch, in order."""
    merged: list[Interval] = []
    for begin, end in sorted((begin, end) for begin, end in intervals):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((begin, end))
    return merged


def length(intervals: Iterable[Sequence[float]]) -> float:
    """How long the union of intervals is."""
    return sum(end - begin for begin, end in union(intervals))

"""What aligning two videos answers."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Segment:
    """A stretch of A that shows what a stretch of B shows.

    The moment t of A (begin_a_s <= t <= end_a_s) is the moment
    begin_b_s + (t - begin_a_s) * speed of B.
    """

    begin_a_s: float
    end_a_s: float
    begin_b_s: float
    end_b_s: float
    speed: float
    """Seconds of B that pass in one second of A."""
    score: float
    """Mean similarity of the frames that meet, 0 (as unrelated footage) to 1 (identical)."""


@dataclass(frozen=True)
class Alignment:
    """Where video A meets video B: the moment t of A is the moment offset_s + t * speed of B."""

    matched: bool
    """Whether the two show the same footage at this offset; if not, the rest is the best guess."""
    offset_s: float
    """The moment of B, seconds, at which A's first moment falls; negative where A begins first."""
    speed: float
    """Seconds of B that pass in one second of A; 1 for an unchanged copy."""
    score: float
    """Mean similarity of the frames that meet, 0 (as unrelated footage) to 1 (identical)."""
    confidence: float
    """Calibrated probability, 0..1, that the two share content at this offset."""
    overlap: Segment
    """What of A and of B lies over each other at this offset and speed."""
    segments: tuple[Segment, ...]
    """Where frames really match, in A's order; several when A was cut and re-ordered."""
    uncertainty_s: float
    """Half width, seconds, of the interval that holds the true offset in 95 of 100 cases."""
    duration_a_s: float
    duration_b_s: float


@dataclass(frozen=True)
class Evidence:
    """What a person looks at to believe an alignment."""

    offsets_s: np.ndarray
    """Offsets that were searched, seconds, shape (n,), ascending."""
    scores: np.ndarray
    """The search's score at each of these offsets, shape (n,)."""
    similarity: np.ndarray
    """Similarity of frames of A (rows) and of B (columns), shape (a, b), 0..1."""
    times_a_s: np.ndarray
    """Time stamps of the rows, seconds, shape (a,)."""
    times_b_s: np.ndarray
    """Time stamps of the columns, seconds, shape (b,)."""

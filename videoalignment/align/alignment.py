"""What aligning two videos answers."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from videoalignment.errors import OptionError
from videoalignment.time_map import TimeMap

By = Literal["picture", "sound", "both", "motion"]
"""What an answer rests on."""
MATCHED_FROM = 0.5
"""The confidence from which two videos count as matched, where nothing else is asked for."""
HALF_WIDTH = 1.96
"""Standard errors in the half width of an interval that holds 95 of 100 cases."""
SPEED_TOLD = 0.02
"""Half width of the speed's interval below which it can be told: half of what tells 25 from 24."""


@dataclass(frozen=True)
class Segment:
    """A stretch of A that shows what a stretch of B shows."""

    time_map: TimeMap
    """Which moment of B each moment of the stretch is."""
    begin_a_s: float
    end_a_s: float
    score: float
    """Mean similarity of the frames that meet, 0 (as unrelated footage) to 1 (identical)."""

    def __post_init__(self) -> None:
        if not -math.inf < self.begin_a_s <= self.end_a_s < math.inf:
            raise OptionError(
                f"a segment from {self.begin_a_s} s to {self.end_a_s} s: expected finite moments, "
                "the first one first"
            )

    @property
    def middle_a_s(self) -> float:
        """The moment of A in the middle of it."""
        return (self.begin_a_s + self.end_a_s) / 2

    @property
    def begin_b_s(self) -> float:
        """The moment of B that it begins with."""
        return self.time_map.to_b(self.begin_a_s)

    @property
    def end_b_s(self) -> float:
        """The moment of B that it ends with."""
        return self.time_map.to_b(self.end_a_s)

    @property
    def speed(self) -> float:
        """Seconds of B that pass in one second of A."""
        return self.time_map.speed

    @property
    def offset_s(self) -> float:
        """The moment of B at which A's first moment would fall."""
        return self.time_map.offset_s

    def within(self, begin_a_s: float, begin_b_s: float = 0.0) -> "Segment":
        """The same on the clocks of recordings that A and B were cut out of.

        Args:
            begin_a_s, begin_b_s: where A and B begin in these, seconds.
        """
        line = TimeMap(-begin_a_s).then(self.time_map).then(TimeMap(begin_b_s))
        return Segment(line, self.begin_a_s + begin_a_s, self.end_a_s + begin_a_s, self.score)

    def inverse(self) -> "Segment":
        """The same with A and B exchanged."""
        return Segment(self.time_map.inverse(), self.begin_b_s, self.end_b_s, self.score)


@dataclass(frozen=True)
class Uncertainty:
    """How well a line through time is known: best at one moment of A, less well far from it.

    Half widths of intervals that hold the truth in 95 of 100 cases.
    """

    best_at_s: float
    """The moment of A whose place in B is known best: about the middle of what the two share."""
    place_s: float
    """Half width of that place's interval, seconds of B."""
    speed: float = 0.0
    """Half width of the speed's interval; 0 where it is known exactly, as an unchanged copy's."""

    def at(self, time_a_s: float) -> float:
        """Half width, seconds of B, of the interval that holds the place of a moment of A."""
        return math.hypot(self.place_s, self.speed * (time_a_s - self.best_at_s))

    def inverse(self, time_map: TimeMap) -> "Uncertainty":
        """The same with A and B exchanged.

        Args:
            time_map: the line from A to B.
        """
        return Uncertainty(
            best_at_s=time_map.to_b(self.best_at_s),
            place_s=self.place_s / time_map.speed,
            speed=self.speed / time_map.speed**2,
        )


@dataclass(frozen=True)
class Alignment:
    """Where video A meets video B."""

    time_map: TimeMap
    """Which moment of B each moment of A is, on the line that most of A follows."""
    score: float
    """Mean similarity of the frames that meet, 0 (as unrelated footage) to 1 (identical)."""
    confidence: float
    """Calibrated probability, 0..1, that the two share content at this offset."""
    overlap: Segment
    """What of A and of B lies over each other at this offset and speed."""
    segments: tuple[Segment, ...]
    """Where frames really match, in A's order; several when A was cut and re-ordered."""
    uncertainty: Uncertainty
    """How well the line is known."""
    duration_a_s: float
    duration_b_s: float
    min_confidence: float = MATCHED_FROM
    """The confidence from which the two count as matched."""
    by: By = "picture"
    """What speaks for it: the pictures, the sounds, or both."""
    sound_lag_s: float | None = None
    """How much later A's sound comes against its picture than B's does; 0 where the uncertainty
    leaves no difference, None unless both pictures and sounds are sure."""
    rivals: tuple[TimeMap, ...] = ()
    """Other lines from which this one cannot be told, the most alike first: pictures or music that
    repeat themselves. Of sounds the confidence allows for them; of pictures it says how likely it
    is that the two share content at any of these lines."""
    turning: bool = False
    """Whether the pictures were laid over each other, and can be a little earlier and later, too:
    what turns tells less of when."""
    refutes: TimeMap | None = None
    """Where others than the pictures had put the two, if there these lie over each other and show
    another moment."""

    def __post_init__(self) -> None:
        for name in ("score", "confidence"):
            if not 0 <= getattr(self, name) <= 1:
                raise OptionError(f"`{name}` {getattr(self, name)}: expected a number from 0 to 1")
        if bool(self.segments) != self.matched:
            raise OptionError(
                f"{len(self.segments)} `segments` at `confidence` {self.confidence}: "
                "videos that match have some, others none"
            )

    @property
    def matched(self) -> bool:
        """Whether the two show the same footage at this offset; if not, it is the best guess."""
        return self.confidence >= self.min_confidence

    @property
    def is_cut(self) -> bool:
        """Whether its segments follow several lines, as where one of the two was cut."""
        return any(segment.time_map != self.time_map for segment in self.segments)

    @property
    def offset_s(self) -> float:
        """The moment of B, seconds, at which A's first moment falls; negative where A is first."""
        return self.time_map.offset_s

    @property
    def speed(self) -> float:
        """Seconds of B that pass in one second of A; 1 for an unchanged copy."""
        return self.time_map.speed

    @property
    def uncertainty_s(self) -> float:
        """Half width, seconds, of the interval that holds the true offset in 95 of 100 cases."""
        return self.uncertainty.at(0.0)

    @property
    def speed_told(self) -> bool:
        """Whether the footage tells at which speed it runs; dull or short footage does not."""
        return self.uncertainty.speed < SPEED_TOLD

    def inverse(self) -> "Alignment":
        """The same alignment with A and B exchanged."""
        segments = [segment.inverse() for segment in self.segments]
        return Alignment(
            time_map=self.time_map.inverse(),
            score=self.score,
            confidence=self.confidence,
            overlap=self.overlap.inverse(),
            segments=tuple(sorted(segments, key=lambda segment: segment.begin_a_s)),
            uncertainty=self.uncertainty.inverse(self.time_map),
            duration_a_s=self.duration_b_s,
            duration_b_s=self.duration_a_s,
            min_confidence=self.min_confidence,
            by=self.by,
            sound_lag_s=None if self.sound_lag_s is None else 0.0 - self.sound_lag_s,
            rivals=tuple(rival.inverse() for rival in self.rivals),
            turning=self.turning,
            refutes=self.refutes and self.refutes.inverse(),
        )


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

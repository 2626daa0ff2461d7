"""What placing many recordings answers: groups on a clock each, and what could not be placed.

A timeline holds what is known and nothing of how it is shown: `present/` writes it as JSON and CSV,
as editors' projects and as a page.
"""

from dataclasses import dataclass
from pathlib import Path

from videoalignment.align.alignment import By, Segment
from videoalignment.errors import OptionError
from videoalignment.time_map import TimeMap


@dataclass(frozen=True)
class PlacedFile:
    """A recording and its place on its group's clock."""

    file: Path
    """As the user named it, or as it was found in a folder."""
    time_map: TimeMap
    """The moment t of the file is the moment offset_s + speed * t of the group's clock: of its
    picture where it has one, else of its sound."""
    duration_s: float
    """By the file's own clock."""
    uncertainty_s: float
    """Half width of the interval that holds the place of the file's middle in 95 of 100 cases."""
    confidence: float
    """Probability, 0..1, that it belongs to this group at this place."""
    has_picture: bool
    has_sound: bool
    """Whether it has sound that can be decoded."""
    sound_lag_s: float | None = None
    """How much later its sound comes than its picture; None where that cannot be told."""
    residual_s: float = 0.0
    """Root mean square of what its pairs say and what the solution says, weighted by certainty."""
    carried_by: tuple[int, ...] = ()
    """Places in the group's `pairs` of those that place it."""
    weak: bool = False
    """Whether it hangs on one pair that is not sure."""
    sound_track: int = 0
    """Which of its sound tracks was compared, from 0: the first in which something is heard."""

    @property
    def begin_s(self) -> float:
        """The moment of the group's clock at which it begins."""
        return self.time_map.offset_s

    @property
    def rate(self) -> float:
        """Seconds of the group's clock that pass in one second of the file's."""
        return self.time_map.speed

    @property
    def end_s(self) -> float:
        """The moment of the group's clock at which it ends."""
        return self.time_map.to_b(self.duration_s)


@dataclass(frozen=True)
class PlacedPair:
    """Two files of a group, and how one was found to lie to the other."""

    a: int
    """Place of A in the group's `files`."""
    b: int
    """Place of B in the group's `files`."""
    time_map: TimeMap
    """Which moment of B each moment of A was found to be."""
    by: By
    uncertainty_s: float
    """Half width of the 95 % interval of the place of A's moment that is known best, seconds."""
    confidence: float
    """Probability, 0..1, that the two share content so, by this pair alone."""
    residual_s: float = 0.0
    """What the solution says less what the pair says, at A's moment that is known best."""
    elsewhere: tuple[Segment, ...] = ()
    """Of recordings that were cut, what else they share, on other lines than the pair's."""


@dataclass(frozen=True)
class Conflict:
    """A pair that the rest of its group contradicts, and which was left out."""

    pair: PlacedPair
    reason: str
    """In words, e.g. "12.480 s from where 5 other pairs put it"."""


@dataclass(frozen=True)
class Group:
    """Files that share moments, directly or by way of others, on one clock."""

    files: tuple[PlacedFile, ...]
    """By their begin; the earliest one begins at 0."""
    pairs: tuple[PlacedPair, ...]
    """Those that the solution rests on."""
    conflicts: tuple[Conflict, ...] = ()

    def __post_init__(self) -> None:
        if len(self.files) < 2:
            raise OptionError(f"a group of {len(self.files)} `files`: expected two or more")
        for pair in (*self.pairs, *(conflict.pair for conflict in self.conflicts)):
            if not 0 <= pair.a < len(self.files) or not 0 <= pair.b < len(self.files):
                raise OptionError(
                    f"a pair of files {pair.a} and {pair.b} in a group of {len(self.files)}"
                )

    @property
    def cut(self) -> tuple[PlacedPair, ...]:
        """The pairs that share more on other lines, one for two files."""
        cut = {(pair.a, pair.b): pair for pair in self.pairs if pair.elsewhere}
        return tuple(cut.values())

    @property
    def end_s(self) -> float:
        """The moment of the group's clock at which its last file ends."""
        return max(file.end_s for file in self.files)


@dataclass(frozen=True)
class Guess:
    """Where a file that could not be placed might lie."""

    beside: Path
    """The file that it would lie beside."""
    time_map: TimeMap
    """Which moment of `beside` each moment of the file would be."""
    confidence: float


@dataclass(frozen=True)
class Unplaced:
    """A file that is on no timeline."""

    file: Path
    reason: str
    """In words, e.g. "shares nothing with another file" or "cannot be read: ..."."""
    guess: Guess | None = None


@dataclass(frozen=True)
class Refuted:
    """Two files of different groups, or of none, that were found to share something, wrongly."""

    a: Path
    b: Path
    time_map: TimeMap
    """Which moment of B each moment of A was found to be."""
    by: By
    confidence: float
    """Probability, 0..1, by this pair alone."""
    reason: str
    """In words, e.g. "would put 6 pairs of files over each other that share nothing"."""


@dataclass(frozen=True)
class Timeline:
    """Many recordings, placed."""

    groups: tuple[Group, ...]
    """Those that share nothing stay apart; the one with the most files first."""
    unplaced: tuple[Unplaced, ...]
    refuted: tuple[Refuted, ...] = ()
    """Pairs that would have joined what stays apart, and what speaks against them."""

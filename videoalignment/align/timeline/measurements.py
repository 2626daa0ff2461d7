"""What is known before anything is placed: the files, and how pairs of them were found to lie."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from videoalignment.align.alignment import HALF_WIDTH, Alignment, Segment
from videoalignment.errors import OptionError
from videoalignment.time_map import TimeMap

Witness = Literal["picture", "sound", "motion"]
"""What two files were compared by."""
NEEDED: dict[str, Literal["picture", "sound"]] = {
    "picture": "picture",
    "motion": "picture",
    "sound": "sound",
}
"""What a file must have to be compared by each of them."""


@dataclass(frozen=True)
class Recorded:
    """A file that is to be placed."""

    file: Path
    duration_s: float
    """By its own clock."""
    has_picture: bool = True
    has_sound: bool = True
    frame_s: float = 0.0
    """How long its pictures last before they change, where that is known; a picture that is only
    repeated counts as one."""
    sound_track: int = 0
    """Which of its sound tracks is compared, from 0."""

    def __post_init__(self) -> None:
        if not 0 < self.duration_s < math.inf:
            raise OptionError(
                f"`duration_s` {self.duration_s}: expected a number of seconds above 0"
            )
        if not (self.has_picture or self.has_sound):
            raise OptionError(f"{self.file}: has neither picture nor sound")


@dataclass(frozen=True)
class Measurement:
    """How one file was found to lie to another, by picture, by sound or by what moves.

    Of two files there may be several by one of them: then at most one is right.
    """

    a: int
    """Place of A among the files."""
    b: int
    by: Witness
    time_map: TimeMap
    """Which moment of B's picture (sound) each moment of A's is."""
    best_at_s: float
    """The moment of A whose place in B is known best."""
    sigma_s: float
    """Standard error of that place, seconds of B."""
    speed_sigma: float
    """Standard error of the speed."""
    confidence: float
    """Probability, 0..1, that the two share content so. A pair that was tried and not found is
    given, too, with its best guess and how little that is worth: not to be found where much is
    shared speaks against being there."""
    rivals: tuple[TimeMap, ...] = ()
    """Other lines that are as likely by these pictures, which repeat themselves; the confidence is
    that one of all holds."""
    turning: bool = False
    """Whether these pictures can be laid over each other as well a little earlier and later."""
    stretches: tuple[Segment, ...] = ()
    """Of recordings that were cut, what they share, along several lines; else none."""
    refutes: TimeMap | None = None
    """A line along which these pictures lie over each other and show another moment: whatever is
    likely, that is not."""

    def __post_init__(self) -> None:
        if self.a == self.b or min(self.a, self.b) < 0:
            raise OptionError(f"a pair of files {self.a} and {self.b}: expected two of the files")
        if not 0 <= self.confidence <= 1:
            raise OptionError(f"`confidence` {self.confidence}: expected a number from 0 to 1")
        if not (0 <= self.sigma_s < math.inf and 0 <= self.speed_sigma < math.inf):
            raise OptionError(
                f"`sigma_s` {self.sigma_s}, `speed_sigma` {self.speed_sigma}: expected standard "
                "errors, finite and not negative"
            )

    @classmethod
    def of(cls, a: int, b: int, alignment: Alignment, by: Witness) -> "Measurement":
        """What an alignment of file A with file B says.

        Args:
            a, b: places among the files.
            alignment: of A with B, by picture alone or by sound alone.
            by: which of them.
        """
        return cls(
            a=a,
            b=b,
            by=by,
            time_map=alignment.time_map,
            best_at_s=alignment.uncertainty.best_at_s,
            sigma_s=alignment.uncertainty.place_s / HALF_WIDTH,
            speed_sigma=alignment.uncertainty.speed / HALF_WIDTH,
            confidence=alignment.confidence,
            # how sure a sound is of its answer allows for its rivals already
            rivals=alignment.rivals if by == "picture" else (),
            turning=alignment.turning,
            stretches=alignment.segments if alignment.is_cut else (),
            refutes=alignment.refutes,
        )

    def inverse(self) -> "Measurement":
        """The same with A and B exchanged."""
        return Measurement(
            a=self.b,
            b=self.a,
            by=self.by,
            time_map=self.time_map.inverse(),
            best_at_s=self.time_map.to_b(self.best_at_s),
            sigma_s=self.sigma_s / self.time_map.speed,
            speed_sigma=self.speed_sigma / self.time_map.speed**2,
            confidence=self.confidence,
            rivals=tuple(rival.inverse() for rival in self.rivals),
            turning=self.turning,
            stretches=tuple(stretch.inverse() for stretch in self.stretches),
            refutes=self.refutes and self.refutes.inverse(),
        )


@dataclass(frozen=True)
class PairTable:
    """Measurements as columns, a row each, shape (rows,)."""

    a: np.ndarray
    b: np.ndarray
    by_sound: np.ndarray
    by_motion: np.ndarray
    time_a_s: np.ndarray
    """The moment of A that is known best..."""
    time_b_s: np.ndarray
    """... and which moment of B it is."""
    log_speed: np.ndarray
    sigma_s: np.ndarray
    """Standard error of time_b_s."""
    log_speed_sigma: np.ndarray
    confidence: np.ndarray
    trial: np.ndarray
    """A number for what two files were compared by; of rows that share it one can be right."""
    refutes: np.ndarray
    """Which rows say where two files do not lie, bool."""

    @classmethod
    def of(cls, measurements: Sequence[Measurement]) -> "PairTable":
        """Put measurements into columns, in their order; those that refute a line lie on it."""
        trials: dict[tuple[int, int, str, bool], int] = {}
        for m in measurements:
            trials.setdefault(_trial(m), len(trials))
        speed = np.array([m.time_map.speed for m in measurements], dtype=np.float64)
        best_at_s = np.array([m.best_at_s for m in measurements], dtype=np.float64)
        offset_s = np.array([m.time_map.offset_s for m in measurements], dtype=np.float64)
        return cls(
            a=np.array([m.a for m in measurements], dtype=np.int64),
            b=np.array([m.b for m in measurements], dtype=np.int64),
            by_sound=np.array([m.by == "sound" for m in measurements], dtype=bool),
            by_motion=np.array([m.by == "motion" for m in measurements], dtype=bool),
            time_a_s=best_at_s,
            time_b_s=offset_s + speed * best_at_s,
            log_speed=np.log(speed),
            sigma_s=np.array([m.sigma_s for m in measurements], dtype=np.float64),
            log_speed_sigma=np.array([m.speed_sigma for m in measurements]) / speed,
            confidence=np.array([m.confidence for m in measurements], dtype=np.float64),
            trial=np.array([trials[_trial(m)] for m in measurements], dtype=np.int64),
            refutes=np.array([m.refutes is not None for m in measurements], dtype=bool),
        )

    def __len__(self) -> int:
        return len(self.a)

    def taken(self, rows: np.ndarray) -> "PairTable":
        """Some of the rows, by their numbers or a mask."""
        return PairTable(**{name: column[rows] for name, column in vars(self).items()})

    def both_ways(self) -> "PairTable":
        """Every row, and then every row with A and B exchanged."""
        turned = PairTable(
            a=self.b,
            b=self.a,
            by_sound=self.by_sound,
            by_motion=self.by_motion,
            time_a_s=self.time_b_s,
            time_b_s=self.time_a_s,
            log_speed=-self.log_speed,
            sigma_s=self.sigma_s * np.exp(-self.log_speed),
            log_speed_sigma=self.log_speed_sigma,
            confidence=self.confidence,
            trial=self.trial,
            refutes=self.refutes,
        )
        columns = {
            name: np.concatenate([column, getattr(turned, name)])
            for name, column in vars(self).items()
        }
        return PairTable(**columns)


def _trial(m: Measurement) -> tuple[int, int, str, bool]:
    """What two files were compared by, and whether that says where they lie, or where not."""
    return min(m.a, m.b), max(m.a, m.b), m.by, m.refutes is not None

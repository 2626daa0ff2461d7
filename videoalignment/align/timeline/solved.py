"""What was solved, as the records of a timeline."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from videoalignment.align.alignment import HALF_WIDTH
from videoalignment.align.timeline.clocks import Clocks
from videoalignment.align.timeline.cut_pairs import elsewhere
from videoalignment.align.timeline.measurements import Measurement, PairTable, Recorded
from videoalignment.align.timeline.records import (
    Conflict,
    Group,
    Guess,
    PlacedFile,
    PlacedPair,
    Refuted,
    Unplaced,
)
from videoalignment.time_map import TimeMap


@dataclass(frozen=True)
class Known:
    """What was given to be solved."""

    files: Sequence[Recorded]
    measurements: Sequence[Measurement]
    table: PairTable
    """The measurements as columns."""
    min_confidence: float

    @cached_property
    def durations_s(self) -> np.ndarray:
        """Of the files, shape (files,)."""
        return np.array([file.duration_s for file in self.files], dtype=np.float64)


@dataclass(frozen=True)
class SolvedGroup:
    """Files that belong together, and their clocks."""

    known: Known
    members: np.ndarray
    """Places of its files among all, ascending, shape (members,)."""
    rows: np.ndarray
    """Numbers of the measurements that were solved together."""
    clocks: Clocks
    """Of the members, from these rows."""

    @cached_property
    def maps(self) -> list[TimeMap]:
        """Each member's, onto the group's clock, on which the earliest one begins at 0."""
        clocks, durations_s = self.clocks, self.known.durations_s[self.members]
        begins_s = clocks.middle_s - clocks.rate * durations_s / 2
        begins_s -= begins_s.min()
        return [
            TimeMap(float(begin_s), float(rate))
            for begin_s, rate in zip(begins_s, clocks.rate, strict=True)
        ]

    @cached_property
    def order(self) -> np.ndarray:
        """Places among the members by their begin."""
        return np.lexsort((self.members, np.array([line.offset_s for line in self.maps])))

    def record(self, held: np.ndarray, log_odds: np.ndarray, weak: np.ndarray) -> Group:
        """The group's record.

        Args:
            held: which measurements hold files together, bool, shape (rows,).
            log_odds: of each file's place, shape (files,).
            weak: which files hang on one pair that is not sure, bool, shape (files,).
        """
        pairs = [self._pair(int(row), float(residual_s)) for row, residual_s in self._left(held)]
        files = tuple(
            self._file(int(k), pairs, float(log_odds[file]), bool(weak[file]))
            for k, file in zip(self.order, self.members[self.order], strict=True)
        )
        return Group(files, tuple(pairs), tuple(self._conflicts(held)))

    def _left(self, held: np.ndarray) -> list[tuple[int, float]]:
        """The rows that the solution rests on, and what they and it disagree by."""
        residuals_s = zip(self.rows, self.clocks.residual_s, strict=True)
        return [(row, residual_s) for row, residual_s in residuals_s if held[row]]

    @cached_property
    def _place(self) -> dict[int, int]:
        """Each file's place in the record."""
        return {int(self.members[k]): new for new, k in enumerate(self.order)}

    def _file(self, k: int, pairs: list[PlacedPair], log_odds: float, weak: bool) -> PlacedFile:
        recorded, lag_s = self.known.files[self.members[k]], float(self.clocks.lag_s[k])
        place = self._place[int(self.members[k])]
        carried = tuple(n for n, pair in enumerate(pairs) if place in (pair.a, pair.b))
        return PlacedFile(
            file=recorded.file,
            time_map=self.maps[k],
            duration_s=recorded.duration_s,
            uncertainty_s=float(HALF_WIDTH * self.clocks.sigma_s[k]),
            confidence=1 / (1 + math.exp(-log_odds)),
            has_picture=recorded.has_picture,
            has_sound=recorded.has_sound,
            sound_lag_s=None if math.isnan(lag_s) else lag_s,
            residual_s=_root_mean_square([pairs[n] for n in carried]),
            carried_by=carried,
            weak=weak,
            sound_track=recorded.sound_track,
        )

    def _pair(self, row: int, residual_s: float) -> PlacedPair:
        m = self.known.measurements[row]
        return PlacedPair(
            a=self._place[m.a],
            b=self._place[m.b],
            time_map=m.time_map,
            by=m.by,
            uncertainty_s=HALF_WIDTH * m.sigma_s,
            confidence=m.confidence,
            residual_s=residual_s,
            elsewhere=elsewhere(m),
        )

    def _conflicts(self, held: np.ndarray) -> list[Conflict]:
        """The pairs that the group contradicts, those furthest off first."""
        t = self.known.table
        within = np.isin(t.a, self.members) & np.isin(t.b, self.members)
        explained = np.isin(t.trial, t.trial[held])
        claims = within & ~explained & (t.confidence >= self.known.min_confidence)
        files = np.concatenate([t.a[held], t.b[held]])
        beside = np.bincount(files, minlength=len(self.known.files))
        conflicts = [self._conflict(int(row), beside) for row in np.flatnonzero(claims)]
        return sorted(conflicts, key=lambda c: -abs(c.pair.residual_s))

    def _conflict(self, row: int, beside: np.ndarray) -> Conflict:
        m = self.known.measurements[row]
        if row in self._undecided:
            residual_s = self._undecided[row]
            reason = (
                f"{abs(residual_s):.3f} s from where the pictures put it: the sound of one of "
                "the two is late, and nothing tells which one's"
            )
            return Conflict(self._pair(row, residual_s), reason)
        map_a, map_b = (self.maps[np.searchsorted(self.members, file)] for file in (m.a, m.b))
        said = map_a.then(map_b.inverse())
        residual_s = said.to_b(m.best_at_s) - m.time_map.to_b(m.best_at_s)
        reason = _contradicted(m, said, int(max(beside[m.a], beside[m.b])))
        return Conflict(self._pair(row, residual_s), reason)

    @cached_property
    def _undecided(self) -> dict[int, float]:
        """What rows by sound miss of whose two files one sound is late, and nothing tells which."""
        late = self.clocks.undecided
        residuals_s = zip(self.rows[late], self.clocks.residual_s[late], strict=True)
        return {int(row): float(residual_s) for row, residual_s in residuals_s}


def refuted(known: Known, row: int, against: int) -> Refuted:
    """The record of a measurement that claims to join what stays apart.

    Args:
        known: what was given.
        row: the measurement's number.
        against: how many pairs speak against it.
    """
    m = known.measurements[row]
    return Refuted(
        a=known.files[m.a].file,
        b=known.files[m.b].file,
        time_map=m.time_map,
        by=m.by,
        confidence=m.confidence,
        reason=f"would put {_counted(against, 'pair')} of files over each other that "
        "were not found to share that"
        if against
        else "nothing else bears it out, or more speaks for where its files lie otherwise",
    )


def unplaced(known: Known, file: int) -> Unplaced:
    """The record of a file that lies by itself."""
    t, name = known.table, known.files[file].file
    rows = np.flatnonzero((t.a == file) | (t.b == file))
    if len(rows) == 0:
        return Unplaced(name, "nothing was found that it shares with another file")
    row = int(rows[np.argmax(t.confidence[rows])])
    best = known.measurements[row]
    turned = best if best.a == file else best.inverse()
    likely = known.min_confidence
    if best.confidence >= likely:
        reason = "what it seems to share contradicts the rest, or is not sure by itself"
    elif t.confidence[t.trial == t.trial[row]].sum() >= likely:
        reason = "what it shares repeats itself, and nothing tells at which turn it lies"
    else:
        reason = "shares nothing with another file"
    guess = Guess(known.files[turned.b].file, turned.time_map, turned.confidence)
    return Unplaced(name, reason, guess)


def _root_mean_square(pairs: list[PlacedPair]) -> float:
    """Of residuals, weighted by how exact each pair is."""
    weights = np.array([1 / max(pair.uncertainty_s, 1e-6) ** 2 for pair in pairs])
    squares = np.square([pair.residual_s for pair in pairs])
    return float(np.sqrt(np.average(squares, weights=weights))) if pairs else 0.0


def _contradicted(measurement: Measurement, said: TimeMap, others: int) -> str:
    """Why a pair within a group was left out."""
    apart_s = said.apart_s(measurement.time_map, measurement.best_at_s)
    speeds = abs(math.log(measurement.time_map.speed / said.speed))
    if speeds > 1e-3:
        return (
            f"at {measurement.time_map.speed:.4f} of the speed, "
            f"{_counted(others, 'other pair')} at {said.speed:.4f}"
        )
    verb = "puts" if others == 1 else "put"
    return f"{apart_s:.3f} s from where {_counted(others, 'other pair')} {verb} it"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"

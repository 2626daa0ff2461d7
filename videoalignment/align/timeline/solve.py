"""From pairs that were measured one by one to one timeline."""

import math
from collections.abc import Sequence
from numbers import Real

import numpy as np

from videoalignment.align.alignment import MATCHED_FROM
from videoalignment.align.timeline.clocks import Clocks, solve_clocks
from videoalignment.align.timeline.consensus import Placement
from videoalignment.align.timeline.equations import Files
from videoalignment.align.timeline.measurements import (
    HALF_WIDTH,
    Measurement,
    PairTable,
    Recorded,
)
from videoalignment.align.timeline.records import (
    Conflict,
    Group,
    Guess,
    PlacedFile,
    PlacedPair,
    Refuted,
    Timeline,
    Unplaced,
)
from videoalignment.align.timeline.settings import SETTINGS, TimelineSettings
from videoalignment.errors import OptionError
from videoalignment.time_map import TimeMap

_TRUST_ROUNDS = 2


def solve(
    files: Sequence[Recorded],
    measurements: Sequence[Measurement],
    *,
    min_confidence: float = MATCHED_FROM,
    settings: TimelineSettings = SETTINGS,
) -> Timeline:
    """Place files on as few timelines as the pairs between them make likely.

    Args:
        files: what to place.
        measurements: how pairs of them lie, those that were tried and not found included.
        min_confidence: the probability from which files are put together, above 0 and below 1.
        settings: the constants.

    Returns:
        A timeline that depends on neither the order of the files nor that of the pairs.

    Raises:
        OptionError: a pair is of no two of the files, by what one of them lacks; or
            `min_confidence` is no such number.
    """
    check_min_confidence(min_confidence)
    for measurement in measurements:
        _check(measurement, files)
    return _Solver(*_in_order(files, measurements), min_confidence, settings).timeline()


def check_min_confidence(min_confidence: float) -> None:
    """Refuse what is no probability, or certain.

    Raises:
        OptionError: it is not above 0 and below 1.
    """
    if not isinstance(min_confidence, Real) or not 0 < min_confidence < 1:
        raise OptionError(
            f"`min_confidence` {min_confidence}: expected a number above 0 and below 1"
        )


def _check(measurement: Measurement, files: Sequence[Recorded]) -> None:
    if max(measurement.a, measurement.b) >= len(files):
        raise OptionError(
            f"a pair of files {measurement.a} and {measurement.b}, but there are {len(files)}"
        )
    for place in (measurement.a, measurement.b):
        if not getattr(files[place], f"has_{measurement.by}"):
            raise OptionError(f"{files[place].file}: a pair by {measurement.by}, which it lacks")


def _in_order(
    files: Sequence[Recorded], measurements: Sequence[Measurement]
) -> tuple[list[Recorded], list[Measurement]]:
    """Files by name, and pairs by their files, so that any order gives the same to the last bit."""
    order = sorted(range(len(files)), key=lambda k: (str(files[k].file), files[k].duration_s))
    place = {old: new for new, old in enumerate(order)}
    moved = []
    for m in measurements:
        a, b = place[m.a], place[m.b]
        turned = m if a < b else m.inverse()
        moved.append(
            Measurement(
                a=min(a, b),
                b=max(a, b),
                **{name: getattr(turned, name) for name in vars(turned) if name not in ("a", "b")},
            )
        )
    moved.sort(key=lambda m: (m.a, m.b, m.by, -m.confidence, m.time_map.offset_s))
    return [files[k] for k in order], moved


class _Solver:
    """Files, their pairs, and what follows."""

    def __init__(
        self,
        files: list[Recorded],
        measurements: list[Measurement],
        min_confidence: float,
        settings: TimelineSettings,
    ) -> None:
        self._files, self._measurements = files, measurements
        self._min_confidence, self._settings = min_confidence, settings
        self._table = PairTable.of(measurements)
        self._placement = self._placed(settings.surest)
        for _ in range(_TRUST_ROUNDS):
            trusted = self._trusted()
            if trusted < settings.surest:
                self._placement = self._placed(trusted)

    def timeline(self) -> Timeline:
        """Group, solve each group, and put in words what is left."""
        placement, holding = self._placement, self._holding()
        members = [np.flatnonzero(placement.group == g) for g in np.unique(placement.group)]
        solved = [(m, *self._solved(m, holding)) for m in members if len(m) > 1]
        held = np.zeros(len(self._table), dtype=bool)
        for _, rows, clocks in solved:
            held[rows[clocks.holds]] = True
        placement.deny(holding & ~held)
        trust = self._trust(held)
        groups = [self._group(m, rows, clocks, held, trust) for m, rows, clocks in solved]
        alone = [int(m[0]) for m in members if len(m) == 1]
        return Timeline(
            groups=tuple(sorted(groups, key=lambda g: (-len(g.files), str(g.files[0].file)))),
            unplaced=tuple(map(self._unplaced, alone)),
            refuted=tuple(self._refuted()),
        )

    # ------------------------------------------------------------------ who belongs together

    def _placed(self, surest: float) -> Placement:
        """Group the files, trusting no pair more than so."""
        durations_s = self._durations(np.arange(len(self._files)))
        threshold = math.log(self._min_confidence / (1 - self._min_confidence))
        placement = Placement(
            self._table, durations_s, self._settings, surest=surest, threshold=threshold
        )
        placement.grow()
        placement.mend()
        return placement

    def _trusted(self) -> float:
        """The confidence that no pair exceeds, from how many of the sure ones hold."""
        s, t = self._settings, self._table
        claimed = np.unique(t.trial[t.confidence >= MATCHED_FROM])
        held = np.unique(t.trial[self._holding()])
        wrong = s.wrong_before + len(np.setdiff1d(claimed, held))
        share = wrong / (s.claims_before + len(claimed))
        return float(np.clip(1 - 2 * share, s.surest_among_wrong, s.surest))

    def _holding(self) -> np.ndarray:
        """Which rows roughly say what the placement says, bool, shape (rows,)."""
        return self._placement.holding()[: len(self._table)]

    # ------------------------------------------------------------------ a group's clocks

    def _solved(self, members: np.ndarray, holding: np.ndarray) -> tuple[np.ndarray, Clocks]:
        """The rows that hold a group together, and its clocks."""
        placement = self._placement
        rows = np.flatnonzero(holding & np.isin(self._table.a, members))
        rows = self._best_of_trial(rows)
        scale = _usual_rate(placement.rate[members], self._durations(members))
        rate = placement.rate[members] / scale
        rate[np.abs(np.log(rate)) < self._settings.clock_log_rate] = 1.0
        durations_s = self._durations(members)
        begins_s = placement.offset_s[members] / scale
        files = Files(
            middle_s=begins_s + rate * durations_s / 2,
            rate=rate,
            duration_s=durations_s,
            both=np.array([self._has_both(file) for file in members]),
        )
        table = self._table.taken(rows)
        table.a[:], table.b[:] = (
            np.searchsorted(members, table.a),
            np.searchsorted(members, table.b),
        )
        return rows, solve_clocks(files, table, self._settings)

    def _best_of_trial(self, rows: np.ndarray) -> np.ndarray:
        """Of rows that exclude each other the surest one, which comes first."""
        _, first = np.unique(self._table.trial[rows], return_index=True)
        return rows[np.sort(first)]

    def _durations(self, members: np.ndarray) -> np.ndarray:
        return np.array([self._files[file].duration_s for file in members], dtype=np.float64)

    def _has_both(self, file: int) -> bool:
        return self._files[file].has_picture and self._files[file].has_sound

    # ------------------------------------------------------------------ how sure it is

    def _trust(self, held: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Log odds of each file's place, and whether it hangs on one pair that is not sure."""
        placement, count = self._placement, len(self._files)
        odds = np.array([placement.across(np.arange(count) == file) for file in range(count)])
        weak = np.zeros(count, dtype=bool)
        surely = math.log(self._settings.weak_below / (1 - self._settings.weak_below))
        for side in placement.sides(np.tile(held, 2)):
            across = placement.across(side)
            odds[side] = np.minimum(odds[side], across)
            if across < surely:
                weak |= side
        return odds, weak

    # ------------------------------------------------------------------ the records

    def _group(
        self,
        members: np.ndarray,
        rows: np.ndarray,
        clocks: Clocks,
        held: np.ndarray,
        trust: tuple[np.ndarray, np.ndarray],
    ) -> Group:
        begins_s = clocks.middle_s - clocks.rate * self._durations(members) / 2
        order = np.lexsort((members, begins_s))
        begins_s -= begins_s.min()
        place = {int(members[k]): new for new, k in enumerate(order)}
        maps = {
            int(file): TimeMap(float(begin_s), float(rate))
            for file, begin_s, rate in zip(members, begins_s, clocks.rate, strict=True)
        }
        pairs = [
            self._pair(row, place, residual_s)
            for row, residual_s, holds in zip(rows, clocks.residual_s, clocks.holds, strict=True)
            if holds
        ]
        files = []
        for k in order:
            file, lag_s = int(members[k]), clocks.lag_s[k]
            carried = tuple(n for n, p in enumerate(pairs) if place[file] in (p.a, p.b))
            recorded = self._files[file]
            files.append(
                PlacedFile(
                    file=recorded.file,
                    time_map=maps[file],
                    duration_s=recorded.duration_s,
                    uncertainty_s=float(HALF_WIDTH * clocks.sigma_s[k]),
                    confidence=1 / (1 + math.exp(-float(trust[0][file]))),
                    has_picture=recorded.has_picture,
                    has_sound=recorded.has_sound,
                    sound_lag_s=None if math.isnan(lag_s) else float(lag_s),
                    residual_s=_root_mean_square([pairs[n] for n in carried]),
                    carried_by=carried,
                    weak=bool(trust[1][file]),
                )
            )
        undecided = {
            int(row): float(residual_s)
            for row, residual_s, late in zip(rows, clocks.residual_s, clocks.undecided, strict=True)
            if late
        }
        conflicts = self._conflicts(members, held, place, maps, undecided)
        return Group(tuple(files), tuple(pairs), tuple(conflicts))

    def _pair(self, row: int, place: dict[int, int], residual_s: float) -> PlacedPair:
        m = self._measurements[row]
        return PlacedPair(
            a=place[m.a],
            b=place[m.b],
            time_map=m.time_map,
            by=m.by,
            uncertainty_s=HALF_WIDTH * m.sigma_s,
            confidence=m.confidence,
            residual_s=float(residual_s),
        )

    def _conflicts(
        self,
        members: np.ndarray,
        held: np.ndarray,
        place: dict[int, int],
        maps: dict[int, TimeMap],
        undecided: dict[int, float],
    ) -> list[Conflict]:
        """The pairs that the group contradicts, those furthest off first."""
        t = self._table
        within = np.isin(t.a, members) & np.isin(t.b, members)
        explained = np.isin(t.trial, t.trial[held])
        claims = within & ~explained & (t.confidence >= self._min_confidence)
        beside = np.bincount(np.concatenate([t.a[held], t.b[held]]), minlength=len(self._files))
        conflicts = []
        for row in np.flatnonzero(claims):
            m = self._measurements[row]
            residual_s = undecided.get(int(row))
            if residual_s is None:
                said = maps[m.a].then(maps[m.b].inverse())
                residual_s = said.to_b(m.best_at_s) - m.time_map.to_b(m.best_at_s)
                reason = _contradicted(m, said, int(max(beside[m.a], beside[m.b])))
            else:
                reason = (
                    f"{abs(residual_s):.3f} s from where the pictures put it: the sound of one of "
                    "the two is late, and nothing tells which one's"
                )
            conflicts.append(Conflict(self._pair(int(row), place, residual_s), reason))
        return sorted(conflicts, key=lambda c: -abs(c.pair.residual_s))

    def _refuted(self) -> list[Refuted]:
        """Pairs that claim to join what stays apart."""
        t, group = self._table, self._placement.group
        rows = np.flatnonzero((group[t.a] != group[t.b]) & (t.confidence >= self._min_confidence))
        found = []
        for row in rows:
            m, against = self._measurements[row], self._placement.against(int(row))
            found.append(
                Refuted(
                    a=self._files[m.a].file,
                    b=self._files[m.b].file,
                    time_map=m.time_map,
                    by=m.by,
                    confidence=m.confidence,
                    reason=f"would put {_counted(against, 'pair')} of files over each other that "
                    "were not found to share that"
                    if against
                    else "more speaks for where its files lie otherwise",
                )
            )
        return found

    def _unplaced(self, file: int) -> Unplaced:
        t = self._table
        rows = np.flatnonzero((t.a == file) | (t.b == file))
        name = self._files[file].file
        if len(rows) == 0:
            return Unplaced(name, "was compared with no other file")
        best = self._measurements[rows[np.argmax(t.confidence[rows])]]
        turned = best if best.a == file else best.inverse()
        claimed = best.confidence >= self._min_confidence
        reason = (
            "what it seems to share contradicts the rest"
            if claimed
            else ("shares nothing with another file")
        )
        guess = Guess(self._files[turned.b].file, turned.time_map, turned.confidence)
        return Unplaced(name, reason, guess)


def _usual_rate(rate: np.ndarray, duration_s: np.ndarray) -> float:
    """The rate that most files run at; of several the one that runs longest."""
    same = np.abs(np.log(rate[:, None] / rate[None])) < 1e-6
    order = np.lexsort((rate, duration_s, same.sum(axis=1)))
    return float(rate[order[-1]])


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

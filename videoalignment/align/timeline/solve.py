"""From pairs that were measured one by one to one timeline."""

import math
from collections.abc import Sequence
from numbers import Real

import numpy as np

from videoalignment.align.alignment import MATCHED_FROM
from videoalignment.align.timeline.claims import Claims
from videoalignment.align.timeline.clocks import solve_clocks
from videoalignment.align.timeline.consensus import Placement
from videoalignment.align.timeline.cut_pairs import on_common_lines
from videoalignment.align.timeline.equations import Files
from videoalignment.align.timeline.measurements import NEEDED, Measurement, PairTable, Recorded
from videoalignment.align.timeline.records import Refuted, Timeline
from videoalignment.align.timeline.settings import SETTINGS, TimelineSettings
from videoalignment.align.timeline.solved import Known, SolvedGroup, refuted, unplaced
from videoalignment.align.timeline.turns import at_every_turn
from videoalignment.errors import OptionError

_TRUST_ROUNDS = 2
_HELD_ROUNDS = 3


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
    rows = at_every_turn(files, on_common_lines(measurements))
    return _Solver(*_in_order(files, rows), min_confidence, settings).timeline()


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
        if not getattr(files[place], f"has_{NEEDED[measurement.by]}"):
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
        self._known = Known(files, measurements, PairTable.of(measurements), min_confidence)
        self._table, self._settings = self._known.table, settings
        self._claims = Claims.of(self._table, self._known.durations_s, settings)
        self._doubt = 0.0
        self._placement = self._placed(settings.surest)
        for _ in range(_TRUST_ROUNDS):
            trusted = self._trusted()
            if trusted < settings.surest:
                self._placement = self._placed(trusted)

    def timeline(self) -> Timeline:
        """Group, solve each group, and put in words what is left."""
        solved, held = self._solved_groups()
        for _ in range(_HELD_ROUNDS):
            # What only roughly agrees speaks for nothing, and some files may hang on it.
            before = self._placement.first
            self._placement.deny(self._holding() & ~held)
            self._placement.mend()
            if np.array_equal(before, self._placement.first):
                break
            solved, held = self._solved_groups()
        log_odds, weak = self._trust(held)
        groups = [group.record(held, log_odds, weak) for group in solved]
        alone = np.setdiff1d(np.arange(len(log_odds)), [m for g in solved for m in g.members])
        return Timeline(
            groups=tuple(sorted(groups, key=lambda g: (-len(g.files), str(g.files[0].file)))),
            unplaced=tuple(unplaced(self._known, int(file)) for file in alone),
            refuted=tuple(self._refuted()),
        )

    def _solved_groups(self) -> tuple[list[SolvedGroup], np.ndarray]:
        """The clocks of each group of several, and which rows hold there, bool, shape (rows,)."""
        group, holding = self._placement.group, self._holding()
        members = [np.flatnonzero(group == number) for number in np.unique(group)]
        solved = [self._solved(m, holding) for m in members if len(m) > 1]
        held = np.zeros(len(self._table), dtype=bool)
        for one in solved:
            held[one.rows[one.clocks.holds]] = True
        return solved, held

    def _refuted(self) -> list[Refuted]:
        """Pairs that claim to join what stays apart, wherever they put it: of what repeats itself
        no turn is sure, but that there is one."""
        t, group = self._table, self._placement.group
        claimed = np.bincount(t.trial, t.confidence)[t.trial]
        apart = (group[t.a] != group[t.b]) & (claimed >= self._known.min_confidence)
        found = []
        for trial in np.unique(t.trial[apart]):
            rows = np.flatnonzero(t.trial == trial)
            likeliest = int(rows[np.argmax(t.confidence[rows])])
            against = [self._placement.against(int(row)) for row in rows]
            if t.confidence[likeliest] >= self._known.min_confidence or min(against) > 0:
                found.append(refuted(self._known, likeliest, against[np.argmax(rows == likeliest)]))
        return found

    # ------------------------------------------------------------------ who belongs together

    def _placed(self, surest: float) -> Placement:
        """Group the files, trusting no pair more than so."""
        # where no pair counts as sure any more, that is doubt enough
        lowered = _log_odds(self._settings.surest) - _log_odds(surest)
        self._doubt = max(0.0, self._claims.doubt - lowered)
        threshold = _log_odds(self._known.min_confidence) + self._doubt
        placement = Placement(self._claims, surest=surest, threshold=threshold)
        placement.grow()
        placement.mend()
        if surest < self._settings.surest:
            placement.close_loops()
            placement.mend()
        return placement

    def _trusted(self) -> float:
        """The confidence that no pair exceeds, from how many of the sure ones hold; sounds that the
        same files' pictures refute say nothing about others."""
        s, t = self._settings, self._table
        claimed = np.unique(t.trial[t.confidence >= MATCHED_FROM])
        explained = t.trial[self._holding() | self._claims.refuted]
        wrong = s.wrong_before + len(np.setdiff1d(claimed, explained))
        share = wrong / (s.claims_before + len(claimed))
        return float(np.clip(1 - 2 * share, s.surest_among_wrong, s.surest))

    def _holding(self) -> np.ndarray:
        """Which rows roughly say what the placement says, bool, shape (rows,)."""
        return self._placement.holding()[: len(self._table)]

    # ------------------------------------------------------------------ a group's clocks

    def _solved(self, members: np.ndarray, holding: np.ndarray) -> SolvedGroup:
        """The rows that hold a group together, and its clocks."""
        placement = self._placement
        rows = np.flatnonzero(holding & np.isin(self._table.a, members))
        rows = self._best_of_trial(rows)
        scale = _usual_rate(placement.rate[members], self._known.durations_s[members])
        rate = placement.rate[members] / scale
        rate[np.abs(np.log(rate)) < self._settings.clock_log_rate] = 1.0
        durations_s = self._known.durations_s[members]
        begins_s = placement.offset_s[members] / scale
        files = Files(
            middle_s=begins_s + rate * durations_s / 2,
            rate=rate,
            duration_s=durations_s,
            both=np.array([self._has_both(file) for file in members]),
            frame_s=np.array([self._known.files[file].frame_s for file in members]),
        )
        table = self._table.taken(rows)
        table.a[:], table.b[:] = (
            np.searchsorted(members, table.a),
            np.searchsorted(members, table.b),
        )
        clocks = solve_clocks(files, table, self._settings)
        return SolvedGroup(self._known, members, rows, clocks)

    def _best_of_trial(self, rows: np.ndarray) -> np.ndarray:
        """Of rows that exclude each other the surest one, which comes first."""
        _, first = np.unique(self._table.trial[rows], return_index=True)
        return rows[np.sort(first)]

    def _has_both(self, file: int) -> bool:
        recorded = self._known.files[file]
        return recorded.has_picture and recorded.has_sound

    # ------------------------------------------------------------------ how sure it is

    def _trust(self, held: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Log odds of each file's place, and whether it hangs on one pair that is not sure."""
        placement, count = self._placement, len(self._known.files)
        odds = np.array([placement.across(np.arange(count) == file) for file in range(count)])
        odds -= self._doubt
        weak = np.zeros(count, dtype=bool)
        surely = _log_odds(self._settings.weak_below)
        for side in placement.sides(np.tile(held, 2)):
            across = placement.across(side)
            odds[side] = np.minimum(odds[side], across - self._doubt)
            if across < surely:
                weak |= side
        return odds, weak


def _log_odds(probability: float) -> float:
    return math.log(probability / (1 - probability))


def _usual_rate(rate: np.ndarray, duration_s: np.ndarray) -> float:
    """The rate that most files run at; of several the one that runs longest."""
    same = np.abs(np.log(rate[:, None] / rate[None])) < 1e-6
    order = np.lexsort((rate, duration_s, same.sum(axis=1)))
    return float(rate[order[-1]])

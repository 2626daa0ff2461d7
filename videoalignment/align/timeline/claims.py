"""What measured pairs claim about files' places, read either way round."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from videoalignment.align.alignment import MATCHED_FROM
from videoalignment.align.timeline.measurements import PairTable
from videoalignment.align.timeline.settings import TimelineSettings

_AS_LIKELY = 0.9


@dataclass(frozen=True)
class Claims:
    """Measured pairs, every one both ways, and how they are to be read. Columns of (rows,)."""

    table: PairTable
    """Every pair, and then every pair with A and B exchanged."""
    durations_s: np.ndarray
    """Of the files, shape (files,)."""
    log_speed: np.ndarray
    """Of A against B; 0 where it is no more than two recorders' clocks may differ by."""
    proposes: np.ndarray
    """Which are sure enough to say where files are tried, bool; others only confirm."""
    tolerance_s: np.ndarray
    """Within which a placement roughly says the same."""
    settings: TimelineSettings

    @classmethod
    def of(cls, table: PairTable, durations_s: np.ndarray, settings: TimelineSettings) -> "Claims":
        """Read measured pairs.

        Args:
            table: the pairs, each one way.
            durations_s: of the files, shape (files,).
            settings: the constants.
        """
        both = table.both_ways()
        small = np.maximum(settings.clock_log_rate, 2 * both.log_speed_sigma)
        return cls(
            table=both,
            durations_s=durations_s,
            log_speed=np.where(np.abs(both.log_speed) < small, 0.0, both.log_speed),
            proposes=both.confidence >= settings.proposes_from,
            tolerance_s=settings.near_s
            + 3 * both.sigma_s
            + settings.drift_slack * (durations_s[both.a] + durations_s[both.b]),
            settings=settings,
        )

    def log_odds(self, surest: float) -> np.ndarray:
        """What the pairs' words are worth, were none surer than so, shape (rows,)."""
        p = self.table.confidence.clip(self.settings.least_sure, surest)
        odds: np.ndarray = np.log(p / (1 - p))
        return odds

    def contradicts(self, surest: float) -> np.ndarray:
        """How far each row that says something else speaks against two files' lying so, were none
        surer than so, 0..1, shape (rows,).

        Not to be found speaks against it wholly. But where many sure pairs are wrong, that one of
        these is sure of another place is as likely whether the two lie so or not.
        """
        sure = np.zeros(self.table.trial.max(initial=-1) + 1, dtype=bool)
        sure[self.table.trial[self.table.confidence >= MATCHED_FROM]] = True
        believed = max(0.0, 2 * surest - 1) / (2 * self.settings.surest - 1)
        return np.where(sure[self.table.trial], min(1.0, believed), 1.0)

    @cached_property
    def doubt(self) -> float:
        """Log odds against two of the files meeting before they were compared, 0 at least: by how
        few of all pairs claim to."""
        count = len(self.durations_s)
        claimed = self.table.confidence >= MATCHED_FROM
        pairs = len(np.unique(self.table.a[claimed] * count + self.table.b[claimed])) / 2
        rest = count * (count - 1) / 2 - pairs
        before = self.settings.pairs_before
        odds = (rest + before) / (pairs + before)
        return float(np.log(odds).clip(0.0, self.settings.most_doubt))

    @cached_property
    def support(self) -> np.ndarray:
        """What triangles speak for each pair of files, as far as they do, shape (files, files)."""
        t, count = self.table, len(self.durations_s)
        support = np.zeros((count, count))
        if len(t) == 0:
            return support
        place = np.full((count, count), -1)
        order = np.argsort(t.confidence, kind="stable")
        place[t.a[order], t.b[order]] = order  # the surest row stays
        # what repeats itself closes triangles at every turn
        known = (place >= 0) & (self.proposes & ~self._has_a_rival)[place]
        for c in range(count):
            beside = np.flatnonzero(known[c])  # triangles need both other sides
            one, other = beside[:, None], beside[None]
            direct = place[one, other]
            near = known[one, other] & self._close(direct, place[beside, c], place[c, beside])
            confidence = t.confidence
            both = confidence[place[beside, c]][:, None] * confidence[place[c, beside]][None]
            support[one, other] += np.where(near, both * confidence[direct], 0.0)
        return support * self.settings.agreement

    @cached_property
    def refuted(self) -> np.ndarray:
        """Which rows lie where their files' own pictures show another moment, bool, one way."""
        t, rows = self.table, len(self.table) // 2
        refuted = np.zeros(rows, dtype=bool)
        for refuting in np.flatnonzero(t.refutes[:rows]):
            same = (t.a[:rows] == t.a[refuting]) & (t.b[:rows] == t.b[refuting])
            speed = np.exp(t.log_speed[:rows])
            said_s = t.time_b_s[:rows] + speed * (t.time_a_s[refuting] - t.time_a_s[:rows])
            near = np.abs(said_s - t.time_b_s[refuting]) <= self.tolerance_s[refuting]
            refuted |= same & near & ~t.refutes[:rows]
        return refuted

    @property
    def _has_a_rival(self) -> np.ndarray:
        """Which rows exclude another one that is as likely, bool, shape (rows,)."""
        rows = np.arange(len(self.table) // 2)
        trial, confidence = self.table.trial[rows], self.table.confidence[rows]
        order = np.lexsort((-confidence, trial))
        same = trial[order][1:] == trial[order][:-1]
        close = confidence[order][1:] >= _AS_LIKELY * confidence[order][:-1]
        rivalled = np.unique(trial[order][1:][same & close])
        found: np.ndarray = np.isin(self.table.trial, rivalled)
        return found

    def _close(self, direct: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Whether rows to a third file and on from it say what the direct ones say.

        Args:
            direct: rows, shape (n, m).
            first: rows from A to the third file, shape (n,).
            second: rows from there to B, shape (m,).
        """
        t, speed = self.table, np.exp(self.log_speed)
        offset_s = t.time_b_s - speed * t.time_a_s
        there_s = offset_s[first][:, None] + speed[first][:, None] * t.time_a_s[direct]
        said_s = offset_s[second][None] + speed[second][None] * there_s
        close: np.ndarray = np.abs(said_s - t.time_b_s[direct]) <= 2 * self.tolerance_s[direct]
        return close

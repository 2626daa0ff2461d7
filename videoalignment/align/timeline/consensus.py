"""Which files belong together, and roughly where: the placement that explains the most pairs.

Every pair that was tried speaks for or against two files' lying so: where the placement says what
the pair says, by the log odds of the pair's confidence, more for every pair beyond the first, since
wrong pairs do not agree by chance; where it puts the two over each other and the pair was not found
so, against. The sum is the log odds of the placement against the files' having nothing to do with
each other, so 0 is the border of "rather so than not".

The placement grows from single files by joining what has the most to say for it; pairs that close
triangles go first, so that a wrong pair, however sure, seldom joins anything before the right ones
have. Afterwards each file may move to where more speaks for it, and what hangs together by a single
pair is looked at as a whole: were two groups really one, many of their files would lie over each
other, and some of those pairs would have been found.
"""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

from videoalignment.align.timeline.claims import Claims
from videoalignment.align.timeline.prospects import Join, Prospects
from videoalignment.align.timeline.settings import TimelineSettings

_ROUNDS = 8  # of moving single files; two or three are needed
_MOST_PROPOSALS = 500  # of two groups: the surest ones
_TRIED = 5  # placements of two groups that are looked at in full


class Placement:
    """Files in groups, each file with a place on its group's clock; it can be improved.

    Args:
        claims: what measured pairs say.
        surest: no pair counts as surer.
        threshold: log odds from which things are joined.
    """

    def __init__(self, claims: Claims, *, surest: float, threshold: float = 0.0) -> None:
        count = len(claims.durations_s)
        self.group = np.arange(count)
        """Each file's group, by a number, shape (files,)."""
        self.offset_s = np.zeros(count)
        """The moment of its group's clock at which each file begins."""
        self.rate = np.ones(count)
        self._claims, self._table, self._settings = claims, claims.table, claims.settings
        self._durations_s, self._groups_made = claims.durations_s, count
        self._threshold, self._log_odds = threshold, claims.log_odds(surest)
        self._contradicts = claims.contradicts(surest)
        self._denied = np.zeros(len(self._table), dtype=bool)

    @property
    def first(self) -> np.ndarray:
        """The first file of each file's group, shape (files,): whatever the groups' numbers."""
        _, first, group = np.unique(self.group, return_index=True, return_inverse=True)
        return first[group]

    # ------------------------------------------------------------------ growing and mending

    def grow(self) -> None:
        """Join groups, those with the most to say for it first, until nothing says more.

        A join is looked at in full only once nothing else may say more, which keeps the number of
        looks near the number of files.
        """
        self._grow(Prospects.of(self._claims, self._log_odds))

    def close_loops(self) -> None:
        """Join files that are left alone as if no pair lied, and what that gives with the groups
        that more than one pair joins it to; call `mend` after that.

        Where a pair that no other confirms is worth nothing, four files in a ring, each of which
        two pairs hold, have no first two to begin with; some of them may be in a group already.
        What hangs together by one pair falls apart again when it is mended; rings stay.
        """
        self.group = self.first
        alone = np.bincount(self.group, minlength=len(self.group)) == 1
        trusted, self._log_odds = self._log_odds, self._claims.log_odds(self._settings.surest)
        self._grow(Prospects.of(self._claims, self._log_odds, among=alone))
        self._log_odds = trusted
        self._grow(Prospects.of(self._claims, self._log_odds, group=self.group))

    def _grow(self, prospects: Prospects) -> None:
        while True:
            one, other = prospects.likeliest()
            if prospects.said[one, other] < self._threshold:
                return
            join = prospects.joins.get((one, other))
            if join is None:
                rows = self._rows_between(self.group == one, other)
                prospects.look(one, other, self._best_join(rows))
                continue
            self._move(self.group == other, join)
            self.group[self.group == other] = one
            prospects.merge(one, other)

    def mend(self) -> None:
        """Move single files to where more speaks for them, and part what no pair holds together,
        or one wrongly."""
        for _ in range(_ROUNDS):
            moved = [self._moved(file) for file in range(len(self.group))]
            if not any(moved):
                break
        self._fall_apart()
        while self._parted():
            pass

    def _moved(self, file: int) -> bool:
        """Whether a file was moved to where more speaks for it, or was left by itself."""
        own, at = self.group[file], (self.offset_s[file], self.rate[file])
        beside = self._rows_between(self._only(file), own)
        alone = not (self.group == own).sum() > 1
        now = -math.inf if alone else self._score(beside, self.offset_s, self.rate)
        if now >= max(self._most_elsewhere(file), self._threshold):
            return False
        apart = self._part(self._only(file))
        joins = self._joins(apart)
        best = max(joins, key=lambda group: joins[group].score, default=None)
        if best is not None and joins[best].score > max(now + 1e-9, self._threshold):
            self._move(self._only(file), joins[best])
            self.group[file] = best
            return best != own or abs(self.offset_s[file] - at[0]) > self._settings.near_s
        if now < self._threshold:
            return not alone
        self.group[file], self.offset_s[file], self.rate[file] = own, *at
        return False

    def _most_elsewhere(self, file: int) -> float:
        """A bound of what speaks for any other place of a file, in its group or in others."""
        rows = np.flatnonzero(self._table.a == file)
        rows = rows[~self._agree(rows, self.offset_s, self.rate)]
        gains = (self._log_odds[rows] + self._settings.agreement).clip(0.0)
        _, group = np.unique(self.group[self._table.b[rows]], return_inverse=True)
        return float(np.bincount(group, gains).max(initial=0.0))

    def _only(self, file: int) -> np.ndarray:
        return np.arange(len(self.group)) == file

    def _part(self, files: np.ndarray) -> int:
        """Make some files a group of their own, and give its number."""
        self._groups_made += 1
        self.group[files] = self._groups_made
        return self._groups_made

    def _fall_apart(self) -> None:
        """Part what no pair holds together: a file that was between may have moved."""
        held = np.flatnonzero(self.holding() & ~self._denied)
        parts = components(self._table.a[held], self._table.b[held], len(self.group))
        for part in np.unique(parts):
            files = parts == part
            if (self.group == self.group[files][0]).sum() > files.sum():
                self._part(files)

    def _parted(self) -> bool:
        """Whether a group was parted at the pair that alone held it together."""
        for side in self.sides(self.holding() & ~self._denied):
            if self.across(side) < self._threshold:
                self._part(side)
                return True
        return False

    def sides(self, holding: np.ndarray) -> Iterator[np.ndarray]:
        """For every pair of files that alone holds its group together, the files on one side.

        Args:
            holding: the rows, both ways, that hold files together, bool.

        Yields:
            The smaller side, bool, shape (files,).
        """
        count, rows = len(self.group), np.flatnonzero(holding)
        a, b = self._table.a[rows], self._table.b[rows]
        for one, other in _bridges(a, b, count):
            rest = ~((a == one) & (b == other) | (a == other) & (b == one))
            parts = components(a[rest], b[rest], count)
            if parts[one] != parts[other]:
                side, rest_of_it = parts == parts[one], parts == parts[other]
                yield side if side.sum() <= rest_of_it.sum() else rest_of_it

    # ------------------------------------------------------------------ what speaks for it

    def holding(self) -> np.ndarray:
        """Which rows, both ways, roughly say what the placement says, denied ones included, bool,
        shape (2 rows,)."""
        rows = np.flatnonzero(self.group[self._table.a] == self.group[self._table.b])
        near = np.zeros(len(self._table), dtype=bool)
        near[rows] = self._near(rows, self.offset_s, self.rate)
        return near & ((self._log_odds + self._settings.agreement > 0) | self._claims.proposes)

    def across(self, side: np.ndarray) -> float:
        """Log odds that some files lie to the rest of their group as they are placed.

        Args:
            side: which files, bool, shape (files,).
        """
        return self._score(self._rows_across(side), self.offset_s, self.rate)

    def deny(self, rows: np.ndarray) -> None:
        """Let rows, bool, one way, and no others, speak for nothing: they agree roughly only."""
        self._denied = np.tile(rows, 2)

    def against(self, row: int) -> int:
        """How many pairs were not found, or lie elsewhere, though a row would bring them together.

        Args:
            row: one whose A and B are in two groups.
        """
        t = self._table
        other = self.group[t.b[row]]
        rows = np.flatnonzero(
            (self.group[t.a] == self.group[t.a[row]]) & (self.group[t.b] == other)
        )
        scale, shift_s = self._proposed(np.array([row]))
        offset_s, rate = self._moved_to(self.group == other, float(scale[0]), float(shift_s[0]))
        agree = self._agree(rows, offset_s, rate)
        missed = (self._missed(rows, offset_s, rate) > 0) & (agree == t.refutes[rows])
        return len(np.unique(t.trial[rows[missed]]))

    def _rows_across(self, side: np.ndarray) -> np.ndarray:
        a, b = self._table.a, self._table.b
        return np.flatnonzero(side[a] & ~side[b] & (self.group[a] == self.group[b]))

    def _rows_between(self, files: np.ndarray, group: int) -> np.ndarray:
        return np.flatnonzero(files[self._table.a] & (self.group[self._table.b] == group))

    def _agree(self, rows: np.ndarray, offset_s: np.ndarray, rate: np.ndarray) -> np.ndarray:
        """Which rows say what files placed so say, and may."""
        return self._near(rows, offset_s, rate) & ~self._denied[rows]

    def _near(self, rows: np.ndarray, offset_s: np.ndarray, rate: np.ndarray) -> np.ndarray:
        """Which rows say what files placed so say."""
        t, a, b = self._table, self._table.a[rows], self._table.b[rows]
        said_s = (offset_s[a] + rate[a] * t.time_a_s[rows] - offset_s[b]) / rate[b]
        near = np.abs(said_s - t.time_b_s[rows]) <= self._claims.tolerance_s[rows]
        rates = np.log(rate[a] / rate[b]) - self._claims.log_speed[rows]
        slack = self._settings.near_log_rate + 3 * t.log_speed_sigma[rows]
        return near & (np.abs(rates) <= slack)

    def _score(self, rows: np.ndarray, offset_s: np.ndarray, rate: np.ndarray) -> float:
        """Log odds that A and B of these rows lie so; each row's A and B are in two parts."""
        if len(rows) == 0:
            return 0.0
        trials, trial = np.unique(self._table.trial[rows], return_inverse=True)
        agree = self._agree(rows, offset_s, rate)
        refuted = agree & self._table.refutes[rows]
        agree &= ~refuted
        gains = np.full(len(trials), -np.inf)
        np.maximum.at(gains, trial[agree], self._log_odds[rows[agree]])
        likely = np.zeros(len(trials), dtype=bool)
        likely[trial[agree]] = self._table.confidence[rows[agree]] >= self._settings.guess_below
        found, likely = gains[np.isfinite(gains)], likely[np.isfinite(gains)]
        if len(found) == 0:
            return -math.inf
        s = self._settings
        further = np.maximum(found + np.where(likely, s.agreement, s.agreement_of_guesses), 0.0)
        first = int(np.argmax(found))
        speaks_for = found[first] + further.sum() - further[first]
        missed = np.zeros(len(trials))
        missed[trial] = self._missed(rows, offset_s, rate) * self._contradicts[rows]
        missed[trial[self._table.refutes[rows]]] = 0.0
        missed[trial[refuted]] = s.refuted
        if self._table.by_motion[rows[agree]].all():
            # on other sides of an event pictures are not alike
            missed[trial[~self._table.by_sound[rows]]] = 0.0
        return float(speaks_for - missed[~np.isfinite(gains)].sum())

    def _missed(self, rows: np.ndarray, offset_s: np.ndarray, rate: np.ndarray) -> np.ndarray:
        """What it takes away that a row was not found though its files would share seconds."""
        a, b = self._table.a[rows], self._table.b[rows]
        ends_s = offset_s + rate * self._durations_s
        shared_s = np.minimum(ends_s[a], ends_s[b]) - np.maximum(offset_s[a], offset_s[b])
        s = self._settings
        share = ((shared_s - s.miss_from_s) / (s.miss_full_s - s.miss_from_s)).clip(0, 1)
        return share * np.where(self._table.by_sound[rows], s.miss_by_sound, s.miss_by_picture)

    # ------------------------------------------------------------------ joining

    def _joins(self, group: int) -> dict[int, Join]:
        """How a group would best lie to each of its neighbours."""
        rows = np.flatnonzero(self.group[self._table.b] == group)
        rows = rows[self.group[self._table.a[rows]] != group]
        neighbours = self.group[self._table.a[rows]]
        return {
            int(neighbour): self._best_join(rows[neighbours == neighbour])
            for neighbour in np.unique(neighbours[self._claims.proposes[rows]])
        }

    def _best_join(self, rows: np.ndarray) -> Join:
        """The best way to join B's group to A's, of those that these rows propose."""
        t = self._table
        proposing = rows[self._claims.proposes[rows]]
        surest = np.argsort(-self._log_odds[proposing], kind="stable")[:_MOST_PROPOSALS]
        proposing = proposing[surest]
        scale, shift_s = self._proposed(proposing)
        at_s = self.offset_s[t.b[proposing]] + self.rate[t.b[proposing]] * t.time_b_s[proposing]
        close = _close(shift_s, scale, at_s, self._claims.tolerance_s[proposing], self._settings)
        weight = t.confidence[proposing]
        tried, left = [], np.ones(len(proposing), dtype=bool)
        for _ in range(_TRIED):
            if not left.any():
                break
            votes = np.where(left, close @ (weight * left), -1.0)
            chosen = int(np.argmax(votes))
            left &= ~close[chosen]
            tried.append(self._tried(rows, float(scale[chosen]), float(shift_s[chosen])))
        return _likeliest(tried)

    def _proposed(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The scale and the shift by which each row would join B's group to A's."""
        t, a, b = self._table, self._table.a[rows], self._table.b[rows]
        scale = self.rate[a] / (self.rate[b] * np.exp(self._claims.log_speed[rows]))
        place_a_s = self.offset_s[a] + self.rate[a] * t.time_a_s[rows]
        place_b_s = self.offset_s[b] + self.rate[b] * t.time_b_s[rows]
        return scale, place_a_s - scale * place_b_s

    def _tried(self, rows: np.ndarray, scale: float, shift_s: float) -> Join:
        """How much speaks for joining B's group to A's so."""
        offset_s, rate = self._moved_to(np.unique(self._table.b[rows]), scale, shift_s)
        score = self._score(rows, offset_s, rate)
        return Join(score, score, scale, shift_s)

    def _moved_to(
        self, files: np.ndarray, scale: float, shift_s: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Begins and rates of all files, were some of them moved."""
        offset_s, rate = self.offset_s.copy(), self.rate.copy()
        offset_s[files] = shift_s + scale * offset_s[files]
        rate[files] *= scale
        return offset_s, rate

    def _move(self, files: np.ndarray, join: Join) -> None:
        self.offset_s, self.rate = self._moved_to(files, join.scale, join.shift_s)


def _likeliest(joins: list[Join]) -> Join:
    """The best of joins that exclude each other, by how much more likely it is than the rest."""
    best = max(joins, key=lambda join: join.score)
    others = [join.score for join in joins if join is not best]
    return replace(best, score=best.score - float(np.logaddexp.reduce([0.0, *others])))


def components(a: np.ndarray, b: np.ndarray, count: int) -> np.ndarray:
    """A number for each of `count` files, the same for those that pairs hold together."""
    links = coo_array((np.ones(len(a)), (a, b)), shape=(count, count))
    parts: np.ndarray = connected_components(links, directed=False)[1]
    return parts


def _close(
    shift_s: np.ndarray,
    scale: np.ndarray,
    at_s: np.ndarray,
    tolerance_s: np.ndarray,
    settings: TimelineSettings,
) -> np.ndarray:
    """Which proposals put two groups' clocks roughly the same way, bool, shape (n, n)."""
    said_s = shift_s[:, None] + scale[:, None] * at_s[None]
    apart_s = np.abs(said_s - (shift_s + scale * at_s)[None])
    rates = np.abs(np.log(scale[:, None] / scale[None]))
    return (apart_s <= tolerance_s[None]) & (rates <= settings.near_log_rate)


def _bridges(a: np.ndarray, b: np.ndarray, count: int) -> list[tuple[int, int]]:
    """Pairs of files that may hold a group together alone: all that do are among them."""
    tree = _spanning(a, b, count)
    edges = {edge for one, other in tree for edge in ((one, other), (other, one))}
    rest = np.array([pair not in edges for pair in zip(a.tolist(), b.tolist(), strict=True)], bool)
    parts = components(a[rest], b[rest], count)
    return [(one, other) for one, other in tree if parts[one] != parts[other]]


def _spanning(a: np.ndarray, b: np.ndarray, count: int) -> list[tuple[int, int]]:
    """Pairs of files that make a tree in each group."""
    links = coo_array((np.ones(len(a)), (a, b)), shape=(count, count)).tocsr()
    tree, seen = [], np.zeros(count, dtype=bool)
    for root in range(count):
        if not seen[root]:
            order, before = breadth_first_order(links, root, directed=False)
            seen[order] = True
            tree += [(int(before[file]), int(file)) for file in order[1:]]
    return tree

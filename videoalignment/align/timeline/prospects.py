"""Which groups are worth joining next, from bounds on what speaks for each join.

To look at every join in full after every step takes a time that grows with the cube of the number
of files. But what two groups together can say for joining a third is no more than what each of them
said, and what a further pair that agrees adds; so a join is looked at only when that bound is the
highest of all.
"""

from dataclasses import dataclass, field

import numpy as np

from videoalignment.align.timeline.claims import Claims


@dataclass(frozen=True)
class Join:
    """How one group would lie to another."""

    score: float
    """Log odds that it does."""
    alone: float
    """The same, were there no other way to join the two."""
    scale: float
    """Seconds of the first group's clock that pass in one of the second's."""
    shift_s: float
    """The moment of the first group's clock that is the second's moment 0."""


@dataclass
class Prospects:
    """What may speak for joining each pair of groups; a group has the number of its first file."""

    said: np.ndarray
    """What speaks for joining, of those in `joins`, and bounds of the others; -inf where no pair
    proposes it, shape (files, files), above the diagonal."""
    joins: dict[tuple[int, int], Join]
    """Those that were looked at in full."""
    agreement: float
    support: np.ndarray
    """What triangles say for joining two files, shape (files, files)."""
    _alone: np.ndarray = field(repr=False)
    """Bounds of what speaks for them were there no other way, shape (files, files), both ways."""

    @classmethod
    def of(
        cls,
        claims: Claims,
        log_odds: np.ndarray,
        *,
        among: np.ndarray | None = None,
        group: np.ndarray | None = None,
    ) -> "Prospects":
        """Begin with single files, or with groups.

        Args:
            claims: what pairs say.
            log_odds: what the pairs' words are worth, shape (rows,).
            among: the files that may be joined, bool, shape (files,); None for all.
            group: the first file of each file's group, shape (files,); None where all are alone.
        """
        t, count, agreement = claims.table, len(claims.durations_s), claims.settings.agreement
        trials, first, trial = np.unique(t.trial, return_index=True, return_inverse=True)
        gains = np.zeros(len(trials))
        np.maximum.at(gains, trial, log_odds + agreement)
        alone = np.full((count, count), -np.inf)
        alone[t.a[claims.proposes], t.b[claims.proposes]] = -agreement  # the first one adds none
        np.add.at(alone, (t.a[first], t.b[first]), gains)
        np.add.at(alone, (t.b[first], t.a[first]), gains)
        if among is not None:
            alone[~among] = alone[:, ~among] = -np.inf
        said = np.where(np.triu(np.ones((count, count), dtype=bool), 1), alone, -np.inf)
        prospects = cls(said + claims.support, {}, agreement, claims.support.copy(), alone)
        if group is not None:
            for file in np.flatnonzero(group != np.arange(count)):
                prospects.merge(int(group[file]), int(file))
        return prospects

    def likeliest(self) -> tuple[int, int]:
        """The two groups for whose joining the most may speak."""
        one, other = np.unravel_index(np.argmax(self.said), self.said.shape)
        return int(one), int(other)

    def look(self, one: int, other: int, join: Join) -> None:
        """Put what speaks for a join in the place of its bound.

        Args:
            one, other: the groups.
            join: how they would lie best.
        """
        self.joins[one, other] = join
        self.said[one, other] = join.score + self.support[one, other]
        self._alone[one, other] = self._alone[other, one] = join.alone

    def merge(self, one: int, other: int) -> None:
        """Let a group be part of another one."""
        either = np.isfinite(self._alone[one]) | np.isfinite(self._alone[other])
        bound = self._alone[[one, other]].clip(0.0).sum(axis=0) + self.agreement
        bound = np.where(either, bound, -np.inf)
        bound[[one, other]] = -np.inf
        for table in (self._alone, self.said):
            table[other] = table[:, other] = -np.inf
        self.support[one] = self.support[:, one] = 0.0  # groups say for themselves
        self._alone[one] = self._alone[:, one] = bound
        self.said[one, one:], self.said[:one, one] = bound[one:], bound[:one]
        gone = {one, other}
        self.joins = {key: join for key, join in self.joins.items() if not gone & set(key)}

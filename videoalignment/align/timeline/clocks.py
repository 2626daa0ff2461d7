"""The exact places of one group's files: clocks, rates and sound lags by robust least squares.

First, which equations are wrong? Each may be left out at a fixed cost (truncated least squares),
and graduated non-convexity (Yang, Antonante, Tzoumas, Carlone, RA-L 2020) finds which to leave out:
the cost begins nearly convex and is sharpened step by step. All pairs count alike there, since the
most exact one may be as wrong as any. Then the rest is solved with its true standard errors.

A file's sound counts as late where that explains more than it costs. Whose sound it is that is late
may be open: of two files alone, by picture and by sound apart, it is either's. So every explanation
is compared with the best one in which a file's sound is not late, or is, and where that is about as
good, the file's lag is not told.
"""

from dataclasses import dataclass

import numpy as np

from videoalignment.align.timeline.consensus import components
from videoalignment.align.timeline.equations import Equations, Files
from videoalignment.align.timeline.measurements import PairTable
from videoalignment.align.timeline.settings import TimelineSettings
from videoalignment.align.timeline.standard_errors import Solution, standard_errors

_STEPS, _SHARPER = 60, 1.4  # of sharpening
_ROUNDS = 10  # of choosing what holds and solving in turns
_STRAINED = 0.25  # of what it costs that a file's sound is late, from which that is asked


@dataclass(frozen=True)
class Clocks:
    """A group's files as they were solved."""

    middle_s: np.ndarray
    """The group's moment of each file's middle, shape (files,)."""
    rate: np.ndarray
    lag_s: np.ndarray
    """How late its sound is; NaN where that cannot be told, or there is no second clock."""
    sigma_s: np.ndarray
    """Standard error of each middle against the mean of the other files'."""
    residual_s: np.ndarray
    """What the solution says less what the row says, seconds of B, shape (rows,)."""
    holds: np.ndarray
    """Which rows the solution rests on, bool, shape (rows,)."""
    undecided: np.ndarray
    """Rows by sound that differ from the picture although both hold: of one of the two files the
    sound is late, and nothing tells of which, bool, shape (rows,)."""


@dataclass(frozen=True)
class _Explanation:
    """Which equations hold, and how much that leaves to explain."""

    holds: np.ndarray
    cost: float


def solve_clocks(files: Files, table: PairTable, settings: TimelineSettings) -> Clocks:
    """Solve one group.

    Args:
        files: where its files roughly lie, those of recorded speed at rate 1.
        table: pairs that roughly agree with that and hold all files together.
        settings: the constants.
    """
    equations = Equations.of(files, table, settings)
    robust = _Robust(equations, files, table, settings)
    best = robust.untied(robust.sharpened())
    late = {file: robust.told(best, file, settings) for file in robust.suspects(best)}
    holds = robust.settled(best.holds)
    return _clocks(files, table, equations, robust.links, holds, late, settings)


@dataclass(frozen=True)
class _Links:
    """What holds two clocks together: pairs, the surest first, and then the ties of a file's two.
    Columns of (links,).

    A file's second clock, that of its sound, has a number of its own.
    """

    one: np.ndarray
    other: np.ndarray
    equation: np.ndarray
    """The number of the equation: a pair's own, or that of a tie."""
    files: int

    @classmethod
    def of(cls, equations: Equations, files: Files, table: PairTable) -> "_Links":
        """Order pairs and ties, and number their clocks."""
        count, tied = len(files), np.flatnonzero(files.both)
        surest = np.lexsort((table.sigma_s, -table.confidence))
        one, other = (
            np.where(table.by_sound & files.both[file], count + file, file)[surest]
            for file in (table.a, table.b)
        )
        equation = np.append(surest, equations.ties[tied])
        return cls(np.append(one, tied), np.append(other, count + tied), equation, count)

    def parts(self, holds: np.ndarray) -> tuple[np.ndarray, bool]:
        """A number for each clock, the same for those held together, and whether any are apart.

        Args:
            holds: which equations hold, bool.
        """
        held = holds[self.equation]
        one, other = self.one[held], self.other[held]
        parts = components(one, other, 2 * self.files)
        used = np.concatenate([np.arange(self.files), one, other])
        return parts, bool(np.ptp(parts[used]))

    def looped(self, holds: np.ndarray, file: int, tie: int) -> bool:
        """Whether a file's two clocks are held together by other files, too."""
        without = holds.copy()
        without[tie] = False
        parts, _ = self.parts(without)
        return bool(parts[file] == parts[self.files + file])


class _Robust:
    """Looks for the equations to leave out."""

    def __init__(
        self, equations: Equations, files: Files, table: PairTable, settings: TimelineSettings
    ) -> None:
        self._equations, self._files, self._table = equations, files, table
        self._free = np.isfinite(equations.tolerance)
        # of what always holds as of the rest: a prior must not make what it finds unlikely wrong
        always = settings.sigmas * equations.sigma
        scale = np.where(self._free, equations.tolerance, always)
        self._weight = 1 / np.square(scale)
        self.links = _Links.of(equations, files, table)

    def sharpened(self) -> _Explanation:
        """What graduated non-convexity finds."""
        weight = np.ones(len(self._weight))
        squares = self._squares(weight)
        sharpness = 1 / max(2 * squares.max() - 1, 1e-3)
        for _ in range(_STEPS):
            low, high = sharpness / (sharpness + 1), (sharpness + 1) / sharpness
            with np.errstate(divide="ignore"):
                weight = np.sqrt(sharpness * (sharpness + 1) / squares) - sharpness
            weight = np.where(squares <= low, 1.0, np.where(squares >= high, 0.0, weight))
            weight[~self._free] = 1.0
            if np.isin(weight, (0.0, 1.0)).all():
                break
            squares = self._squares(weight)
            sharpness *= _SHARPER
        return self._explained(weight > 0.5)

    def _squares(self, weight: np.ndarray) -> np.ndarray:
        """Squares of what each equation misses, 1 where leaving it out costs as much."""
        missed = self._equations.solved(weight * self._weight)[1]
        cost = np.where(self._free, self._equations.cost, 1.0)
        return np.where(self._free, np.square(missed) * self._weight / cost, 0.0)

    def _explained(self, holds: np.ndarray, *, fixed: int | None = None) -> _Explanation:
        """Choose what holds and solve, in turns, until that changes nothing.

        Args:
            holds: what to begin with.
            fixed: an equation that is not chosen again.
        """
        best = _Explanation(holds, np.inf)
        for _ in range(_ROUNDS):
            holds = self._connected(holds, fixed)
            squares = self._squares(holds.astype(float))
            chosen = (squares <= 1) | ~self._free
            if fixed is not None:
                chosen[fixed] = holds[fixed]
            missed = np.where(holds, squares, 1.0) * self._equations.cost
            explanation = _Explanation(holds, float(missed.sum()))
            if explanation.cost >= best.cost - 1e-9:
                break
            best, holds = explanation, chosen
        return best

    def _connected(self, holds: np.ndarray, fixed: int | None = None) -> np.ndarray:
        """The same with what is needed to hold all clocks together: the surest pairs, and ties
        where no pair does.

        Args:
            holds: which equations hold.
            fixed: one that is not to be changed.
        """
        holds, links = holds.copy(), self.links
        parts, apart = links.parts(holds)
        for one, other, equation in zip(links.one, links.other, links.equation, strict=True):
            if not apart:
                break
            if equation != fixed and parts[one] != parts[other]:
                holds[equation] = True
                parts, apart = links.parts(holds)
        return holds

    def untied(self, best: _Explanation) -> _Explanation:
        """The best explanation that calling further sounds late, or fewer, gives."""
        for file in self.suspects(best):
            tie = self._equations.ties[file]
            other = self._flipped(best, file, not best.holds[tie])
            if other.cost < best.cost - 1e-9:
                best = other
        return best

    def _flipped(self, best: _Explanation, file: int, holds: bool) -> _Explanation:
        """The best explanation found in which a file's tie holds, or does not."""
        tie = self._equations.ties[file]
        found = []
        for readmitted in (False, True):
            begin = best.holds.copy()
            begin[tie] = holds
            if readmitted:
                beside = (self._table.a == file) | (self._table.b == file)
                begin[: self._equations.pairs] |= beside
                begin[self._equations.ties[self._neighbours(file)]] = True
                begin[tie] = holds
            found.append(self._explained(begin, fixed=tie))
            if not holds:
                continue
            # what else could be late in its place
            for neighbour in self._neighbours(file):
                second = begin.copy()
                second[self._equations.ties[neighbour]] = False
                found.append(self._explained(second, fixed=tie))
        return min(found, key=lambda explanation: explanation.cost)

    def _neighbours(self, file: int) -> np.ndarray:
        """Files with two clocks whose sound may be late in place of a file's: those that it was
        compared with by picture and by sound; of fewer than two, all that there are, since others
        may hold its clocks together then."""
        t = self._table
        by_sound, by_picture = (
            np.union1d(t.b[kind & (t.a == file)], t.a[kind & (t.b == file)])
            for kind in (t.by_sound, ~t.by_sound)
        )
        both = np.intersect1d(by_sound, by_picture)
        beside = both[self._files.both[both]]
        return beside if len(beside) > 1 else np.setdiff1d(np.flatnonzero(self._files.both), file)

    def suspects(self, best: _Explanation) -> list[int]:
        """Files whose lag is worth a question: where something does not hold, or hardly does."""
        pairs, ties = self._equations.pairs, self._equations.ties
        wrong = ~best.holds[:pairs]
        touched = np.zeros(len(self._files), dtype=bool)
        touched[self._table.a[wrong]] = touched[self._table.b[wrong]] = True
        untied = (ties >= 0) & ~best.holds[ties]
        for file in np.flatnonzero(untied):
            touched[self._neighbours(int(file))] = True
        # a lag that two files share halves of may leave all that is said of either just bearable
        strained = self._squares(best.holds.astype(float))[ties] > _STRAINED
        suspicious = (touched | untied | strained) & (ties >= 0)
        return [int(f) for f in np.flatnonzero(suspicious) if len(self._neighbours(int(f)))]

    def told(self, best: _Explanation, file: int, settings: TimelineSettings) -> bool:
        """Whether it is clear that a file's sound is late, or that it is not."""
        tie = self._equations.ties[file]
        other = self._flipped(best, file, not best.holds[tie])
        return other.cost - best.cost >= settings.told_by

    def settled(self, holds: np.ndarray) -> np.ndarray:
        """What holds by the standard errors of the final solution."""
        equations = self._equations
        for _ in range(_ROUNDS):
            missed = equations.solved(holds / np.square(equations.sigma))[1]
            chosen = holds.copy()
            among = slice(0, 2 * equations.pairs)
            chosen[among] = np.abs(missed[among]) <= equations.tolerance[among]
            chosen = self._connected(chosen)
            if (chosen == holds).all():
                break
            holds = chosen
        return holds


def _clocks(
    files: Files,
    table: PairTable,
    equations: Equations,
    links: _Links,
    holds: np.ndarray,
    late: dict[int, bool],
    settings: TimelineSettings,
) -> Clocks:
    """Solve with the equations that hold.

    Args:
        files, table, equations, links: the group's.
        holds: which of the equations hold.
        late: whether the lag of a file that it was asked of is told.
        settings: the constants.
    """
    count, weight = len(files), holds / np.square(equations.sigma)
    change, missed = equations.solved(weight)
    rate = files.rate * (1 + change[count : 2 * count])
    lag_s = change[2 * count :] / rate
    tied = (equations.ties >= 0) & holds[equations.ties]
    frames_s = np.where(tied, 0.0, _of_a_frame(lag_s, files, table, settings))
    a_frame_off = frames_s > 0
    # A file whose sound is not late lies where its sound does, which is known far better.
    by_sound = np.diag((tied | a_frame_off).astype(float))
    placing = np.hstack([np.eye(count), np.zeros((count, count)), -by_sound])
    open_ = np.array([file for file, told in late.items() if not told], dtype=int)
    lag_s[tied] = 0.0
    for file, tie in enumerate(equations.ties):
        if tie < 0 or not links.looped(holds, file, tie):
            lag_s[file] = np.nan
    lag_s[open_] = np.nan
    lag_s[_lag_errors_s(equations, weight, tied) > settings.lag_tolerance_s] = np.nan
    lag_s[a_frame_off] = np.nan
    among = np.isin(table.a, open_) & np.isin(table.b, open_)
    undecided = table.by_sound & among & holds[: len(table)]
    without = change.copy()
    without[2 * count :] = 0.0
    by_picture = (equations.matrix @ without - equations.right)[: len(table)]
    undecided &= np.abs(by_picture) > equations.tolerance[: len(table)]
    undecided &= ~(a_frame_off[table.a] | a_frame_off[table.b])
    residual = np.where(undecided, by_picture, missed[: len(table)])
    solution = Solution(equations, weight, missed, placing)
    # What seems to be a frame off may be, or may not; each lies against the mean of the others.
    squares = np.square(frames_s / 2)
    by_frames_s = np.sqrt(squares + (squares.sum() - squares) / max(count - 1, 1) ** 2)
    return Clocks(
        middle_s=files.middle_s + placing @ change,
        rate=rate,
        lag_s=lag_s,
        sigma_s=np.hypot(standard_errors(files, table, solution, settings), by_frames_s),
        residual_s=residual / rate[table.b],
        holds=holds[: len(table)] & ~undecided,
        undecided=undecided,
    )


def _lag_errors_s(equations: Equations, weight: np.ndarray, tied: np.ndarray) -> np.ndarray:
    """Standard error of each file's lag, by what other files say of it, shape (files,).

    Args:
        equations, weight: as they were solved.
        tied: of which files the tie was among them, bool.
    """
    count = len(tied)
    known = 1 / np.diag(np.linalg.inv(equations.normal(weight)))[2 * count :]
    by_tie = np.where(tied, weight[equations.ties], 0.0)
    return np.sqrt(1 / np.maximum(known - by_tie, 1e-12))


def _of_a_frame(
    lag_s: np.ndarray, files: Files, table: PairTable, settings: TimelineSettings
) -> np.ndarray:
    """How long that picture lasts, of lags that are one sparse picture of the file or of those it
    was compared with; 0 for others, shape (files,)."""
    lasts_s = np.zeros(len(files))
    for file in np.flatnonzero(files.both):
        beside = ~table.by_sound & ((table.a == file) | (table.b == file))
        if not beside.any():
            continue
        others = (table.a + table.b - file)[beside]
        frame_s = max(files.frame_s[file], np.median(files.frame_s[others]))
        apart_s = abs(abs(lag_s[file]) - frame_s)
        if frame_s > settings.sparse_s and apart_s < settings.about_a_frame * frame_s:
            lasts_s[file] = frame_s
    return lasts_s

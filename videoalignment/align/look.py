"""A second look, at the pictures themselves, where descriptors leave doubt.

A network's descriptors of a frame change when the picture is cropped, framed or shrunk, and short
or dull clips have little else to go by. Where the pictures along a line can be laid over each other
(registration.py), pixels can be compared instead: what the two share of the picture, small, is a
descriptor of its own, in which the two differ by noise only. It is aligned as any other one, over
the stretch of A that the line was found on. Laying over and aligning take turns until neither
moves.

That two pictures can be laid over each other says that they show one scene; *when*, only the pixels
can tell, and they must do so by themselves.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch

from videoalignment.align.alignment import MATCHED_FROM
from videoalignment.align.decide import apart, picture_confidence
from videoalignment.align.footage import Footage
from videoalignment.align.lines import Line, WhitenedPair
from videoalignment.align.pixel_place import FROM_AFAR, placed_together
from videoalignment.align.reel import Pictures, Reel, looked_at_s
from videoalignment.align.refine import Fit
from videoalignment.align.registration import Points, Registration, register, shrunk
from videoalignment.align.settings import LOOK
from videoalignment.align.whitening import whitening
from videoalignment.errors import UnusableFileError
from videoalignment.progress import track
from videoalignment.time_map import TimeMap

# How much earlier and later pictures are laid over each other to see whether they come back,
_ASIDE_S = 0.1
# having come at least so much of the way,
_BACK = 0.6
# and, where they do not, to find where they agree most.
_FURTHER_S = (0.2, 0.3)
_MOST_STEPS = 8
# What turns is known no better than so: standard error, seconds, of pairs of takes of a turning
# earth. Of edited ones all pairs of a take may be off alike.
_TURNING_SIGMA_S = 0.1
# What is encoded coarsely turns late, by more the less it stands out: standard error, seconds.
_LATE_S = 0.012

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Look:
    """Pictures laid over each other, and the best line through them."""

    pair: WhitenedPair
    """What the two share of the picture, small, as descriptors, whitened."""
    line: Line
    """The best line through them, over a stretch of A; its confidence rests on them."""
    registration: Registration
    whole: bool = True
    """Whether nothing but these pictures tells which stretches match: all of the stretch that the
    descriptors gave was looked at."""
    turning_s: float = 0.0
    """Standard error of the place, seconds of B, where pictures can be laid over each other as well
    a little earlier and later: what turns, or a camera that does. 0 elsewhere."""

    @property
    def agreement(self) -> float:
        """Mean correlation of short windows, and correlation of the whole, 0..2."""
        return self.line.fit.correlation + self.line.verification.likeness


def look_again(
    a: Reel,
    b: Reel,
    pair: WhitenedPair,
    lines: list[Line],
    window_s: float,
    expected: Line | None = None,
) -> tuple[list[Line], Look | None]:
    """Look at the pictures along the likeliest lines, until they can be laid over each other.

    Args:
        a: the shorter video.
        b: the longer one.
        pair: their descriptors.
        lines: what was found in these, the answer first.
        window_s: the least overlap, seconds of A.
        expected: the one of them that others than these pictures name, which is looked along first.

    Returns:
        The lines again: with the one that the pictures gave before all others; or all as they
        were, but less likely where no pictures can be laid over each other. And what was seen.
        Lines that descriptors are sure of give way only to pictures that are of one moment.
    """
    sure = lines[0].confidence >= LOOK.below
    best: Look | None = None
    try:
        likeliest = _distinct(lines if expected is None else [expected, *lines])[: LOOK.lines]
        for line in track(likeliest, "comparing pictures", len(likeliest), "places"):
            glimpse = _Shot.along(line, a, b, window_s, roughly=True)
            if glimpse is None or not glimpse.is_promising(line.time_map):
                continue
            found = look(a, b, pair, line, window_s)
            if found is None or pair.is_grain(found.line.fit):
                continue
            if sure and not _knows_better(found):
                continue
            if best is None or found.line.confidence > best.line.confidence:
                best = found
            # Pictures of one place can be laid over each other at any time: what was expected is
            # not to keep those from being looked at that are of one moment.
            if line is not expected or found.line.confidence >= MATCHED_FROM:
                break
    except UnusableFileError as error:
        _log.warning("the pictures were not compared: %s", error)
        return lines, None
    if best is not None:
        others = [line for line in lines if not line.is_same(best.line)]
        # Where descriptors are sure, they also know where else the two meet.
        return [best.line, *others], replace(best, whole=best.whole and not sure)
    if sure:
        return lines, None
    return [replace(line, confidence=apart(line.confidence)) for line in lines], None


def _distinct(lines: Sequence[Line]) -> list[Line]:
    """Those of some lines that do not run where one before them does."""
    distinct: list[Line] = []
    for line in lines:
        if not any(map(line.is_same, distinct)):
            distinct.append(line)
    return distinct


def _knows_better(found: Look) -> bool:
    """Whether pictures may correct what descriptors are sure of: of what turns, where something
    that stays tells its place."""
    return found.line.confidence >= MATCHED_FROM and found.turning_s < _TURNING_SIGMA_S


def look(a: Reel, b: Reel, pair: WhitenedPair, line: Line, window_s: float) -> Look | None:
    """Look at the pictures along a line.

    Args:
        a: the shorter video.
        b: the longer one.
        pair: their descriptors.
        line: where they may meet.
        window_s: the least overlap, seconds of A.

    Returns:
        What is seen; None where they cannot be laid over each other.

    Raises:
        UnusableFileError: a video cannot be decoded there.
    """
    shot = _Shot.along(line, a, b, window_s)
    found = shot and shot.settled(line.time_map)
    if not shot or not found:
        return None
    whole = shot.length_s >= line.fit.end_a_s - line.fit.begin_a_s
    found = shot.steadied(shot.climbed(found))
    said = picture_confidence(found.line.fit, found.line.verification, pair.tries)
    return replace(found, line=replace(found.line, confidence=said, by_pictures=True), whole=whole)


@dataclass(frozen=True)
class _Shot:
    """The pictures of both along a line."""

    ours: Pictures
    theirs: Pictures
    window_s: float
    """The least overlap, seconds of A."""
    middle_s: float
    """The moment of A at which lines are compared."""
    length_s: float
    """Of the stretch of A."""
    _looks: dict[TimeMap, Look | None] = field(default_factory=dict, repr=False)
    """What was seen along lines that were looked along: steps cross each other."""

    @classmethod
    def along(
        cls, line: Line, a: Reel, b: Reel, window_s: float, *, roughly: bool = False
    ) -> "_Shot | None":
        """The pictures of the stretch of A that a line was found on, and of B around there.

        Raises:
            UnusableFileError: a video cannot be decoded there.
        """
        stretch = line.fit
        middle_s = (stretch.begin_a_s + stretch.end_a_s) / 2
        begin_s, end_s = looked_at_s(stretch.begin_a_s, stretch.end_a_s)
        ours = a.stretch(begin_s, end_s, roughly=roughly)
        first_s, last_s = line.time_map.to_b(begin_s), line.time_map.to_b(end_s)
        around_s = max(0.0, first_s - LOOK.around_s), last_s + LOOK.around_s
        theirs = b.stretch(*around_s, roughly=roughly)
        if ours is None or theirs is None:
            return None
        length_s = end_s - begin_s
        return cls(ours, theirs, min(window_s, length_s), middle_s, length_s)

    def is_promising(self, time_map: TimeMap) -> bool:
        """Whether some pictures along a line can be laid over each other, if only roughly."""
        ours, theirs = self._points(time_map, LOOK.first)
        return register(ours, theirs, LOOK.first_support) is not None

    def settled(self, time_map: TimeMap) -> Look | None:
        """Lay over and align by turns until neither moves."""
        found = None
        for _ in range(LOOK.rounds):
            again = self._looked(time_map)
            if again is None:
                break
            found, before = again, time_map
            time_map = again.line.time_map
            if time_map.apart_s(before, self.middle_s) < LOOK.settled_s:
                break
        return found

    def climbed(self, found: Look) -> Look:
        """Lay over a little earlier and later, for as long as the two then agree better.

        Where a camera moves steadily, pictures of two moments can be laid over each other just as
        those of one, and what is found stays where it was looked for. But only at the right moment
        do they agree in everything.
        """
        for step_s in LOOK.steps_s:
            if found.line.verification.likeness >= LOOK.alike:
                break  # they agree in everything already
            for shift_s in (step_s, -step_s):
                better = self._better(found, shift_s)
                while better:
                    found, better = better, self._better(better, shift_s)
        return found

    def steadied(self, found: Look) -> Look:
        """Where what is found is always where it was looked for: the place of most agreement.

        Agreement over places is a dome then, which is climbed in long steps, and whose top is told
        by all its sides.
        """
        for _ in range(_MOST_STEPS):
            beside = self._all_beside(found, (-_ASIDE_S, _ASIDE_S))
            if all(abs(self._place_s(look, found)) < _ASIDE_S * (1 - _BACK) for look in beside):
                return found
            beside += self._all_beside(found, (*_FURTHER_S, *(-step_s for step_s in _FURTHER_S)))
            higher = max(beside, key=lambda look: look.agreement)
            if higher.agreement <= found.agreement + LOOK.gain:
                break
            found = higher
        places_s = np.array([self._place_s(look, found) for look in (found, *beside)])
        agreement = np.array([look.agreement for look in (found, *beside)])
        top_s, sigma_s = _top(places_s, agreement)
        fit, line = found.line.fit, found.line.time_map
        moved = replace(fit, time_map=TimeMap(line.offset_s + top_s, line.speed))
        sigma_s = float(np.hypot(sigma_s, _TURNING_SIGMA_S))
        place = placed_together(
            self.ours, self.theirs, found.registration, moved.time_map, FROM_AFAR
        )
        known_s = float(np.hypot(place.sigma_s, _LATE_S)) if place else np.inf
        if place and known_s < sigma_s:
            offset_s = moved.time_map.offset_s + place.shift_s
            moved, sigma_s = replace(fit, time_map=TimeMap(offset_s, line.speed)), known_s
        return replace(found, line=replace(found.line, fit=moved), turning_s=sigma_s)

    def _all_beside(self, found: Look, shifts_s: Sequence[float]) -> list[Look]:
        """What is found so many seconds of B later, so far as anything is."""
        looks = (self._beside(found, shift_s) for shift_s in shifts_s)
        return [look for look in looks if look is not None]

    def _beside(self, found: Look, shift_s: float) -> Look | None:
        """The look that begins from a line moved by so many seconds of B."""
        line = found.line.time_map
        return self._looked(TimeMap(line.offset_s + shift_s, line.speed), found.line.fit)

    def _place_s(self, look: Look, found: Look) -> float:
        """How much later a look puts the middle of A than another one, seconds of B."""
        middle_s = self.middle_s
        return look.line.time_map.to_b(middle_s) - found.line.time_map.to_b(middle_s)

    def _better(self, found: Look, shift_s: float) -> Look | None:
        """The look that begins from a line moved by so many seconds of B, where it shows more."""
        again = self._beside(found, shift_s)
        gained = again is not None and again.agreement > found.agreement + LOOK.gain
        return again if gained else None

    def _looked(self, time_map: TimeMap, stretch: Fit | None = None) -> Look | None:
        """Lay the two over each other along a line, and align what they share; once a line.

        Args:
            time_map: along which they are laid over each other.
            stretch: what of A is aligned, near the line; None to search all of what is shared.
        """
        if time_map not in self._looks:
            self._looks[time_map] = self._laid_over(time_map, stretch)
        return self._looks[time_map]

    def _laid_over(self, time_map: TimeMap, stretch: Fit | None) -> Look | None:
        registration = self._registered(time_map)
        shared = registration and _shared(self.ours, self.theirs, registration)
        if not registration or not shared:
            return None
        a, b = shared
        projection = whitening(a, b)
        pair = WhitenedPair(a.projected(projection), b.projected(projection))
        if min(pair.a.end_s - pair.a.begin_s, pair.b.end_s - pair.b.begin_s) < self.window_s / 2:
            return None
        if stretch:
            return Look(pair, pair.line(replace(stretch, time_map=time_map)), registration)
        window_s = min(self.window_s, pair.a.end_s - pair.a.begin_s)
        return Look(pair, pair.lines(window_s, torch.device("cpu"))[0], registration)

    def _registered(self, time_map: TimeMap) -> Registration | None:
        """Lay pictures of moments that both have over each other."""
        return register(*self._points(time_map, range(LOOK.moments)))

    def _points(self, time_map: TimeMap, which: Sequence[int]) -> tuple[list[Points], list[Points]]:
        """What stands out in the pictures of some of the moments, so far as both have them."""
        first_s, last_s = self.ours.times_s[[0, -1]]
        moments_s = np.linspace(first_s, last_s, LOOK.moments + 2)[1:-1][list(which)]
        places_s = time_map.to_b(moments_s)
        both = (places_s >= self.theirs.times_s[0]) & (places_s <= self.theirs.times_s[-1])
        return self.ours.points_at(moments_s[both]), self.theirs.points_at(places_s[both])


def _top(places_s: np.ndarray, agreement: np.ndarray) -> tuple[float, float]:
    """Where a parabola through agreement is highest, and the standard error of that place.

    Where there is no top among the places, the middle one, 0, anywhere among them.
    """
    near = np.abs(places_s) <= 2 * max(_FURTHER_S)
    places_s, agreement = places_s[near], agreement[near]
    anywhere_s = max(_FURTHER_S) / 3**0.5
    if len(places_s) <= 3:
        return 0.0, anywhere_s
    powers = np.vander(places_s, 3)
    parabola = np.linalg.lstsq(powers, agreement, rcond=None)[0]
    bent, slope = parabola[:2]
    if bent >= 0 or abs(slope / (2 * bent)) > max(_FURTHER_S):
        return 0.0, anywhere_s
    left = agreement - powers @ parabola
    variance = left @ left / (len(left) - 3) * np.linalg.pinv(powers.T @ powers)[:2, :2]
    gradient = np.array([slope / (2 * bent**2), -1 / (2 * bent)])
    return float(-slope / (2 * bent)), float(np.sqrt(gradient @ variance @ gradient))


def _shared(
    ours: Pictures, theirs: Pictures, registration: Registration
) -> tuple[Footage, Footage] | None:
    """What the two share of the picture, small, over time; None where that is hardly anything."""
    sizes = ours.frames.shape[1:], theirs.frames.shape[1:]
    laid = registration.onto_shared(*sizes, LOOK.thumbnail)
    return laid and (_thumbnails(ours, laid[0]), _thumbnails(theirs, laid[1]))


def _thumbnails(pictures: Pictures, onto: np.ndarray) -> Footage:
    """Map all pictures, shrink them, and scale them to norm 1 on average."""
    rows, columns = LOOK.thumbnail
    thumbnails = np.empty((len(pictures.frames), rows * columns), np.float32)
    for frame, thumbnail in zip(pictures.frames, thumbnails, strict=True):
        thumbnail[:] = shrunk(frame, onto, (rows, columns)).reshape(-1)
    thumbnails /= np.linalg.norm(thumbnails, axis=1).mean() + 1e-6
    times_s, first = np.unique(pictures.times_s, return_index=True)
    edges_s = np.append(times_s, times_s[-1] + np.median(np.diff(times_s)))
    return Footage(edges_s, thumbnails[first])

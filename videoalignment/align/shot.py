"""The pictures of two videos along a line: laid over each other, and aligned by what they share.

A network's descriptors of a frame change when the picture is cropped, framed or shrunk. What the
two share of the picture, small, is a descriptor of its own, in which they differ by noise only.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch

from videoalignment.align.footage import Footage
from videoalignment.align.lines import Line, WhitenedPair
from videoalignment.align.reel import Pictures, Reel, looked_at_s
from videoalignment.align.refine import Fit
from videoalignment.align.registration import Points, Registration, register, shrunk
from videoalignment.align.settings import LOOK, SETTINGS
from videoalignment.align.whitening import whitening
from videoalignment.time_map import TimeMap


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


@dataclass(frozen=True)
class Shot:
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
        cls,
        stretch: Fit,
        a: Reel,
        b: Reel,
        window_s: float = SETTINGS.min_overlap_s,
        *,
        roughly: bool = False,
    ) -> "Shot | None":
        """The pictures of a stretch of A, and of B around where a line puts it.

        Raises:
            UnusableFileError: a video cannot be decoded there.
        """
        middle_s = (stretch.begin_a_s + stretch.end_a_s) / 2
        begin_s, end_s = looked_at_s(stretch.begin_a_s, stretch.end_a_s)
        ours = a.stretch(begin_s, end_s, roughly=roughly)
        first_s, last_s = stretch.time_map.to_b(begin_s), stretch.time_map.to_b(end_s)
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

    def beside(self, found: Look, shift_s: float) -> Look | None:
        """The look that begins from a line moved by so many seconds of B."""
        line = found.line.time_map
        return self.looked(TimeMap(line.offset_s + shift_s, line.speed), found.line.fit)

    def place_s(self, look: Look, found: Look) -> float:
        """How much later a look puts the middle of A than another one, seconds of B."""
        middle_s = self.middle_s
        return look.line.time_map.to_b(middle_s) - found.line.time_map.to_b(middle_s)

    def looked(self, time_map: TimeMap, stretch: Fit | None = None) -> Look | None:
        """Lay the two over each other along a line, and align what they share; once a line.

        Args:
            time_map: along which they are laid over each other.
            stretch: what of A is aligned, near the line; None to search all of what is shared.
        """
        if time_map not in self._looks:
            self._looks[time_map] = self._laid_over(time_map, stretch)
        return self._looks[time_map]

    def _laid_over(self, time_map: TimeMap, stretch: Fit | None) -> Look | None:
        registration = self.registered(time_map)
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

    def registered(self, time_map: TimeMap) -> Registration | None:
        """Lay pictures of moments that both have over each other."""
        return register(*self._points(time_map, range(LOOK.moments)))

    def _points(self, time_map: TimeMap, which: Sequence[int]) -> tuple[list[Points], list[Points]]:
        """What stands out in the pictures of some of the moments, so far as both have them."""
        first_s, last_s = self.ours.times_s[[0, -1]]
        moments_s = np.linspace(first_s, last_s, LOOK.moments + 2)[1:-1][list(which)]
        places_s = time_map.to_b(moments_s)
        both = (places_s >= self.theirs.times_s[0]) & (places_s <= self.theirs.times_s[-1])
        return self.ours.points_at(moments_s[both]), self.theirs.points_at(places_s[both])


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
    for frame, thumbnail in zip(pictures.soft, thumbnails, strict=True):
        thumbnail[:] = shrunk(frame, onto, (rows, columns)).reshape(-1)
    thumbnails /= np.linalg.norm(thumbnails, axis=1).mean() + 1e-6
    times_s, first = np.unique(pictures.times_s, return_index=True)
    edges_s = np.append(times_s, times_s[-1] + np.median(np.diff(times_s)))
    return Footage(edges_s, thumbnails[first])

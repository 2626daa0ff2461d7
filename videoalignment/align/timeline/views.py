"""Files that sound and picture leave apart, placed by what moves in them.

Cameras on other sides of an event show other pictures, and where one of two has nothing to hear,
nothing joins them. What all of them say together is solved (motion/together.py), files that lie on
one clock already as one body; it comes as one measurement for each body that is joined, sure of
what all say, and none for their other pairs, which would count the same again.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from videoalignment.align.alignment import HALF_WIDTH, MATCHED_FROM
from videoalignment.align.motion.moving import Moving
from videoalignment.align.motion.pipeline import curve_of, motion_may_tell, place_s
from videoalignment.align.motion.search import Curve
from videoalignment.align.motion.together import Pair, Together, place_together
from videoalignment.align.timeline.measurements import Measurement
from videoalignment.align.timeline.records import Timeline
from videoalignment.align.timeline.settings import SETTINGS
from videoalignment.align.timeline.sources import Source
from videoalignment.features.motion_store import cached_motion
from videoalignment.progress import track
from videoalignment.time_map import TimeMap
from videoalignment.workers import each_on_one_core

_MOST_VIEWS = 4  # of files that lie on one clock already: the longest
_SPEED_SIGMA = 1e-3  # nothing is known of speeds; that clocks run alike counts more


@dataclass(frozen=True)
class _View:
    """A file with a picture, of a body."""

    source: int
    """Its place among all."""
    begin_s: float
    """On the body's clock."""


@dataclass(frozen=True)
class _Body:
    """Files that lie on one clock already, or one alone."""

    views: list[_View]
    heard: bool
    """Whether any of them has something to hear."""


@dataclass(frozen=True)
class _Seen:
    """A file of each of two bodies, compared."""

    one: _View
    other: _View
    curve: Curve
    """Over how much later the first body begins than the second."""


def measure_views(
    sources: Sequence[Source], so_far: Timeline, *, heard_too: bool
) -> list[Measurement]:
    """Place files by what moves where nothing else has.

    Args:
        sources: the files.
        so_far: what their sounds and pictures say.
        heard_too: whether also those are compared that both have something to hear, and whose
            sounds so have told that they do not meet.

    Raises:
        UnusableFileError: a video cannot be read any more.
    """
    bodies = _bodies(sources, so_far)
    pairs = [
        (pair, one, other)
        for pair in itertools.combinations(range(len(bodies)), 2)
        if heard_too or not all(bodies[body].heard for body in pair)
        for one, other in itertools.product(*(bodies[body].views for body in pair))
    ]
    if not pairs:
        return []
    needed = sorted({view.source for _, *views in pairs for view in views})
    following = track(needed, "following what moves", len(needed), "videos")
    moving = {place: Moving(cached_motion(sources[place].recorded.file)) for place in following}

    def compared(pair: tuple[Pair, _View, _View]) -> Curve | None:
        _, one, other = pair
        return curve_of(moving[one.source], moving[other.source])

    between: dict[Pair, list[_Seen]] = {}
    curves = each_on_one_core(compared, pairs, "comparing what moves", "pairs")
    for (bodies_of, one, other), curve in zip(pairs, curves, strict=True):
        if curve is not None:
            seen = _Seen(one, other, curve.moved(other.begin_s - one.begin_s))
            between.setdefault(bodies_of, []).append(seen)
    return [*_measured(between, len(bodies), moving)]


def _bodies(sources: Sequence[Source], so_far: Timeline) -> list[_Body]:
    """Files by the clock that they lie on, each of those that lie on none alone."""
    placed = {
        file.file: (number, file.begin_s)
        for number, group in enumerate(so_far.groups)
        for file in group.files
    }
    together: dict[tuple[int, int], list[_View]] = {}
    for place, source in enumerate(sources):
        group, begin_s = placed.get(source.recorded.file, (-1, 0.0))
        body = (group, -1) if group >= 0 else (-1, place)
        together.setdefault(body, []).append(_View(place, begin_s))
    bodies = []
    for views in together.values():
        of = {view: sources[view.source] for view in views}
        seen = [
            view
            for view, source in of.items()
            if source.recorded.has_picture and motion_may_tell(source.recorded.duration_s)
        ]
        seen.sort(key=lambda view: -of[view].recorded.duration_s)
        heard = any(source.sound is not None for source in of.values())
        bodies.append(_Body(seen[:_MOST_VIEWS], heard))
    return bodies


def _measured(
    between: dict[Pair, list[_Seen]], bodies: int, moving: dict[int, Moving]
) -> Iterator[Measurement]:
    """What is said of bodies that are joined, or might be, and what contradicts it."""
    curves = {pair: [seen.curve for seen in views] for pair, views in between.items()}
    for together in place_together(curves, bodies):
        tree = _tree(together, between)
        for pair in tree:
            sure = together.probability[pair]
            yield _measurement(between[pair], together.later_s(pair), sure, moving)
        for pair in together.probability.keys() & between.keys() - tree:
            (alone,) = place_together({(0, 1): curves[pair]}, bodies)[:1]
            offset_s, sure = alone.later_s((0, 1)), alone.probability[0, 1]
            apart_s = abs(together.later_s(pair) - offset_s)
            if sure >= MATCHED_FROM and apart_s >= SETTINGS.near_s:
                yield _measurement(between[pair], offset_s, sure, moving)


def _tree(together: Together, between: dict[Pair, list[_Seen]]) -> set[Pair]:
    """The surest pairs that hold all bodies together."""
    part, tree = {body: body for body in together.begins_s}, set()
    for pair in sorted(together.probability, key=lambda pair: -together.probability[pair]):
        one, other = (part[body] for body in pair)
        if one != other and pair in between:
            part = {body: one if of == other else of for body, of in part.items()}
            tree.add(pair)
    return tree


def _measurement(
    views: list[_Seen], offset_s: float, probability: float, moving: dict[int, Moving]
) -> Measurement:
    """How the two files lie that say most for where their bodies do."""

    def said(seen: _Seen) -> float:
        offsets_s = seen.curve.offsets_s
        return float(np.interp(offset_s, offsets_s, seen.curve.clearness, left=0, right=0))

    best = max(views, key=said)
    a, b = (moving[view.source].features for view in (best.one, best.other))
    line = TimeMap(offset_s - best.other.begin_s + best.one.begin_s)
    begin_s, end_s = max(0.0, line.to_a(0.0)), min(a.duration_s, line.to_a(b.duration_s))
    return Measurement(
        a=best.one.source,
        b=best.other.source,
        by="motion",
        time_map=line,
        best_at_s=(begin_s + end_s) / 2,
        sigma_s=place_s(a, b) / HALF_WIDTH,
        speed_sigma=_SPEED_SIGMA,
        confidence=probability,
    )

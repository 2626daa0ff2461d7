"""Which pairs of files are worth comparing by picture, and which of them thoroughly.

The number of pairs grows with the square of the files', and to compare two videos thoroughly takes
six times as long as to glance at them. So what the sounds have told is only checked, every other
pair is glanced at, and thoroughly compared is what may join files that nothing sure joins yet, or
may tell more exactly where a file lies.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np

from videoalignment.align.alignment import HALF_WIDTH
from videoalignment.align.settings import LOOK
from videoalignment.align.timeline.consensus import components
from videoalignment.align.timeline.measurements import Measurement
from videoalignment.align.timeline.records import PlacedFile, Timeline
from videoalignment.align.timeline.settings import SETTINGS
from videoalignment.align.timeline.sources import Source
from videoalignment.time_map import TimeMap

Pair = tuple[int, int]
"""Places of two files, the lower one first."""

_CHECKS = 3  # pairs of pictures of a file whose place the sounds tell
_SURE_FROM = 0.9  # confidence of a file's place from which the sounds have told it
_LEAST_SHARED_S = 4.0  # of a check
_LIKELIEST = 4  # pairs of what may be joined, or of a file whose place is vague
_TELLING = 3  # pairs of pictures that tell whether a file's sound is late


def picture_pairs(sources: Sequence[Source], by_sound: Timeline) -> list[Pair]:
    """Which pairs of pictures are worth comparing once the sounds have been.

    Pictures whose sounds have told where they lie are compared with a few others of their group
    only, for that shows whose sound is late; and not with those of other groups, for whoever
    shares a moment shares its sound.

    Args:
        sources: the files.
        by_sound: what their sounds say.
    """
    placed = _placed(by_sound)
    pictured = [place for place, source in enumerate(sources) if source.picture is not None]
    pairs, checks = [], []
    for pair in combinations(pictured, 2):
        one, other = (placed.get(sources[place].recorded.file) for place in pair)
        if one is None or other is None:
            pairs.append(pair)
        elif one[0] == other[0]:
            checks.append((-_shared_s(one[1], other[1]), pair))
    used = dict.fromkeys(pictured, 0)
    for shared_s, pair in sorted(checks):
        if -shared_s >= _LEAST_SHARED_S and min(used[place] for place in pair) < _CHECKS:
            pairs.append(pair)
            for place in pair:
                used[place] += 1
    return sorted(pairs)


def worth_a_closer_look(
    sources: Sequence[Source], glances: Sequence[Measurement], so_far: Timeline
) -> dict[Pair, TimeMap | None]:
    """Which pairs of pictures are worth comparing thoroughly once all were glanced at.

    Args:
        sources: the files.
        glances: what glances at pairs of pictures say, one a pair.
        so_far: what the sounds and the glances say together.

    Returns:
        The pairs, each with where what is known so far puts it; None where it puts them nowhere.
    """
    placed = _placed(so_far)
    # a file that is not placed is a group of its own
    groups = [
        placed[source.recorded.file][0] if source.recorded.file in placed else -1 - place
        for place, source in enumerate(sources)
    ]
    apart = [glance for glance in glances if groups[glance.a] != groups[glance.b]]
    held = _held(sources, glances, placed)
    chosen = _joining(apart, groups) | _checking(sources, held) | _bridging(sources, held, so_far)
    return dict(sorted(chosen.items()))


def worth_another_look(
    sources: Sequence[Source], seen: Sequence[Measurement], before: Timeline, now: Timeline
) -> dict[Pair, TimeMap | None]:
    """Which pairs of pictures are worth comparing once more, since their files are placed elsewhere
    than they were when they were compared.

    Args:
        sources: the files.
        seen: what pairs of pictures say.
        before: where files were placed then.
        now: where they are.

    Returns:
        The pairs, each with where what is known now puts it.
    """
    lines = _held(sources, seen, _placed(before))
    moved = {
        m: line
        for m, line in _held(sources, seen, _placed(now, surely=False)).items()
        if m in lines and line.apart_s(lines[m], m.best_at_s) > SETTINGS.near_s
    }
    return _checking(sources, moved)


def _held(
    sources: Sequence[Source],
    measurements: Sequence[Measurement],
    placed: Mapping[Path, tuple[int, PlacedFile]],
) -> dict[Measurement, TimeMap]:
    """Measurements of pairs of one group, with where these lie by all that is known."""
    held = {}
    for m in measurements:
        one, other = (placed.get(sources[place].recorded.file) for place in (m.a, m.b))
        if one and other and one[0] == other[0]:
            held[m] = one[1].time_map.then(other[1].time_map.inverse())
    return held


def _joining(apart: Sequence[Measurement], groups: Sequence[int]) -> dict[Pair, TimeMap | None]:
    """Pairs that may join groups, or do so wrongly: a group is joined by any of its files.

    Args:
        apart: glances at pairs of two groups.
        groups: the number of each file's.
    """
    chosen: dict[Pair, TimeMap | None] = {}
    taken = Counter[int]()
    for glance in sorted(filter(_leaves_doubt, apart), key=lambda glance: -glance.confidence):
        served = groups[glance.a], groups[glance.b]
        misleads = glance.confidence >= SETTINGS.proposes_from
        if misleads or any(taken[one] < _LIKELIEST for one in served):
            chosen[glance.a, glance.b] = None
            taken.update(served)
    return chosen


def _checking(
    sources: Sequence[Source], held: Mapping[Measurement, TimeMap]
) -> dict[Pair, TimeMap | None]:
    """Pairs of one group that may tell more exactly where their files lie, or whose sound is late.

    Args:
        sources: the files.
        held: glances at pairs of one group, with where these lie by all that is known.
    """

    def served(glance: Measurement) -> list[int]:
        """Those of the two about which their pictures may tell something: of a sound whether it is
        late only beside another one."""
        pair = glance.a, glance.b
        heard = [place for place in pair if sources[place].sound is not None]
        return [place for place in pair if place not in heard] if len(heard) == 1 else [*pair]

    def tells(glance: Measurement) -> bool:
        apart_s = glance.time_map.apart_s(held[glance], glance.best_at_s)
        return not _leaves_doubt(glance) and apart_s < SETTINGS.near_s

    told, taken = Counter[int](), Counter[int]()
    for glance in filter(tells, held):
        told.update(served(glance))
    chosen: dict[Pair, TimeMap | None] = {}
    for glance in sorted(held, key=lambda glance: -glance.confidence):
        wanting = [
            place
            for place in served(glance)
            if told[place] < (_TELLING if sources[place].sound else 1) and taken[place] < _LIKELIEST
        ]
        if wanting and not tells(glance):
            chosen[glance.a, glance.b] = held[glance]
            taken.update(served(glance))
    return chosen


def _bridging(
    sources: Sequence[Source], held: Collection[Measurement], so_far: Timeline
) -> dict[Pair, TimeMap | None]:
    """Pairs of one group whose pictures are sure of each other but not of the place, where no other
    pair joins what they join: what looks alike may be another page of text.

    What these say is no more than what is to be shown: so nothing is known about where they lie.
    """
    place = {source.recorded.file: number for number, source in enumerate(sources)}
    exact = [
        [place[group.files[k].file] for k in (pair.a, pair.b)]
        for group in so_far.groups
        for pair in group.pairs
        if pair.uncertainty_s <= LOOK.vague_s
    ]
    one, other = np.array(exact, dtype=int).reshape(-1, 2).T
    part = components(one, other, len(sources))
    chosen: dict[Pair, TimeMap | None] = {}
    taken = Counter[frozenset[int]]()
    for glance in sorted(held, key=lambda glance: -glance.confidence):
        parts = frozenset(int(part[k]) for k in (glance.a, glance.b))
        bridges = len(parts) == 2 and glance.confidence >= LOOK.below
        if bridges and _leaves_doubt(glance) and taken[parts] < _LIKELIEST:
            chosen[glance.a, glance.b] = None
            taken[parts] += 1
    return chosen


def _leaves_doubt(glance: Measurement) -> bool:
    """Whether it is not known whether two meet, or not where, to a frame."""
    return glance.confidence < LOOK.below or glance.sigma_s * HALF_WIDTH > LOOK.vague_s


def _placed(timeline: Timeline, *, surely: bool = True) -> dict[Path, tuple[int, PlacedFile]]:
    """The files that are placed, or those whose place is known surely, with their groups'
    numbers."""
    return {
        file.file: (number, file)
        for number, group in enumerate(timeline.groups)
        for file in group.files
        if not surely or (file.confidence >= _SURE_FROM and not file.weak)
    }


def _shared_s(one: PlacedFile, other: PlacedFile) -> float:
    return min(one.end_s, other.end_s) - max(one.begin_s, other.begin_s)

"""Which pairs of files are worth comparing by picture, and which of them thoroughly.

The number of pairs grows with the square of the files', and to compare two videos thoroughly takes
six times as long as to glance at them. So what the sounds have told is only checked, every other
pair is glanced at, and thoroughly compared is what may join files that nothing sure joins yet, or
may tell more exactly where a file lies.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

from videoalignment.align.alignment import HALF_WIDTH
from videoalignment.align.settings import LOOK
from videoalignment.align.timeline.measurements import Measurement
from videoalignment.align.timeline.records import PlacedFile, Timeline
from videoalignment.align.timeline.settings import SETTINGS
from videoalignment.align.timeline.sources import Source

Pair = tuple[int, int]
"""Places of two files, the lower one first."""

_CHECKS = 3  # pairs of pictures of a file whose place the sounds tell
_SURE_FROM = 0.9  # confidence of a file's place from which the sounds have told it
_LEAST_SHARED_S = 4.0  # of a check
_LIKELIEST = 4  # pairs of what may be joined, or of a file whose place is vague


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
) -> list[Pair]:
    """Which pairs of pictures are worth comparing thoroughly once all were glanced at.

    Args:
        sources: the files.
        glances: what glances at pairs of pictures say, one a pair.
        so_far: what the sounds and the glances say together.
    """
    placed = _placed(so_far)
    # a file that is not placed is a group of its own
    groups = [
        placed[source.recorded.file][0] if source.recorded.file in placed else -1 - place
        for place, source in enumerate(sources)
    ]
    sharp = {place for g in glances if not _leaves_doubt(g) for place in (g.a, g.b)}
    chosen, taken = [], Counter[tuple[str, int]]()
    for glance in sorted(filter(_leaves_doubt, glances), key=lambda glance: -glance.confidence):
        pair = glance.a, glance.b
        apart = groups[glance.a] != groups[glance.b]
        if apart:  # a group is joined by any of its files
            served = [("group", groups[place]) for place in pair]
        else:
            served = [("file", place) for place in pair if place not in sharp]
        misleads = apart and glance.confidence >= SETTINGS.proposes_from
        if misleads or any(taken[one] < _LIKELIEST for one in served):
            chosen.append(pair)
            taken.update(served)
    return sorted(chosen)


def _leaves_doubt(glance: Measurement) -> bool:
    """Whether it is not known whether two meet, or not where, to a frame."""
    return glance.confidence < LOOK.below or glance.sigma_s * HALF_WIDTH > LOOK.vague_s


def _placed(timeline: Timeline) -> dict[Path, tuple[int, PlacedFile]]:
    """The files whose place is known surely, with their groups' numbers."""
    return {
        file.file: (number, file)
        for number, group in enumerate(timeline.groups)
        for file in group.files
        if file.confidence >= _SURE_FROM and not file.weak
    }


def _shared_s(one: PlacedFile, other: PlacedFile) -> float:
    return min(one.end_s, other.end_s) - max(one.begin_s, other.begin_s)

"""Pairs of files, compared by sound, by picture and by what moves.

Every pair of sounds is compared, which takes little. Of pictures the pairs that are worth it are
glanced at, and few of them compared thoroughly, once more where that moves their files
(shortlist.py); those that tell of a late sound are compared by all their pixels (late.py). What
moves is compared where these leave files apart and sound cannot tell (views.py).
"""

from collections.abc import Mapping, Sequence
from itertools import combinations

from videoalignment.align.options import AlignOptions
from videoalignment.align.pipeline import align_pictures, glance
from videoalignment.align.sound import align_sound
from videoalignment.align.timeline.late import sharpen_late
from videoalignment.align.timeline.measurements import Measurement
from videoalignment.align.timeline.records import Timeline
from videoalignment.align.timeline.shelf import Shelf
from videoalignment.align.timeline.shortlist import (
    Pair,
    picture_pairs,
    worth_a_closer_look,
    worth_another_look,
)
from videoalignment.align.timeline.solve import solve
from videoalignment.align.timeline.sources import Source
from videoalignment.align.timeline.views import measure_views
from videoalignment.errors import OptionError
from videoalignment.features.frame_features import FrameFeatures
from videoalignment.time_map import TimeMap
from videoalignment.workers import each_on_one_core

_LOOK_FROM = 0.015  # confidence from which the pictures of a doubtful pair are looked at


def measure_pairs(sources: Sequence[Source], options: AlignOptions) -> list[Measurement]:
    """Compare all sounds, the pictures that are worth it then, and what moves where these leave
    files apart.

    Args:
        sources: the files.
        options: how to align, and by what.

    Raises:
        OptionError: `min_overlap_s` is more than a file lasts.
    """

    def solved(measurements: list[Measurement]) -> Timeline:
        recorded = [source.recorded for source in sources]
        return solve(recorded, measurements, min_confidence=options.min_confidence)

    found = compare_sounds(sources)
    glances = glance_at_pictures(sources, picture_pairs(sources, solved(found)), options)
    so_far = solved(found + glances)
    chosen, shelf = worth_a_closer_look(sources, glances, so_far), Shelf(sources)
    thorough = {(m.a, m.b): m for m in compare_pictures(sources, chosen, options, shelf)}
    seen = [thorough.get((m.a, m.b), m) for m in glances]
    moved = worth_another_look(sources, seen, so_far, solved(found + seen))
    found += seen + compare_pictures(sources, moved, options, shelf)
    found = sharpen_late(sources, found, solved(found), shelf)
    if options.by in ("auto", "motion"):
        found += measure_views(sources, solved(found), heard_too=options.by == "motion")
    return found


def compare_sounds(sources: Sequence[Source]) -> list[Measurement]:
    """Align all pairs by sound, one core a pair.

    Args:
        sources: the files; those without a sound are left out.
    """

    def compared(pair: Pair) -> Measurement:
        a, b = (sources[place].sound for place in pair)
        assert a is not None and b is not None
        return Measurement.of(*pair, align_sound(a, b), "sound")

    heard = [place for place, source in enumerate(sources) if source.sound is not None]
    return each_on_one_core(compared, list(combinations(heard, 2)), "comparing sounds", "pairs")


def glance_at_pictures(
    sources: Sequence[Source], pairs: Sequence[Pair], options: AlignOptions
) -> list[Measurement]:
    """Align pairs by picture roughly, one core a pair.

    Args:
        sources: the files; those of the pairs have pictures.
        pairs: places of two of them.
        options: how to align.

    Raises:
        OptionError: `min_overlap_s` is more than a file lasts.
    """

    def compared(pair: Pair) -> Measurement:
        a, b = (_pictures(sources[place]) for place in pair)
        return Measurement.of(*pair, glance(a, b, options), "picture")

    for source in sources:
        if source.picture is not None and options.min_overlap_s is not None:
            _check_overlap(source, options.min_overlap_s)
    return each_on_one_core(compared, pairs, "glancing at pictures", "pairs")


def compare_pictures(
    sources: Sequence[Source],
    pairs: Mapping[Pair, TimeMap | None],
    options: AlignOptions,
    shelf: Shelf,
) -> list[Measurement]:
    """Align pairs by picture thoroughly, in doubt by the pictures themselves, one core a pair.

    Args:
        sources: the files; those of the pairs have pictures.
        pairs: places of two of them, with where others than their pictures put them, if any do.
        options: how to align.
        shelf: the files' pictures.
    """

    def compared(pair: Pair) -> Measurement:
        a, b = (_pictures(sources[place]) for place in pair)
        one, other = (shelf.reel(place) for place in pair)
        alignment = align_pictures(
            *(a, b, options, (one, other)), look_from=_LOOK_FROM, expected=pairs[pair]
        )
        return Measurement.of(*pair, alignment, "picture")

    # Those that others put somewhere are mostly found there, which takes longest: they go first.
    longest_first = sorted(pairs, key=lambda pair: pairs[pair] is None)
    return each_on_one_core(compared, longest_first, "comparing pictures", "pairs")


def _pictures(source: Source) -> FrameFeatures:
    assert source.picture is not None
    return source.picture


def _check_overlap(source: Source, min_overlap_s: float) -> None:
    if min_overlap_s > source.recorded.duration_s:
        raise OptionError(
            f"`min_overlap_s` {min_overlap_s:g}: {source.recorded.file} is only "
            f"{source.recorded.duration_s:.3f} s long"
        )

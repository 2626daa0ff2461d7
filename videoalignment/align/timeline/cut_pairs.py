"""Pairs of recordings that were cut: several lines lead from one to the other, all of them right.

A file has one place on a timeline, so one line of a pair places it: the one that most is shared
along, unless the rest of the group speaks for another. Pictures and sounds of one pair know the
same lines, but not always the same one best.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from videoalignment.align.alignment import Segment
from videoalignment.align.timeline.measurements import Measurement
from videoalignment.align.timeline.settings import SETTINGS


def on_common_lines(measurements: Sequence[Measurement]) -> list[Measurement]:
    """Measurements; those of pictures and of sounds of one pair on one line, where they know one.

    Args:
        measurements: of pairs, with their stretches where they were cut.
    """
    sounds = {(m.a, m.b): m for m in measurements if m.by == "sound"}
    common = {}
    for picture in measurements:
        sound = sounds.get((picture.a, picture.b))
        if picture.by == "picture" and sound is not None and not _is_on(picture, sound):
            picture_there, sound_there = _moved(picture, sound), _moved(sound, picture)
            if _is_on(picture_there, sound):
                common[picture.a, picture.b, "picture"] = picture_there
            elif _is_on(picture, sound_there):
                common[picture.a, picture.b, "sound"] = sound_there
    return [common.get((m.a, m.b, m.by), m) for m in measurements]


def lines_elsewhere(measured: Measurement) -> Iterator[Measurement]:
    """A pair that was cut along each of its other lines, as likely as the stretch is long beside
    all that is shared."""
    total_s = sum(stretch.end_a_s - stretch.begin_a_s for stretch in measured.stretches)
    for stretch in elsewhere(measured):
        share = (stretch.end_a_s - stretch.begin_a_s) / total_s
        yield replace(_along(measured, stretch), confidence=measured.confidence * share)


def elsewhere(measured: Measurement) -> tuple[Segment, ...]:
    """What a pair that was cut shares on other lines than the one that places it."""
    stretches = measured.stretches
    return tuple(s for s in stretches if not _is_on(_along(measured, s), measured))


def _moved(measured: Measurement, other: Measurement) -> Measurement:
    """A measurement on the line of another one, where one of its stretches follows that."""
    for stretch in measured.stretches:
        there = _along(measured, stretch)
        if _is_on(there, other):
            return there
    return measured


def _is_on(one: Measurement, other: Measurement) -> bool:
    return one.time_map.apart_s(other.time_map, one.best_at_s) <= SETTINGS.near_s


def _along(measured: Measurement, stretch: Segment) -> Measurement:
    return replace(measured, time_map=stretch.time_map, best_at_s=stretch.middle_a_s)

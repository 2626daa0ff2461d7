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
from dataclasses import replace

from videoalignment.align.alignment import MATCHED_FROM
from videoalignment.align.decide import apart, picture_confidence
from videoalignment.align.lines import Line, WhitenedPair
from videoalignment.align.reel import Reel
from videoalignment.align.settings import LOOK
from videoalignment.align.shot import Look, Shot
from videoalignment.align.turning import TURNING_SIGMA_S, steadied, told_by_pixels
from videoalignment.errors import UnusableFileError
from videoalignment.progress import track
from videoalignment.time_map import TimeMap

# Correlation below which nothing agrees, and a place some tenths of a second beside is no better:
# takes laid over each other where they meet had 0.39 and more, where they do not up to 0.23.
_LIKE_AT_ALL = 0.25

_log = logging.getLogger(__name__)


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
            glimpse = Shot.along(line.fit, a, b, window_s, roughly=True)
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
    return found.line.confidence >= MATCHED_FROM and found.turning_s < TURNING_SIGMA_S


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
    shot = Shot.along(line.fit, a, b, window_s)
    found = shot and _settled(shot, line.time_map)
    if not shot or not found:
        return None
    whole = shot.length_s >= line.fit.end_a_s - line.fit.begin_a_s
    if found.line.verification.likeness >= _LIKE_AT_ALL:
        found = told_by_pixels(shot, found) or steadied(shot, _climbed(shot, found))
    said = picture_confidence(found.line.fit, found.line.verification, pair.tries)
    return replace(found, line=replace(found.line, confidence=said, by_pictures=True), whole=whole)


def _settled(shot: Shot, time_map: TimeMap) -> Look | None:
    """Lay over and align by turns until neither moves."""
    found = None
    for _ in range(LOOK.rounds):
        again = shot.looked(time_map)
        if again is None:
            break
        found, before = again, time_map
        time_map = again.line.time_map
        if time_map.apart_s(before, shot.middle_s) < LOOK.settled_s:
            break
    return found


def _climbed(shot: Shot, found: Look) -> Look:
    """Lay over a little earlier and later, for as long as the two then agree better.

    Where a camera moves steadily, pictures of two moments can be laid over each other just as
    those of one, and what is found stays where it was looked for. But only at the right moment
    do they agree in everything.
    """
    for step_s in LOOK.steps_s:
        if found.line.verification.likeness >= LOOK.alike:
            break  # they agree in everything already
        for shift_s in (step_s, -step_s):
            better = _better(shot, found, shift_s)
            while better:
                found, better = better, _better(shot, better, shift_s)
        if _stays(shot, found, step_s):
            break
    return found


def _stays(shot: Shot, found: Look, step_s: float) -> bool:
    """Whether looks from so much earlier and later lead back to just where it was found: then
    those from less do, too."""
    beside = [shot.beside(found, shift_s) for shift_s in (step_s, -step_s)]
    return all(look and abs(shot.place_s(look, found)) < LOOK.settled_s for look in beside)


def _better(shot: Shot, found: Look, shift_s: float) -> Look | None:
    """The look that begins from a line moved by so many seconds of B, where it shows more."""
    again = shot.beside(found, shift_s)
    gained = again is not None and again.agreement > found.agreement + LOOK.gain
    return again if gained else None

"""Files whose sound seems to be late: their pictures compared once more, by all their pixels.

Sounds say where they meet to a tenth of a millisecond, so a lag is known as well as the pictures
are; and those were glanced at, mostly, which leaves some 5 ms where little moves. All pixels tell
more (pixel_place.py), and take a second a pair with decoding: so only pairs are compared on which a
lag rests.
"""

import logging
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from videoalignment.align.alignment import MATCHED_FROM
from videoalignment.align.pixel_place import CLOSE_BY, placed_together
from videoalignment.align.reel import Reel
from videoalignment.align.refine import Fit
from videoalignment.align.shot import Shot
from videoalignment.align.timeline.measurements import Measurement
from videoalignment.align.timeline.records import Timeline
from videoalignment.align.timeline.settings import SETTINGS
from videoalignment.align.timeline.shelf import Shelf
from videoalignment.align.timeline.sources import Source
from videoalignment.errors import UnusableFileError
from videoalignment.time_map import TimeMap
from videoalignment.workers import each_on_one_core

_MOST = 3  # pairs of a file, those whose pictures know most already
_LEAST_S = 0.003  # standard error of the best of them from which a file gains by it
_UNSEEN_S = 0.003  # what pixels are off by and do not show: standard error

_log = logging.getLogger(__name__)


def sharpen_late(
    sources: Sequence[Source],
    measurements: Sequence[Measurement],
    so_far: Timeline,
    shelf: Shelf,
) -> list[Measurement]:
    """Compare by all pixels what tells whether the sounds are late that seem to be.

    Args:
        sources: the files.
        measurements: what pairs of them say.
        so_far: what these say together.
        shelf: the files' pictures.

    Returns:
        The measurements in their order, some of them sharper.
    """

    def compared(number: int) -> Measurement:
        m = measurements[number]
        try:
            return _sharpened(m, shelf.reel(m.a), shelf.reel(m.b))
        except UnusableFileError as error:
            _log.warning("the pixels were not compared: %s", error)
            return m

    telling = _telling(sources, measurements, so_far)
    sharp = each_on_one_core(compared, telling, "comparing pixels", "pairs") if telling else []
    sharper = dict(zip(telling, sharp, strict=True))
    return [sharper.get(number, m) for number, m in enumerate(measurements)]


def _telling(
    sources: Sequence[Source], measurements: Sequence[Measurement], so_far: Timeline
) -> list[int]:
    """The numbers of the pairs of pictures that tell most about lags that are not known to be 0."""
    lines: dict[Path, tuple[int, TimeMap]] = {}
    in_doubt = set()
    for group, members in enumerate(so_far.groups):
        for placed in members.files:
            lines[placed.file] = group, placed.time_map
            if placed.has_picture and placed.has_sound and placed.sound_lag_s != 0:
                in_doubt.add(placed.file)
    beside: dict[int, list[int]] = {}
    for number, m in enumerate(measurements):
        pair = [sources[place] for place in (m.a, m.b)]
        files = [source.recorded.file for source in pair]
        if not all(source.sound for source in pair) or not in_doubt.intersection(files):
            continue
        one, other = (lines.get(file) for file in files)
        if one is None or other is None or one[0] != other[0]:
            continue
        apart_s = m.time_map.apart_s(one[1].then(other[1].inverse()), m.best_at_s)
        plain = m.by == "picture" and not (m.turning or m.rivals or m.stretches)
        right = m.confidence >= MATCHED_FROM and apart_s < SETTINGS.near_s
        if plain and right:
            for place, file in zip((m.a, m.b), files, strict=True):
                if file in in_doubt:
                    beside.setdefault(place, []).append(number)
    chosen: set[int] = set()
    for numbers in beside.values():
        best = sorted(numbers, key=lambda number: measurements[number].sigma_s)[:_MOST]
        if measurements[best[0]].sigma_s >= _LEAST_S:
            chosen.update(best)
    return sorted(chosen, key=lambda number: (measurements[number].a, measurements[number].b))


def _sharpened(m: Measurement, a: Reel, b: Reel) -> Measurement:
    """A measurement together with what all pixels say; as it was where they say nothing, or
    something else."""
    if a.length_s > b.length_s:  # so that the order of the files changes nothing
        return _sharpened(m.inverse(), b, a).inverse()
    line = m.time_map
    stretch = Fit(line, 0.0, *line.overlap_s((0.0, a.length_s), (0.0, b.length_s)))
    shot = Shot.along(stretch, a, b)
    registration = shot and shot.registered(line)
    if not shot or not registration:
        return m
    place = placed_together(shot.ours, shot.theirs, registration, line, CLOSE_BY)
    if not place:
        return m
    sigma_s = math.hypot(place.sigma_s, _UNSEEN_S)
    if abs(place.shift_s) > SETTINGS.sigmas * math.hypot(sigma_s, m.sigma_s):
        return m
    share = m.sigma_s**2 / (m.sigma_s**2 + sigma_s**2)
    sharper = TimeMap(line.offset_s + share * place.shift_s, line.speed)
    return replace(m, time_map=sharper, sigma_s=math.sqrt(share) * sigma_s)

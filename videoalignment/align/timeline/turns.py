"""Pairs of pictures that turn or repeat themselves: what one pair shows is known of others.

Of pictures that repeat themselves a pair gives one row for each turn at which two files may meet.

What a pair shows of that it says itself (align/repeats.py). But two short files of one turn each
show nothing of it; a longer one that meets either does. So what is known of a stretch of a file is
known of all pairs that meet there: unless they could have seen for themselves.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from videoalignment.align.alignment import MATCHED_FROM
from videoalignment.align.repeats import LEAST_SEEN_S
from videoalignment.align.timeline.cut_pairs import lines_elsewhere
from videoalignment.align.timeline.measurements import Measurement, Recorded
from videoalignment.align.timeline.settings import SETTINGS
from videoalignment.time_map import TimeMap

_TURNING_SIGMA_S = 0.04
# Standard error of places by descriptors alone in footage that turns, of eight pairs of a turning
# earth: what they claim is a quarter of that.
_ROUNDS = 3
_MOST_TURNS = 6  # that are added to a pair
_COVERED = 0.5  # of what a pair shares, from which what is known of a stretch is known of it


@dataclass(frozen=True)
class _Repeat:
    """A stretch of a file whose pictures come again, or came before."""

    begin_s: float
    end_s: float
    lag_s: float

    def covers(self, begin_s: float, end_s: float) -> bool:
        """Whether it is most of another stretch."""
        common_s = min(self.end_s, end_s) - max(self.begin_s, begin_s)
        return common_s >= _COVERED * (end_s - begin_s)


def at_every_turn(
    files: Sequence[Recorded], measurements: Sequence[Measurement]
) -> list[Measurement]:
    """Measurements without rivals: one row for each line of a pair, of which one is right.

    Args:
        files: what the pairs are of.
        measurements: of pairs, with their rivals.
    """
    measured = _as_vague_as_they_turn(measurements)
    for _ in range(_ROUNDS):
        known: dict[int, list[_Repeat]] = {}
        for m in measured:
            for file, repeat in _shown(files, m):
                known.setdefault(file, []).append(repeat)
        told = [replace(m, rivals=m.rivals + tuple(_unseen(files, m, known))) for m in measured]
        if told == measured:
            break
        measured = told
    return [row for m in measured for row in _rows(files, m)]


def _as_vague_as_they_turn(measurements: Sequence[Measurement]) -> list[Measurement]:
    """Measurements, those less exact whose files were both seen to turn, beside others."""
    turning = {file for m in measurements if _turns(m) for file in (m.a, m.b)}
    return [
        replace(m, sigma_s=math.hypot(m.sigma_s, _TURNING_SIGMA_S))
        if m.by == "picture" and not m.turning and {m.a, m.b} <= turning
        else m
        for m in measurements
    ]


def _turns(m: Measurement) -> bool:
    return m.turning and m.confidence >= MATCHED_FROM


def _rows(files: Sequence[Recorded], measured: Measurement) -> Iterator[Measurement]:
    """A pair's lines, each as likely as the others; and the one that it refutes."""
    found = replace(measured, refutes=None)
    confidence = measured.confidence / (1 + len(measured.rivals))
    for line in (measured.time_map, *measured.rivals):
        yield replace(found, time_map=line, rivals=(), confidence=confidence)
    if not measured.rivals:
        yield from lines_elsewhere(found)
    if measured.refutes:
        refuted = replace(measured, time_map=measured.refutes, rivals=(), stretches=())
        middle_s = sum(_shared(files, refuted)) / 2
        yield replace(refuted, best_at_s=middle_s, sigma_s=0.0, confidence=0.0)


def _shown(files: Sequence[Recorded], m: Measurement) -> Iterator[tuple[int, _Repeat]]:
    """What a pair shows of its two files."""
    if m.confidence < MATCHED_FROM:
        return
    begin_s, end_s = _shared(files, m)
    for rival in m.rivals:
        lag_s = rival.apart_s(m.time_map, m.best_at_s)
        yield m.a, _Repeat(begin_s, end_s, lag_s / m.time_map.speed)
        yield m.b, _Repeat(m.time_map.to_b(begin_s), m.time_map.to_b(end_s), lag_s)


def _unseen(
    files: Sequence[Recorded], m: Measurement, known: dict[int, list[_Repeat]]
) -> Iterator[TimeMap]:
    """Further lines of a pair, by what other pairs show of its files and it cannot show itself."""
    if m.by != "picture" or len(m.rivals) >= _MOST_TURNS:
        return
    begin_s, end_s = _shared(files, m)
    theirs = m.time_map.to_b(begin_s), m.time_map.to_b(end_s)
    lags_s = [r.lag_s * m.time_map.speed for r in known.get(m.a, ()) if r.covers(begin_s, end_s)]
    lags_s += [r.lag_s for r in known.get(m.b, ()) if r.covers(*theirs)]
    lines = [m.time_map, *m.rivals]
    for lag_s in sorted(lags_s):
        seen = _is_seen(files[m.a].duration_s, begin_s, end_s, lag_s / m.time_map.speed)
        if seen or _is_seen(files[m.b].duration_s, *theirs, lag_s):
            continue
        for turned_s in (lag_s, -lag_s):
            line = TimeMap(m.time_map.offset_s + turned_s, m.time_map.speed)
            if all(line.apart_s(other, m.best_at_s) > SETTINGS.near_s for other in lines):
                lines.append(line)
                yield line


def _is_seen(duration_s: float, begin_s: float, end_s: float, lag_s: float) -> bool:
    """Whether a file shows enough of a stretch of it again, so much earlier or later."""
    later_s = min(end_s + lag_s, duration_s) - (begin_s + lag_s)
    earlier_s = end_s - lag_s - max(begin_s - lag_s, 0.0)
    return max(later_s, earlier_s) >= LEAST_SEEN_S


def _shared(files: Sequence[Recorded], m: Measurement) -> tuple[float, float]:
    """What of A a pair puts in B."""
    durations_s = files[m.a].duration_s, files[m.b].duration_s
    return m.time_map.overlap_s((0.0, durations_s[0]), (0.0, durations_s[1]))

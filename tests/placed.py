"""Timelines of made files whose places are known, for what is made of timelines."""

from pathlib import Path

from videoalignment.align.timeline.records import (
    Conflict,
    Group,
    Guess,
    PlacedFile,
    PlacedPair,
    Timeline,
    Unplaced,
)
from videoalignment.time_map import TimeMap

NASTY = "naïve \"B\" & 'C' <50%> #2 ☕.mov"
"""A name of what formats and URLs must escape."""


def placed(
    path: Path,
    begin_s: float,
    duration_s: float,
    rate: float = 1.0,
    *,
    picture: bool = True,
    sound: bool = True,
    sound_lag_s: float | None = None,
    **changes,
) -> PlacedFile:
    """A file at its place."""
    known = {"uncertainty_s": 0.0004, "confidence": 0.99} | changes
    return PlacedFile(
        file=path,
        time_map=TimeMap(begin_s, rate),
        duration_s=duration_s,
        has_picture=picture,
        has_sound=sound,
        sound_lag_s=sound_lag_s,
        **known,
    )


def group_of(*files: PlacedFile, conflicts: tuple[tuple[int, int], ...] = ()) -> Group:
    """A group in which each file is placed by the one before; some pairs contradict that."""

    def pair(a: int, b: int, off_s: float = 0.0) -> PlacedPair:
        time_map = files[a].time_map.then(files[b].time_map.inverse())
        time_map = TimeMap(time_map.offset_s + off_s, time_map.speed)
        return PlacedPair(a, b, time_map, "both", 0.0005, 0.99, residual_s=0.0001)

    return Group(
        files=files,
        pairs=tuple(pair(number, number + 1) for number in range(len(files) - 1)),
        conflicts=tuple(
            Conflict(pair(a, b, 12.48), "12.480 s from where 5 other pairs put it")
            for a, b in conflicts
        ),
    )


def timeline_of(*groups: Group, unplaced: tuple[Unplaced, ...] = ()) -> Timeline:
    return Timeline(groups, unplaced)


def left_over(path: Path, beside: Path) -> Unplaced:
    """A file that could not be placed, with a guess."""
    return Unplaced(path, "shares nothing with another file", Guess(beside, TimeMap(1.5), 0.12))

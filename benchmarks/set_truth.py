"""What is true of a set of takes, by what was asked for and by what was measured of it."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from videoalignment.align.alignment import MATCHED_FROM
from videoalignment.align.timeline.consensus import components
from videoalignment.align.timeline.measurements import Measurement, Recorded
from videoalignment.align.timeline.records import Timeline
from videoalignment.align.timeline.settings import SETTINGS
from videoalignment.time_map import TimeMap

TOLD_FROM_S = 4.0
"""Shared with others that tell a lag."""
_HEARD_FROM = 15.0  # standard deviations
_ALIKE_S = 0.012  # sounds that are late by about the same


@dataclass(frozen=True)
class Truth:
    """Where a take lies on its event's clock."""

    event: str
    time_map: TimeMap
    """Of its picture, where it has one."""
    lag_s: float
    heard: bool = True
    """Whether its sound is heard in what it was cut from, where that was measured."""


def read_truth(folder: Path) -> dict[str, Truth]:
    """What takes.csv says, by file, and what was measured of it where `take_truth` has been run."""
    measured = {row["file"]: row for row in _rows(folder / "delays.csv")}
    truths = {}
    for row in _rows(folder / "takes.csv"):
        begin_s, rate, lag_s = (float(row[name]) for name in ("begin_s", "rate", "sound_lag_s"))
        of_take = measured.get(row["file"], {})
        sound_s, picture_s = (float(of_take.get(f"{k}_delay_s", 0)) for k in ("sound", "picture"))
        heard = float(of_take.get("heard") or "inf") > _HEARD_FROM
        if row.get("picture") == "0":
            begin_s -= rate * (lag_s + sound_s)
        else:
            begin_s += picture_s
            lag_s += sound_s + picture_s
        truths[row["file"]] = Truth(row["event"], TimeMap(begin_s, rate), lag_s, heard)
    return truths


def _rows(path: Path) -> list[dict[str, str]]:
    """The rows of a table, none where there is none."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def can_be_told(file: Recorded, files: Sequence[Recorded], truths: dict[str, Truth]) -> bool:
    """Whether two other files, whose sounds are heard and not late, share enough with a file, and
    are more than those that are late by about the same: which of two halves is late nothing can
    tell."""
    own = truths[file.file.name]
    beside = alike = 0
    for other in files:
        truth = truths[other.file.name]
        if truth.event != own.event or not (other.has_picture and other.has_sound and truth.heard):
            continue
        alike += abs(truth.lag_s - own.lag_s) < _ALIKE_S
        if other is not file and truth.lag_s == 0:
            beside += shared_s(file, other, truths) >= TOLD_FROM_S
    return own.heard and beside >= max(2, alike + 1)


def is_right(m: Measurement, files: Sequence[Recorded], truths: dict[str, Truth]) -> bool:
    """Whether a pair says the truth, or lies so near that it might be a late sound."""
    a, b = (truths[files[place].file.name] for place in (m.a, m.b))
    if a.event != b.event:
        return False
    lags_s = [
        truth.lag_s if m.by == "sound" and files[place].has_picture else 0.0
        for truth, place in ((a, m.a), (b, m.b))
    ]
    at_s = a.time_map.to_b(m.best_at_s - lags_s[0])
    said_s = b.time_map.to_b(m.time_map.to_b(m.best_at_s) - lags_s[1])
    return abs(said_s - at_s) < SETTINGS.near_s


def in_loops(
    files: Sequence[Recorded], measurements: Sequence[Measurement], truths: dict[str, Truth]
) -> set[Path]:
    """Files that are in a loop of right and sure pairs, of three files or more: what hangs on the
    others by one pair has nothing to bear it out."""
    links = {
        (m.a, m.b)
        for m in measurements
        if m.confidence >= MATCHED_FROM and is_right(m, files, truths)
    }
    looped = set()
    for a, b in links:
        rest = np.array([link for link in links if link != (a, b)]).reshape(-1, 2)
        parts = components(rest[:, 0], rest[:, 1], len(files))
        if parts[a] == parts[b]:
            looped |= {files[a].file, files[b].file}
    return looped


def print_unplaced(
    files: Sequence[Recorded], timeline: Timeline, truths: dict[str, Truth], folder: Path
) -> None:
    """What there is to place the takes by that are not placed."""
    clear = {row["file"]: row.get("heard", "") for row in _rows(folder / "delays.csv")}
    lone = {one.file for one in timeline.unplaced}
    for file in files:
        own = truths[file.file.name]
        shared = [
            f"{other.file.name} {shared_s(file, other, truths):.1f} s"
            for other in files
            if other is not file
            and truths[other.file.name].event == own.event
            and shared_s(file, other, truths) > 0
        ]
        if file.file in lone and sum(t.event == own.event for t in truths.values()) > 1:
            heard = f", heard by {clear[file.file.name]}" if clear.get(file.file.name) else ""
            kinds = " and ".join(k for k in ("picture", "sound") if getattr(file, f"has_{k}"))
            print(f"- {file.file.name} ({kinds}{heard}) shares {', '.join(shared) or 'nothing'}")


def shared_s(one: Recorded, other: Recorded, truths: dict[str, Truth]) -> float:
    """How long two takes of one event run together."""
    spans_s = [
        (line.to_b(0.0), line.to_b(file.duration_s))
        for file in (one, other)
        for line in [truths[file.file.name].time_map]
    ]
    return min(end_s for _, end_s in spans_s) - max(begin_s for begin_s, _ in spans_s)

"""A timeline as text to read, as JSON, and as a table: timeline.json and timeline.csv."""

import csv
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from videoalignment.align.timeline.records import (
    Group,
    PlacedFile,
    PlacedPair,
    Refuted,
    Timeline,
    Unplaced,
)
from videoalignment.files import whole_file
from videoalignment.present.document import as_json
from videoalignment.present.wording import (
    clock,
    confidence_words,
    elsewhere_words,
    guess_words,
    uncertainty_words,
)
from videoalignment.text import printable

JSON_NAME, CSV_NAME = "timeline.json", "timeline.csv"
_COLUMNS = (
    *("group", "file", "begin_s", "end_s", "rate", "uncertainty_s", "sound_lag_s"),
    *("confidence", "weak", "pairs", "residual_s", "note"),
)
_NAMES_SHOWN = 10  # of what was left out, in the text


def timeline_document(timeline: Timeline) -> dict[str, object]:
    """Everything a program wants to know of a timeline.

    Returns:
        A dict that `json` can write: `groups`, each with `files`, `pairs` and `conflicts`,
        `unplaced`, and `refuted`, the pairs that would have joined groups. The moment t of a file
        is the moment `begin_s + rate * t` of its group's clock; the moment t of a pair's `a` is
        the moment `offset_s + speed * t` of its `b`.
    """
    return {
        "groups": [_group(group) for group in timeline.groups],
        "unplaced": [_unplaced(one) for one in timeline.unplaced],
        "refuted": [_refuted(pair) for pair in timeline.refuted],
    }


def _group(group: Group) -> dict[str, object]:
    return {
        "files": [_file(file) for file in group.files],
        "pairs": [_pair(group, pair) for pair in group.pairs],
        "conflicts": [
            {**_pair(group, conflict.pair), "reason": conflict.reason}
            for conflict in group.conflicts
        ],
    }


def _file(file: PlacedFile) -> dict[str, object]:
    names = (
        *("begin_s", "rate", "uncertainty_s", "sound_lag_s", "confidence", "end_s", "duration_s"),
        *("has_picture", "has_sound", "sound_track", "residual_s", "weak"),
    )
    return {
        "file": os.fspath(file.file),
        **{name: getattr(file, name) for name in names},
        "pairs": list(file.carried_by),
    }


def _pair(group: Group, pair: PlacedPair) -> dict[str, object]:
    return {
        "a": os.fspath(group.files[pair.a].file),
        "b": os.fspath(group.files[pair.b].file),
        "by": pair.by,
        "offset_s": pair.time_map.offset_s,
        "speed": pair.time_map.speed,
        "uncertainty_s": pair.uncertainty_s,
        "confidence": pair.confidence,
        "residual_s": pair.residual_s,
        "elsewhere": [
            {
                "begin_a_s": stretch.begin_a_s,
                "end_a_s": stretch.end_a_s,
                "offset_s": stretch.offset_s,
                "speed": stretch.speed,
            }
            for stretch in pair.elsewhere
        ],
    }


def _refuted(pair: Refuted) -> dict[str, object]:
    return {
        "a": os.fspath(pair.a),
        "b": os.fspath(pair.b),
        "by": pair.by,
        "offset_s": pair.time_map.offset_s,
        "speed": pair.time_map.speed,
        "confidence": pair.confidence,
        "reason": pair.reason,
    }


def _unplaced(one: Unplaced) -> dict[str, object]:
    guess = one.guess and {
        "beside": os.fspath(one.guess.beside),
        "offset_s": one.guess.time_map.offset_s,
        "speed": one.guess.time_map.speed,
        "confidence": one.guess.confidence,
    }
    return {"file": os.fspath(one.file), "reason": one.reason, "guess": guess}


def write_timeline_tables(folder: str | os.PathLike[str], timeline: Timeline) -> tuple[Path, Path]:
    """Write timeline.json and timeline.csv into a folder.

    Returns:
        Their paths.

    Raises:
        UnusableFileError: they cannot be written.
    """
    json_path, csv_path = Path(folder) / JSON_NAME, Path(folder) / CSV_NAME
    with whole_file(json_path, "w", encoding="ascii") as file:
        file.write(as_json(timeline_document(timeline)))
    with whole_file(csv_path, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(_COLUMNS)
        rows.writerows(_rows(timeline))
    return json_path, csv_path


def _rows(timeline: Timeline) -> Iterator[tuple[object, ...]]:
    """A row a file; what could not be placed comes last, without a group."""
    for number, group in enumerate(timeline.groups, 1):
        for file in group.files:
            yield (
                *(number, os.fspath(file.file)),
                *(f"{x:.6f}" for x in (file.begin_s, file.end_s)),
                *(f"{file.rate:.9f}", f"{file.uncertainty_s:.6f}"),
                "" if file.sound_lag_s is None else f"{file.sound_lag_s:.6f}",
                *(f"{file.confidence:.4f}", int(file.weak), len(file.carried_by)),
                *(f"{file.residual_s:.6f}", ""),
            )
    for one in timeline.unplaced:
        yield ("", os.fspath(one.file), *[""] * (len(_COLUMNS) - 3), one.reason)


def timeline_text(timeline: Timeline) -> str:
    """Tables to read: a group each, what contradicts it, and what could not be placed."""
    placed = sum(len(group.files) for group in timeline.groups)
    total = placed + len(timeline.unplaced)
    groups = len(timeline.groups)
    where = "on one timeline" if groups == 1 else f"in {groups} groups that share nothing"
    lines = [f"{placed} of {total} recordings placed" + (f" {where}." if groups else ".")]
    for number, group in enumerate(timeline.groups, 1):
        lines += ["", f"Group {number}", *_table(_HEAD, map(_cells, group.files))]
        lines += _left_out(group)
        lines += _elsewhere(group)
    if timeline.refuted:
        pairs = [(pair.a, pair.b, pair.by, pair.reason) for pair in timeline.refuted]
        lines += ["", *_listed("Left out, because it would join groups wrongly:", pairs)]
    if timeline.unplaced:
        lines += ["", "Not placed"]
        lines += [f"  {printable(one.file)}: {_unplaced_words(one)}" for one in timeline.unplaced]
    return "\n".join(lines) + "\n"


_HEAD = ("begins", "±", "rate", "sound", "sure", "pairs", "file")


def _cells(file: PlacedFile) -> tuple[str, ...]:
    """A file's row of the text's table."""
    lag_s = file.sound_lag_s
    ppm = (file.rate - 1) * 1e6
    return (
        clock(file.begin_s),
        uncertainty_words(file.uncertainty_s),
        f"{ppm:+.0f} ppm" if abs(ppm) < 1000 else f"x {file.rate:.4f}",
        "" if not lag_s else f"{abs(lag_s) * 1000:.0f} ms {'late' if lag_s > 0 else 'early'}",
        confidence_words(file.confidence),
        str(len(file.carried_by)),
        printable(file.file) + ("  (hangs on one pair that is not sure)" if file.weak else ""),
    )


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> list[str]:
    """Columns side by side: numbers to the right, the last column as it is."""
    cells = [head, *rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  "
        + "  ".join(cell.rjust(width) for cell, width in zip(row[:-1], widths, strict=False))
        + f"  {row[-1]}"
        for row in cells
    ]


def _left_out(group: Group) -> list[str]:
    """The lines about a group's conflicts."""
    pairs = [
        (group.files[c.pair.a].file, group.files[c.pair.b].file, c.pair.by, c.reason)
        for c in group.conflicts
    ]
    return _listed("  Left out, because the rest contradicts it:", pairs) if pairs else []


def _elsewhere(group: Group) -> list[str]:
    """The lines about pairs that were cut."""
    lines = [
        f"    of {printable(group.files[pair.a].file)} "
        + elsewhere_words(pair.elsewhere, printable(group.files[pair.b].file))
        for pair in group.cut
    ]
    return ["  Cut, so that more is shared elsewhere:", *lines] if lines else []


def _listed(title: str, pairs: Sequence[tuple[Path, Path, str, str]]) -> list[str]:
    """A title, and a line for each of the first pairs: two files, by what, and why."""
    indent = " " * (len(title) - len(title.lstrip()) + 2)
    lines = [
        f"{indent}{printable(a)} and {printable(b)} by {by}: {reason}"
        for a, b, by, reason in pairs[:_NAMES_SHOWN]
    ]
    if len(pairs) > _NAMES_SHOWN:
        lines.append(f"{indent}and {len(pairs) - _NAMES_SHOWN} more, in {JSON_NAME}")
    return [title, *lines]


def _unplaced_words(one: Unplaced) -> str:
    words = guess_words(one.guess, printable)
    return f"{one.reason}; best guess: begins {words}" if words else one.reason

"""What an index answered, as text, as JSON and as a table."""

import csv
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from videoalignment.align.alignment import Segment
from videoalignment.files import whole_file
from videoalignment.index.about import About
from videoalignment.index.duplicates import Duplicates
from videoalignment.index.engine import Size
from videoalignment.index.groups import SharedPart
from videoalignment.index.records import Answer, VideoEntry
from videoalignment.present.document import as_json
from videoalignment.present.wording import clock, confidence_words, speed_words
from videoalignment.text import printable

_LISTED = 20

Found = Sequence[tuple[Path, Sequence[Answer]]]
"""Queries with their answers, the surest first."""


# ------------------------------------------------------------------ search


def answers_document(found: Found) -> dict[str, object] | list[dict[str, object]]:
    """Answers as JSON types: of one query an object, of several a list of them."""
    documents = [_query_document(query, answers) for query, answers in found]
    return documents[0] if len(documents) == 1 else documents


def _query_document(query: Path, answers: Sequence[Answer]) -> dict[str, object]:
    return {"query": os.fspath(query), "answers": [_answer_document(a) for a in answers]}


def _answer_document(answer: Answer) -> dict[str, object]:
    segment = answer.segment
    return {
        "video": answer.entry.name,
        "begin_query_s": segment.begin_a_s,
        "end_query_s": segment.end_a_s,
        "begin_video_s": segment.begin_b_s,
        "end_video_s": segment.end_b_s,
        "offset_s": segment.offset_s,
        "speed": segment.speed,
        "confidence": answer.confidence,
    }


def answers_text(found: Found) -> str:
    """Answers for people, a line each."""
    return "".join(line + "\n" for query, answers in found for line in _lines(query, answers))


def _lines(query: Path, answers: Sequence[Answer]) -> Iterator[str]:
    if not answers:
        yield f"{printable(query)}: in no video of the index"
        return
    yield f"{printable(query)}:"
    for answer in answers:
        yield f"  {printable(answer.entry.name)}: {_where(answer.segment)}, " + (
            f"confidence {confidence_words(answer.confidence)}"
        )


def _where(segment: Segment) -> str:
    """E.g. `0:01.000 to 0:09.000 is 1:02.300 to 1:10.300`."""
    own = f"{clock(segment.begin_a_s)} to {clock(segment.end_a_s)}"
    other = f"{clock(segment.begin_b_s)} to {clock(segment.end_b_s)}"
    speed = "" if segment.speed == 1 else f", {speed_words(segment.speed)}"
    return f"{own} is {other}{speed}"


# ------------------------------------------------------------------ info


def info_document(
    index: str, size: Size, entries: Sequence[VideoEntry], about: About
) -> dict[str, object]:
    """What is in an index as JSON types."""
    return {
        "index": index,
        "videos": size.videos,
        "windows": size.windows,
        "bytes": size.octets,
        "hours": _hours(entries),
        "whitening": about.whitening.digest,
        "windows_only": about.windows_only,
        "content": [
            {"video": e.name, "duration_s": e.duration_s, "content": e.content} for e in entries
        ],
    }


def info_text(index: str, size: Size, entries: Sequence[VideoEntry], about: About) -> str:
    """What is in an index, for people: counts, then its first videos."""
    hours = _hours(entries)
    told = f"{printable(index)}: {size.videos} videos, {hours:.2f} h"
    if size.octets is not None:
        told += f", {size.octets / 1e6:.1f} MB"
        told += f" ({size.octets / 1e6 / hours:.1f} MB per hour)" if hours else ""
    told += "; windows only" if about.windows_only else ""
    lines = [f"{told}; whitening {about.whitening.digest}"]
    lines += [f"  {clock(e.duration_s)}  {printable(e.name)}" for e in entries[:_LISTED]]
    if len(entries) > _LISTED:
        lines.append(f"  and {len(entries) - _LISTED} more (all as JSON)")
    return "\n".join(lines) + "\n"


def _hours(entries: Sequence[VideoEntry]) -> float:
    return sum(entry.duration_s for entry in entries) / 3600


# ------------------------------------------------------------------ duplicates


def duplicates_text(found: Duplicates) -> str:
    """Groups and shared parts for people."""
    lines = []
    for number, group in enumerate(found.groups, start=1):
        lines.append(f"group {number}: {len(group.videos)} videos are the same")
        lines += [f"  {clock(e.duration_s)}  {printable(e.name)}" for e in group.videos]
    for part in found.shared:
        names = f"{printable(part.a.name)} and {printable(part.b.name)}"
        places = "; ".join(_where(segment) for segment in part.segments)
        lines.append(f"{part.kind(found.least_share)}: {names}: {places}")
    return "".join(line + "\n" for line in lines) or "nothing is shared\n"


def duplicates_document(found: Duplicates) -> dict[str, object]:
    """Groups and shared parts as JSON types."""
    return {
        "groups": [
            {
                "videos": [entry.name for entry in group.videos],
                "evidence": [_part_document(part, found) for part in group.evidence],
            }
            for group in found.groups
        ],
        "shared": [_part_document(part, found) for part in found.shared],
    }


def _part_document(part: SharedPart, found: Duplicates) -> dict[str, object]:
    names = ("begin_a_s", "end_a_s", "begin_b_s", "end_b_s", "offset_s", "speed", "score")
    return {
        "a": part.a.name,
        "b": part.b.name,
        "kind": part.kind(found.least_share),
        "share_of_a": part.shares[0],
        "share_of_b": part.shares[1],
        "confidence": part.confidence,
        "segments": [{name: getattr(s, name) for name in names} for s in part.segments],
    }


def write_duplicates_json(path: str | os.PathLike[str], found: Duplicates) -> None:
    """Write groups and shared parts as JSON."""
    with whole_file(path, "w", encoding="ascii") as file:
        file.write(as_json(duplicates_document(found)))


_COLUMNS = (
    *("group", "kind", "a", "b", "begin_a_s", "end_a_s", "begin_b_s", "end_b_s"),
    *("offset_s", "speed", "confidence", "share_of_a", "share_of_b"),
)


def write_duplicates_csv(path: str | os.PathLike[str], found: Duplicates) -> None:
    """Write a row a shared segment; that of videos that are not the same has no group."""
    grouped = [(n, part) for n, g in enumerate(found.groups, start=1) for part in g.evidence]
    parts = [*grouped, *((None, part) for part in found.shared)]
    with whole_file(path, "w", encoding="utf-8", newline="", errors="replace") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        for group, part in parts:
            for segment in part.segments:
                writer.writerow(_row(group, part, segment, found.least_share))


def _row(group: int | None, part: SharedPart, segment: Segment, least_share: float) -> list[object]:
    times = [segment.begin_a_s, segment.end_a_s, segment.begin_b_s, segment.end_b_s]
    numbers = [*times, segment.offset_s, segment.speed, part.confidence, *part.shares]
    names = [printable(part.a.name), printable(part.b.name)]
    return [group, part.kind(least_share), *names, *(f"{number:.4f}" for number in numbers)]

"""B's subtitles carried over to A: each cue goes where A shows its moment.

Cues follow the segments of an alignment, so also across cuts, re-ordering and other speeds. Files
come from anywhere: what they may hold is bounded before they are parsed.
"""

import copy
import logging
import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from videoalignment.align.alignment import Segment
from videoalignment.align.pair import AlignedPair, Recording
from videoalignment.errors import MissingExtraError, OptionError, UnusableFileError
from videoalignment.files import readable_file, whole_file
from videoalignment.text import one_line

if TYPE_CHECKING:
    from pysubs2 import SSAFile

logger = logging.getLogger(__name__)

FORMATS = {".srt": "srt", ".vtt": "vtt", ".ass": "ass"}
"""The kinds of files, by the end of their names."""

_MOST_BYTES = 16 * 2**20
_MOST_CUES = 100_000
_LONGEST_CUE = 4000  # letters; searches in a cue take time that grows with its square
_LONGEST_S = 1000 * 3600.0  # later moments are broken time stamps
_LEAST_INSIDE_S = 0.5
_LEAST_SHARE = 0.5
_OVERHANG_S = 0.5  # the ends of segments are known about so well


@dataclass(frozen=True)
class CarriedCues:
    """How many cues were carried over."""

    of_b: int
    """Cues that B's file has."""
    left_out: int
    """Of these, how many A lacks the moments of."""
    clipped: int
    """Cues of A's file that end or begin at a cut, because A lacks the rest of their moment."""
    of_a: int
    """Cues that A's file has: one that A shows twice counts twice."""


@dataclass(frozen=True)
class Shown:
    """When A shows a cue."""

    begin_s: float
    end_s: float
    clipped: bool
    """Whether A lacks a part of it."""


def carry_subtitles(
    pair: AlignedPair, source: str | os.PathLike[str], target: str | os.PathLike[str]
) -> CarriedCues:
    """Make subtitles of A out of those of B.

    Args:
        pair: two videos that match.
        source: B's subtitles, .srt, .vtt or .ass.
        target: the file to write, of the same kind or another one; always UTF-8.

    Returns:
        How many cues were carried over, and how many left out; the log says so too.

    Raises:
        VideoAlignmentError: the videos do not match, a file is no such file, cannot be read or
            written, or the `pysubs2` package is not installed.
    """
    source, target = Path(source), Path(target)
    pair.check_matched(target)
    carried, counts = _carried(read_subtitles(source, target), pair)
    verbatim = _verbatim(source, target, "keep_ssa_tags")
    try:
        text = carried.to_string(_kind(target), **verbatim)
    except Exception as error:  # whatever a stranger's file makes a writer stumble over
        raise UnusableFileError(
            f"{source}: cannot be written as {target.suffix} ({one_line(error)})"
        ) from error
    with whole_file(target, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    logger.info(
        "%s: %d of %d cues carried over, %d left out because A lacks their moment",
        *(target, counts.of_b - counts.left_out, counts.of_b, counts.left_out),
    )
    return counts


def carried_to(begin_s: float, end_s: float, segments: Sequence[Segment]) -> list[Shown]:
    """When A shows what B shows from one moment to another, e.g. a cue.

    A showing counts where at least half of the time is on segments, or half a second. It ends at
    a segment's end where that cuts off more than half a second. Pieces that touch on A's clock,
    because A lacks something in between, are one.

    Args:
        begin_s, end_s: in B, seconds.
        segments: where A and B match, in A's order.
    """
    least_s = min(_LEAST_INSIDE_S, _LEAST_SHARE * (end_s - begin_s))
    shown = []
    for group in _touching(begin_s, end_s, segments):
        inside_s = sum(
            min(end_s, segment.end_b_s) - max(begin_s, segment.begin_b_s) for segment in group
        )
        if inside_s < least_s:
            continue
        begin_a_s, cut_begin = _begin(begin_s, group[0])
        end_a_s, cut_end = _end(end_s, group[-1])
        shown.append(Shown(begin_a_s, max(begin_a_s, end_a_s), cut_begin or cut_end))
    return shown


def _touching(begin_s: float, end_s: float, segments: Sequence[Segment]) -> list[list[Segment]]:
    """The segments that hold some of a stretch of B, those that go on within it together."""
    groups: list[list[Segment]] = []
    for segment in segments:
        if segment.end_b_s < begin_s or segment.begin_b_s > end_s:
            continue
        before = groups[-1][-1] if groups else None
        if (
            before is not None
            and segment.begin_a_s - before.end_a_s <= _OVERHANG_S
            and segment.begin_b_s >= before.end_b_s - _OVERHANG_S
        ):
            groups[-1].append(segment)
        else:
            groups.append([segment])
    return groups


def _begin(begin_s: float, segment: Segment) -> tuple[float, bool]:
    begin_a_s = segment.time_map.to_a(begin_s)
    clipped = begin_a_s < segment.begin_a_s - _OVERHANG_S
    return (segment.begin_a_s if clipped else begin_a_s), clipped


def _end(end_s: float, segment: Segment) -> tuple[float, bool]:
    end_a_s = segment.time_map.to_a(end_s)
    clipped = end_a_s > segment.end_a_s + _OVERHANG_S
    return (segment.end_a_s if clipped else end_a_s), clipped


def _carried(read: "SSAFile", pair: AlignedPair) -> tuple["SSAFile", CarriedCues]:
    """The file with its cues on A's clock, in order."""
    first_a_s, first_b_s = _first_frame_s(pair.a), _first_frame_s(pair.b)
    cues, left_out, clipped = [], 0, 0
    for cue in read.events:
        begin_s, end_s = cue.start / 1000 - first_b_s, cue.end / 1000 - first_b_s
        shown = carried_to(begin_s, max(begin_s, end_s), pair.alignment.segments)
        left_out += not shown
        for stretch in shown:
            clipped += stretch.clipped
            moved = copy.copy(cue)
            moved.start = max(0, round((stretch.begin_s + first_a_s) * 1000))
            moved.end = max(moved.start, round((stretch.end_s + first_a_s) * 1000))
            cues.append(moved)
    counts = CarriedCues(len(read.events), left_out, clipped, len(cues))
    cues.sort(key=lambda cue: cue.start)
    carried = copy.copy(read)
    carried.events = cues
    return carried, counts


def _first_frame_s(recording: Recording) -> float:
    """Where in its file a video's first frame lies: cues count from the file's beginning."""
    return recording.video.first_frame_s if recording.video else 0.0


# ------------------------------------------------------------------ files from anywhere


def read_subtitles(path: Path, target: Path) -> "SSAFile":
    """Read B's subtitles.

    Args:
        path: an .srt, .vtt or .ass file; UTF-8, UTF-16 with a byte order mark, or Latin.
        target: the file that will be made of it, whose kind says what has to be understood.

    Raises:
        OptionError: its name ends otherwise.
        UnusableFileError: it cannot be read, is too large, or holds no cues.
        MissingExtraError: the `pysubs2` package is not installed.
    """
    library = pysubs2()
    kind, target_kind = _kind(path), _kind(target)
    text = _text(readable_file(path, "a subtitle file"))
    if kind != "ass":
        text = _cues_only(path, text)
    elif target_kind != "ass" and max(map(len, text.splitlines()), default=0) > _LONGEST_CUE:
        raise UnusableFileError(
            f"{path}: has a cue of more than {_LONGEST_CUE} letters; write an .ass file instead"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of fields that are filled with what is usual
            read = library.SSAFile.from_string(
                text, kind, **_verbatim(path, target, "keep_html_tags")
            )
    except Exception as error:  # a parser may stumble over a stranger's file in any way
        raise UnusableFileError(
            f"{path}: is no {path.suffix} file ({one_line(error)[:100]}); export it again"
        ) from error
    _check_cues(path, read)
    return read


def pysubs2() -> ModuleType:
    """Import the optional package, or say how to install it.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import pysubs2
    except ImportError as error:
        raise MissingExtraError("pysubs2", "subtitles") from error
    return pysubs2


def _kind(path: Path) -> str:
    if path.suffix.lower() not in FORMATS:
        raise OptionError(f"{path}: its name must end in {' or '.join(FORMATS)}")
    return FORMATS[path.suffix.lower()]


def _verbatim(source: Path, target: Path, option: str) -> dict[str, bool]:
    """Keep what stands in a cue as it is where both kinds of files write it alike."""
    return {} if "ass" in (_kind(source), _kind(target)) else {option: True}


def _text(path: Path) -> str:
    size = path.stat().st_size
    if size > _MOST_BYTES:
        raise UnusableFileError(
            f"{path}: has {size / 2**20:.0f} MiB, subtitles have at most {_MOST_BYTES >> 20}"
        )
    content = path.read_bytes()[:_MOST_BYTES]
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = content.decode("utf-16")
        elif b"\0" in content:
            raise UnicodeError("zero bytes")
        else:
            text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.encoding != "utf-8":
            raise UnusableFileError(f"{path}: breaks off; save it as UTF-8") from error
        text = content.decode("cp1252", errors="replace")
        logger.warning(
            "%s: is not UTF-8, read as Latin; save it as UTF-8 if letters are wrong", path
        )
    except UnicodeError as error:
        raise UnusableFileError(f"{path}: holds no text; save it as UTF-8") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _cues_only(path: Path, text: str) -> str:
    """An .srt or .vtt file without what is no cue: numbers, names, notes, styles, empty lines."""
    blocks = []
    lines: list[str] = []
    for line in [*text.split("\n"), ""]:
        if line.strip():
            lines.append(line.rstrip())
            continue
        timing = next((place for place, line in enumerate(lines) if "-->" in line), None)
        if timing is not None:
            blocks.append("\n".join(lines[timing:]))
        elif blocks and path.suffix.lower() == ".srt":  # an empty line within a cue
            blocks[-1] = "\n".join([blocks[-1], *lines])
        lines = []
    if any(len(block) > _LONGEST_CUE for block in blocks):
        raise UnusableFileError(
            f"{path}: has a cue of more than {_LONGEST_CUE} letters; is it a subtitle file?"
        )
    return "\n\n".join(blocks) + "\n"


def _check_cues(path: Path, read: "SSAFile") -> None:
    if not read.events:
        raise UnusableFileError(f"{path}: holds no cue; is it an {path.suffix} file?")
    if len(read.events) > _MOST_CUES:
        raise UnusableFileError(
            f"{path}: has {len(read.events)} cues, expected at most {_MOST_CUES}"
        )
    latest_s = max(max(abs(cue.start), abs(cue.end)) for cue in read.events) / 1000
    if latest_s > _LONGEST_S:
        raise UnusableFileError(
            f"{path}: has a cue after {latest_s / 3600:.0f} hours; its time stamps are broken"
        )

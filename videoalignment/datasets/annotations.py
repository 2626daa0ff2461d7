"""Ground-truth files of the datasets, as frozen dataclasses.

Every reader checks each line; an error names the file, the line and what was expected there.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from videoalignment.errors import VideoAlignmentError

Record = TypeVar("Record")


@dataclass(frozen=True)
class Clip:
    """A stretch of a video, and its place on the clock of the event that it shows."""

    video: str
    """The video's name within its dataset, without extension."""
    begin_s: float
    end_s: float
    """As long as the whole video where end_s <= begin_s."""
    global_s: float
    """The event's clock shows global_s + begin_s at the clip's begin."""

    @property
    def whole(self) -> bool:
        """Whether the clip is all of its video."""
        return self.begin_s >= self.end_s

    @property
    def event_begin_s(self) -> float:
        """When the clip begins on the event's clock."""
        return self.global_s + self.begin_s

    @property
    def event_end_s(self) -> float:
        """When the clip ends on the event's clock."""
        return self.global_s + self.end_s


@dataclass(frozen=True)
class CopyPair:
    """A stretch of one video that is a copy of a stretch of another (VCDB)."""

    video_a: str
    begin_a_s: float
    end_a_s: float
    video_b: str
    begin_b_s: float
    end_b_s: float


@dataclass(frozen=True)
class EventVideo:
    """A video's label for an event (EVVE)."""

    video: str
    event: str
    label: int
    """1 shows the event, -1 does not, 0 is ambiguous."""
    split: str
    """"query" or "database"."""


def read_alignment(path: Path, name: Callable[[str], str]) -> list[Clip]:
    """Read the ground truth of Climbing or Madonna, a line `PATH begin end global` a clip.

    Args:
        path: the .align file, times in seconds.
        name: makes a video's name out of PATH.

    Raises:
        VideoAlignmentError: the file is missing, empty, or a line is no such line.
    """

    def parse(line: str) -> Clip:
        video, begin, end, clock = line.split()
        return Clip(name(video), _seconds(begin), _seconds(end), _seconds(clock))

    return _read_lines(path, parse, "PATH begin end global, times in seconds")


def read_copies(path: Path) -> list[CopyPair]:
    """Read one group of VCDB, lines `A.ext,B.ext,beginA,endA,beginB,endB` with times h:m:s.

    Videos are named GROUP/ID.

    Raises:
        VideoAlignmentError: the file is missing, empty, or a line is no such line.
    """

    def parse(line: str) -> CopyPair:
        file_a, file_b, *times = line.split(",")
        begin_a, end_a, begin_b, end_b = map(_clock_seconds, times)
        names = (f"{path.stem}/{Path(file.strip()).stem}" for file in (file_a, file_b))
        return CopyPair(next(names), begin_a, end_a, next(names), begin_b, end_b)

    return _read_lines(path, parse, "A.ext,B.ext,beginA,endA,beginB,endB, times h:m:s")


def read_event(path: Path) -> list[EventVideo]:
    """Read one event of EVVE, lines `ID label split`. Videos are named EVENT/ID.

    Raises:
        VideoAlignmentError: the file is missing, empty, or a line is no such line.
    """

    def parse(line: str) -> EventVideo:
        identity, label, split = line.split()
        if label not in ("1", "-1", "0") or split not in ("query", "database"):
            raise ValueError
        return EventVideo(f"{path.stem}/{identity}", path.stem, int(label), split)

    expected = "ID label split, label 1, -1 or 0, split query or database"
    return _read_lines(path, parse, expected)


def annotation_files(folder: Path, pattern: str) -> list[Path]:
    """The annotation files of a folder, sorted.

    Raises:
        VideoAlignmentError: there is none.
    """
    files = sorted(folder.glob(pattern))
    if not files:
        raise VideoAlignmentError(
            f"{folder / pattern}: no annotation file; docs/datasets.md says what belongs there"
        )
    return files


def _read_lines(path: Path, parse: Callable[[str], Record], expected: str) -> list[Record]:
    records = []
    for number, line in _lines(path):
        try:
            records.append(parse(line))
        except ValueError:
            raise VideoAlignmentError(
                f"{path}, line {number}: {line[:80]!r}, expected {expected}"
            ) from None
    if not records:
        raise VideoAlignmentError(f"{path}: empty, expected lines {expected}")
    return records


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Number and content of the lines that are not blank."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise VideoAlignmentError(f"{path}: no such annotation file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise VideoAlignmentError(f"{path}: cannot be read as text ({error})") from None
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield number, line.strip()


def _seconds(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError
    return value


def _clock_seconds(text: str) -> float:
    hours, minutes, seconds = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + _seconds(seconds)

"""Edit decision lists: CMX 3600, the oldest format that editors read."""

import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from videoalignment.files import whole_file
from videoalignment.present.sequences import Cut, Placed, Sequence, Track, paths_of, sequences_of
from videoalignment.present.timecode import drops_frames, one_hour, timecode
from videoalignment.text import printable

_TITLE_LENGTH = 70
# Reel names have eight letters; AX is the custom for footage that lies in a file, not on a reel.
_FILE_REEL, _BLACK_REEL = "AX", "BL"


def write_edl(path: str | os.PathLike[str], placed: Placed) -> list[Path]:
    """Write a CMX 3600 edit decision list: pictures on V, V2, V3, ..., sounds on A, A2, A3, ...

    Source times count from the file's own timecode (00:00:00:00 where it has none), record times
    from 01:00:00:00, both at the sequence's rate: drop-frame at 29.97 and 59.94, else non-drop.
    A clip is retimed to a thousandth of a frame a second, which is all that the format has.

    Args:
        path: the file to write.
        placed: two videos that match, or a timeline.

    Returns:
        The files: `path`, and for the second group on, path-2, path-3, ...

    Raises:
        VideoAlignmentError: the pair does not match, of one only the features are at hand, or the
            timeline has no group; or a file cannot be written.

    Source: CMX 3600 as editors read it: `M2` lines retime, reel `BL` is black or silence.
    """
    sequences = sequences_of(path, placed)
    paths = paths_of(path, len(sequences))
    for each, sequence in zip(paths, sequences, strict=True):
        with whole_file(each, "w", encoding="utf-8", newline="\r\n") as file:
            file.write("\n".join(_lines(sequence)))
    return paths


def _lines(sequence: Sequence) -> list[str]:
    count_mode = "DROP FRAME" if drops_frames(sequence.rate) else "NON-DROP FRAME"
    lines = [f"TITLE: {sequence.name[:_TITLE_LENGTH]}", f"FCM: {count_mode}", ""]
    number = 1
    # Each file's sound follows its picture, as editors write them.
    for track in sorted(sequence.tracks, key=lambda track: (track.number, track.kind == "A")):
        for event in _events(track, sequence):
            lines += [f"{number:03}  {event[0]}", *event[1:], ""]
            number += 1
    return lines


def _events(track: Track, sequence: Sequence) -> Iterator[list[str]]:
    """Yield a track's events, each as its lines, with black where the track is empty."""
    rate, hour = sequence.rate, one_hour(sequence.rate)
    channel = track.kind if track.number == 1 else track.name
    footage = track.footage
    file_begin_s = Fraction(footage.first_timecode) / (footage.rate or rate)

    def event(reel: str, source_begin: int, source_end: int, begin: int, end: int) -> str:
        times = (source_begin, source_end, hour + begin, hour + end)
        return f"{reel:<8} {channel:<5} C        " + " ".join(timecode(t, rate) for t in times)

    filled_to = 0
    for cut in track.cuts:
        if cut.begin > filled_to:
            yield [event(_BLACK_REEL, 0, cut.begin - filled_to, filled_to, cut.begin)]
        filled_to = cut.begin + cut.frames
        source_begin = cut.source_begin(rate, file_begin_s)
        lines = [
            event(_FILE_REEL, source_begin, source_begin + cut.source_frames, cut.begin, filled_to),
            *_retiming(cut, timecode(source_begin, rate)),
            f"* FROM CLIP NAME: {printable(footage.path.name)}",
        ]
        note = track.note_on(cut, source_begin / rate - file_begin_s)
        yield [*lines, *([f"* COMMENT: {note}"] if note else [])]


def _retiming(cut: Cut, source_begin: str) -> Iterator[str]:
    """The line that retimes a clip, where the format's digits can say so."""
    speed = f"{cut.speed * float(cut.rate):07.3f}"
    if cut.speed != 1 and speed != f"{float(cut.rate):07.3f}":
        yield f"M2   {_FILE_REEL:<8} {speed}          {source_begin.replace(';', ':')}"

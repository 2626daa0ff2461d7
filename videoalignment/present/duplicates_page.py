"""Groups of videos that are the same as one HTML page, with frames side by side.

Nothing in it is fetched from elsewhere, and it needs no script.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from videoalignment.errors import VideoAlignmentError
from videoalignment.index.duplicates import Duplicates
from videoalignment.index.groups import Group, SharedPart
from videoalignment.index.records import VideoEntry
from videoalignment.media.probe import probe_video
from videoalignment.present.frame_pairs import frame_jpeg
from videoalignment.present.pages import data_url, write_page
from videoalignment.present.wording import clock, confidence_words, speed_words
from videoalignment.progress import Progress
from videoalignment.text import printable

_MOMENTS = 3
_LONGEST_SIDE = 240
_MOST_PICTURED = 500
"""Parts that are shown with frames; a page of more would hardly open."""


def write_duplicates_page(path: str | os.PathLike[str], found: Duplicates) -> None:
    """Write the page. A video whose file is gone is shown without frames.

    Args:
        path: the HTML file to write.
        found: groups and shared parts.

    Raises:
        UnusableFileError: the file cannot be written.
    """
    parts = [part for group in found.groups for part in group.evidence] + list(found.shared)
    pictured = {id(part) for part in parts[:_MOST_PICTURED]}
    with Progress("frames", len(parts), "pairs") as progress:
        groups = [_shown_group(group, found, pictured, progress) for group in found.groups]
        shared = [_shown_part(part, found, pictured, progress) for part in found.shared]
    count = sum(len(group.videos) for group in found.groups)
    write_page(
        path,
        "duplicates",
        title=f"{count} videos in {len(groups)} groups, {len(shared)} other pairs share a part",
        groups=groups,
        shared=shared,
    )


def _shown_group(
    group: Group, found: Duplicates, pictured: set[int], progress: Progress
) -> dict[str, object]:
    return {
        "videos": [(printable(e.name), clock(e.duration_s)) for e in group.videos],
        "parts": [_shown_part(part, found, pictured, progress) for part in group.evidence],
    }


def _shown_part(
    part: SharedPart, found: Duplicates, pictured: set[int], progress: Progress
) -> dict[str, object]:
    moments = _moments(part) if id(part) in pictured else []
    pictures = [_pictures(entry.name, side) for entry, side in _sides(part, moments)]
    progress.advance()
    return {
        "a": printable(part.a.name),
        "b": printable(part.b.name),
        "kind": part.kind(found.least_share),
        "confidence": confidence_words(part.confidence),
        "shares": " and ".join(f"{share:.0%}" for share in part.shares),
        "rows": [
            (
                f"{clock(s.begin_a_s)} to {clock(s.end_a_s)}",
                f"{clock(s.begin_b_s)} to {clock(s.end_b_s)}",
                speed_words(s.speed),
            )
            for s in part.segments
        ],
        "frames": [
            {"a": a, "b": b, "at_a": clock(times[0]), "at_b": clock(times[1])}
            for a, b, times in zip(*pictures, moments, strict=True)
        ],
    }


def _moments(part: SharedPart) -> list[tuple[float, float]]:
    """Moments of the longest segment that match, spread evenly."""
    segment = max(part.segments, key=lambda s: s.end_a_s - s.begin_a_s)
    length_s = segment.end_a_s - segment.begin_a_s
    times_s = [segment.begin_a_s + (k + 0.5) / _MOMENTS * length_s for k in range(_MOMENTS)]
    return [(time_s, segment.time_map.to_b(time_s)) for time_s in times_s]


def _sides(
    part: SharedPart, moments: Sequence[tuple[float, float]]
) -> Iterator[tuple[VideoEntry, list[float]]]:
    """Both videos, with the moments of theirs."""
    yield part.a, [a for a, _ in moments]
    yield part.b, [b for _, b in moments]


def _pictures(name: str, times_s: Sequence[float]) -> list[str]:
    """Frames as data URLs, empty ones where there is none."""
    try:
        video = probe_video(Path(name))
    except VideoAlignmentError:  # moved since it was added
        return [""] * len(times_s)
    jpegs = [frame_jpeg(video, at_s, longest_side=_LONGEST_SIDE) for at_s in times_s]
    return [data_url(jpeg, "image/jpeg") if jpeg else "" for jpeg in jpegs]

"""A timeline as one HTML page: lanes with waveforms and pictures, and all videos in step.

Nothing in it is fetched from elsewhere. Only the recordings stay files of their own: they play
while they lie where they lay when the page was written, or in the page's folder.
"""

import base64
import hashlib
import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from videoalignment.align.timeline.records import Group, PlacedFile, PlacedPair, Timeline, Unplaced
from videoalignment.files import whole_file
from videoalignment.media.probe import VideoInfo, probe_video
from videoalignment.present.charts import data_url
from videoalignment.present.pages import media_urls, page_template, template_text
from videoalignment.present.stills import stills
from videoalignment.present.waveforms import drawn, loudness
from videoalignment.present.wording import (
    clock,
    confidence_words,
    rate_words,
    seconds,
    uncertainty_words,
)
from videoalignment.progress import Progress
from videoalignment.text import printable
from videoalignment.workers import map_in_order

# Of a lane that is as long as its group, and of any lane; a page of 30 files stays under 5 MB.
_MOST_PICTURES, _FEWEST_PICTURES = 14, 2
_PICTURE_PIXELS = 160
_COLUMNS = 900
_FRAME_WITHOUT_PICTURE_S = 0.04
_MOST_COLUMNS = 4


@dataclass(frozen=True)
class _Lane:
    """A recording as the page shows it."""

    number: int
    """From 1 in its group."""
    name: str
    facts: str
    """In one line, what kind of recording it is."""
    marks: list[str]
    """What to look at, each in a few words."""
    left: float
    """Where it begins, percent of the group's length."""
    width: float
    urls: list[str]
    pictures: list[str]
    """JPEGs as data URLs, spread evenly; none of sound only."""
    wave: str
    """SVG path in a box of 100 by 100; empty where it is silent."""
    file: PlacedFile
    video: VideoInfo | None
    row: list[str]
    """Of the table of numbers."""


def write_timeline_page(path: str | os.PathLike[str], timeline: Timeline) -> None:
    """Write the page.

    Args:
        path: the HTML file to write.
        timeline: what was placed, and what could not be.

    Raises:
        UnusableFileError: a recording that was placed is gone, or the file cannot be written.
    """
    folder = Path(path).resolve().parent
    total = sum(len(group.files) for group in timeline.groups)
    with Progress("pictures and waveforms", total, "files") as progress:
        groups = [
            _shown_group(group, number, folder, progress)
            for number, group in enumerate(timeline.groups, start=1)
        ]
    script = template_text("timeline.js")
    html = page_template("timeline.html").render(
        title=_headline(timeline),
        groups=groups,
        unplaced=[_unplaced_row(each) for each in timeline.unplaced],
        refuted=[
            (printable(pair.a.name), printable(pair.b.name), pair.reason)
            for pair in timeline.refuted
        ],
        data=[group["player"] for group in groups],
        script=script,
        script_digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )
    with whole_file(path, "w", encoding="utf-8") as file:
        file.write(html)


def _headline(timeline: Timeline) -> str:
    placed = sum(len(group.files) for group in timeline.groups)
    total = placed + len(timeline.unplaced)
    groups = len(timeline.groups)
    where = "on one timeline" if groups == 1 else f"in {groups} groups"
    return f"{placed} of {total} recordings placed" + (f" {where}" if groups else "")


def _shown_group(group: Group, number: int, folder: Path, progress: Progress) -> dict[str, object]:
    """A group as the template and the page's script want it."""
    end_s = group.end_s
    begin_s = min(0.0, *(file.begin_s for file in group.files))
    extent_s = begin_s, end_s
    lanes = []
    places = range(len(group.files))
    cores = os.cpu_count() or 1
    for lane in map_in_order(lambda at: _lane(group, at, extent_s, folder), places, cores):
        lanes.append(lane)
        progress.advance()
    return {
        "number": number,
        "lanes": lanes,
        # of the tiles, about equally full; of many, as many as there is room for
        "rows": (rows := math.ceil(len(lanes) / _MOST_COLUMNS)),
        "columns": math.ceil(len(lanes) / rows),
        "length": clock(end_s - begin_s),
        "weak": sum(file.weak for file in group.files),
        "pairs": [_pair_row(group, pair) for pair in group.pairs],
        "conflicts": [
            (*_names(group, conflict.pair), conflict.reason) for conflict in group.conflicts
        ],
        "player": _player(lanes, extent_s),
    }


def _player(lanes: Sequence[_Lane], extent_s: tuple[float, float]) -> dict[str, object]:
    """What the page's script needs to play a group, in seconds of its clock."""
    fps = max((lane.video.fps for lane in lanes if lane.video), default=None)
    return {
        "begin": extent_s[0],
        "end": extent_s[1],
        "frame": 1 / fps if fps else _FRAME_WITHOUT_PICTURE_S,
        "files": [
            {
                "begin": lane.file.begin_s,
                "rate": lane.file.rate,
                "duration": lane.file.duration_s,
                "first": lane.video.first_frame_s if lane.video else 0.0,
                "picture": lane.file.has_picture,
                "sound": lane.file.has_sound,
                "urls": lane.urls,
            }
            for lane in lanes
        ],
    }


def _lane(group: Group, place: int, extent_s: tuple[float, float], folder: Path) -> _Lane:
    file = group.files[place]
    video = probe_video(file.file) if file.has_picture else None
    begin_s, end_s = extent_s
    width = (file.end_s - file.begin_s) / (end_s - begin_s)
    levels = loudness(file.file, file.sound_track) if file.has_sound else np.empty(0)
    return _Lane(
        number=place + 1,
        name=printable(file.file.name),
        facts=_facts(file, video, bool(levels.any())),
        marks=list(_marks(group, file, place)),
        left=100 * (file.begin_s - begin_s) / (end_s - begin_s),
        width=100 * width,
        urls=media_urls(file.file, folder),
        pictures=_pictures(video, file.duration_s, width) if video else [],
        wave=_wave(drawn(levels, max(20, round(_COLUMNS * width)))),
        file=file,
        video=video,
        row=_row(file),
    )


def _pictures(video: VideoInfo, duration_s: float, width: float) -> list[str]:
    """Pictures spread evenly over a video, as many as its lane has room for."""
    number = max(_FEWEST_PICTURES, round(_MOST_PICTURES * width))
    jpegs = stills(video, duration_s, number, longest_side=_PICTURE_PIXELS)
    return [data_url(jpeg, "image/jpeg") for jpeg in jpegs]


def _wave(levels: np.ndarray) -> str:
    """An outline, mirrored at the middle. Loudness as ears take it: quiet speech can be seen."""
    if not len(levels):
        return ""
    heights = 48 * np.sqrt(levels / max(levels.max(), 1e-4))
    places = np.linspace(0, 100, len(heights))
    upper = [f"{x:.4g} {50 - y:.3g}" for x, y in zip(places, heights, strict=True)]
    lower = [f"{x:.4g} {50 + y:.3g}" for x, y in zip(places, heights, strict=True)]
    return "M" + "L".join([*upper, *reversed(lower)]) + "Z"


def _facts(file: PlacedFile, video: VideoInfo | None, heard: bool) -> str:
    """E.g. `4:10.000 · 23.98 fps · no sound`."""
    words = [clock(file.duration_s), f"{video.fps:.4g} fps" if video else "sound only"]
    if not file.has_sound:
        words.append("its sound cannot be decoded" if video and video.has_audio else "no sound")
    elif heard and file.sound_track:
        words.append(f"heard on sound track {file.sound_track + 1}")
    elif not heard:
        words.append("nothing to hear")
    return " · ".join(words)


def _marks(group: Group, file: PlacedFile, place: int) -> Iterator[str]:
    """What somebody should look at."""
    if file.weak:
        yield "weak"
    if any(place in (conflict.pair.a, conflict.pair.b) for conflict in group.conflicts):
        yield "conflict"
    if file.has_picture and file.sound_lag_s and abs(file.sound_lag_s) > 0.015:
        late = "late" if file.sound_lag_s > 0 else "early"
        yield f"sound {abs(file.sound_lag_s) * 1000:.0f} ms {late}"


def _row(file: PlacedFile) -> list[str]:
    lag_s = file.sound_lag_s if file.has_picture else None
    return [
        clock(file.begin_s),
        f"± {uncertainty_words(file.uncertainty_s)}",
        clock(file.end_s),
        rate_words(file.rate),
        "" if lag_s is None else f"{lag_s * 1000:+.1f} ms",
        f"{file.residual_s * 1000:.1f} ms",
        confidence_words(file.confidence),
    ]


def _names(group: Group, pair: PlacedPair) -> tuple[str, str]:
    return printable(group.files[pair.a].file.name), printable(group.files[pair.b].file.name)


def _pair_row(group: Group, pair: PlacedPair) -> list[str]:
    return [
        *_names(group, pair),
        {"both": "picture and sound"}.get(pair.by, pair.by),
        f"± {uncertainty_words(pair.uncertainty_s)}",
        f"{pair.residual_s * 1000:+.1f} ms",
        confidence_words(pair.confidence),
    ]


def _unplaced_row(unplaced: Unplaced) -> tuple[str, str, str]:
    """Name, why, and the best guess in words."""
    guess = unplaced.guess
    words = ""
    if guess is not None:
        offset_s = guess.time_map.offset_s
        where = "after" if offset_s >= 0 else "before"
        words = (
            f"perhaps {seconds(abs(offset_s))} {where} {printable(guess.beside.name)} begins "
            f"(confidence {confidence_words(guess.confidence)})"
        )
    return printable(unplaced.file.name), unplaced.reason, words

"""A timeline as one HTML page: lanes with waveforms and pictures, and all videos in step.

Nothing in it is fetched from elsewhere. Only the recordings stay files of their own: they play
while they lie where they lay when the page was written, or in the page's folder.
"""

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from videoalignment.align.alignment import By
from videoalignment.align.timeline.records import Group, PlacedFile, PlacedPair, Timeline
from videoalignment.media.probe import VideoInfo, probe_video
from videoalignment.present.pages import data_url, media_urls, write_page
from videoalignment.present.stills_store import StillsRecipe, cached_stills
from videoalignment.present.waveforms import drawn, loudness
from videoalignment.present.wording import (
    clock,
    confidence_words,
    elsewhere_words,
    guess_words,
    names_of_all,
    rate_words,
    uncertainty_words,
)
from videoalignment.progress import Progress
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
    marks: list[tuple[str, str]]
    """What to look at, each in a few words and in a sentence."""
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
    names = _names(timeline)
    total = sum(len(group.files) for group in timeline.groups)
    with Progress("pictures and waveforms", total, "files") as progress:
        groups = [
            _shown_group(group, number, folder, names, progress)
            for number, group in enumerate(timeline.groups, start=1)
        ]
    write_page(
        path,
        "timeline",
        title=_headline(timeline),
        groups=groups,
        unplaced=[
            (names[each.file], each.reason, guess_words(each.guess, names.__getitem__))
            for each in timeline.unplaced
        ],
        refuted=[
            (names[pair.a], names[pair.b], _by_words(pair.by), pair.reason)
            for pair in timeline.refuted
        ],
        data=[group["player"] for group in groups],
    )


def _names(timeline: Timeline) -> Mapping[Path, str]:
    """What the page calls each recording; cameras count alike, so folders tell them apart."""
    paths = [file.file for group in timeline.groups for file in group.files]
    for one in timeline.unplaced:
        paths += [one.file, one.guess.beside] if one.guess else [one.file]
    for pair in timeline.refuted:
        paths += [pair.a, pair.b]
    paths = list(dict.fromkeys(paths))
    return dict(zip(paths, names_of_all(paths), strict=True))


def _headline(timeline: Timeline) -> str:
    placed = sum(len(group.files) for group in timeline.groups)
    total = placed + len(timeline.unplaced)
    groups = len(timeline.groups)
    where = "on one timeline" if groups == 1 else f"in {groups} groups"
    return f"{placed} of {total} recordings placed" + (f" {where}" if groups else "")


def _shown_group(
    group: Group, number: int, folder: Path, names: Mapping[Path, str], progress: Progress
) -> dict[str, object]:
    """A group as the template and the page's script want it."""
    begin_s = min(0.0, *(file.begin_s for file in group.files))
    extent_s = begin_s, group.end_s

    def lane(place: int) -> _Lane:
        return _lane(group, place, extent_s, folder, names)

    lanes = []
    for shown in map_in_order(lane, range(len(group.files)), os.cpu_count() or 1):
        lanes.append(shown)
        progress.advance()
    return {
        "number": number,
        "lanes": lanes,
        # of the tiles, about equally full; of many, as many as there is room for
        "rows": (rows := math.ceil(len(lanes) / _MOST_COLUMNS)),
        "columns": math.ceil(len(lanes) / rows),
        "length": clock(group.end_s - begin_s),
        "weak": sum(file.weak for file in group.files),
        "pairs": [_pair_row(group, pair, names) for pair in group.pairs],
        "conflicts": [
            (*_named(group, conflict.pair, names), _by_words(conflict.pair.by), conflict.reason)
            for conflict in group.conflicts
        ],
        "cut": [_cut(group, pair, names) for pair in group.cut],
        "player": _player(lanes, extent_s),
    }


def _cut(group: Group, pair: PlacedPair, names: Mapping[Path, str]) -> tuple[str, str]:
    """A file that was cut, and where else it lies."""
    one, other = _named(group, pair, names)
    return one, elsewhere_words(pair.elsewhere, other)


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
                # Browsers count time stamps, which need not begin at 0.
                "first": lane.video.start_s + lane.video.first_frame_s if lane.video else 0.0,
                "picture": lane.file.has_picture,
                "sound": lane.file.has_sound,
                "urls": lane.urls,
            }
            for lane in lanes
        ],
    }


def _lane(
    group: Group,
    place: int,
    extent_s: tuple[float, float],
    folder: Path,
    names: Mapping[Path, str],
) -> _Lane:
    file = group.files[place]
    video = probe_video(file.file) if file.has_picture else None
    begin_s, end_s = extent_s
    width = (file.end_s - file.begin_s) / (end_s - begin_s)
    levels = loudness(file.file, file.sound_track) if file.has_sound else np.empty(0)
    return _Lane(
        number=place + 1,
        name=names[file.file],
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
    """Pictures spread evenly over a video, as many as its lane has room for.

    They are chosen from those of a lane that is as long as its group, which are cut once, whatever
    a later timeline looks like: each comes from its own part of the video, if not from the middle.
    """
    recipe = StillsRecipe(duration_s=duration_s, count=_MOST_PICTURES, longest_side=_PICTURE_PIXELS)
    jpegs = cached_stills(video, recipe)
    number = min(len(jpegs), max(_FEWEST_PICTURES, round(_MOST_PICTURES * width)))
    chosen = (np.arange(number) + 0.5) / max(1, number) * len(jpegs)
    return [data_url(jpegs[place], "image/jpeg") for place in chosen.astype(int)]


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
    elif not heard:
        words.append("nothing to hear")
    return " · ".join(words)


def _marks(group: Group, file: PlacedFile, place: int) -> Iterator[tuple[str, str]]:
    """What somebody should look at."""
    if file.weak:
        yield "weak", "it hangs on one pair that is not sure"
    if any(place in (conflict.pair.a, conflict.pair.b) for conflict in group.conflicts):
        yield "conflict", "a pair with it contradicts the rest, and was left out"
    if any(place in (pair.a, pair.b) for pair in group.cut):
        yield "cut", "it shares more with another file, elsewhere"
    if file.has_picture and file.sound_lag_s and abs(file.sound_lag_s) > 0.015:
        late = "late" if file.sound_lag_s > 0 else "early"
        lag_ms = abs(file.sound_lag_s) * 1000
        yield f"sound {lag_ms:.0f} ms {late}", "against its picture; here both play as recorded"
    if file.sound_track:
        track = file.sound_track + 1
        yield f"sound track {track}", f"heard on track {track}; your browser may play the first"


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


def _named(group: Group, pair: PlacedPair, names: Mapping[Path, str]) -> tuple[str, str]:
    return names[group.files[pair.a].file], names[group.files[pair.b].file]


def _by_words(by: By) -> str:
    return "picture and sound" if by == "both" else by


def _pair_row(group: Group, pair: PlacedPair, names: Mapping[Path, str]) -> list[str]:
    return [
        *_named(group, pair, names),
        _by_words(pair.by),
        f"± {uncertainty_words(pair.uncertainty_s)}",
        f"{pair.residual_s * 1000:+.1f} ms",
        confidence_words(pair.confidence),
    ]

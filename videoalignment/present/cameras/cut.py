"""All cameras of a group cut to one span: the same number of frames, of the same moments."""

import logging
import math
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from videoalignment.align.timeline.records import Group, PlacedFile, Timeline
from videoalignment.errors import OptionError, VideoAlignmentError
from videoalignment.media.frame_times import FrameTimes, frame_times
from videoalignment.media.probe import VideoInfo, probe_video
from videoalignment.media.video_files import CUT_TABLES
from videoalignment.present.cameras.nearest import NearestFrames
from videoalignment.present.cameras.picture import (
    NotAsWantedError,
    copy_picture,
    draw_picture,
    why_not_copied,
)
from videoalignment.present.cameras.records import CameraCut, Span
from videoalignment.present.cameras.sound import write_sound
from videoalignment.present.cameras.span import common_rate, shared_span
from videoalignment.present.cameras.tables import write_frames, write_table

logger = logging.getLogger(__name__)

_TABLE, _FRAMES = sorted(CUT_TABLES)
# What a recorder may lack at either end unmentioned: lengths are known to about so much.
_NOTHING_MISSED_S = 0.02


def write_camera_cuts(
    folder: str | os.PathLike[str], timeline: Timeline, *, at_least: int | None = None
) -> list[CameraCut]:
    """Cut every camera to the span that all of its group share.

    All have the same number of frames, at the rate that most of them have; each frame shows the
    camera's picture taken nearest to its moment. Drift is taken out of picture and sound, and a
    sound that lies beside its picture is moved to where it belongs. A picture is copied without
    loss where its frames are those wanted and a key frame is the first; else encoded anew.

    Args:
        folder: where to write the cut files (a folder a group where there are several groups),
            `frames.csv` (for each frame of the common clock each camera's frame and how much
            later it was taken) and `cuts.csv` (what became of each recording, and why).
        timeline: what was placed.
        at_least: how many cameras have to be there all the time; those that are not are left out.
            None for all. Sound recordings beside them need not: they are silent where they lack.

    Returns:
        What was written, in the order of the groups' files.

    Raises:
        OptionError: `at_least` is below 1, or more than there are.
        VideoAlignmentError: so many cameras share no moment, or ffmpeg cannot do it.
        UnusableFileError: a recording is gone, or a file cannot be written.
    """
    if at_least is not None and at_least < 1:
        raise OptionError(f"`at_least` {at_least}: expected 1 or more")
    if not timeline.groups:
        raise VideoAlignmentError(f"{folder}: not written, because no two files share a moment")
    times = _frame_times(timeline)
    timeline = _while_pictures_last(timeline, times)
    # All that can be wrong with what is asked for, before the encoding, which takes longest.
    stretches = _stretches(timeline, at_least)
    several = len(timeline.groups) > 1
    folders = {
        number: Path(folder, f"group-{number + 1}" if several else "") for number in stretches
    }
    _check_no_recordings_in(folders.values(), timeline)
    cuts = []
    for number, stretch in stretches.items():
        cuts += _cut_group(folders[number], timeline.groups[number], stretch, times)
    return cuts


def _frame_times(timeline: Timeline) -> Mapping[Path, FrameTimes]:
    """When each frame of each camera is shown."""
    files = (file for group in timeline.groups for file in group.files)
    return {file.file: frame_times(file.file) for file in files if file.has_picture}


def _while_pictures_last(timeline: Timeline, times: Mapping[Path, FrameTimes]) -> Timeline:
    """The timeline with cameras that end with their picture; its sound may go on."""

    def cut_off(file: PlacedFile) -> PlacedFile:
        if not file.has_picture:
            return file
        return replace(file, duration_s=min(file.duration_s, times[file.file].duration_s))

    groups = (replace(group, files=tuple(map(cut_off, group.files))) for group in timeline.groups)
    return replace(timeline, groups=tuple(groups))


def _stretches(timeline: Timeline, at_least: int | None) -> dict[int, tuple[float, float]]:
    """What to cut of which group; a group that cannot be cut does not keep the others from it."""
    stretches = {}
    problems = []
    for number, group in enumerate(timeline.groups):
        try:
            stretches[number] = shared_span(group, at_least)
        except VideoAlignmentError as problem:
            problems.append(problem)
            if len(timeline.groups) > 1:
                logger.info("group %d: not cut, %s", number + 1, problem)
    if not stretches:
        raise problems[0]
    return stretches


def _check_no_recordings_in(folders: Iterable[Path], timeline: Timeline) -> None:
    """Keep cut files from taking the place of recordings."""
    taken = {folder.resolve() for folder in folders}
    for group in timeline.groups:
        for file in group.files:
            if file.file.resolve().parent in taken:
                raise VideoAlignmentError(
                    f"{file.file.parent}: holds recordings that are to be cut; choose another "
                    "folder to write to"
                )


# ------------------------------------------------------------------ a group


def _cut_group(
    folder: Path,
    group: Group,
    stretch: tuple[float, float],
    times: Mapping[Path, FrameTimes],
) -> list[CameraCut]:
    begin_s, end_s = stretch
    inside = [file for file in group.files if _is_cut(file, group, stretch)]
    videos = {file: probe_video(file.file) for file in inside if file.has_picture}
    rate = common_rate(list(videos.values()))
    # A file's length is known to a hundredth of a second or so: its last frame still counts.
    span = Span(begin_s, rate, math.floor((end_s - begin_s) * rate + Fraction(1, 20)))
    if span.frames < 1:
        raise VideoAlignmentError(f"{folder}: not written, the cameras share less than a frame")
    taken: set[str] = {_TABLE, _FRAMES}
    cuts = []
    for file in inside:
        if file.has_picture:
            cut = _cut_camera(folder, file, videos[file], times[file.file], span, taken)
        else:
            cut = _cut_recorder(folder, file, span, taken)
        logger.info("wrote %s: %s", cut.path, _became(cut))
        cuts.append(cut)
    left_out = [file for file in group.files if file not in inside]
    for file in left_out:
        logger.info("%s: not cut, it is not there all the time", file.file)
    write_frames(folder / _FRAMES, span, cuts)
    write_table(folder / _TABLE, span, cuts, left_out)
    return cuts


def _is_cut(file: PlacedFile, group: Group, stretch: tuple[float, float]) -> bool:
    """Whether a file is there all the time; beside cameras, a recorder for a part of it will do."""
    begin_s, end_s = stretch
    if not file.has_picture and any(other.has_picture for other in group.files):
        return file.begin_s < end_s and file.end_s > begin_s
    return file.begin_s <= begin_s and file.end_s >= end_s


def _new_path(folder: Path, source: Path, suffix: str, taken: set[str]) -> Path:
    """A name for the cut of a file that no other has."""
    name, number = source.stem + suffix, 2
    while name.casefold() in taken:
        name, number = f"{source.stem}-{number}{suffix}", number + 1
    taken.add(name.casefold())
    return folder / name


# ------------------------------------------------------------------ a recording


def _cut_camera(
    folder: Path,
    file: PlacedFile,
    video: VideoInfo,
    times: FrameTimes,
    span: Span,
    taken: set[str],
) -> CameraCut:
    nearest = NearestFrames(file, span, int(times.stamps_us[0]))
    shown = nearest.frames(times.stamps_us)
    why = why_not_copied(file, times, shown, span)
    errors_s = nearest.late_s(times.stamps_us)[shown] - np.arange(span.frames) / float(span.rate)

    with tempfile.TemporaryDirectory() as sounds:
        sound = Path(sounds, "sound.wav") if file.has_sound else None
        if sound:
            write_sound(sound, file, span, video.first_frame_s)
        if not why:
            path = _new_path(folder, file.file, file.file.suffix.lower(), taken)
            try:
                copy_picture(path, file.file, sound, times, shown, span, video.first_frame_s)
            except NotAsWantedError:
                taken.remove(path.name.casefold())
                why = "the cut falls between frames that are stored together"
        if why:
            path = _new_path(folder, file.file, ".mp4", taken)
            draw_picture(path, file.file, sound, nearest, times, int(shown[0]), span)
    return CameraCut(path, file.file, not why, why, shown, errors_s)


def _cut_recorder(folder: Path, file: PlacedFile, span: Span, taken: set[str]) -> CameraCut:
    path = _new_path(folder, file.file, ".wav", taken)
    write_sound(path, file, span, 0.0)
    nothing = np.empty(0)
    why = f"sound only{_recorded_words(file, span)}"
    return CameraCut(path, file.file, False, why, nothing.astype(int), nothing)


def _recorded_words(file: PlacedFile, span: Span) -> str:
    """Which part of a span a recorder was there for; empty where it was all the time."""
    from_s = max(0.0, file.begin_s - span.begin_s)
    to_s = min(span.duration_s, file.end_s - span.begin_s)
    if from_s < _NOTHING_MISSED_S and span.duration_s - to_s < _NOTHING_MISSED_S:
        return ""
    return f", recorded from {from_s:.2f} to {to_s:.2f} of {span.duration_s:.2f} s, else silent"


def _became(cut: CameraCut) -> str:
    return f"picture {cut.became}" + (f" ({cut.why})" if cut.why else "")

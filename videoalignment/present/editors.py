"""The two videos in step, for video editors: CMX 3600 edit decision lists and OpenTimelineIO.

Both files hold the same timeline: A on the first video track, whole and unchanged; B on the
second, moved, cut and retimed as the alignment says; the sound of each on a track of its own.
They are exact to half a frame of the timeline, whose rate is the standard rate of A.
"""

import os
from collections.abc import Iterator
from types import ModuleType

from videoalignment.align.pair import AlignedPair
from videoalignment.errors import MissingExtraError
from videoalignment.files import whole_file, whole_path
from videoalignment.media.probe import VideoInfo
from videoalignment.present.cuts import Cut, Track, TwoTrackTimeline, two_tracks
from videoalignment.present.timecode import (
    drops_frames,
    frame_of,
    one_hour,
    standard_rate,
    timecode,
)
from videoalignment.present.wording import names_of
from videoalignment.text import printable

_TITLE_LENGTH = 70
# Reel names have eight letters; AX is the custom for footage that lies in a file, not on a reel.
_FILE_REEL, _BLACK_REEL = "AX", "BL"


def write_edl(path: str | os.PathLike, pair: AlignedPair) -> None:
    """Write a CMX 3600 edit decision list with A on V (sound on A) and B on V2 (sound on A2).

    Source times count from the file's own timecode (00:00:00:00 where it has none), record times
    from 01:00:00:00, both at the timeline's rate: drop-frame at 29.97 and 59.94, else non-drop.

    Args:
        path: the file to write.
        pair: two videos that match.

    Raises:
        VideoAlignmentError: they do not match, or of one only the features are at hand.

    Source: CMX 3600 as editors read it: `M2` lines retime, reel `BL` is black or silence.
    """
    pair.check_matched(path)
    timeline = two_tracks(pair)
    count_mode = "DROP FRAME" if drops_frames(timeline.rate) else "NON-DROP FRAME"
    title = " + ".join(names_of(pair.a.path, pair.b.path))
    lines = [f"TITLE: {title[:_TITLE_LENGTH]}", f"FCM: {count_mode}", ""]
    channels = [
        *((channel, timeline.a) for channel in _channels("V", "A", timeline.a)),
        *((channel, timeline.b) for channel in _channels("V2", "A2", timeline.b)),
    ]
    number = 1
    for channel, track in channels:
        for event in _events(channel, track, timeline):
            lines += [f"{number:03}  {event[0]}", *event[1:], ""]
            number += 1
    with whole_file(path, "w", encoding="utf-8", newline="\r\n") as file:
        file.write("\n".join(lines))


def _channels(picture: str, sound: str, track: Track) -> list[str]:
    return [picture, sound] if track.video.has_audio else [picture]


def _events(channel: str, track: Track, timeline: TwoTrackTimeline) -> Iterator[list[str]]:
    """Yield a track's events, each as its lines, with black where the track is empty."""
    rate, hour = timeline.rate, one_hour(timeline.rate)
    own_rate = standard_rate(track.video.fps)
    file_begin = round(_first_timecode(track.video) / own_rate * rate)

    def event(reel: str, source_begin: int, source_end: int, begin: int, end: int) -> str:
        times = (source_begin, source_end, hour + begin, hour + end)
        return f"{reel:<8} {channel:<5} C        " + " ".join(timecode(t, rate) for t in times)

    filled_to = 0
    for cut in track.cuts:
        if cut.begin > filled_to:
            yield [event(_BLACK_REEL, 0, cut.begin - filled_to, filled_to, cut.begin)]
        filled_to = cut.begin + cut.frames
        source_begin = file_begin + cut.source_begin
        source_end = source_begin + cut.source_frames
        lines = [event(_FILE_REEL, source_begin, source_end, cut.begin, filled_to)]
        if cut.speed != 1:
            at = timecode(source_begin, rate).replace(";", ":")
            lines.append(f"M2   {_FILE_REEL:<8} {cut.speed * float(rate):07.3f}          {at}")
        yield [*lines, f"* FROM CLIP NAME: {printable(track.video.path.name)}"]


def _first_timecode(video: VideoInfo) -> int:
    """The timecode that the camera gave the first frame, counted in the file's own frames."""
    return frame_of(video.timecode, standard_rate(video.fps)) if video.timecode else 0


def write_otio(path: str | os.PathLike, pair: AlignedPair) -> None:
    """Write an OpenTimelineIO timeline with tracks V1 and A1 (A), V2 and A2 (B).

    Clips refer to the files by absolute `file:` URL and keep the whole file available, so that
    an editor can slip and trim them. A retimed clip carries a `LinearTimeWarp`.

    Args:
        path: the file to write, ending in `.otio`.
        pair: two videos that match.

    Raises:
        VideoAlignmentError: they do not match, of one only the features are at hand, or the
            `opentimelineio` package is not installed.
    """
    pair.check_matched(path)
    otio = opentimelineio()
    timeline = two_tracks(pair)
    rate = float(timeline.rate)
    result = otio.schema.Timeline(
        name=" + ".join(names_of(pair.a.path, pair.b.path)),
        global_start_time=otio.opentime.RationalTime(one_hour(timeline.rate), rate),
    )
    tracks = (timeline.a, timeline.b)
    for kind, wanted in (("Video", lambda track: True), ("Audio", lambda t: t.video.has_audio)):
        for number, track in enumerate(tracks, start=1):
            if wanted(track):
                children = list(_children(otio, track, rate))
                name = f"{kind[0]}{number}"
                result.tracks.append(otio.schema.Track(name, children, kind=kind))
    with whole_path(path) as temporary:
        otio.adapters.write_to_file(result, os.fspath(temporary), adapter_name="otio_json")


def opentimelineio() -> ModuleType:
    """Import the optional package, or say how to install it.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import opentimelineio
    except ImportError as error:
        raise MissingExtraError("OpenTimelineIO", "otio") from error
    return opentimelineio


def _children(otio: ModuleType, track: Track, rate: float) -> Iterator:
    """Yield a track's clips, with gaps where it is empty."""
    filled_to = 0
    for cut in track.cuts:
        if cut.begin > filled_to:
            yield otio.schema.Gap(duration=otio.opentime.RationalTime(cut.begin - filled_to, rate))
        filled_to = cut.begin + cut.frames
        yield _clip(otio, track, cut, rate)


def _clip(otio: ModuleType, track: Track, cut: Cut, rate: float):
    """One clip; its times count in frames of its own file, as editors expect."""
    own_rate = float(standard_rate(track.video.fps))
    file_begin = otio.opentime.RationalTime(_first_timecode(track.video), own_rate)

    def own(frames: int):
        return otio.opentime.RationalTime(frames, rate).rescaled_to(own_rate)

    length = otio.opentime.RationalTime(round(track.duration_s * own_rate), own_rate)
    clip = otio.schema.Clip(
        name=printable(track.video.path.name),
        media_reference=otio.schema.ExternalReference(
            target_url=track.video.path.resolve().as_uri(),
            available_range=otio.opentime.TimeRange(file_begin, length),
        ),
        source_range=otio.opentime.TimeRange(file_begin + own(cut.source_begin), own(cut.frames)),
    )
    if cut.speed != 1:
        clip.effects.append(otio.schema.LinearTimeWarp(time_scalar=cut.speed))
    return clip

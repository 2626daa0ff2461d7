"""Final Cut Pro 7 XML ("xmeml"), which Premiere Pro and DaVinci Resolve import."""

import copy
import os
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree

from videoalignment.files import whole_file
from videoalignment.media.probe import SoundStream
from videoalignment.present.editors.otio import TimelineBuilder, adapter
from videoalignment.present.sequences import Cut, Placed, Sequence, Track, sequences_of
from videoalignment.present.timecode import drops_frames

_KEY = "fcp_xml"
"""Of the metadata that the adapter writes as elements."""


def write_xmeml(path: str | os.PathLike[str], placed: Placed) -> list[Path]:
    """Write Final Cut Pro 7 XML: a sequence a group, pictures and sounds on tracks of their own.

    The format's audio tracks have one channel each, so a sound has as many as it has channels; a
    stereo pair is marked as one, which Premiere Pro joins to a stereo track. A file's clips are
    linked. A retimed clip has the filter Time Remap; what is known of a place stands in a clip's
    comment, what an editor should look at in a marker.

    Args:
        path: the file to write, ending in `.xml`.
        placed: two videos that match, or a timeline.

    Returns:
        The file.

    Raises:
        MissingExtraError: OpenTimelineIO or its adapter is not installed.
        VideoAlignmentError: the pair does not match, of one only the features are at hand, or the
            timeline has no group; or the file cannot be written.
    """
    sequences = sequences_of(path, placed)
    builder = TimelineBuilder(xmeml_adapter())
    otio = builder.otio
    collection = otio.schema.SerializableCollection(
        name=Path(path).stem, children=[_timeline(builder, each) for each in sequences]
    )
    xml = ElementTree.fromstring(
        otio.adapters.write_to_string(collection, adapter_name="fcp_xml").encode()
    )
    for element, sequence in zip(xml.iter("sequence"), sequences, strict=True):
        _set_length(element, sequence)
        _give_channels_tracks(element, sequence)
        _link(element)
    ElementTree.indent(xml)
    with whole_file(path, "w", encoding="utf-8") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n')
        file.write(ElementTree.tostring(xml, "unicode"))
    return [Path(path)]


def xmeml_adapter() -> ModuleType:
    """OpenTimelineIO, once its adapter for Final Cut Pro 7 XML is known to be there.

    Raises:
        MissingExtraError: one of the two is not installed.
    """
    return adapter("otio_fcp_adapter", "Final Cut Pro 7 XML")


def _timeline(builder: TimelineBuilder, sequence: Sequence) -> Any:
    """The sequence as the adapter wants it: what has no object of its own goes in as metadata."""
    timeline = builder.timeline(sequence)
    width, height = sequence.size
    size = {"width": width, "height": height, "pixelaspectratio": "square"}
    timeline.metadata[_KEY] = {
        "timecode": _counting(sequence.rate),
        "media": {
            "video": {"format": {"samplecharacteristics": size}},
            "audio": {"numOutputChannels": 2},
        },
    }
    for track, made in zip(sequence.tracks, timeline.tracks, strict=True):
        for cut, clip in zip(track.cuts, made.find_clips(), strict=True):
            clip.metadata[_KEY] = _clip_elements(track, cut)
            clip.media_reference.metadata[_KEY] = _file_elements(track)
            clip.media_reference.name = clip.name  # else the adapter takes it from the escaped URL
            for marker in clip.markers:
                marker.metadata[_KEY] = {"comment": marker.name}
                marker.marked_range = _from_file_begin(builder, clip, marker.marked_range)
    return timeline


def _from_file_begin(builder: TimelineBuilder, clip: Any, marked: Any) -> Any:
    """A range that counts from the file's first frame, as the format's do, not its timecode."""
    begin = marked.start_time - clip.media_reference.available_range.start_time
    return builder.otio.opentime.TimeRange(begin, marked.duration)


def _set_length(element: ElementTree.Element, sequence: Sequence) -> None:
    """The length in frames of the sequence; the adapter counts in those of its first clip."""
    length = element.find("duration")
    assert length is not None  # the adapter always writes it
    length.text = str(sequence.frames)


def _counting(rate: Any) -> dict[str, str]:
    return {"displayformat": "DF" if drops_frames(rate) else "NDF"}


def _clip_elements(track: Track, cut: Cut) -> dict[str, Any]:
    kind = {"V": "video", "A": "audio"}[track.kind]
    elements: dict[str, Any] = {"sourcetrack": {"mediatype": kind, "trackindex": 1}}
    if track.note:
        elements["comments"] = {"mastercomment1": track.note}
    if cut.speed != 1:
        elements["filter"] = {"effect": _time_remap(kind, cut.speed)}
    return elements


def _time_remap(kind: str, speed: float) -> dict[str, Any]:
    """The filter that plays a clip at another speed, as Final Cut Pro 7 writes it."""
    return {
        "name": "Time Remap",
        "effectid": "timeremap",
        "effectcategory": "motion",
        "effecttype": "motion",
        "mediatype": kind,
        "parameter": [
            {"parameterid": "variablespeed", "name": "variablespeed", "value": 0},
            {"parameterid": "speed", "name": "speed", "value": f"{speed * 100:.6f}"},
            {"parameterid": "reverse", "name": "reverse", "value": "FALSE"},
            {"parameterid": "frameblending", "name": "frameblending", "value": "FALSE"},
        ],
    }


def _file_elements(track: Track) -> dict[str, Any]:
    """What the file holds; without it the adapter guesses by the name's ending."""
    media: dict[str, Any] = {}
    video = track.footage.video
    if video:
        size = {"width": video.width, "height": video.height, "pixelaspectratio": "square"}
        media["video"] = {"samplecharacteristics": size}
    if track.footage.has_sound:
        sounds = track.footage.sounds
        media["audio"] = [_sound_elements(each) for each in sounds] or {}
    drops = ";" in (video.timecode or "") if video else False
    return {"media": media, "timecode": {"displayformat": "DF" if drops else "NDF"}}


def _sound_elements(sound: SoundStream) -> dict[str, Any]:
    rate = {"samplecharacteristics": {"samplerate": sound.rate_hz}} if sound.rate_hz else {}
    return rate | {"channelcount": sound.channels}


def _give_channels_tracks(element: ElementTree.Element, sequence: Sequence) -> None:
    """Repeat each audio track for the other channels of its sound."""
    audio = element.find("media/audio")
    tracks = [track for track in sequence.tracks if track.kind == "A"]
    written = [] if audio is None else audio.findall("track")
    for track, first in zip(tracks, written, strict=True):
        assert audio is not None  # what has tracks
        place = list(audio).index(first)
        before = sum(each.channels for each in track.footage.sounds[: track.footage.sound_track])
        count = track.footage.sound.channels if track.footage.sound else 1
        for channel in range(count):
            made = first if channel == 0 else _copy_of(first, channel)
            for index in made.iterfind("clipitem/sourcetrack/trackindex"):
                index.text = str(before + channel + 1)
            if count == 2 and before == 0:
                _mark_stereo(made, channel)
            if channel:
                audio.insert(place + channel, made)


def _copy_of(track: ElementTree.Element, channel: int) -> ElementTree.Element:
    """The track once more, with clips of their own, which name their files only."""
    made = copy.deepcopy(track)
    for clip in made.iterfind("clipitem"):
        clip.set("id", f"{clip.get('id', '')}-{channel + 1}")
        for file in clip.iterfind("file"):
            identifier = file.get("id", "")
            file.clear()
            file.set("id", identifier)
    return made


def _mark_stereo(track: ElementTree.Element, channel: int) -> None:
    """As Premiere Pro writes one half of a stereo track."""
    track.set("premiereTrackType", "Stereo")
    track.set("currentExplodedTrackIndex", str(channel))
    track.set("totalExplodedTrackCount", "2")
    for clip in track.iterfind("clipitem"):
        clip.set("premiereChannelType", "stereo")


def _link(sequence: ElementTree.Element) -> None:
    """Link the clips that show and sound one file, so that editors move them together."""
    together: dict[tuple[str, str], list[tuple[ElementTree.Element, dict[str, str]]]] = {}
    for clip, place in _clips(sequence):
        file = clip.find("file")
        if file is not None:
            cut = file.get("id", ""), place["clipindex"]
            together.setdefault(cut, []).append((clip, place))
    for clips in together.values():
        for clip, _ in clips if len(clips) > 1 else ():
            for _, place in clips:
                link = ElementTree.SubElement(clip, "link")
                for tag, text in place.items():
                    ElementTree.SubElement(link, tag).text = text


def _clips(sequence: ElementTree.Element) -> Iterator[tuple[ElementTree.Element, dict[str, str]]]:
    """The clips of a sequence, each with what a link to it says."""
    for kind in ("video", "audio"):
        for track_number, track in enumerate(sequence.iterfind(f"media/{kind}/track"), start=1):
            for clip_number, clip in enumerate(track.iterfind("clipitem"), start=1):
                yield (
                    clip,
                    {
                        "linkclipref": clip.get("id", ""),
                        "mediatype": kind,
                        "trackindex": str(track_number),
                        "clipindex": str(clip_number),
                    },
                )

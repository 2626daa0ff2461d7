"""FCPXML: Final Cut Pro's own XML, with a multicam clip a group.

Written by hand: OpenTimelineIO's adapter knows neither multicam clips nor retiming. Version 1.8 is
the newest that names an asset's file in one attribute, and read by Final Cut Pro and by DaVinci
Resolve alike.
"""

import os
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from videoalignment.files import whole_file
from videoalignment.present.sequences import Cut, Footage, Placed, Sequence, Track, sequences_of
from videoalignment.present.timecode import drops_frames
from videoalignment.text import printable

# What the format calls the rates that footage may be conformed from.
_RATE_NAMES = {
    Fraction(24000, 1001): "23.98",
    Fraction(30000, 1001): "29.97",
    Fraction(60000, 1001): "59.94",
}


def write_fcpxml(path: str | os.PathLike[str], placed: Placed) -> list[Path]:
    """Write FCPXML 1.8: for each group a project with all files in step, and a multicam clip.

    In the project a file's picture and sound are one clip, unless its sound was moved against its
    picture. No footage is sped up to fit the project's frame rate. A retimed clip has a time map;
    what is known of a place is a clip's note, what an editor should look at a marker.

    Args:
        path: the file to write, ending in `.fcpxml`.
        placed: two videos that match, or a timeline.

    Returns:
        The file.

    Raises:
        VideoAlignmentError: the pair does not match, of one only the features are at hand, or the
            timeline has no group; or the file cannot be written.

    Source: Apple, FCPXML Reference.
    """
    sequences = sequences_of(path, placed)
    root = Element("fcpxml", version="1.8")
    resources = _Resources(SubElement(root, "resources"))
    event = SubElement(SubElement(root, "library"), "event", name=printable(Path(path).stem))
    for sequence in sequences:
        _add_project(event, resources, sequence)
        _add_multicam(event, resources, sequence)
    ElementTree.indent(root)
    with whole_file(path, "w", encoding="utf-8") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n')
        file.write(ElementTree.tostring(root, "unicode"))
    return [Path(path)]


class _Resources:
    """Formats and files, each written once and referred to by its id."""

    def __init__(self, element: Element) -> None:
        self._element = element
        self._ids: dict[object, str] = {}

    def add(self, key: object, tag: str, **attributes: str) -> tuple[str, Element | None]:
        """The id of a resource, and its element where it is new."""
        if key in self._ids:
            return self._ids[key], None
        self._ids[key] = f"r{len(self._ids) + 1}"
        return self._ids[key], SubElement(self._element, tag, {"id": self._ids[key], **attributes})

    def format(self, rate: Fraction, size: tuple[int, int]) -> str:
        width, height = map(str, size)
        frame = _time(1 / rate, fraction=True)
        key = ("format", rate, size)
        return self.add(key, "format", frameDuration=frame, width=width, height=height)[0]

    def asset(self, footage: Footage, sequence: Sequence) -> str:
        attributes = {
            "name": printable(footage.path.name),
            "src": footage.path.resolve().as_uri(),
            "start": _time(_asset_start(footage)),
            "duration": _time(_length(footage, sequence.rate)),
        }
        if footage.video and footage.rate:
            size = footage.video.width, footage.video.height
            attributes |= {"hasVideo": "1", "format": self.format(footage.rate, size)}
        if footage.has_sound:
            attributes |= {"hasAudio": "1", "audioSources": str(max(1, len(footage.sounds)))}
        if footage.has_sound and (sound := footage.sound):
            attributes["audioChannels"] = str(sound.channels)
            if sound.rate_hz:
                attributes["audioRate"] = str(sound.rate_hz)
        return self.add(("asset", footage.path), "asset", **attributes)[0]


def _add_project(event: Element, resources: _Resources, sequence: Sequence) -> None:
    project = SubElement(event, "project", name=sequence.name)
    duration = _time(sequence.frames / sequence.rate)
    spine = SubElement(
        SubElement(
            project,
            "sequence",
            format=resources.format(sequence.rate, sequence.size),
            duration=duration,
            tcStart="0s",
            tcFormat=_counting(sequence.rate),
        ),
        "spine",
    )
    # Offsets in a spine count from the sequence's first timecode. That is 0, Final Cut's custom,
    # because some readers subtract another one and some do not.
    gap = SubElement(spine, "gap", name="Gap", offset="0s", start="0s", duration=duration)
    above = below = 0
    for track, enabled in _whole_clips(sequence.tracks):
        if track.kind == "V":
            above += 1
        else:
            below -= 1
        for cut in track.cuts:
            clip = _clip(gap, resources, sequence, track, cut, enabled)
            clip.set("lane", str(above if track.kind == "V" else below))


def _whole_clips(tracks: Iterable[Track]) -> list[tuple[Track, str]]:
    """The tracks to write, each with what its clips show: picture and sound that lie alike are one.

    Returns:
        Pairs of a track and "all", "video" or "audio".
    """
    tracks = list(tracks)
    sounds = {track.footage.path: track for track in tracks if track.kind == "A"}
    result, joined = [], set()
    for track in tracks:
        sound = sounds.get(track.footage.path)
        if track.kind == "V" and sound and sound.cuts == track.cuts:
            joined.add(track.footage.path)
            result.append((track, "all"))
        elif track.kind == "V":
            result.append((track, "video" if sound else "all"))
        elif track.footage.path not in joined:
            result.append((track, "audio" if track.footage.video else "all"))
    return result


def _clip(
    parent: Element,
    resources: _Resources,
    sequence: Sequence,
    track: Track,
    cut: Cut,
    enabled: str,
) -> Element:
    """A file at its place. The order of the elements in it is the format's."""
    footage, rate = track.footage, sequence.rate
    start, own_rate = _asset_start(footage), footage.rate or rate
    if cut.speed == 1:
        into = cut.source_begin(own_rate) / own_rate
    else:  # a clip's own time is that of the retimed file
        into = round(cut.source_s / cut.speed * rate) / rate
    clip = SubElement(
        parent,
        "asset-clip",
        ref=resources.asset(footage, sequence),
        name=printable(footage.path.name),
        offset=_time(cut.begin / rate),
        start=_time(start + into),
        duration=_time(cut.frames / rate),
    )
    if enabled != "all":
        clip.set("srcEnable", enabled)
    if note := track.note_on(cut, into * Fraction(cut.speed)):
        SubElement(clip, "note").text = note
    if footage.rate and footage.rate != rate:
        # Else 23.976 in 25 would be sped up, and leave its place.
        name = _RATE_NAMES.get(footage.rate, str(round(footage.rate)))
        SubElement(clip, "conform-rate", scaleEnabled="0", srcFrameRate=name)
    if cut.speed != 1:
        length = _length(footage, rate)
        time_map = SubElement(clip, "timeMap")
        for value in (Fraction(0), length):
            at = (value / Fraction(cut.speed)).limit_denominator(10**6)
            points = {"time": _time(start + at), "value": _time(start + value)}
            SubElement(time_map, "timept", points | {"interp": "linear"})
    if track.warning:
        marker = {"start": _time(start + into), "duration": _time(1 / own_rate)}
        SubElement(clip, "marker", marker | {"value": track.warning})
    return clip


def _add_multicam(event: Element, resources: _Resources, sequence: Sequence) -> None:
    """A clip whose angles are the files, to be cut between."""
    name = f"{sequence.name} multicam"
    reference, media = resources.add(("multicam", sequence.name), "media", name=name)
    assert media is not None  # each sequence has a name of its own
    multicam = SubElement(
        media,
        "multicam",
        format=resources.format(sequence.rate, sequence.size),
        tcStart="0s",
        tcFormat=_counting(sequence.rate),
    )
    angles = []
    for number, (track, enabled) in enumerate(_whole_clips(sequence.tracks), start=1):
        suffix = {"all": "", "video": " (picture)", "audio": " (sound)"}[enabled]
        title = printable(track.footage.path.name) + suffix
        angle = SubElement(multicam, "mc-angle", name=title, angleID=f"angle{number}")
        angles.append((f"angle{number}", enabled))
        filled_to = 0
        for cut in track.cuts:
            if cut.begin > filled_to:
                gap = {
                    "name": "Gap",
                    "start": "0s",
                    "offset": _time(filled_to / sequence.rate),
                    "duration": _time((cut.begin - filled_to) / sequence.rate),
                }
                SubElement(angle, "gap", gap)
            _clip(angle, resources, sequence, track, cut, enabled)
            filled_to = cut.begin + cut.frames
    clip = SubElement(
        event, "mc-clip", ref=reference, name=name, duration=_time(sequence.frames / sequence.rate)
    )
    first, enabled = angles[0]
    SubElement(clip, "mc-source", angleID=first, srcEnable=enabled)
    heard = next((angle for angle, what in angles if what != "video"), None)
    if enabled == "video" and heard:
        SubElement(clip, "mc-source", angleID=heard, srcEnable="audio")


def _asset_start(footage: Footage) -> Fraction:
    """The moment that an asset begins at, seconds: its timecode."""
    return Fraction(footage.first_timecode) / (footage.rate or 1)


def _length(footage: Footage, rate: Fraction) -> Fraction:
    """How long a file is, in whole frames of its own."""
    own_rate = footage.rate or rate
    return max(1, round(footage.duration_s * own_rate)) / own_rate


def _counting(rate: Fraction) -> str:
    return "DF" if drops_frames(rate) else "NDF"


def _time(seconds: Fraction, *, fraction: bool = False) -> str:
    """A time as the format writes it, e.g. "1001/30000s" or "5s"."""
    if seconds.denominator == 1 and not fraction:
        return f"{seconds.numerator}s"
    return f"{seconds.numerator}/{seconds.denominator}s"

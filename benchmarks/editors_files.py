"""Editors' files as parsers that are not this package's read them: which file lies where.

OpenTimelineIO and its adapters read all five formats. Where an adapter leaves something out, as
said below, the file's XML is asked by the format's own rules, with Python's parser.
"""

import contextlib
import io
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import opentimelineio as otio


@dataclass(frozen=True)
class Clip:
    """A stretch of a file on a track. Seconds."""

    kind: str
    """"V" or "A"."""
    file: str
    """Its name."""
    begin_s: float
    """On the timeline, which begins at 0."""
    duration_s: float
    source_s: float
    """The moment of the file, as the format counts, with which it begins."""
    speed: float
    """Seconds of the file in one of the timeline."""
    rate: float
    """Frames a second of the timeline."""

    def moment_s(self, time_s: float) -> float:
        """The moment of the file that it plays at a moment of the timeline."""
        return self.source_s + (time_s - self.begin_s) * self.speed


def read_otio(path: Path) -> list[Clip]:
    """The clips of an OpenTimelineIO file."""
    return _of_timeline(otio.adapters.read_from_file(str(path)))


def read_xmeml(path: Path) -> list[list[Clip]]:
    """The clips of each sequence of Premiere's XML; its adapter leaves speeds in the filters."""
    read = otio.adapters.read_from_file(str(path), adapter_name="fcp_xml")
    timelines = read if isinstance(read, otio.schema.SerializableCollection) else [read]
    sequences = ElementTree.parse(path).iterfind("project/children/sequence")
    return [
        [replace(clip, speed=_filtered(sequence, clip.file)) for clip in _of_timeline(timeline)]
        for timeline, sequence in zip(timelines, sequences, strict=True)
    ]


def _filtered(sequence: ElementTree.Element, name: str) -> float:
    for item in sequence.iter("clipitem"):
        speed = item.findtext("filter/effect/parameter[parameterid='speed']/value")
        if item.findtext("name") == name and speed is not None:
            return float(speed) / 100
    return 1.0


def read_edl(path: Path, rate: float, timecodes_s: dict[str, float]) -> list[Clip]:
    """The clips of an edit decision list.

    Args:
        path: the list.
        rate: frames a second that its timecodes count.
        timecodes_s: when files' own timecodes begin, seconds, of those that have one.
    """
    read = otio.adapters.read_from_file(str(path), rate=rate)
    kinds = {track.name: track.name[0] for track in read.tracks}
    clips = []
    for track in read.tracks:
        alone = otio.schema.Timeline(tracks=[track.deepcopy()])
        clips += [replace(clip, kind=kinds[track.name]) for clip in _of_timeline(alone, own=True)]
    return [replace(c, source_s=c.source_s - timecodes_s.get(c.file, 0.0)) for c in clips]


def read_kdenlive(path: Path) -> list[Clip]:
    """The clips of a Kdenlive project; its adapter has neither name nor speed of a retimed one."""
    speeds = {}
    for producer in ElementTree.parse(path).iter("producer"):
        told = {each.get("name"): each.text for each in producer.iterfind("property")}
        if told.get("warp_resource"):
            speeds[Path(told["warp_resource"]).name] = float(told["warp_speed"])
    with contextlib.redirect_stdout(io.StringIO()):  # it prints that Kdenlive itself reads OTIO
        clips = _of_timeline(otio.adapters.read_from_file(str(path)))
    (retimed,) = speeds or ("",)
    clips = [replace(clip, file=clip.file or retimed) for clip in clips]
    return [
        replace(clip, speed=speed, source_s=clip.source_s * speed)
        for clip in clips
        for speed in [speeds.get(clip.file, 1.0)]
    ]


def read_fcpxml(path: Path) -> list[list[Clip]]:
    """The clips of each sequence of Final Cut Pro's XML, by its adapter.

    It reads timelines of one frame rate: of several it counts gaps in frames of the clip behind.
    """
    read = otio.adapters.read_from_file(str(path), adapter_name="fcpx_xml")
    return [_of_timeline(timeline) for timeline in read]


def _of_timeline(timeline: otio.schema.Timeline, *, own: bool = False) -> list[Clip]:
    """The clips of OpenTimelineIO's timeline.

    Args:
        timeline: what an adapter read.
        own: whether source times are counted as they are, not from where the media begin.
    """
    clips = []
    for track in timeline.tracks:
        for clip in track.find_clips():
            if clip.name.isdigit():  # black in an edit decision list
                continue
            place, media = clip.range_in_parent(), clip.media_reference
            counted = not own and media.available_range
            first_s = media.available_range.start_time.to_seconds() if counted else 0.0
            warps = [e for e in clip.effects if isinstance(e, otio.schema.LinearTimeWarp)]
            clips.append(
                Clip(
                    kind=track.kind[0],
                    file=clip.name,
                    begin_s=place.start_time.to_seconds(),
                    duration_s=place.duration.to_seconds(),
                    source_s=clip.source_range.start_time.to_seconds() - first_s,
                    speed=next((warp.time_scalar for warp in warps), 1.0),
                    rate=place.start_time.rate,
                )
            )
    return clips


# ------------------------------------------------------------------ FCPXML by its own rules


def read_fcpxml_as_written(path: Path) -> list[list[Clip]]:
    """The clips of each sequence of Final Cut Pro's XML, by the fractions that stand in it."""
    root = ElementTree.parse(path).getroot()
    formats = {each.get("id"): each for each in root.iterfind("resources/format")}
    sequences = []
    for sequence in root.iterfind("library/event/project/sequence"):
        frame_s = _seconds(formats[sequence.get("format")].get("frameDuration"))
        gap = sequence.find("spine/gap")
        clips = [_asset_clip(root, gap, each, frame_s) for each in gap.iterfind("asset-clip")]
        sequences.append([clip for both in clips for clip in both])
    return sequences


def _asset_clip(
    root: ElementTree.Element,
    parent: ElementTree.Element,
    element: ElementTree.Element,
    frame_s: Fraction,
) -> list[Clip]:
    """Picture and sound of an asset-clip; its offset counts as its parent's start does."""
    asset = root.find(f"resources/asset[@id='{element.get('ref')}']")
    kinds = {"video": "V", "audio": "A"}.get(element.get("srcEnable"), "")
    kinds = kinds or ("V" * bool(asset.get("hasVideo")) + "A" * bool(asset.get("hasAudio")))
    start, speed = _seconds(element.get("start")), 1.0
    points = element.findall("timeMap/timept")
    if points:
        (t0, v0), (t1, v1) = ((_seconds(p.get("time")), _seconds(p.get("value"))) for p in points)
        speed, start = float((v1 - v0) / (t1 - t0)), v0 + (start - t0) * (v1 - v0) / (t1 - t0)
    begin_s = _seconds(element.get("offset")) - _seconds(parent.get("start", "0s"))
    source_s = start - _seconds(asset.get("start"))
    times = (float(begin_s), float(_seconds(element.get("duration"))), float(source_s), speed)
    return [Clip(kind, element.get("name"), *times, float(1 / frame_s)) for kind in kinds]


def _seconds(text: str) -> Fraction:
    return Fraction(text.removesuffix("s"))

"""A timeline of many recordings as Final Cut Pro 7 XML, read by OpenTimelineIO."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from edits_read import RATE, Clip, check_places, files_of, otio, otio_clips
from placed import NASTY, group_of, placed, timeline_of
from ramps import run_ffmpeg, write_ramp

from videoalignment.present.editors import write_xmeml


def test_xmeml_has_every_file_at_its_place(tmp_path, edit_timeline, edit_files):
    (path,) = write_xmeml(tmp_path / "x.xml", edit_timeline)
    read = otio.adapters.read_from_file(str(path), adapter_name="fcp_xml")
    assert [each.name for each in read] == ["Group 1", "Group 2"]
    clips = [replace(clip, speed=_xmeml_speed(path, clip)) for clip in otio_clips(read[0])]
    check_places(clips, edit_files, RATE)
    assert files_of(read[0]) == {str(file.file) for file in edit_files}
    assert read[0].global_start_time.to_seconds() == pytest.approx(3600, abs=0.01)


def _xmeml_speed(path: Path, clip: Clip) -> float:
    """What the filter says, which the parser keeps as it is."""
    for item in ElementTree.parse(path).iterfind("project/children/sequence[1]//clipitem"):
        speed = item.find("filter/effect/parameter[parameterid='speed']/value")
        if item.findtext("name") == clip.file and speed is not None:
            return float(speed.text) / 100
    return 1.0


def test_xmeml_links_picture_and_sound(tmp_path, edit_timeline, edit_files):
    (path,) = write_xmeml(tmp_path / "x.xml", edit_timeline)
    root = ElementTree.parse(path)
    items = {item.get("id"): item for item in root.iterfind(".//clipitem")}
    for item in root.iterfind("project/children/sequence[1]//clipitem"):
        linked = [items[link.findtext("linkclipref")] for link in item.iterfind("link")]
        file = next(file for file in edit_files if file.file.name == item.findtext("name"))
        assert len(linked) == (2 if file.has_picture and file.has_sound else 0)
        assert all(other.find("file").get("id") == item.find("file").get("id") for other in linked)
    wav = next(file for file in root.iterfind(".//file") if "recorder" in file.findtext("name", ""))
    assert wav.find("media/video") is None
    assert wav.find("media/audio") is not None
    size = root.find(".//sequence/media/video/format/samplecharacteristics")
    assert (size.findtext("width"), size.findtext("height")) == ("64", "48")


def test_xmeml_counts_as_the_format_does(tmp_path, edit_timeline, edit_files):
    """A sequence's length in its own frames, a marker's place from the file's first frame on."""
    (path,) = write_xmeml(tmp_path / "x.xml", edit_timeline)
    sequence = ElementTree.parse(path).find("project/children/sequence[1]")
    ends = [int(end.text) for end in sequence.iterfind(".//clipitem/end")]
    assert int(sequence.findtext("duration")) == max(ends)
    marked = list(sequence.iterfind(".//clipitem[marker]"))
    assert NASTY in [item.findtext("name") for item in marked]  # which has a timecode
    for item in marked:
        assert item.findtext("marker/in") == item.findtext("in")
    names = {file.findtext("name") for file in sequence.iterfind(".//file[pathurl]")}
    assert names == {file.file.name for file in edit_files}


def test_xmeml_has_a_track_for_each_channel(tmp_path):
    """The format has no other way to say that a sound has several; two are marked as a pair."""
    channels = {"stereo.mov": 2, "surround.wav": 6, "mono.wav": 1}
    stereo = ("-ac", "2", "-c:a", "pcm_s16le")
    write_ramp(tmp_path / "stereo.mov", 2.0, fps="25", sound=True, extra=stereo)
    for name in ("surround.wav", "mono.wav"):
        made = ("-ac", str(channels[name]), "-ar", "96000")
        run_ffmpeg("-f", "lavfi", "-i", "sine=d=2", *made, tmp_path / name)
    files = [placed(tmp_path / name, 0.0, 2.0, picture=name == "stereo.mov") for name in channels]
    (path,) = write_xmeml(tmp_path / "x.xml", timeline_of(group_of(*files)))

    read = otio.adapters.read_from_file(str(path), adapter_name="fcp_xml")
    (sequence,) = read if isinstance(read, otio.schema.SerializableCollection) else [read]
    heard = [clip.name for track in sequence.audio_tracks() for clip in track.find_clips()]
    assert heard == ["stereo.mov", *(["surround.wav"] * 6), "mono.wav"]  # it knows the mark
    assert len({clip.get("id") for clip in ElementTree.parse(path).iter("clipitem")}) == 10

    root = ElementTree.parse(path)
    places = {}
    for item in root.iterfind(".//audio/track/clipitem"):
        index = int(item.findtext("sourcetrack/trackindex"))
        places.setdefault(item.findtext("name"), []).append(index)
    assert places == {name: list(range(1, count + 1)) for name, count in channels.items()}
    told = {
        file.findtext("name"): (
            file.findtext("media/audio/channelcount"),
            file.findtext("media/audio/samplecharacteristics/samplerate"),
        )
        for file in root.iterfind(".//file[pathurl]")
    }
    assert told["stereo.mov"] == ("2", "44100")
    assert told["surround.wav"] == ("6", "96000")
    pair = root.findall(".//track[@premiereTrackType='Stereo']")
    assert [half.get("currentExplodedTrackIndex") for half in pair] == ["0", "1"]
    linked = root.find(".//video/track/clipitem").findall("link")
    assert [link.findtext("trackindex") for link in linked] == ["1", "1", "2"]

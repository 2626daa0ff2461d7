"""A timeline of many recordings as Final Cut Pro 7 XML, read by OpenTimelineIO."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from edits_read import RATE, Clip, check_places, files_of, otio, otio_clips

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

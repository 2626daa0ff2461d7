"""A timeline of many recordings as FCPXML, by the format's rules and read by OpenTimelineIO."""

from dataclasses import replace
from fractions import Fraction
from xml.etree import ElementTree

import pytest
from edits_read import RATE, check_places, fcpxml_clips, files_of, otio, otio_clips, seconds
from placed import group_of, timeline_of

from videoalignment.present.editors import write_fcpxml
from videoalignment.time_map import TimeMap


def test_fcpxml_has_every_file_at_its_place(tmp_path, edit_timeline, edit_files):
    """By the format's own rules: exact fractions, a clip's map of time, an asset's first moment."""
    (path,) = write_fcpxml(tmp_path / "x.fcpxml", edit_timeline)
    root = ElementTree.parse(path).getroot()
    project = root.find("library/event/project[@name='Group 1']/sequence/spine/gap")
    clips = [
        clip for element in project.iterfind("asset-clip") for clip in fcpxml_clips(root, element)
    ]
    check_places(clips, edit_files, RATE)
    for element in project.iterfind("asset-clip"):
        for attribute in ("offset", "duration"):  # else Final Cut Pro complains
            assert (seconds(element.get(attribute)) * RATE).denominator == 1


def test_fcpxml_is_read_by_its_adapter(tmp_path, edit_timeline, edit_files):
    (path,) = write_fcpxml(tmp_path / "x.fcpxml", edit_timeline)
    read = otio.adapters.read_from_file(str(path), adapter_name="fcpx_xml")
    assert [each.name for each in read] == ["Group 1", "Group 2"]
    assert files_of(read[0]) == {str(file.file) for file in edit_files}


def test_fcpxml_of_one_rate_is_read_to_the_frame(tmp_path, edit_files):
    """The adapter has gaps of mixed rates count in frames of the clip behind them."""
    files = [replace(edit_files[2], time_map=TimeMap(begin_s)) for begin_s in (0.0, 1.49, 7.03)]
    (path,) = write_fcpxml(tmp_path / "x.fcpxml", timeline_of(group_of(*files)))
    (read,) = otio.adapters.read_from_file(str(path), adapter_name="fcpx_xml")
    clips = otio_clips(read)
    # It cuts off the fraction of a frame that floating point leaves.
    assert [clip.begin_s for clip in clips] == pytest.approx([0.0, 1.48, 7.04], abs=0.041)
    assert [clip.duration_s for clip in clips] == pytest.approx([3.0] * 3, abs=0.041)


def test_fcpxml_has_a_multicam_clip_a_group(tmp_path, edit_timeline, edit_files):
    (path,) = write_fcpxml(tmp_path / "x.fcpxml", edit_timeline)
    root = ElementTree.parse(path).getroot()
    cameras = root.findall("library/event/mc-clip")
    assert len(cameras) == 2
    media = root.find(f"resources/media[@id='{cameras[0].get('ref')}']/multicam")
    angles = media.findall("mc-angle")
    assert len({angle.get("angleID") for angle in angles}) == len(angles)
    clips = []
    for angle in angles:
        at = Fraction(0)
        for element in angle:  # one after the other, without a hole
            assert seconds(element.get("offset")) == at
            at += seconds(element.get("duration"))
        clips += [
            clip for element in angle.iterfind("asset-clip") for clip in fcpxml_clips(root, element)
        ]
    check_places(clips, edit_files, RATE)
    used = {source.get("angleID") for source in cameras[0].iterfind("mc-source")}
    assert used <= {angle.get("angleID") for angle in angles}


# The order that Apple's document type prescribes for what we write in a clip.
_ORDER = ("note", "conform-rate", "timeMap", "asset-clip", "marker")
_RATES = {"23.98", "24", "25", "29.97", "30", "48", "50", "59.94", "60"}


def test_fcpxml_keeps_to_the_document_type(tmp_path, edit_timeline):
    (path,) = write_fcpxml(tmp_path / "x.fcpxml", edit_timeline)
    root = ElementTree.parse(path).getroot()
    ids = [resource.get("id") for resource in root.find("resources")]
    assert len(set(ids)) == len(ids)
    for element in root.iter():
        for attribute in ("ref", "format"):
            assert element.get(attribute) in (None, *ids)
    for clip in root.iter("asset-clip"):
        tags = [_ORDER.index(child.tag) for child in clip]
        assert tags == sorted(tags)
    rates = [rate.get("srcFrameRate") for rate in root.iter("conform-rate")]
    assert set(rates) == {"23.98", "25", "60"} <= _RATES
    assert all(rate.get("scaleEnabled") == "0" for rate in root.iter("conform-rate"))

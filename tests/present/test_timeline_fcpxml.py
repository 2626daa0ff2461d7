"""A timeline of many recordings as FCPXML, by the format's rules and read by OpenTimelineIO."""

from dataclasses import replace
from fractions import Fraction
from xml.etree import ElementTree

import pytest
from edits_read import (
    RATE,
    check_places,
    fcpxml_clips,
    files_of,
    otio,
    otio_clips,
    seconds,
)
from placed import group_of, placed, timeline_of
from ramps import run_ffmpeg

from videoalignment.present.editors import write_fcpxml
from videoalignment.time_map import TimeMap


def test_fcpxml_has_every_file_at_its_place(tmp_path, edit_timeline, edit_files):
    """By the format's own rules: exact fractions, a clip's map of time, an asset's first moment."""
    (path,) = write_fcpxml(tmp_path / "x.fcpxml", edit_timeline)
    root = ElementTree.parse(path).getroot()
    sequence = root.find("library/event/project[@name='Group 1']/sequence")
    gap = sequence.find("spine/gap")
    check_places(fcpxml_clips(root, gap), edit_files, RATE)
    assert sequence.get("tcStart") == gap.get("offset")  # which a storyline's offsets count from
    for element in gap.iterfind("asset-clip"):
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
        clips += fcpxml_clips(root, angle)
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


def test_fcpxml_tells_what_sounds_are_made_of(tmp_path, edit_files):
    run_ffmpeg("-f", "lavfi", "-i", "sine=d=2", "-ac", "6", "-ar", "96000", tmp_path / "5.1.wav")
    surround = placed(tmp_path / "5.1.wav", 0.0, 2.0, picture=False)
    (path,) = write_fcpxml(tmp_path / "x.fcpxml", timeline_of(group_of(edit_files[2], surround)))
    root = ElementTree.parse(path)
    asset = root.find("resources/asset[@name='5.1.wav']")
    told = {name: asset.get(name) for name in ("hasVideo", "audioChannels", "audioRate")}
    assert told == {"hasVideo": None, "audioChannels": "6", "audioRate": "96000"}

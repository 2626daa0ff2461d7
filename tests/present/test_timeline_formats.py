"""What the formats of all editors have in common."""

from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from edits_read import RATE, fcpxml_clips, otio, otio_clips
from placed import NASTY, group_of, timeline_of
from ramps import line_alignment, pair_of, segment

from videoalignment.align.pair import Recording
from videoalignment.align.timeline.records import Timeline
from videoalignment.errors import UnusableFileError, VideoAlignmentError
from videoalignment.features.sound_features import LEVEL_HZ, SoundFeatures, SoundRecipe
from videoalignment.media.probe import probe_video
from videoalignment.present.editors import WRITERS
from videoalignment.time_map import TimeMap


@pytest.mark.parametrize("format", ["otio", "xmeml", "fcpxml", "kdenlive"])
def test_a_pair_that_was_cut_has_its_cuts(tmp_path, edit_files, format):
    """A shows 2 to 3 s of B, then its beginning."""
    a, b = probe_video(edit_files[2].file), probe_video(edit_files[5].file)
    swapped = (segment(0, 1.0, 2.0), segment(1.0, 3.0, 0.0))
    pair = pair_of(line_alignment(2, 1, 3, 4, segments=swapped), a, b)
    (path,) = WRITERS[format](tmp_path / f"x.{format}", pair)
    if format == "fcpxml":
        root = ElementTree.parse(path).getroot()
        gap = root.find("library/event/project/sequence/spine/gap")
        clips = fcpxml_clips(root, gap)
    else:
        adapter = {"xmeml": "fcp_xml", "otio": "otio_json"}.get(format, format)
        read = otio.adapters.read_from_file(str(path), adapter_name=adapter)
        clips = otio_clips(read)
    if format == "xmeml":  # each picture is linked with its own sound
        items = ElementTree.parse(path).findall(".//clipitem[link]")
        begins = {item.get("id"): item.findtext("start") for item in items}
        for item in items:
            linked = [link.findtext("linkclipref") for link in item.iterfind("link")]
            assert len(linked) == 2
            assert {begins[other] for other in linked} == {item.findtext("start")}
    assert {clip.kind for clip in clips} == {"V", "A"}
    begins_s = min(clip.begin_s for clip in clips)
    for kind in "VA":
        of_b = [clip for clip in clips if clip.kind == kind and clip.file == "ntsc.mp4"]
        of_a = next(clip for clip in clips if clip.kind == kind and clip.file == "pal.mov")
        assert len(of_b) == 2
        start_s = of_a.begin_s - begins_s
        for t, expected in ((0.5, 2.5), (1.5, 0.5), (2.9, 1.9)):
            clip = next(c for c in of_b if 0 <= start_s + t - c.begin_s < c.duration_s)
            assert clip.moment_s(start_s + t) == pytest.approx(expected, abs=0.041)


@pytest.mark.parametrize("format", ["otio", "edl"])
def test_a_pair_of_a_video_and_a_recorder(tmp_path, edit_files, format):
    """Aligned by sound; the recorder has no picture."""
    recorder, camera = edit_files[0], probe_video(edit_files[3].file)
    pair = pair_of(line_alignment(1.5, 1.0, 5.0, 9.0), camera, recorder.file)
    samples, levels = np.ones(9 * 8000, np.int8), np.zeros(9 * LEVEL_HZ, np.float16)
    sound = SoundFeatures(samples, levels, 0.0, SoundRecipe())
    pair = replace(pair, b=Recording(recorder.file, None, sound=sound))
    (path,) = WRITERS[format](tmp_path / f"x.{format}", pair)
    options = {"rate": float(RATE)} if format == "edl" else {}
    read = otio.adapters.read_from_file(str(path), **options)
    kinds = {track.name: [c.name for c in track.find_clips()][-1] for track in read.tracks}
    video, audio = ("V", "A1") if format == "edl" else ("V1", "A1")
    assert kinds == {video: NASTY, audio: NASTY, "A2": recorder.file.name}


ALL_WRITERS = tuple(WRITERS.values())


@pytest.mark.parametrize("write", ALL_WRITERS)
def test_sound_alone_makes_a_timeline(tmp_path, edit_files, write):
    recorder = edit_files[0]
    later = replace(recorder, time_map=TimeMap(1.25))
    (path,) = write(tmp_path / "x.out", timeline_of(group_of(recorder, later)))
    assert "recorder" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("write", ALL_WRITERS)
def test_nothing_placed_is_said(tmp_path, write):
    with pytest.raises(VideoAlignmentError, match="not written, because no two files share"):
        write(tmp_path / "x.out", Timeline((), ()))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("write", ALL_WRITERS)
def test_a_file_that_is_gone_is_named(tmp_path, edit_files, write):
    gone = replace(edit_files[2], file=tmp_path / "gone.mp4")
    with pytest.raises(UnusableFileError, match=r"gone\.mp4: no such file"):
        write(tmp_path / "x.out", timeline_of(group_of(edit_files[1], gone)))
    assert list(tmp_path.iterdir()) == []

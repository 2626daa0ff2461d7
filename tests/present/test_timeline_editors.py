"""A timeline of many recordings in editors' formats, read back by parsers that are not ours."""

import os
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from placed import group_of, placed, timeline_of
from ramps import line_alignment, pair_of, run_ffmpeg, segment, write_ramp

from videoalignment.align.pair import Recording
from videoalignment.align.timeline.records import PlacedFile, Timeline
from videoalignment.errors import UnusableFileError, VideoAlignmentError
from videoalignment.features.sound_features import LEVEL_HZ, SoundFeatures, SoundRecipe
from videoalignment.media.probe import probe_video
from videoalignment.present.editors import (
    WRITERS,
    write_edl,
    write_fcpxml,
    write_kdenlive,
    write_otio,
    write_xmeml,
)
from videoalignment.time_map import TimeMap

otio = pytest.importorskip("opentimelineio", reason="the editors extra is not installed")
for adapter in ("otio_fcp_adapter", "otio_fcpx_xml_adapter", "otio_kdenlive_adapter"):
    pytest.importorskip(adapter, reason="the editors extra is not installed")

NASTY = "naïve \"B\" & 'C' <50%> #2 ☕.mov"


@dataclass(frozen=True)
class Clip:
    """A clip as another program reads it. Times in seconds."""

    kind: str
    file: str
    begin_s: float
    duration_s: float
    source_s: float
    """From the beginning of the file."""
    speed: float = 1.0

    def moment_s(self, time_s: float) -> float:
        """The moment of the file that it plays at a moment of the timeline."""
        return self.source_s + (time_s - self.begin_s) * self.speed


@pytest.fixture(scope="module")
def footage(tmp_path_factory) -> tuple[PlacedFile, ...]:
    """Two groups' worth of files: of all rates, with timecodes, drift, lags and odd names."""
    folder = tmp_path_factory.mktemp("footage")

    def video(name: str, fps: str, duration_s: float, *extra: str, sound: bool = True) -> Path:
        options = {"fps": fps, "size": "64x48", "sound": sound}
        return write_ramp(folder / name, duration_s, **options, extra=extra)

    recorder = folder / "recorder zoom.wav"
    run_ffmpeg("-f", "lavfi", "-i", "sine=d=9", "-ar", "48000", recorder)
    rough = folder / "phone.mp4"
    varying = ("-vf", "select='mod(n,7)',setpts=PTS", "-fps_mode", "vfr")
    return (
        placed(recorder, 0.0, 9.0, picture=False),
        placed(video("film.mp4", "24000/1001", 4.0), 0.5137, 4.0),
        placed(video("pal.mov", "25", 3.0, "-timecode", "10:20:30:04"), 1.017, 3.0),
        placed(
            video(NASTY, "30000/1001", 5.0, "-timecode", "01:02:03;06"),
            2.2222,
            5.0,
            sound_lag_s=0.1,
        ),
        placed(video("fast.mp4", "60", 2.0, sound=False), 3.3333, 2.0, sound=False, weak=True),
        placed(video("ntsc.mp4", "30000/1001", 4.0), 3.9, 4.0, rate=0.96),
        placed(video(rough.name, "30", 4.0, *varying, sound=False), 4.4, 4.0, 1.00004, sound=False),
    )


@pytest.fixture(scope="module")
def timeline(footage) -> Timeline:
    other = replace(footage[1], time_map=TimeMap(0.0))
    return timeline_of(group_of(*footage), group_of(other, replace(other, file=footage[2].file)))


def _in_truth(clip: Clip, files: tuple[PlacedFile, ...]) -> tuple[PlacedFile, TimeMap]:
    file = next(file for file in files if file.file.name == clip.file)
    lag_s = file.sound_lag_s or 0.0 if clip.kind == "A" else 0.0
    return file, TimeMap(file.begin_s - lag_s * file.rate, file.rate)


def _check_places(clips: list[Clip], files: tuple[PlacedFile, ...], rate: Fraction) -> None:
    """Compare what is played all along each clip with the truth.

    Half a frame of the sequence is the grid that clips lie on. A retimed clip ends within another
    half frame, and half a frame of the file is what its own numbers are rounded to.
    """
    wanted = [("V", file.file.name) for file in files if file.has_picture]
    wanted += [("A", file.file.name) for file in files if file.has_sound]
    assert sorted((clip.kind, clip.file) for clip in clips) == sorted(wanted)
    for clip in clips:
        file, truth = _in_truth(clip, files)
        own_s = 0.5 / 23.9 if file.has_picture else 0.5 / rate
        for part in (0.0, 0.3, 0.999):
            time_s = clip.begin_s + part * clip.duration_s
            error_s = abs(clip.moment_s(time_s) - truth.to_a(time_s))
            assert error_s <= 0.5 / rate + own_s + 1e-3 + abs(1 - file.rate) * own_s, clip
        end_s = truth.to_b(file.duration_s)
        assert clip.begin_s + clip.duration_s == pytest.approx(end_s, abs=float(1 / rate))
        assert clip.begin_s == pytest.approx(max(0.0, truth.to_b(0.0)), abs=float(0.51 / rate))


RATE = Fraction(30000, 1001)
"""Two of the files have it, and one is near it."""


def _otio_clips(timeline, *, start_known: bool = True) -> list[Clip]:
    """The clips of OpenTimelineIO's timeline."""
    clips = []
    for track in timeline.tracks:
        for child in track.find_clips():
            if child.name.isdigit():  # an edit list's black has no name
                continue
            warps = [e for e in child.effects if isinstance(e, otio.schema.LinearTimeWarp)]
            place = child.range_in_parent()
            media = child.media_reference
            media_s = 0.0
            if start_known and media.available_range:
                media_s = media.available_range.start_time.to_seconds()
            clips.append(
                Clip(
                    kind=track.kind[0],
                    file=child.name,
                    begin_s=place.start_time.to_seconds(),
                    duration_s=place.duration.to_seconds(),
                    source_s=child.source_range.start_time.to_seconds() - media_s,
                    speed=next((warp.time_scalar for warp in warps), 1.0),
                )
            )
    return clips


def _files_of(timeline) -> set[str]:
    return {
        otio.url_utils.filepath_from_url(clip.media_reference.target_url)
        for clip in timeline.find_clips()
    }


# ------------------------------------------------------------------ OpenTimelineIO


def test_otio_has_every_file_at_its_place(tmp_path, timeline, footage):
    paths = write_otio(tmp_path / "x.otio", timeline)
    assert [path.name for path in paths] == ["x.otio", "x-2.otio"]
    read = otio.adapters.read_from_file(str(paths[0]))
    _check_places(_otio_clips(read), footage, RATE)
    assert _files_of(read) == {str(file.file) for file in footage}
    other = _otio_clips(otio.adapters.read_from_file(str(paths[1])))
    assert {clip.file for clip in other} == {"film.mp4", "pal.mov"}
    assert all(clip.begin_s == 0 for clip in other)


def test_otio_says_what_to_look_at(tmp_path, timeline):
    read = otio.adapters.read_from_file(str(write_otio(tmp_path / "x.otio", timeline)[0]))
    told = {
        clip.name: clip.markers[0].name if clip.markers else ""
        for track in read.video_tracks()
        for clip in track.find_clips()
    }
    assert told["film.mp4"] == ""
    assert "100.0 ms late, so moved" in told[NASTY]
    assert "not sure" in told["fast.mp4"]
    assert "x 0.9600, so retimed" in told["ntsc.mp4"]
    assert told["phone.mp4"] == ""  # 40 ppm of 4 s are no half frame
    notes = [clip.metadata["videoalignment"]["note"] for clip in read.find_clips()]
    assert any("clock +40.0 ppm" in note for note in notes)
    assert all("confidence 0.99" in note for note in notes)


def test_a_drift_of_half_a_frame_is_retimed(tmp_path, footage):
    """100 ppm are half a frame of 25 after 200 s; before that, retiming would be noise."""
    pal = footage[2]
    for duration_s, retimed in ((190.0, False), (210.0, True)):
        long = replace(pal, time_map=TimeMap(0.0, 1.0001), duration_s=duration_s)
        group = group_of(long, replace(pal, time_map=TimeMap(0.0)))
        read = otio.adapters.read_from_file(
            str(write_otio(tmp_path / "x.otio", timeline_of(group))[0])
        )
        effects = read.video_tracks()[0][0].effects
        assert bool(effects) == retimed
        if retimed:
            assert effects[0].time_scalar == pytest.approx(1 / 1.0001, abs=1e-9)


@settings(deadline=None, max_examples=30)
@given(
    begins_s=st.lists(st.floats(0, 4000), min_size=1, max_size=3),
    rate=st.sampled_from([0.96, 0.9999, 1.0, 1.00005, 1.04]),
)
def test_any_place_is_met_to_half_a_frame(tmp_path_factory, footage, begins_s, rate):
    first = replace(footage[2], time_map=TimeMap(0.0))
    files = [
        replace(footage[2], time_map=TimeMap(begin_s, rate), duration_s=3.0) for begin_s in begins_s
    ]
    path = tmp_path_factory.mktemp("x") / "x.otio"
    read = otio.adapters.read_from_file(
        str(write_otio(path, timeline_of(group_of(first, *files)))[0])
    )
    clips = [clip for clip in _otio_clips(read) if clip.kind == "V"][1:]
    for clip, begin_s in zip(clips, begins_s, strict=True):
        truth = TimeMap(begin_s, rate)
        middle_s = clip.begin_s + clip.duration_s / 2
        assert abs(truth.to_a(clip.begin_s) - clip.moment_s(clip.begin_s)) <= 0.0201 / rate
        assert abs(truth.to_a(middle_s) - clip.moment_s(middle_s)) <= 0.0301 / rate


# ------------------------------------------------------------------ edit decision lists


def test_edl_has_every_file_at_its_place(tmp_path, timeline, footage):
    paths = write_edl(tmp_path / "x.edl", timeline)
    assert [path.name for path in paths] == ["x.edl", "x-2.edl"]
    read = otio.adapters.read_from_file(str(paths[0]), rate=float(RATE))
    names = [track.name for track in read.tracks]
    assert sorted(names) == sorted(
        ["V", *(f"V{n}" for n in range(2, 7)), *(f"A{n}" for n in range(1, 6))]
    )
    clips = [
        replace(clip, source_s=clip.source_s - _timecode_s(clip.file), kind=track.name[0])
        for track in read.tracks
        for clip in _otio_clips(_only(track), start_known=False)
    ]
    _check_places(clips, footage, RATE)
    assert "* COMMENT: begins at 0:00.514 ± 0.4 ms" in paths[0].read_text(encoding="utf-8")


def _only(track):
    timeline = otio.schema.Timeline()
    timeline.tracks.append(track.deepcopy())
    return timeline


def _timecode_s(file: str) -> float:
    """When the cameras' timecodes begin, seconds; counted by hand."""
    if file == "pal.mov":
        # Its 4th frame of 25 a second falls on 4.8 of the sequence's.
        return 10 * 3600 + 20 * 60 + 30 + 4 / 25
    if file == NASTY:
        # 3723 s of 30 numbers and 6, less two for each minute but every tenth: 62 - 6 of them
        return (3723 * 30 + 6 - 2 * (62 - 6)) * 1001 / 30000
    return 0.0


# ------------------------------------------------------------------ Final Cut Pro 7 XML


def test_xmeml_has_every_file_at_its_place(tmp_path, timeline, footage):
    (path,) = write_xmeml(tmp_path / "x.xml", timeline)
    read = otio.adapters.read_from_file(str(path), adapter_name="fcp_xml")
    assert [each.name for each in read] == ["Group 1", "Group 2"]
    clips = [replace(clip, speed=_xmeml_speed(path, clip)) for clip in _otio_clips(read[0])]
    _check_places(clips, footage, RATE)
    assert _files_of(read[0]) == {str(file.file) for file in footage}
    assert read[0].global_start_time.to_seconds() == pytest.approx(3600, abs=0.01)


def _xmeml_speed(path: Path, clip: Clip) -> float:
    """What the filter says, which the parser keeps as it is."""
    for item in ElementTree.parse(path).iterfind("project/children/sequence[1]//clipitem"):
        speed = item.find("filter/effect/parameter[parameterid='speed']/value")
        if item.findtext("name") == clip.file and speed is not None:
            return float(speed.text) / 100
    return 1.0


def test_xmeml_links_picture_and_sound(tmp_path, timeline, footage):
    (path,) = write_xmeml(tmp_path / "x.xml", timeline)
    root = ElementTree.parse(path)
    items = {item.get("id"): item for item in root.iterfind(".//clipitem")}
    for item in root.iterfind("project/children/sequence[1]//clipitem"):
        linked = [items[link.findtext("linkclipref")] for link in item.iterfind("link")]
        file = next(file for file in footage if file.file.name == item.findtext("name"))
        assert len(linked) == (2 if file.has_picture and file.has_sound else 0)
        assert all(other.find("file").get("id") == item.find("file").get("id") for other in linked)
    wav = next(file for file in root.iterfind(".//file") if "recorder" in file.findtext("name", ""))
    assert wav.find("media/video") is None
    assert wav.find("media/audio") is not None
    size = root.find(".//sequence/media/video/format/samplecharacteristics")
    assert (size.findtext("width"), size.findtext("height")) == ("64", "48")


# ------------------------------------------------------------------ FCPXML


def _seconds(text: str) -> Fraction:
    return Fraction(text.removesuffix("s"))


def test_fcpxml_has_every_file_at_its_place(tmp_path, timeline, footage):
    """By the format's own rules: exact fractions, a clip's map of time, an asset's first moment."""
    (path,) = write_fcpxml(tmp_path / "x.fcpxml", timeline)
    root = ElementTree.parse(path).getroot()
    project = root.find("library/event/project[@name='Group 1']/sequence/spine/gap")
    clips = [clip for element in project.iterfind("asset-clip") for clip in _parts(root, element)]
    _check_places(clips, footage, RATE)
    for element in project.iterfind("asset-clip"):
        for attribute in ("offset", "duration"):  # else Final Cut Pro complains
            assert (_seconds(element.get(attribute)) * RATE).denominator == 1


def _parts(root, element) -> list[Clip]:
    """The picture and the sound of an asset-clip."""
    asset = root.find(f"resources/asset[@id='{element.get('ref')}']")
    kinds = {"video": "V", "audio": "A"}.get(element.get("srcEnable"), "")
    kinds = kinds or ("V" * bool(asset.get("hasVideo")) + "A" * bool(asset.get("hasAudio")))
    start, speed = _seconds(element.get("start")), 1.0
    points = [
        (_seconds(point.get("time")), _seconds(point.get("value")))
        for point in element.iterfind("timeMap/timept")
    ]
    if points:
        (t0, v0), (t1, v1) = points
        speed = float((v1 - v0) / (t1 - t0))
        start = v0 + (start - t0) * (v1 - v0) / (t1 - t0)
    source_s = start - _seconds(asset.get("start"))
    begin_s, duration_s = (float(_seconds(element.get(name))) for name in ("offset", "duration"))
    name = element.get("name")
    return [Clip(kind, name, begin_s, duration_s, float(source_s), speed) for kind in kinds]


def test_fcpxml_is_read_by_its_adapter(tmp_path, timeline, footage):
    (path,) = write_fcpxml(tmp_path / "x.fcpxml", timeline)
    read = otio.adapters.read_from_file(str(path), adapter_name="fcpx_xml")
    assert [each.name for each in read] == ["Group 1", "Group 2"]
    assert _files_of(read[0]) == {str(file.file) for file in footage}


def test_fcpxml_of_one_rate_is_read_to_the_frame(tmp_path, footage):
    """The adapter has gaps of mixed rates count in frames of the clip behind them."""
    files = [replace(footage[2], time_map=TimeMap(begin_s)) for begin_s in (0.0, 1.49, 7.03)]
    (path,) = write_fcpxml(tmp_path / "x.fcpxml", timeline_of(group_of(*files)))
    (read,) = otio.adapters.read_from_file(str(path), adapter_name="fcpx_xml")
    clips = _otio_clips(read)
    # It cuts off the fraction of a frame that floating point leaves.
    assert [clip.begin_s for clip in clips] == pytest.approx([0.0, 1.48, 7.04], abs=0.041)
    assert [clip.duration_s for clip in clips] == pytest.approx([3.0] * 3, abs=0.041)


def test_fcpxml_has_a_multicam_clip_a_group(tmp_path, timeline, footage):
    (path,) = write_fcpxml(tmp_path / "x.fcpxml", timeline)
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
            assert _seconds(element.get("offset")) == at
            at += _seconds(element.get("duration"))
        clips += [
            clip for element in angle.iterfind("asset-clip") for clip in _parts(root, element)
        ]
    _check_places(clips, footage, RATE)
    used = {source.get("angleID") for source in cameras[0].iterfind("mc-source")}
    assert used <= {angle.get("angleID") for angle in angles}


# The order that Apple's document type prescribes for what we write in a clip.
_ORDER = ("note", "conform-rate", "timeMap", "asset-clip", "marker")
_RATES = {"23.98", "24", "25", "29.97", "30", "48", "50", "59.94", "60"}


def test_fcpxml_keeps_to_the_document_type(tmp_path, timeline):
    (path,) = write_fcpxml(tmp_path / "x.fcpxml", timeline)
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


# ------------------------------------------------------------------ Kdenlive


def test_kdenlive_has_every_file_at_its_place(tmp_path, timeline, footage, capfd):
    paths = write_kdenlive(tmp_path / "x.kdenlive", timeline)
    assert capfd.readouterr().out == ""
    assert [path.name for path in paths] == ["x.kdenlive", "x-2.kdenlive"]
    read = otio.adapters.read_from_file(str(paths[0]))
    project = ElementTree.parse(paths[0]).getroot()
    speeds = {}
    for producer in project.iterfind("producer"):
        told = {each.get("name"): each.text for each in producer.iterfind("property")}
        if "warp_resource" in told:
            name = Path(told["warp_resource"]).name
            speeds[name] = float(told["warp_speed"])
    # The adapter names no retimed clip: it is the one left.
    clips = _otio_clips(read)
    clips = [replace(clip, file=clip.file or "ntsc.mp4") for clip in clips]
    clips = [
        replace(
            clip,
            speed=speeds.get(clip.file, 1.0),
            source_s=clip.source_s * speeds.get(clip.file, 1.0),
        )
        for clip in clips
    ]
    assert speeds == {"ntsc.mp4": pytest.approx(1 / 0.96)}
    _check_places(clips, footage, RATE)
    guides = [marker.name for marker in read.tracks.markers]
    assert any("not sure" in guide for guide in guides)
    profile = project.find("profile")
    assert (profile.get("width"), profile.get("height")) == ("64", "48")
    assert profile.get("frame_rate_num") == "30000"


def test_a_name_that_xml_lacks_is_refused(tmp_path, footage):
    odd = tmp_path / "bell\x07.mov"
    os.link(footage[2].file, odd)
    timeline = timeline_of(group_of(footage[1], replace(footage[2], file=odd)))
    with pytest.raises(UnusableFileError, match="cannot stand in a Kdenlive project; rename it"):
        write_kdenlive(tmp_path / "x.kdenlive", timeline)
    for write, name in ((write_fcpxml, "x.fcpxml"), (write_xmeml, "x.xml"), (write_edl, "x.edl")):
        write(tmp_path / name, timeline)  # its URL can
        assert "\x07" not in (tmp_path / name).read_text(encoding="utf-8")


# ------------------------------------------------------------------ all of them


@pytest.mark.parametrize("format", ["otio", "xmeml", "fcpxml", "kdenlive"])
def test_a_pair_that_was_cut_has_its_cuts(tmp_path, footage, format):
    """A shows 2 to 3 s of B, then its beginning."""
    a, b = probe_video(footage[2].file), probe_video(footage[5].file)
    swapped = (segment(0, 1.0, 2.0), segment(1.0, 3.0, 0.0))
    pair = pair_of(line_alignment(2, 1, 3, 4, segments=swapped), a, b)
    (path,) = WRITERS[format](tmp_path / f"x.{format}", pair)
    if format == "fcpxml":
        root = ElementTree.parse(path).getroot()
        gap = root.find("library/event/project/sequence/spine/gap")
        clips = [c for element in gap.iterfind("asset-clip") for c in _parts(root, element)]
    else:
        adapter = {"xmeml": "fcp_xml", "otio": "otio_json"}.get(format, format)
        read = otio.adapters.read_from_file(str(path), adapter_name=adapter)
        clips = _otio_clips(read)
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
def test_a_pair_of_a_video_and_a_recorder(tmp_path, footage, format):
    """Aligned by sound; the recorder has no picture."""
    recorder, camera = footage[0], probe_video(footage[3].file)
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
def test_sound_alone_makes_a_timeline(tmp_path, footage, write):
    recorder = footage[0]
    later = replace(recorder, time_map=TimeMap(1.25))
    (path,) = write(tmp_path / "x.out", timeline_of(group_of(recorder, later)))
    assert "recorder" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("write", ALL_WRITERS)
def test_nothing_placed_is_said(tmp_path, write):
    with pytest.raises(VideoAlignmentError, match="not written, because no two files share"):
        write(tmp_path / "x.out", Timeline((), ()))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("write", ALL_WRITERS)
def test_a_file_that_is_gone_is_named(tmp_path, footage, write):
    gone = replace(footage[2], file=tmp_path / "gone.mp4")
    with pytest.raises(UnusableFileError, match=r"gone\.mp4: no such file"):
        write(tmp_path / "x.out", timeline_of(group_of(footage[1], gone)))
    assert list(tmp_path.iterdir()) == []

"""Editors' files, read back with OpenTimelineIO's own parsers."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ramps import line_alignment, pair_of, segment

from videoalignment.errors import VideoAlignmentError
from videoalignment.media.probe import VideoInfo, probe_video
from videoalignment.present.editors import write_edl, write_otio
from videoalignment.present.timecode import (
    STANDARD_RATES,
    drops_frames,
    frame_of,
    standard_rate,
    timecode,
)

otio = pytest.importorskip("opentimelineio", reason="the otio extra is not installed")

NTSC_FILM, NTSC = Fraction(24000, 1001), Fraction(30000, 1001)


def _video(name: str, fps: float = 30.0, **changes) -> VideoInfo:
    video = VideoInfo(
        path=Path("/footage") / name,
        duration_s=60.0,
        fps=fps,
        width=640,
        height=360,
        rotation_degrees=0,
        codec="h264",
        has_audio=True,
    )
    return replace(video, **changes)


def _moment_at(track, time_s: float) -> float | None:
    """The moment of a video, seconds, that a track plays at a moment of the timeline."""
    for child in track:
        if not isinstance(child, otio.schema.Clip) or child.name.isdigit():  # black has no name
            continue
        place = child.range_in_parent()
        begin_s = place.start_time.to_seconds()
        if begin_s <= time_s < begin_s + place.duration.to_seconds():
            speed = child.effects[0].time_scalar if child.effects else 1.0
            return child.source_range.start_time.to_seconds() + (time_s - begin_s) * speed
    return None


def _tracks(timeline):
    return {track.name: track for track in timeline.tracks}


def _read_edl(path: Path, rate: Fraction):
    return _tracks(otio.adapters.read_from_file(str(path), rate=float(rate)))


def _read_otio(path: Path):
    return _tracks(otio.adapters.read_from_file(str(path)))


def _check_in_step(track_a, track_b, alignment, frame_s: float) -> None:
    """Compare the two tracks with the alignment at many moments of the timeline."""
    met = 0
    for step in range(400):
        time_s = step * 0.1
        a_s, b_s = _moment_at(track_a, time_s), _moment_at(track_b, time_s)
        if a_s is not None and b_s is not None:
            met += 1
            assert abs(alignment.offset_s + a_s * alignment.speed - b_s) <= 1.1 * frame_s
    overlap_s = max(0.0, alignment.overlap.end_a_s - alignment.overlap.begin_a_s)
    assert met * 0.1 == pytest.approx(overlap_s, abs=0.3)


# ------------------------------------------------------------------ timecodes


@given(st.sampled_from(STANDARD_RATES), st.integers(0, 23 * 3600 * 24))
def test_timecodes_are_those_of_opentimelineio(rate, frame):
    time = otio.opentime.RationalTime(frame, float(rate))
    expected = otio.opentime.to_timecode(time, float(rate), drops_frames(rate))
    assert timecode(frame, rate) == expected
    assert frame_of(expected, rate) == frame


@pytest.mark.parametrize(
    ("fps", "rate"),
    [
        (23.98, NTSC_FILM),
        (24, Fraction(24)),
        (29.97, NTSC),
        (30.0, Fraction(30)),
        (59.94, Fraction(60000, 1001)),
        (29.3, NTSC),  # a phone's varying rate
        (15, Fraction(30)),
        (12.5, Fraction(25)),
        (240, Fraction(60)),
    ],
)
def test_footage_gets_the_rate_that_editors_know(fps, rate):
    assert standard_rate(fps) == rate


# ------------------------------------------------------------------ edit decision lists


@pytest.mark.parametrize("rate", STANDARD_RATES, ids=str)
def test_edl_holds_both_in_step(tmp_path, rate):
    alignment = line_alignment(3.7, 1.0, 18.8, 22.46)
    a, b = _video("a.mp4", float(rate)), _video("b.mp4", float(rate))
    write_edl(tmp_path / "x.edl", pair_of(alignment, a, b))
    tracks = _read_edl(tmp_path / "x.edl", rate)
    assert set(tracks) == {"V", "A1", "V2", "A2"}
    _check_in_step(tracks["V"], tracks["V2"], alignment, float(1 / rate))
    _check_in_step(tracks["A1"], tracks["A2"], alignment, float(1 / rate))
    mode = "DROP FRAME" if drops_frames(rate) else "NON-DROP FRAME"
    assert f"FCM: {mode}\n" in (tmp_path / "x.edl").read_text()


def test_edl_at_29_97_after_an_hour(tmp_path):
    """Where drop-frame counting matters: an hour in, plain counting is 3.6 s off the clock."""
    alignment = line_alignment(3600.0, 1.0, 60, 4000)
    write_edl(
        tmp_path / "x.edl", pair_of(alignment, _video("a.mp4", 29.97), _video("b.mp4", 29.97))
    )
    event = next(line for line in (tmp_path / "x.edl").read_text().splitlines() if "AX" in line)
    # A minute of the clock is 1798.2 frames, two of its 1800 numbers being dropped at its end.
    assert event.split()[4:] == ["00:00:00;00", "00:00:59;28", "02:00:00;00", "02:00:59;28"]


def test_edl_at_23_976_counts_24_a_second(tmp_path):
    """100 s of the clock are 2397.6 frames, written as 99 seconds and 22 frames."""
    alignment = line_alignment(100.0, 1.0, 10, 200)
    a = _video("a.mp4", 24000 / 1001)
    write_edl(tmp_path / "x.edl", pair_of(alignment, a, _video("b.mp4", 24000 / 1001)))
    event = next(line for line in (tmp_path / "x.edl").read_text().splitlines() if "AX" in line)
    assert event.split()[6] == "01:01:39:22"


@pytest.mark.parametrize("rate", [Fraction(25), NTSC, NTSC_FILM], ids=str)
@pytest.mark.parametrize("speed", [0.8, 24 / 25, 1.25, 2.0])
def test_edl_retimes_b(tmp_path, rate, speed):
    alignment = line_alignment(-4.0, speed, 18.0, 20.0)
    a, b = _video("a.mp4", float(rate)), _video("b.mp4", float(rate))
    write_edl(tmp_path / "x.edl", pair_of(alignment, a, b))
    tracks = _read_edl(tmp_path / "x.edl", rate)
    clip = tracks["V2"][-1]
    assert clip.effects[0].time_scalar == pytest.approx(speed, rel=1e-4)
    _check_in_step(tracks["V"], tracks["V2"], alignment, float(1 / rate))


def test_edl_of_reordered_footage(tmp_path):
    alignment = line_alignment(10, 1.0, 9, 20, segments=(segment(0, 5, 10), segment(5, 9, 1)))
    write_edl(tmp_path / "x.edl", pair_of(alignment, _video("a.mp4", 25), _video("b.mp4", 25)))
    tracks = _read_edl(tmp_path / "x.edl", Fraction(25))
    for t, expected in ((2.0, 12.0), (4.0, 14.0), (5.5, 1.5), (8.5, 4.5)):
        start_s = 10.0  # B begins 10 s before A, and with it the timeline
        assert _moment_at(tracks["V"], start_s + t) == pytest.approx(t)
        assert _moment_at(tracks["V2"], start_s + t) == pytest.approx(expected)


def test_edl_counts_from_the_cameras_timecode(tmp_path, make_ramp):
    stamp = ("-timecode", "10:20:30;04")
    a = probe_video(make_ramp("a.mov", 1.0, fps="30000/1001", extra=stamp))
    assert a.timecode == "10:20:30;04"
    b = _video("b.mp4", float(NTSC), has_audio=False)
    write_edl(tmp_path / "x.edl", pair_of(line_alignment(0.5, 1.0, 1.0, 5.0), a, b))
    tracks = _read_edl(tmp_path / "x.edl", NTSC)
    assert set(tracks) == {"V", "V2"}  # neither has sound
    start = tracks["V"][-1].source_range.start_time
    assert otio.opentime.to_timecode(start, float(NTSC), True) == "10:20:30;04"


def test_edl_stays_well_formed_with_odd_names(tmp_path):
    a = _video("x\n002  AX       V     C        evil\x1b[31m.mp4", 25)
    write_edl(
        tmp_path / "x.edl", pair_of(line_alignment(1, 1.0, 5, 9), a, _video("ünï ☕.mp4", 25))
    )
    tracks = _read_edl(tmp_path / "x.edl", Fraction(25))
    assert len(tracks["V"]) == 2  # black, then A
    assert tracks["V2"][0].name == "ünï ☕.mp4"
    assert "\x1b" not in (tmp_path / "x.edl").read_text()


# ------------------------------------------------------------------ OpenTimelineIO


@given(
    offset_s=st.floats(-9, 9),
    speed=st.sampled_from([0.5, 24 / 25, 1.0, 1.001, 1.25, 2.0]),
    fps_a=st.sampled_from([23.976, 25, 29.97, 30, 60]),
    fps_b=st.sampled_from([23.976, 25, 29.97, 59.94]),
)
def test_otio_holds_both_in_step(tmp_path_factory, offset_s, speed, fps_a, fps_b):
    path = tmp_path_factory.mktemp("otio") / "x.otio"
    alignment = line_alignment(offset_s, speed, 12.0, 25.0)
    write_otio(path, pair_of(alignment, _video("a.mp4", fps_a), _video("b.mp4", fps_b)))
    tracks = _read_otio(path)
    assert [(t.name, t.kind) for t in tracks.values()] == [
        *(("V1", "Video"), ("V2", "Video"), ("A1", "Audio"), ("A2", "Audio"))
    ]
    _check_in_step(tracks["V1"], tracks["V2"], alignment, float(1 / standard_rate(fps_a)))
    _check_in_step(tracks["A1"], tracks["A2"], alignment, float(1 / standard_rate(fps_a)))


def test_otio_refers_to_the_files(tmp_path, make_ramp):
    a = probe_video(make_ramp("ä b #1.mp4", 1.0, fps="25", sound=True))
    b = probe_video(make_ramp("b.mp4", 2.0, fps="25", extra=("-timecode", "01:00:00:00")))
    write_otio(tmp_path / "x.otio", pair_of(line_alignment(0.4, 1.0, 1.0, 2.0), a, b))
    timeline = otio.adapters.read_from_file(str(tmp_path / "x.otio"))
    tracks = _tracks(timeline)
    assert set(tracks) == {"V1", "V2", "A1"}
    assert isinstance(tracks["V1"][0], otio.schema.Gap)
    media = tracks["V1"][1].media_reference
    assert media.target_url.startswith("file:///")
    assert otio.url_utils.filepath_from_url(media.target_url) == str(a.path)
    assert media.available_range.duration.to_seconds() == pytest.approx(1.0)
    stamped = tracks["V2"][0]
    assert stamped.media_reference.available_range.start_time.to_timecode() == "01:00:00:00"
    assert stamped.source_range.start_time.to_timecode() == "01:00:00:00"
    assert timeline.global_start_time.to_timecode() == "01:00:00:00"


def test_a_speed_too_small_to_matter_is_left_alone(tmp_path):
    alignment = line_alignment(1.0, 1.00001, 12.0, 25.0)
    write_otio(tmp_path / "x.otio", pair_of(alignment, _video("a.mp4"), _video("b.mp4")))
    assert not _read_otio(tmp_path / "x.otio")["V2"][0].effects


def test_sound_before_the_picture_is_counted(tmp_path):
    """Editors count from the beginning of the file, alignments from the first picture."""
    late = replace(_video("b.mp4"), first_frame_s=0.5)
    write_otio(tmp_path / "x.otio", pair_of(line_alignment(2.0, 1.0, 5, 9), _video("a.mp4"), late))
    clip = _read_otio(tmp_path / "x.otio")["V2"][0]
    assert clip.source_range.start_time.to_seconds() == pytest.approx(0.5)
    assert clip.media_reference.available_range.duration.to_seconds() == pytest.approx(9.5)


# ------------------------------------------------------------------ what cannot be edited


@pytest.mark.parametrize("write", [write_edl, write_otio])
def test_videos_that_do_not_match_are_no_timeline(tmp_path, write):
    alignment = line_alignment(2.0, 1.0, 5, 9, matched=False)
    with pytest.raises(VideoAlignmentError, match=r"x\.out: not written, because .* do not match"):
        write(tmp_path / "x.out", pair_of(alignment, _video("a.mp4"), _video("b.mp4")))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("write", [write_edl, write_otio])
def test_features_alone_are_no_footage(tmp_path, write):
    pair = pair_of(line_alignment(2.0, 1.0, 5, 9), _video("a.mp4"), "b.mp4")
    with pytest.raises(VideoAlignmentError, match=r"b\.mp4: only its features are at hand"):
        write(tmp_path / "x.out", pair)

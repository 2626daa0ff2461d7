"""A timeline of many recordings as OpenTimelineIO reads it."""

from dataclasses import replace

import pytest
from edits_read import RATE, check_places, files_of, otio, otio_clips
from hypothesis import given, settings
from hypothesis import strategies as st
from placed import NASTY, group_of, timeline_of

from videoalignment.present.editors import write_otio
from videoalignment.time_map import TimeMap


def test_otio_has_every_file_at_its_place(tmp_path, edit_timeline, edit_files):
    paths = write_otio(tmp_path / "x.otio", edit_timeline)
    assert [path.name for path in paths] == ["x.otio", "x-2.otio"]
    read = otio.adapters.read_from_file(str(paths[0]))
    check_places(otio_clips(read), edit_files, RATE)
    assert files_of(read) == {str(file.file) for file in edit_files}
    other = otio_clips(otio.adapters.read_from_file(str(paths[1])))
    assert {clip.file for clip in other} == {"film.mp4", "pal.mov"}
    assert all(clip.begin_s == 0 for clip in other)


def test_otio_says_what_to_look_at(tmp_path, edit_timeline):
    read = otio.adapters.read_from_file(str(write_otio(tmp_path / "x.otio", edit_timeline)[0]))
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


def test_a_drift_of_half_a_frame_is_retimed(tmp_path, edit_files):
    """100 ppm are half a frame of 25 after 200 s; before that, retiming would be noise."""
    pal = edit_files[2]
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


@settings(max_examples=30)
@given(
    begins_s=st.lists(st.floats(0, 4000), min_size=1, max_size=3),
    rate=st.sampled_from([0.96, 0.9999, 1.0, 1.00005, 1.04]),
    film=st.booleans(),
)
def test_any_place_is_met_to_half_a_frame(tmp_path_factory, edit_files, begins_s, rate, film):
    """Of the file's own frames, whatever the sequence's are: times are rounded once."""
    first, taken = edit_files[2], edit_files[1] if film else edit_files[2]
    files = [
        replace(taken, time_map=TimeMap(begin_s, rate), duration_s=3.0) for begin_s in begins_s
    ]
    pal = [replace(first, time_map=TimeMap(0.0))] * (1 + len(files))
    path = tmp_path_factory.mktemp("x") / "x.otio"
    read = otio.adapters.read_from_file(
        str(write_otio(path, timeline_of(group_of(*pal, *files)))[0])
    )
    clips = [clip for clip in otio_clips(read) if clip.kind == "V"][len(pal) :]
    half_s = 0.5 * 1001 / 24000 if film else 0.02
    for clip, begin_s in zip(clips, begins_s, strict=True):
        truth = TimeMap(begin_s, rate)
        for time_s in (clip.begin_s, clip.begin_s + clip.duration_s / 2):
            # Half a frame of the sequence is more of a file with a slow clock.
            assert abs(truth.to_a(time_s) - clip.moment_s(time_s)) <= half_s / min(1, rate) + 1e-4

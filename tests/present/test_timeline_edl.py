"""A timeline of many recordings as edit decision lists, read by OpenTimelineIO."""

from dataclasses import replace

from edits_read import RATE, check_places, otio, otio_clips
from placed import NASTY

from videoalignment.present.editors import write_edl


def test_edl_has_every_file_at_its_place(tmp_path, edit_timeline, edit_files):
    paths = write_edl(tmp_path / "x.edl", edit_timeline)
    assert [path.name for path in paths] == ["x.edl", "x-2.edl"]
    read = otio.adapters.read_from_file(str(paths[0]), rate=float(RATE))
    names = [track.name for track in read.tracks]
    assert sorted(names) == sorted(
        ["V", *(f"V{n}" for n in range(2, 7)), *(f"A{n}" for n in range(1, 6))]
    )
    clips = [
        replace(clip, source_s=clip.source_s - _timecode_s(clip.file), kind=track.name[0])
        for track in read.tracks
        for clip in otio_clips(_only(track), start_known=False)
    ]
    check_places(clips, edit_files, RATE)
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

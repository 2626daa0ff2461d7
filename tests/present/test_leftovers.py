"""What an earlier run wrote, and what somebody else did."""

import json

import pytest

from videoalignment.present.editors import clear_leftovers


def write(folder, *names):
    paths = [folder / name for name in names]
    for path in paths:
        path.write_text(f"written as {path.name}")
    return paths


def test_files_of_groups_that_are_no_more_are_removed(tmp_path):
    clear_leftovers(tmp_path, write(tmp_path, "timeline.edl", "timeline-2.edl", "timeline-3.edl"))
    clear_leftovers(tmp_path, write(tmp_path, "timeline.otio", "timeline-2.otio"))
    removed = clear_leftovers(tmp_path, write(tmp_path, "timeline.edl"))
    assert removed == [tmp_path / "timeline-2.edl", tmp_path / "timeline-3.edl"]
    left = {path.name for path in tmp_path.glob("timeline*")}
    assert left == {"timeline.edl", "timeline.otio", "timeline-2.otio"}
    assert clear_leftovers(tmp_path, write(tmp_path, "timeline.edl")) == []


def test_what_somebody_changed_or_wrote_stays(tmp_path):
    write(tmp_path, "timeline-3.edl")
    clear_leftovers(tmp_path, write(tmp_path, "timeline.edl", "timeline-2.edl"))
    (tmp_path / "timeline-2.edl").write_text("edited")
    assert clear_leftovers(tmp_path, write(tmp_path, "timeline.edl")) == []
    assert (tmp_path / "timeline-2.edl").read_text() == "edited"
    assert (tmp_path / "timeline-3.edl").exists()


@pytest.mark.parametrize("content", ["{", "[1]", '{"../other.edl": "x", "a.edl": 3}', "[" * 10**5])
def test_a_record_that_is_none_removes_nothing(tmp_path, content):
    folder = tmp_path / "out"
    folder.mkdir()
    clear_leftovers(folder, write(folder, "timeline.edl", "timeline-2.edl"))
    (record,) = (path for path in folder.iterdir() if path.name.startswith("."))
    write(tmp_path, "other.edl")
    record.write_text(content)
    written = write(folder, "timeline.edl", "timeline-2.edl")
    assert clear_leftovers(folder, written) == []
    assert (tmp_path / "other.edl").exists()
    assert {*json.loads(record.read_text())} >= {path.name for path in written}


def test_a_single_file_needs_no_record(tmp_path):
    clear_leftovers(tmp_path, write(tmp_path, "timeline.edl", "timeline.otio"))
    assert {path.name for path in tmp_path.iterdir()} == {"timeline.edl", "timeline.otio"}

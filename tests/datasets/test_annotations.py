import pytest

from videoalignment.datasets.annotations import (
    Clip,
    CopyPair,
    EventVideo,
    read_alignment,
    read_copies,
    read_event,
)
from videoalignment.errors import VideoAlignmentError


def test_alignment_lines(tmp_path):
    path = tmp_path / "gt.align"
    path.write_text("cam1/a.mp4 1.5 20 100.25\n\n  cam2/b.mp4 0 0 -3 \n")
    clips = read_alignment(path, lambda name: name.split(".")[0])
    assert clips == [Clip("cam1/a", 1.5, 20, 100.25), Clip("cam2/b", 0, 0, -3)]
    assert (clips[0].event_begin_s, clips[0].event_end_s) == (101.75, 120.25)
    assert [clip.whole for clip in clips] == [False, True]


def test_copy_lines(tmp_path):
    path = tmp_path / "some_group.txt"
    path.write_text("a.b.flv,c.mp4,00:01:02,0:2:3,1:00:00,1:00:01.5\n")
    expected = CopyPair("some_group/a.b", 62, 123, "some_group/c", 3600, 3601.5)
    assert read_copies(path) == [expected]


def test_event_lines(tmp_path):
    path = tmp_path / "die+toten+hosen.2012.dat"
    path.write_text("-x1 1 query\ny -1 database\nz 0 database\n")
    event = "die+toten+hosen.2012"
    assert read_event(path) == [
        EventVideo(f"{event}/-x1", event, 1, "query"),
        EventVideo(f"{event}/y", event, -1, "database"),
        EventVideo(f"{event}/z", event, 0, "database"),
    ]


READERS = {
    "alignment": (lambda path: read_alignment(path, str), "a.mp4 0 1 2", "PATH begin end global"),
    "copies": (read_copies, "a.mp4,b.mp4,0:0:1,0:0:2,0:0:3,0:0:4", "A.ext,B.ext,beginA"),
    "event": (read_event, "a 1 query", "ID label split"),
}


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("alignment", "a.mp4 0 1"),
        ("alignment", "a.mp4 0 1 2 3"),
        ("alignment", "a.mp4 0 one 2"),
        ("alignment", "a.mp4 0 inf 2"),
        ("alignment", "a.mp4 nan 1 2"),
        ("copies", "a.mp4,b.mp4,0:0:1,0:0:2,0:0:3"),
        ("copies", "a.mp4,0:0:1,0:0:2,0:0:3,0:0:4"),
        ("copies", "a.mp4,b.mp4,0:0:1,0:0:2,0:0:3,4"),
        ("copies", "a.mp4,b.mp4,0:0:1,0:0:2,0:0:3,0:0:x"),
        ("copies", "a.mp4 b.mp4 0:0:1 0:0:2 0:0:3 0:0:4"),
        ("event", "a 2 query"),
        ("event", "a 1 train"),
        ("event", "a 1"),
        ("event", "a b 1 query"),
    ],
)
def test_a_bad_line_is_named_with_what_was_expected(tmp_path, kind, line):
    read, good, expected = READERS[kind]
    path = tmp_path / "truth.txt"
    path.write_text(f"{good}\n\n{line}\n{good}\n")
    with pytest.raises(VideoAlignmentError) as error:
        read(path)
    message = str(error.value)
    assert message.startswith(f"{path}, line 3: {line!r}, expected {expected}")
    assert "\n" not in message


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (None, "no such annotation file"),
        (b"\n  \n", "empty"),
        (b"\xff\xfe\x00broken", "cannot be read as text"),
    ],
)
def test_a_file_that_is_no_annotation(tmp_path, kind, content, wrong):
    path = tmp_path / "truth.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(VideoAlignmentError, match=wrong) as error:
        READERS[kind][0](path)
    assert str(error.value).startswith(str(path))


def test_a_long_line_is_cut(tmp_path):
    path = tmp_path / "truth.txt"
    path.write_text("x" * 5000)
    with pytest.raises(VideoAlignmentError) as error:
        read_event(path)
    assert len(str(error.value)) < 400 + len(str(path))


def test_the_real_annotations_are_read(shared):
    clips = read_alignment(shared / "data" / "climbing" / "gt_climbing.align", str)
    assert len(clips) == 89
    groups = sorted((shared / "data" / "vcdb" / "annotation").glob("*.txt"))
    assert sum(len(read_copies(group)) for group in groups) in (9233, 9236)
    events = list((shared / "data" / "evve").glob("*.dat"))
    assert len(events) == 13
    assert sum(label.split == "query" for e in events for label in read_event(e)) == 620

"""Adding real files: once each, bad ones named, interrupted and gone on with, shared out."""

import logging
import shutil
from pathlib import Path

import pytest
from ramps import run_ffmpeg
from real_footage import footage

pytest.importorskip("lancedb")

from videoalignment.errors import OptionError, UnusableFileError
from videoalignment.index.adding import Shard, add_files
from videoalignment.index.exactly import placed_by_files
from videoalignment.index.opening import create_index
from videoalignment.index.ray_cluster import LOCAL, cluster_describer
from videoalignment.index.writing import only_writer

pytestmark = pytest.mark.usefixtures("own_cache")


@pytest.fixture
def folder(tmp_path):
    """Three videos, a copy of one, and two files that are none."""
    folder = tmp_path / "videos"
    folder.mkdir()
    for name, source in (("first", "testsrc2"), ("second", "mandelbrot"), ("third", "testsrc")):
        picture = f"{source}=size=160x120:rate=10"
        run_ffmpeg("-f", "lavfi", "-i", picture, "-t", "3", folder / f"{name}.mp4")
    shutil.copy(folder / "first.mp4", folder / "the same.mp4")
    (folder / "broken.mp4").write_bytes(b"not a video at all")
    (folder / "empty.mp4").touch()
    return folder


@pytest.fixture
def index(tmp_path):
    with create_index(tmp_path / "i.index") as index:
        yield index


def test_each_content_once_and_bad_files_are_named(index, folder, caplog):
    with caplog.at_level(logging.WARNING):
        added = add_files(index, [folder])
    assert (added.added, added.there) == (3, 1)
    assert len(added.failures) == 2
    for name in ("broken.mp4", "empty.mp4"):
        assert sum(name in failure for failure in added.failures) == 1
        assert name in caplog.text
    again = add_files(index, [folder])
    assert (again.added, again.there, len(again.failures)) == (0, 4, 2)


def test_shards_together_are_all(index, folder):
    parts = [add_files(index, [folder], shard=Shard(n, 3)).added for n in (1, 2, 3)]
    assert sum(parts) == 3
    assert index.size().videos == 3


def test_a_renamed_file_is_there_already(index, folder):
    add_files(index, [folder / "first.mp4"])
    (folder / "first.mp4").rename(folder / "renamed.mp4")
    assert add_files(index, [folder / "renamed.mp4"]).there == 1


def test_a_source_that_is_missing_is_an_error(index, tmp_path):
    with pytest.raises(UnusableFileError, match=r"nowhere\.mp4"):
        add_files(index, [tmp_path / "nowhere.mp4"])


@pytest.mark.parametrize("text", ["0/3", "4/3", "3", "a/b", "1/0", "1/3/5", "-1/3", ""])
def test_shards_that_are_none(text):
    with pytest.raises(OptionError, match="shard"):
        Shard.parse(text)


def test_the_second_writer_is_refused_in_one_line(tmp_path):
    name = str(tmp_path / "i.index")
    with (
        only_writer(name),
        pytest.raises(UnusableFileError, match="another process") as told,
        only_writer(name),
    ):
        pass
    assert len(str(told.value).splitlines()) == 1
    with only_writer(name):
        pass


def test_files_at_hand_place_an_answer_as_aligning_does(index, tmp_path):
    whole, query = tmp_path / "whole.mp4", tmp_path / "query.mp4"
    shutil.copy(footage("bikes.mp4"), whole)
    run_ffmpeg("-i", whole, "-ss", "2", "-t", "5", "-crf", "30", query)
    add_files(index, [whole])
    (answer,) = index.search(index.features(query))
    assert answer.segment.offset_s == pytest.approx(2, abs=0.1)
    (placed,) = placed_by_files(query, [answer])
    assert placed.segment.offset_s == pytest.approx(2, abs=0.01)
    whole.unlink()
    assert placed_by_files(query, [answer]) == [answer]


def test_a_cluster_describes_what_one_process_writes(index, folder):
    pytest.importorskip("ray")
    import ray

    try:
        describer = cluster_describer(LOCAL, index.whitening, "cpu")
        added = add_files(index, [folder], describer=describer)
    finally:
        ray.shutdown()
    assert (added.added, added.there, len(added.failures)) == (3, 1, 2)
    assert {Path(e.name).name for e in index.videos()} >= {"second.mp4", "third.mp4"}


def test_a_cluster_that_is_not_there_is_told_in_one_line(index):
    pytest.importorskip("ray")
    with pytest.raises(UnusableFileError, match="no Ray cluster") as told:
        cluster_describer("no such address", index.whitening)
    assert len(str(told.value).splitlines()) == 1

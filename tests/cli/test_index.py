"""`videoalignment index`, as people type it."""

import csv
import json

import pytest
from indexed import Story, features_of, indexed, joined
from ramps import run_ffmpeg
from real_footage import footage

pytest.importorskip("lancedb")

from videoalignment.index.opening import create_index
from videoalignment.index.writing import only_writer

pytestmark = pytest.mark.usefixtures("own_cache")


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """Five seconds each of two scenes that share nothing."""
    folder = tmp_path_factory.mktemp("clips")
    for name, source in (("whole", "bikes.mp4"), ("other", "bigbuckbunny.mp4")):
        small = ("-vf", "scale=-2:180,fps=12", folder / f"{name}.mp4")
        run_ffmpeg("-i", footage(source), "-t", "5", *small)
    return folder


def test_add_search_info_remove(run, clips, tmp_path):
    index = tmp_path / "a.index"
    assert run("videoalignment", "index", "add", index, clips).out == "2 videos added\n"
    again = run("videoalignment", "index", "add", index, clips)
    assert again.out == "0 videos added, 2 there before\n"
    found = run("videoalignment", "index", "search", index, clips / "whole.mp4", "--json", "-")
    assert found.status == 0
    document = json.loads(found.out)
    assert list(document) == ["query", "answers"]
    (answer,) = document["answers"]
    assert list(answer) == [
        *("video", "begin_query_s", "end_query_s", "begin_video_s", "end_video_s"),
        *("offset_s", "speed", "confidence"),
    ]
    assert answer["video"] == str(clips / "whole.mp4")
    assert answer["offset_s"] == pytest.approx(0, abs=0.02)
    told = json.loads(run("videoalignment", "index", "info", index, "--json", "-").out)
    assert told["videos"] == 2
    gone = run("videoalignment", "index", "remove", index, clips / "whole.mp4")
    assert gone.out == "1 videos removed\n"
    lost = run("videoalignment", "index", "search", index, clips / "whole.mp4")
    assert (lost.status, "in no video" in lost.out) == (1, True)
    assert run("videoalignment", "index", "compact", index).status == 0


def test_several_queries_give_a_list(run, clips, tmp_path):
    index = tmp_path / "a.index"
    run("videoalignment", "index", "add", index, clips / "whole.mp4")
    queries = clips / "other.mp4", clips / "whole.mp4"
    found = run("videoalignment", "index", "search", index, *queries, "--json", "-")
    documents = json.loads(found.out)
    assert [d["query"] for d in documents] == list(map(str, queries))
    assert [len(d["answers"]) for d in documents] == [0, 1]


def test_export_and_import(run, clips, tmp_path):
    one, file, other = tmp_path / "1.index", tmp_path / "1.parquet", tmp_path / "2.index"
    run("videoalignment", "index", "add", one, clips)
    assert run("videoalignment", "index", "export", one, file).out == "2 videos exported\n"
    assert run("videoalignment", "index", "import", other, file).out == "2 videos added\n"
    wrong = run("videoalignment", "index", "import", other, clips / "whole.mp4")
    assert wrong.status == 2
    assert len(wrong.err.splitlines()) == 1


def test_an_index_of_windows_only_is_told_once_and_remembered(run, clips, tmp_path):
    small, whole = tmp_path / "small.index", tmp_path / "whole.index"
    assert run("videoalignment", "index", "add", small, clips, "--windows-only").status == 0
    assert "windows only" in run("videoalignment", "index", "info", small).out
    told = json.loads(run("videoalignment", "index", "info", small, "--json", "-").out)
    assert told["windows_only"] is True
    for files in ((), ("--files",)):
        found = run(
            *("videoalignment", "index", "search", small, clips / "whole.mp4", "--json", "-"),
            *files,
        )
        answer = json.loads(found.out)["answers"][0]
        assert answer["video"] == str(clips / "whole.mp4")
        assert answer["offset_s"] == pytest.approx(0, abs=0.02 if files else 0.3)
    file = tmp_path / "small.parquet"
    run("videoalignment", "index", "export", small, file)
    imported = run("videoalignment", "index", "import", tmp_path / "2.index", file)
    assert (imported.status, len(imported.err.splitlines())) == (2, 1)
    again = run("videoalignment", "index", "import", tmp_path / "3.index", file, "--windows-only")
    assert again.out == "2 videos added\n"
    run("videoalignment", "index", "add", whole, clips / "whole.mp4")
    refused = run("videoalignment", "index", "add", whole, clips, "--windows-only")
    assert (refused.status, len(refused.err.splitlines())) == (2, 1)
    assert "--windows-only" in refused.err


def test_duplicates(run, tmp_path):
    with create_index(tmp_path / "a.index") as index:
        index.add(
            indexed(name, features)
            for name, features in {
                "a.mp4": features_of(Story(1, 40.0)),
                "b.mp4": features_of(Story(1, 40.0), noise=2.0),
                "c.mp4": joined(features_of(Story(1, 40.0), 0, 8), features_of(Story(3, 60.0))),
            }.items()
        )
    for suffix in ("json", "csv", "html"):
        out = tmp_path / f"out.{suffix}"
        found = run("videoalignment", "index", "duplicates", tmp_path / "a.index", "--out", out)
        assert found.status == 0
        assert "group 1: 2 videos are the same" in found.out
    document = json.loads((tmp_path / "out.json").read_text())
    assert [sorted(group["videos"]) for group in document["groups"]] == [["a.mp4", "b.mp4"]]
    with (tmp_path / "out.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {row["group"] for row in rows if row["kind"] == "same"} == {"1"}
    assert {row["group"] for row in rows if row["kind"] != "same"} == {""}
    wrong = run("videoalignment", "index", "duplicates", tmp_path / "a.index", "--out", "x.pdf")
    assert (wrong.status, "--out" in wrong.err) == (2, True)


@pytest.mark.parametrize(
    "make",
    [
        lambda path: None,
        lambda path: path.mkdir(),
        lambda path: path.write_bytes(b"a file"),
        lambda path: (path / "windows.lance").mkdir(parents=True),
        lambda path: (
            (path / "windows.lance" / "_versions").mkdir(parents=True),
            (path / "windows.lance" / "_versions" / "1.manifest").write_bytes(b"junk"),
        ),
    ],
    ids=["nothing", "empty folder", "file", "no table", "damaged table"],
)
def test_what_is_no_index_is_told_in_one_line(run, tmp_path, clips, make):
    make(tmp_path / "x.index")
    found = run("videoalignment", "index", "search", tmp_path / "x.index", clips / "whole.mp4")
    assert found.status == 2
    assert len(found.err.splitlines()) == 1, found.err
    assert "x.index" in found.err


def test_a_folder_that_holds_something_else_stays_as_it_is(run, tmp_path, clips):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("mine")
    found = run("videoalignment", "index", "add", tmp_path / "notes", clips)
    assert (found.status, "holds something else" in found.err) == (2, True)
    assert [path.name for path in (tmp_path / "notes").iterdir()] == ["a.txt"]


def test_a_second_writer_is_refused(run, tmp_path, clips):
    with only_writer(str(tmp_path / "x.index")):
        found = run("videoalignment", "index", "add", tmp_path / "x.index", clips)
    assert (found.status, "another process" in found.err) == (2, True)


def test_flags_stand_in_messages(run, tmp_path, clips):
    index = tmp_path / "x.index"
    wrong = run("videoalignment", "index", "add", index, clips, "--shard", "9/3")
    assert (wrong.status, "--shard 9/3" in wrong.err) == (2, True)
    run("videoalignment", "index", "add", index, clips)
    for words in (("--top", "0"), ("--min-confidence", "2")):
        wrong = run("videoalignment", "index", "search", index, clips / "whole.mp4", *words)
        assert (wrong.status, f"{words[0]} {words[1]}" in wrong.err) == (2, True)
    wrong = run("videoalignment", "index", "remove", index, "' OR 1=1 --")
    assert (wrong.status, "OR 1=1" in wrong.err) == (2, True)

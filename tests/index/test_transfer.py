"""An index as a file, and files of strangers."""

import numpy as np
import pytest
from indexed import WHITENING, Story, features_of, indexed

pytest.importorskip("lancedb")
import pyarrow as pa
import pyarrow.parquet as parquet

from videoalignment.errors import VideoAlignmentError
from videoalignment.index.opening import create_index
from videoalignment.index.transfer import export_index, import_index

STORIES = {f"{seed}.mp4": Story(seed, 20.0 + seed / 7) for seed in range(5)}


@pytest.fixture
def exported(tmp_path):
    with create_index(tmp_path / "one.index") as index:
        index.add(indexed(name, features_of(story)) for name, story in STORIES.items())
        assert export_index(index, tmp_path / "one.parquet") == len(STORIES)
    return tmp_path / "one.parquet"


def test_what_is_exported_is_imported_once(exported, tmp_path):
    with create_index(tmp_path / "other.index") as index:
        assert import_index(index, exported) == len(STORIES)
        assert import_index(index, exported) == 0
        assert {entry.name for entry in index.videos()} == set(STORIES)
        (best, *_) = index.search(features_of(STORIES["3.mp4"], 4.0, 14.0))
        assert best.entry.name == "3.mp4"


def _changed(table: pa.Table, column: str, values: list) -> pa.Table:
    place = table.schema.get_field_index(column)
    return table.set_column(place, column, pa.array(values, table.schema.field(column).type))


DAMAGES = {
    "another digest": lambda t: t.replace_schema_metadata({b"videoalignment.index": b"0" * 16}),
    "no digest": lambda t: t.replace_schema_metadata({}),
    "a column less": lambda t: t.drop_columns(["name"]),
    "moments too short": lambda t: _changed(t, "moments", [b"\1" * 96] * len(t)),
    "no moments": lambda t: _changed(t, "moments", [None] * len(t)),
    "no length": lambda t: _changed(t, "duration_s", [0.0] * len(t)),
    "an endless length": lambda t: _changed(t, "duration_s", [float("inf")] * len(t)),
    "not a number": lambda t: _changed(t, "duration_s", [float("nan")] * len(t)),
    "content that is none": lambda t: _changed(t, "content", ["1) OR (1=1"] * len(t)),
    "a name too long": lambda t: _changed(t, "name", ["n" * 70_000] * len(t)),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_file_that_no_index_wrote_is_refused_in_one_line(exported, tmp_path, damage):
    parquet.write_table(DAMAGES[damage](parquet.read_table(exported)), tmp_path / "bad.parquet")
    with create_index(tmp_path / "other.index") as index:
        with pytest.raises(VideoAlignmentError, match=r"bad\.parquet") as told:
            import_index(index, tmp_path / "bad.parquet")
        assert len(str(told.value).splitlines()) == 1
        assert list(index.videos()) == []


@pytest.mark.parametrize(
    "windows",
    [b"", b"\0" * 191, np.full(96 * 10, np.nan, "<f2").tobytes()],
    ids=["none", "too short", "not a number"],
)
def test_windows_that_no_index_wrote_are_refused_in_one_line(tmp_path, windows):
    with create_index(tmp_path / "one.index", windows_only=True) as index:
        index.add([indexed("a.mp4", features_of(Story(1, 20.0)))])
        export_index(index, tmp_path / "one.parquet")
    table = _changed(parquet.read_table(tmp_path / "one.parquet"), "windows", [windows])
    parquet.write_table(table, tmp_path / "bad.parquet")
    with create_index(tmp_path / "other.index", windows_only=True) as index:
        with pytest.raises(VideoAlignmentError, match=r"bad\.parquet") as told:
            import_index(index, tmp_path / "bad.parquet")
        assert len(str(told.value).splitlines()) == 1
        assert list(index.videos()) == []


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + b"\0" * 100 + b"PAR1", b"not at all"])
def test_a_file_that_is_no_table_is_refused(tmp_path, content):
    (tmp_path / "bad.parquet").write_bytes(content)
    with (
        create_index(tmp_path / "i.index") as index,
        pytest.raises(VideoAlignmentError, match=r"bad\.parquet"),
    ):
        import_index(index, tmp_path / "bad.parquet")


def test_a_truncated_file_is_refused(exported, tmp_path):
    (tmp_path / "cut.parquet").write_bytes(exported.read_bytes()[:-200])
    with (
        create_index(tmp_path / "i.index") as index,
        pytest.raises(VideoAlignmentError, match=r"cut\.parquet"),
    ):
        import_index(index, tmp_path / "cut.parquet")


def test_the_digest_of_the_whitening_stands_in_the_file(exported):
    metadata = parquet.read_schema(exported).metadata
    assert metadata[b"videoalignment.index"].decode() == WHITENING.digest

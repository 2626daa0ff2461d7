"""An index that keeps nothing but windows: one test, every engine."""

import numpy as np
import pytest
from indexed import Story, features_of, indexed, joined

from videoalignment.errors import FeatureMismatchError, OptionError
from videoalignment.index.duplicates import find_duplicates
from videoalignment.index.opening import create_index, open_index
from videoalignment.index.records import Span
from videoalignment.index.transfer import export_index, import_index

STORIES = {f"story {seed}.mp4": Story(seed, 25.0 + seed) for seed in range(8)}


def _address(engine: str, folder) -> str:
    if engine == "lance":
        pytest.importorskip("lancedb")
        return str(folder / "made.index")
    pytest.importorskip("pymilvus")
    pytest.importorskip("milvus_lite")
    return f"milvus:{folder / 'made.db'}"


@pytest.fixture(params=["lance", "milvus"])
def address(request, tmp_path) -> str:
    """Where an index of each engine may be made."""
    return _address(request.param, tmp_path)


def _filled(address: str, *, windows_only: bool = True, stories: dict[str, Story] = STORIES):
    index = create_index(address, windows_only=windows_only)
    index.add(indexed(name, features_of(story)) for name, story in stories.items())
    return index


def _told(answers) -> list[tuple]:
    return [
        (
            a.entry.name,
            *(round(v, 3) for v in (a.segment.offset_s, a.segment.speed)),
            *(round(v, 3) for v in (a.segment.begin_a_s, a.segment.end_a_s)),
            round(a.confidence, 2),
        )
        for a in answers
    ]


def test_windows_are_kept_and_no_moments_and_whoever_opens_it_next_knows(address):
    _filled(address).engine.close()
    with open_index(address) as index:
        assert index.windows_only
        for name, story in STORIES.items():
            entry, description = indexed(name, features_of(story))
            spans = [Span(entry.number, 0, 1000), Span(entry.number, 2, 4)]
            whole, some = index.engine.fetch_windows(spans)
            np.testing.assert_allclose(whole, description.windows(), atol=1e-3)
            np.testing.assert_array_equal(some, whole[2:5])
            assert [len(moments) for moments in index.engine.fetch(spans)] == [0, 0]


def test_a_clip_is_found_where_it_was_cut(address):
    with _filled(address) as index:
        for name, story in STORIES.items():
            (best, *_) = index.search(features_of(story, 5.3, 17.3, fps=24, noise=2.0))
            assert best.entry.name == name
            assert best.segment.time_map.to_b(6.0) == pytest.approx(11.3, abs=0.2)
            assert (best.segment.begin_a_s, best.segment.end_a_s) == pytest.approx((0, 12), abs=0.3)
        assert index.search(features_of(Story(99), 5.0, 15.0)) == []


def test_engines_answer_alike(tmp_path):
    query = joined(
        features_of(STORIES["story 3.mp4"], 2.0, 12.0, noise=3.0),
        features_of(STORIES["story 6.mp4"], 8.0, 20.0, speed=1.05),
    )
    told = []
    for engine in ("lance", "milvus"):
        with _filled(_address(engine, tmp_path)) as index:
            told.append(_told(index.search(query, min_confidence=0.2)))
    assert told[0] == told[1]
    assert {name for name, *_ in told[0]} == {"story 3.mp4", "story 6.mp4"}


def test_copies_are_one_group_and_others_are_not(address):
    copy = indexed("copy.mp4", features_of(STORIES["story 5.mp4"], 3.0, 28.0, noise=2.0))
    with _filled(address) as index:
        index.add([copy])
        found = find_duplicates(index)
    (group,) = found.groups
    assert [entry.name for entry in group.videos] == ["story 5.mp4", "copy.mp4"]
    assert found.shared == ()


def test_what_is_exported_is_imported_once(address, tmp_path):
    file = tmp_path / "windows.parquet"
    with _filled(address) as index:
        assert export_index(index, file) == len(STORIES)
        query = features_of(STORIES["story 3.mp4"], 4.0, 14.0)
        told = _told(index.search(query))
    with create_index(tmp_path / "other.index", windows_only=True) as other:
        assert import_index(other, file) == len(STORIES)
        assert import_index(other, file) == 0
        assert _told(other.search(query)) == told


def test_windows_can_be_taken_out_of_moments_and_not_the_reverse(address, tmp_path):
    with _filled(str(tmp_path / "whole.index"), windows_only=False) as whole:
        export_index(whole, tmp_path / "moments.parquet")
    with create_index(address, windows_only=True) as index:
        assert import_index(index, tmp_path / "moments.parquet") == len(STORIES)
        (best, *_) = index.search(features_of(STORIES["story 2.mp4"], 5.0, 15.0))
        assert best.entry.name == "story 2.mp4"
        export_index(index, tmp_path / "windows.parquet")
    with open_index(tmp_path / "whole.index") as whole:
        whole.remove(["story 1.mp4"])
        with pytest.raises(FeatureMismatchError, match=r"windows\.parquet") as told:
            import_index(whole, tmp_path / "windows.parquet")
        assert len(str(told.value).splitlines()) == 1


def test_an_index_that_keeps_moments_does_not_become_one_of_windows(address):
    _filled(address, windows_only=False).engine.close()
    with pytest.raises(OptionError, match="windows_only") as told:
        create_index(address, windows_only=True)
    assert len(str(told.value).splitlines()) == 1
    with create_index(address) as index:
        assert not index.windows_only


def test_it_stays_one_of_windows_when_nothing_is_said(address):
    _filled(address).engine.close()
    with create_index(address) as index:
        assert index.windows_only
        index.add([indexed("more.mp4", features_of(Story(60, 20.0)))])
        index.compact()
        (best, *_) = index.search(features_of(Story(60, 20.0), 4.0, 14.0))
        assert best.entry.name == "more.mp4"


def test_a_last_window_that_ends_before_the_query_begins_is_no_error(tmp_path):
    pytest.importorskip("lancedb")
    stories = [Story(seed, 20.0) for seed in range(8)]
    with create_index(tmp_path / "short.index", windows_only=True) as index:
        index.add(indexed(f"{s.seed}.mp4", features_of(s, 0.0, 6.1)) for s in stories)
        for story in stories:
            for begin_s in (6.2, 6.5, 6.8):
                for answer in index.search(features_of(story, begin_s, 9.0), min_confidence=0.0):
                    assert answer.segment.begin_a_s < answer.segment.end_a_s

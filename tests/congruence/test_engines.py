"""One test, every engine: each keeps, finds and forgets the same, and FAISS tells what is near."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from indexed import Story, entry_of, features_of, indexed, joined

from videoalignment.errors import UnusableFileError
from videoalignment.index.opening import create_index, open_index
from videoalignment.index.records import Span
from videoalignment.index.settings import STORED

ENGINES = ("lance", "milvus")
_NASTY = ("x' OR 1=1 --.mp4", 'a"]; drop.mp4', "line\nbreak %.mp4", "—ü 🎬 {}.mp4")


@pytest.fixture(params=ENGINES)
def address(request, tmp_path) -> str:
    """Where an index of each engine may be made."""
    if request.param == "lance":
        pytest.importorskip("lancedb")
        return str(tmp_path / "made.index")
    pytest.importorskip("pymilvus")
    pytest.importorskip("milvus_lite")
    return f"milvus:{tmp_path / 'made.db'}"


@pytest.fixture
def stories() -> dict[str, Story]:
    return {f"story {seed}.mp4": Story(seed, 20.0 + seed) for seed in range(8)}


def _filled(address: str, stories: dict[str, Story]):
    index = create_index(address)
    index.add(indexed(name, features_of(story)) for name, story in stories.items())
    return index


def _told(answers) -> list[tuple]:
    return [
        (
            a.entry.name,
            *(round(v, 4) for v in (a.segment.begin_a_s, a.segment.end_a_s, a.segment.offset_s)),
            round(a.segment.speed, 4),
            round(a.confidence, 4),
        )
        for a in answers
    ]


def test_what_was_added_is_listed_found_and_fetched_by_whoever_opens_it_next(address, stories):
    with _filled(address, stories) as index:
        assert index.size().videos == len(stories)
    with open_index(address) as index:
        assert {entry.name for entry in index.videos()} == set(stories)
        for name, story in stories.items():
            entry, description = indexed(name, features_of(story))
            (moments,) = index.engine.fetch([Span(entry.number, 0, 10_000)])
            np.testing.assert_array_equal(moments, description.moments)
            (some,) = index.engine.fetch([Span(entry.number, 2, 3)])
            lengths = slice(2 * STORED.window_moments, 4 * STORED.window_moments)
            np.testing.assert_array_equal(some, description.moments[lengths])


def test_nearest_windows_are_those_that_faiss_finds(address, stories):
    faiss = pytest.importorskip("faiss")
    with _filled(address, stories) as index:
        keys, vectors = [], []
        for name, story in stories.items():
            entry, description = indexed(name, features_of(story))
            keys += [(entry.number, k) for k in range(len(description.windows()))]
            vectors.append(description.windows())
        exact = faiss.IndexFlatIP(STORED.window_width)
        exact.add(np.concatenate(vectors))
        queries = np.concatenate(vectors)[::7] + 0.02
        similarity, nearest = exact.search(queries, 5)
        hits = index.engine.search(queries, 5)
        assert np.bincount(hits.query).tolist() == [5] * len(queries)
        for query in range(len(queries)):
            own = hits.query == query
            found = dict(
                zip(
                    zip(hits.video[own], hits.window[own], strict=True),
                    hits.similarity[own],
                    strict=True,
                )
            )
            expected = {keys[n]: s for n, s in zip(nearest[query], similarity[query], strict=True)}
            # what is kept of a number is half as long as what FAISS compares
            assert sorted(found.values()) == pytest.approx(sorted(expected.values()), abs=2e-3)
            assert len(found.keys() & expected.keys()) >= 4


def test_a_clip_is_found_where_it_was_cut(address, stories):
    with _filled(address, stories) as index:
        for name, story in stories.items():
            (best, *_) = index.search(features_of(story, 5.0, 15.0, fps=24, noise=2.0))
            assert best.entry.name == name
            assert best.segment.time_map.to_b(5.0) == pytest.approx(10.0, abs=0.05)
        assert index.search(features_of(Story(99), 5.0, 15.0)) == []


def test_adding_twice_changes_nothing(address, stories):
    with _filled(address, stories) as index:
        before = index.size()
        assert index.add(indexed(name, features_of(s)) for name, s in stories.items()) == 0
        assert (index.size().videos, index.size().windows) == (before.videos, before.windows)


def test_what_is_removed_is_gone_and_the_rest_stays(address, stories):
    gone, *rest = stories
    with _filled(address, stories) as index:
        index.remove([gone])
    with open_index(address) as index:
        assert {entry.name for entry in index.videos()} == set(rest)
        assert index.search(features_of(stories[gone], 5.0, 15.0)) == []
        (best, *_) = index.search(features_of(stories[rest[0]], 5.0, 15.0))
        assert best.entry.name == rest[0]
        index.compact()
        assert index.search(features_of(stories[rest[0]], 5.0, 15.0))[0].entry == best.entry
        index.add([indexed(gone, features_of(stories[gone]))])
        assert {entry.name for entry in index.videos()} == set(stories)


def test_names_can_hold_anything(address):
    stories = {name: Story(seed, 20.0) for seed, name in enumerate(_NASTY)}
    with _filled(address, stories) as index:
        assert {entry.name for entry in index.videos()} == set(_NASTY)
        for name, story in stories.items():
            assert index.search(features_of(story, 4.0, 14.0))[0].entry.name == name
        index.remove([_NASTY[0]])
        assert {entry.name for entry in index.videos()} == set(_NASTY[1:])


def test_an_address_without_an_index_is_told_in_one_line(address):
    with pytest.raises(UnusableFileError, match="no") as told:
        open_index(address)
    assert len(str(told.value).splitlines()) == 1


def test_engines_answer_alike(tmp_path, stories):
    pytest.importorskip("lancedb")
    pytest.importorskip("pymilvus")
    pytest.importorskip("milvus_lite")
    addresses = str(tmp_path / "a.index"), f"milvus:{tmp_path / 'b.db'}"
    query = joined(
        features_of(stories["story 3.mp4"], 2.0, 12.0, noise=3.0),
        features_of(stories["story 6.mp4"], 8.0, 17.0, speed=1.05),
    )
    told = []
    for address in addresses:
        with _filled(address, stories) as index:
            told.append(_told(index.search(query, min_confidence=0.2)))
    assert told[0] == told[1]
    assert {name for name, *_ in told[0]} == {"story 3.mp4", "story 6.mp4"}


def test_others_can_search_while_one_adds(address, stories):
    """What was there when they opened it is found; what came since, once they open it again."""
    with _filled(address, stories) as writer, open_index(address) as reader:
        for seed in range(100, 103):
            writer.add([indexed(f"{seed}.mp4", features_of(Story(seed, 20.0)))])
            (best, *_) = reader.search(features_of(stories["story 2.mp4"], 5.0, 15.0))
            assert best.entry.name == "story 2.mp4"
        with open_index(address) as later:
            assert later.size().videos == len(stories) + 3
            assert later.search(features_of(Story(101, 20.0), 5.0, 15.0))


_ADDING = """
import sys
from indexed import Story, features_of, indexed
from videoalignment.index.opening import create_index
index = create_index(sys.argv[1])
for seed in range(10_000):
    index.add([indexed(f"{seed}.mp4", features_of(Story(seed, 10.0)))])
    print(seed, flush=True)
"""


def test_killed_while_adding_an_index_holds_whole_videos(address, tmp_path):
    tests = Path(__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": f"{tests.parent}{os.pathsep}{tests}"}
    command = [sys.executable, "-c", _ADDING, address]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as adding:
        for line in adding.stdout:
            if int(line) == 4:
                adding.send_signal(signal.SIGKILL)
                break
    with open_index(address) as index:
        names = {entry.name for entry in index.videos()}
        assert {f"{seed}.mp4" for seed in range(5)} <= names
        for name in names:
            entry = entry_of(name, features_of(Story(0, 10.0)))
            (moments,) = index.engine.fetch([Span(entry.number, 0, 100)])
            assert len(moments) == 100
        index.add([indexed("later.mp4", features_of(Story(77, 10.0)))])
        assert "later.mp4" in {entry.name for entry in index.videos()}

"""Groups of videos that are the same, and what others share."""

import pytest
from indexed import Story, features_of, indexed, joined

pytest.importorskip("lancedb")

from videoalignment.errors import OptionError
from videoalignment.index.duplicates import find_duplicates
from videoalignment.index.opening import create_index

INTRO, OUTRO = Story(900, 12.0), Story(901, 12.0)


@pytest.fixture
def found_in(tmp_path):
    def find(videos, **options):
        with create_index(tmp_path / "i.index") as index:
            index.add(indexed(name, features) for name, features in videos.items())
            return find_duplicates(index, **options)

    return find


def test_copies_are_one_group_with_where_they_meet(found_in):
    found = found_in(
        {
            "whole.mp4": features_of(Story(1, 60.0)),
            "cut.mp4": features_of(Story(1, 60.0), 5.0, 50.0, fps=24, noise=2.0),
            "fast.mp4": features_of(Story(1, 60.0), 2.0, 58.0, speed=1.04),
            "other.mp4": features_of(Story(2, 60.0)),
        }
    )
    (group,) = found.groups
    assert [entry.name for entry in group.videos] == ["whole.mp4", "fast.mp4", "cut.mp4"]
    assert len(group.evidence) == 3
    part = next(p for p in group.evidence if {p.a.name, p.b.name} == {"cut.mp4", "whole.mp4"})
    (segment,) = part.segments
    offset_s = 5.0 if part.a.name == "cut.mp4" else -5.0
    assert segment.offset_s == pytest.approx(offset_s, abs=0.05)
    assert found.shared == ()


def test_a_shared_intro_joins_nothing_and_is_told(found_in):
    videos = {
        f"{seed}.mp4": joined(features_of(INTRO), features_of(Story(seed, 70.0)))
        for seed in (11, 12, 13)
    }
    found = found_in(videos)
    assert found.groups == ()
    assert [part.kind() for part in found.shared] == ["intro"] * 3
    for part in found.shared:
        assert part.segments[0].begin_a_s == pytest.approx(0, abs=0.5)
        assert part.segments[0].end_a_s == pytest.approx(12, abs=1.0)


def test_a_shared_outro_is_told(found_in):
    videos = {
        f"{seed}.mp4": joined(features_of(Story(seed, 60.0 + seed)), features_of(OUTRO))
        for seed in (11, 12)
    }
    (part,) = found_in(videos).shared
    assert part.kind() == "outro"


def test_the_intro_alone_makes_no_chain(found_in):
    videos = {
        f"{seed}.mp4": joined(features_of(INTRO), features_of(Story(seed, 70.0)))
        for seed in (11, 12)
    }
    found = found_in({**videos, "intro.mp4": features_of(INTRO)})
    assert found.groups == ()
    assert sorted(part.kind() for part in found.shared) == ["intro", "part of", "part of"]


def test_a_compilation_joins_none_of_its_parts(found_in):
    parts = [Story(seed, 30.0) for seed in (21, 22)]
    found = found_in(
        {
            "compilation.mp4": joined(*map(features_of, parts)),
            **{f"{part.seed}.mp4": features_of(part) for part in parts},
        },
        least_share=0.6,
    )
    assert found.groups == ()
    assert [part.kind(0.6) for part in found.shared] == ["part of", "part of"]


def test_members_of_a_group_are_all_the_same_as_each_other(found_in):
    """A and B share most, and B and C, but A and C little: no group of three."""
    story = Story(31, 100.0)
    found = found_in(
        {
            "a.mp4": features_of(story, 0.0, 60.0),
            "b.mp4": features_of(story, 20.0, 80.0),
            "c.mp4": features_of(story, 40.0, 100.0),
        }
    )
    (group,) = found.groups
    assert len(group.videos) == 2
    assert {"b.mp4"} < {entry.name for entry in group.videos}


@pytest.mark.parametrize("wrong", [{"min_confidence": 0.0}, {"least_share": 1.2}])
def test_options_without_such_a_value_are_refused(found_in, wrong):
    with pytest.raises(OptionError, match=next(iter(wrong))):
        found_in({}, **wrong)

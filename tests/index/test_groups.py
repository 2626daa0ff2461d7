"""Groups out of what pairs of videos share, made up."""

from hashlib import blake2b
from itertools import combinations

from videoalignment.align.alignment import Segment
from videoalignment.index.groups import SharedPart, groups_of
from videoalignment.index.records import VideoEntry
from videoalignment.time_map import TimeMap

STORY_S = 100.0
"""All videos are stretches of a story so long, or of one that shows the same."""


def video(name: str, begin_s: float, end_s: float) -> tuple[VideoEntry, float]:
    content = blake2b(name.encode(), digest_size=16).hexdigest()
    return VideoEntry(name, content, end_s - begin_s), begin_s


def shared(one: tuple[VideoEntry, float], other: tuple[VideoEntry, float]) -> SharedPart:
    """What two stretches of a story share: the moments that both show."""
    (a, a_s), (b, b_s) = one, other
    begin_s, end_s = max(a_s, b_s), min(a_s + a.duration_s, b_s + b.duration_s)
    segment = Segment(TimeMap(a_s - b_s), begin_s - a_s, end_s - a_s, 1.0)
    return SharedPart(a, b, (segment,), 0.99)


def names_of(parts: list[SharedPart]) -> list[list[str]]:
    return sorted(sorted(e.name for e in group.videos) for group in groups_of(parts, 0.5))


def test_copies_that_are_only_like_their_source_are_in_its_group():
    """Two heavy edits may each be like their source, and not like each other."""
    source, *copies = (video(name, 0, STORY_S) for name in ("source", "cropped", "dark"))
    parts = [shared(source, copies[0]), shared(copies[1], source)]
    assert names_of(parts) == [["cropped", "dark", "source"]]
    (group,) = groups_of(parts, 0.5)
    assert set(group.evidence) == set(parts)


def test_one_pair_that_looks_the_same_does_not_join_two_groups():
    sets = [[video(f"{letter}{n}", 0, STORY_S) for n in range(4)] for letter in "ab"]
    parts = [shared(*pair) for each in sets for pair in combinations(each, 2)]
    alone = names_of(parts)
    assert [len(group) for group in alone] == [4, 4]
    assert names_of([*parts, shared(sets[0][0], sets[1][0])]) == alone


def test_what_does_not_follow_from_a_third_video_joins_nothing():
    """Each shares most with the middle one, but the outer ones show little of the same."""
    first, middle, last = video("first", 0, 60), video("middle", 20, 80), video("last", 40, 100)
    (group,) = names_of([shared(first, middle), shared(middle, last)])
    assert len(group) == 2


def test_what_follows_holds_at_other_speeds():
    """The same story told at three speeds, two of which were only compared with the third."""
    entries = {speed: video(f"{speed}", 0, STORY_S / speed)[0] for speed in (1.0, 1.25, 0.8)}
    parts = [
        SharedPart(
            entries[speed],
            entries[1.0],
            (Segment(TimeMap(0.0, speed), 0.1 * STORY_S, 0.75 * STORY_S / speed, 1.0),),
            0.99,
        )
        for speed in (1.25, 0.8)
    ]
    assert names_of(parts) == [["0.8", "1.0", "1.25"]]

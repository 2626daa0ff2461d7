"""Which videos are the same, by what pairs of them share.

Two videos are the same where most of *both* is shared. Groups are made so that all of a group are
the same as each other: a chain through a video that shares something with two others (an intro, an
advertisement, a compilation) joins nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from videoalignment.align.alignment import Segment
from videoalignment.index.records import VideoEntry

LEAST_SHARE = 0.5
"""Of both videos, from which they are the same."""
_LEAST_FOUND = 1 / 3  # of the pairs across two groups, where they are made one
_EDGE_S = 5.0  # from a video's begin or end, that an intro or an outro may lie
_EDGE_SHARE = 0.2  # of a video, that such a part has at most

Kind = Literal["same", "part of", "intro", "outro", "shared part"]


@dataclass(frozen=True)
class SharedPart:
    """What two videos share."""

    a: VideoEntry
    b: VideoEntry
    segments: tuple[Segment, ...]
    """From A to B, in A's order."""
    confidence: float
    """Of the surest segment."""

    @property
    def shares(self) -> tuple[float, float]:
        """How much of A and of B is shared, 0..1 each."""
        return (
            _share(((s.begin_a_s, s.end_a_s) for s in self.segments), self.a),
            _share(((s.begin_b_s, s.end_b_s) for s in self.segments), self.b),
        )

    def other_than(self, content: str) -> VideoEntry:
        """The one of the two videos that is not this one."""
        return self.b if self.a.content == content else self.a

    def onto(self, content: str) -> tuple[Segment, ...]:
        """The segments from the other video to this one."""
        if self.b.content == content:
            return self.segments
        return tuple(segment.inverse() for segment in self.segments)

    def kind(self, least_share: float = LEAST_SHARE) -> Kind:
        """What it means that they share this."""
        of_a, of_b = self.shares
        if min(of_a, of_b) >= least_share:
            return "same"
        if max(of_a, of_b) >= least_share:
            return "part of"
        first, last = self.segments[0], self.segments[-1]
        if max(of_a, of_b) <= _EDGE_SHARE:
            if max(first.begin_a_s, first.begin_b_s) < _EDGE_S:
                return "intro"
            ends_s = self.a.duration_s - last.end_a_s, self.b.duration_s - last.end_b_s
            if max(ends_s) < _EDGE_S:
                return "outro"
        return "shared part"


@dataclass(frozen=True)
class Group:
    """Videos that are the same as each other."""

    videos: tuple[VideoEntry, ...]
    """The longest first."""
    evidence: tuple[SharedPart, ...]
    """What two of them share, of all pairs of which that was found."""


def groups_of(parts: Sequence[SharedPart], least_share: float) -> tuple[Group, ...]:
    """Groups in which all are the same as each other; the fullest evidence is followed first.

    Args:
        parts: what pairs of videos share.
        least_share: of both videos, from which they are the same.

    Returns:
        The largest first.
    """
    found = {frozenset((part.a.content, part.b.content)): part for part in parts}
    same = {pair: part for pair, part in found.items() if part.kind(least_share) == "same"}
    entries = {entry.content: entry for part in same.values() for entry in (part.a, part.b)}
    cluster = {content: [content] for content in entries}
    for part in sorted(same.values(), key=lambda part: (-min(part.shares), -part.confidence)):
        one, other = cluster[part.a.content], cluster[part.b.content]
        if one is not other and _are_same(one, other, same, least_share):
            one += other
            for content in other:
                cluster[content] = one
    groups = {id(members): members for members in cluster.values() if len(members) > 1}
    return tuple(
        Group(
            tuple(sorted((entries[c] for c in members), key=lambda e: (-e.duration_s, e.name))),
            tuple(
                found[pair] for pair in map(frozenset, combinations(members, 2)) if pair in found
            ),
        )
        for members in sorted(groups.values(), key=len, reverse=True)
    )


def _are_same(
    one: Sequence[str],
    other: Sequence[str],
    same: Mapping[frozenset[str], SharedPart],
    least_share: float,
) -> bool:
    """Whether all of one group are the same as all of another.

    Two heavy edits of one video may each be like that and not like each other, so some pairs may
    only follow from what both show of a third video; but where hardly any was found, that which was
    is more likely wrong.
    """
    pairs = [frozenset((x, y)) for x in one for y in other]
    missing = [pair for pair in pairs if pair not in same]
    if len(missing) > (1 - _LEAST_FOUND) * len(pairs):
        return False
    members = [*one, *other]
    return all(_follows(pair, members, same, least_share) for pair in missing)


def _follows(
    pair: frozenset[str],
    members: Iterable[str],
    same: Mapping[frozenset[str], SharedPart],
    least_share: float,
) -> bool:
    """Whether two videos show enough of the same of a third one."""
    x, y = pair
    for third in members:
        of_x, of_y = same.get(frozenset((x, third))), same.get(frozenset((y, third)))
        if of_x and of_y and min(_shares_through(of_x, of_y, third)) >= least_share:
            return True
    return False


def _shares_through(of_x: SharedPart, of_y: SharedPart, third: str) -> tuple[float, float]:
    """How much of X and of Y shows the same moments of a third video."""
    parts_x: list[tuple[float, float]] = []
    parts_y: list[tuple[float, float]] = []
    x, y = of_x.other_than(third), of_y.other_than(third)
    for one in of_x.onto(third):
        for other in of_y.onto(third):
            begin_s = max(one.begin_b_s, other.begin_b_s)
            end_s = min(one.end_b_s, other.end_b_s)
            if begin_s < end_s:
                for segment, spans in ((one, parts_x), (other, parts_y)):
                    to_own = segment.time_map.to_a
                    spans.append((float(to_own(begin_s)), float(to_own(end_s))))
    return _share(parts_x, x), _share(parts_y, y)


def _share(spans: Iterable[tuple[float, float]], video: VideoEntry) -> float:
    """How much of a video stretches of time are, 0..1; they may overshoot it a little."""
    return min(1.0, _length_s(spans) / video.duration_s)


def _length_s(spans: Iterable[tuple[float, float]]) -> float:
    """Length of the union of stretches of time."""
    total_s, until_s = 0.0, float("-inf")
    for begin_s, end_s in sorted(spans):
        total_s += max(0.0, end_s - max(begin_s, until_s))
        until_s = max(until_s, end_s)
    return total_s

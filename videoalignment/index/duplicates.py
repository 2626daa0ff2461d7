"""Which videos of an index are the same, and which only share a part.

Two videos are the same where most of *both* is shared. Groups are made so that all of a group are
the same as each other: a chain through a video that shares something with two others (an intro, an
advertisement, a compilation) joins nothing. What is shared otherwise is reported as that.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from videoalignment.align.alignment import Segment
from videoalignment.errors import OptionError
from videoalignment.index.describe import Description
from videoalignment.index.records import Answer, VideoEntry
from videoalignment.index.settings import STORED
from videoalignment.index.transfer import whole_span
from videoalignment.index.video_index import VideoIndex
from videoalignment.progress import Progress

MIN_CONFIDENCE = 0.9
"""Of segments that count: a wrong merge costs more than a missed one."""
LEAST_SHARE = 0.5
"""Of both videos, from which they are the same."""
_PIECE_S = 60.0  # videos are asked for piece by piece, so that long ones are not thinned out
_TOP = 50
_SAME_LINE_S = 0.5
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
            _length_s((s.begin_a_s, s.end_a_s) for s in self.segments) / self.a.duration_s,
            _length_s((s.begin_b_s, s.end_b_s) for s in self.segments) / self.b.duration_s,
        )

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
    """What each two of them share."""


@dataclass(frozen=True)
class Duplicates:
    """What an index holds more than once."""

    groups: tuple[Group, ...]
    """The largest first."""
    shared: tuple[SharedPart, ...]
    """What videos share that are not the same, the surest first."""
    least_share: float = LEAST_SHARE


def find_duplicates(
    index: VideoIndex,
    *,
    min_confidence: float = MIN_CONFIDENCE,
    least_share: float = LEAST_SHARE,
) -> Duplicates:
    """Find videos that are the same, and what others share.

    Args:
        index: where to look; every video is asked for.
        min_confidence: of segments that count.
        least_share: of both videos, from which they are the same.

    Raises:
        OptionError: an option has no such value.
    """
    if not 0 < min_confidence <= 1:
        raise OptionError(
            f"`min_confidence` {min_confidence}: expected a number above 0, at most 1"
        )
    if not 0 < least_share <= 1:
        raise OptionError(f"`least_share` {least_share}: expected a number above 0, at most 1")
    entries = sorted(index.videos(), key=lambda entry: (entry.name, entry.content))
    found: dict[frozenset[str], SharedPart] = {}
    with Progress("comparing", len(entries), "videos") as progress:
        for entry in entries:
            for part in _shared_with_others(index, entry, min_confidence):
                pair = frozenset((part.a.content, part.b.content))
                found[pair] = _fuller(found.get(pair), part)
            progress.advance()
    parts = sorted(found.values(), key=lambda part: -part.confidence)
    groups = _groups([part for part in parts if part.kind(least_share) == "same"])
    grouped = {evidence for group in groups for evidence in group.evidence}
    return Duplicates(groups, tuple(p for p in parts if p not in grouped), least_share)


def _shared_with_others(
    index: VideoIndex, entry: VideoEntry, min_confidence: float
) -> list[SharedPart]:
    """What one video shares with each other one."""
    (moments,) = index.engine.fetch([whole_span(entry)])
    piece = round(_PIECE_S * STORED.rate_hz)
    answers: dict[str, list[Answer]] = {}
    for begin in range(0, len(moments), piece):
        some = moments[begin : begin + piece]
        asked = Description(some, len(some) / STORED.rate_hz)
        for answer in index.search(asked, top=_TOP, min_confidence=min_confidence, without=entry):
            whole = answer.segment.within(begin / STORED.rate_hz)
            answers.setdefault(answer.entry.content, []).append(replace(answer, segment=whole))
    return [
        SharedPart(
            entry,
            some[0].entry,
            _joined([answer.segment for answer in some]),
            max(answer.confidence for answer in some),
        )
        for some in answers.values()
    ]


def _joined(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """Segments in order, those that go on where the one before ends as one."""
    joined: list[Segment] = []
    for segment in sorted(segments, key=lambda s: (s.begin_a_s, s.begin_b_s)):
        last = joined[-1] if joined else None
        if (
            last
            and segment.begin_a_s - last.end_a_s < 1
            and last.time_map.apart_s(segment.time_map, segment.begin_a_s) < _SAME_LINE_S
        ):
            joined[-1] = replace(last, end_a_s=max(last.end_a_s, segment.end_a_s))
        else:
            joined.append(segment)
    return tuple(joined)


def _fuller(one: SharedPart | None, other: SharedPart) -> SharedPart:
    """Of what was found from either side, that which shares more."""
    if one is None or min(other.shares) > min(one.shares):
        return other
    return one


def _groups(same: Sequence[SharedPart]) -> tuple[Group, ...]:
    """Groups in which all are the same as each other; the fullest evidence is followed first."""
    by_pair = {frozenset((part.a.content, part.b.content)): part for part in same}
    entries = {entry.content: entry for part in same for entry in (part.a, part.b)}
    cluster = {content: [content] for content in entries}
    for part in sorted(same, key=lambda part: (-min(part.shares), -part.confidence)):
        one, other = cluster[part.a.content], cluster[part.b.content]
        if one is other:
            continue
        if all(frozenset((x, y)) in by_pair for x in one for y in other):
            one += other
            for content in other:
                cluster[content] = one
    groups = {id(members): members for members in cluster.values() if len(members) > 1}
    return tuple(
        Group(
            tuple(sorted((entries[c] for c in members), key=lambda e: (-e.duration_s, e.name))),
            tuple(
                by_pair[frozenset((x, y))]
                for place, x in enumerate(members)
                for y in members[place + 1 :]
            ),
        )
        for members in sorted(groups.values(), key=len, reverse=True)
    )


def _length_s(spans: Iterable[tuple[float, float]]) -> float:
    """Length of the union of stretches of time."""
    total_s, until_s = 0.0, float("-inf")
    for begin_s, end_s in sorted(spans):
        total_s += max(0.0, end_s - max(begin_s, until_s))
        until_s = max(until_s, end_s)
    return total_s

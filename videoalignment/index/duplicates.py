"""Which videos of an index are the same (groups.py), and which only share a part."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from videoalignment.align.alignment import Segment
from videoalignment.errors import OptionError
from videoalignment.index.groups import LEAST_SHARE, Group, SharedPart, groups_of
from videoalignment.index.records import Answer, VideoEntry
from videoalignment.index.settings import STORED
from videoalignment.index.video_index import VideoIndex
from videoalignment.progress import Progress

MIN_CONFIDENCE = 0.9
"""Of segments that count: a wrong merge costs more than a missed one."""
_PIECE_S = 60.0  # videos are asked for piece by piece, so that long ones are not thinned out
_TOP = 50
_SAME_LINE_S = 0.5


@dataclass(frozen=True)
class Duplicates:
    """What an index holds more than once."""

    groups: tuple[Group, ...]
    """The largest first."""
    shared: tuple[SharedPart, ...]
    """What videos share that are in no group together, the surest first. Two of these may be the
    same, where each is in another group with videos that are not like the other one."""
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
    groups = groups_of(parts, least_share)
    grouped = {evidence for group in groups for evidence in group.evidence}
    return Duplicates(groups, tuple(p for p in parts if p not in grouped), least_share)


def _shared_with_others(
    index: VideoIndex, entry: VideoEntry, min_confidence: float
) -> list[SharedPart]:
    """What one video shares with each other one."""
    (video,) = index.kept([entry])
    piece = round(_PIECE_S * STORED.rate_hz)
    answers: dict[str, list[Answer]] = {}
    for begin in range(0, video.count, piece):
        asked = video.part(begin, min(begin + piece, video.count))
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

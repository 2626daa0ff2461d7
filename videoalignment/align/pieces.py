"""A and B on one clock, A's: which moment of B belongs beside each moment of A.

Everything that shows or edits the two videos together (report, side-by-side video, editors'
files) is made from these pieces. A plays as it is; B is moved, and retimed where it has to be.
"""

from dataclasses import dataclass

from videoalignment.align.alignment import Alignment, Segment

# Segments this close to a line belong to it: no cut, just frames in between that do not match.
_SAME_LINE_S = 0.1


@dataclass(frozen=True)
class Piece:
    """A stretch of B that plays in step with A.

    The moment t of A (begin_a_s <= t <= end_a_s) is the moment
    begin_b_s + (t - begin_a_s) * speed of B.
    """

    begin_a_s: float
    """Where it begins on A's clock, seconds; negative where B begins before A."""
    end_a_s: float
    begin_b_s: float
    speed: float
    """Seconds of B that pass in one second of A."""

    @property
    def end_b_s(self) -> float:
        """The moment of B, seconds, that the piece ends with."""
        return self.begin_b_s + (self.end_a_s - self.begin_a_s) * self.speed


def stretches(alignment: Alignment) -> tuple[Segment, ...]:
    """What to show: the segments that match, or where none do, what the best guess lays over."""
    return alignment.segments or (alignment.overlap,)


@dataclass(frozen=True)
class _Line:
    """The moment t of A is the moment offset_s + t * speed of B."""

    offset_s: float
    speed: float

    def holds(self, segment: Segment) -> bool:
        """Tell whether the segment lies on this line."""
        ends = (segment.begin_a_s, segment.begin_b_s), (segment.end_a_s, segment.end_b_s)
        return all(abs(self.offset_s + a * self.speed - b) < _SAME_LINE_S for a, b in ends)


def pieces_of_b(alignment: Alignment) -> tuple[Piece, ...]:
    """Lay B along A.

    One piece, the whole of B, where one offset and one speed explain all segments. Several where
    A was cut or re-ordered: each begins with its first segment and lasts until the next piece or
    the end of B; the first reaches back to the beginning of B.

    Args:
        alignment: where the two meet.

    Returns:
        The pieces in A's order; they do not overlap on A's clock.
    """
    lines = _lines(alignment)
    pieces = []
    for index, (begin_a_s, line) in enumerate(lines):
        end_a_s = (alignment.duration_b_s - line.offset_s) / line.speed
        if index + 1 < len(lines):
            end_a_s = min(end_a_s, lines[index + 1][0])
        if end_a_s > begin_a_s:
            begin_b_s = max(0.0, line.offset_s + begin_a_s * line.speed)
            pieces.append(Piece(begin_a_s, end_a_s, begin_b_s, line.speed))
    return tuple(pieces)


def _lines(alignment: Alignment) -> list[tuple[float, _Line]]:
    """The lines that the segments lie on, each with the moment of A that it holds from."""
    main = _Line(alignment.offset_s, alignment.speed)
    lines: list[tuple[float, _Line]] = []
    for segment in alignment.segments:
        if lines and lines[-1][1].holds(segment):
            continue
        offset_s = segment.begin_b_s - segment.begin_a_s * segment.speed
        line = main if main.holds(segment) else _Line(offset_s, segment.speed)
        begins_with_b = not lines
        lines.append((-line.offset_s / line.speed if begins_with_b else segment.begin_a_s, line))
    return lines or [(-main.offset_s / main.speed, main)]

"""A and B on one clock, A's: which moment of B belongs beside each moment of A.

Everything that shows or edits the two videos together (report, side-by-side video, editors'
files) is made from these pieces. A plays as it is; B is moved, and retimed where it has to be.
"""

from dataclasses import dataclass

from videoalignment.align.alignment import Alignment, Segment
from videoalignment.align.settings import SETTINGS
from videoalignment.time_map import TimeMap


@dataclass(frozen=True)
class Piece:
    """A stretch of B that plays in step with A."""

    time_map: TimeMap
    """Which moment of B each moment of the piece is."""
    begin_a_s: float
    """Where it begins on A's clock, seconds; negative where B begins before A."""
    end_a_s: float

    @property
    def begin_b_s(self) -> float:
        """The moment of B, seconds, that the piece begins with."""
        return max(0.0, self.time_map.to_b(self.begin_a_s))  # rounding must not leave B

    @property
    def end_b_s(self) -> float:
        """The moment of B, seconds, that the piece ends with."""
        return self.time_map.to_b(self.end_a_s)


def stretches(alignment: Alignment) -> tuple[Segment, ...]:
    """What to show: the segments that match, or where none do, what the best guess lays over."""
    return alignment.segments or (alignment.overlap,)


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
        end_a_s = line.to_a(alignment.duration_b_s)
        if index + 1 < len(lines):
            end_a_s = min(end_a_s, lines[index + 1][0])
        if end_a_s > begin_a_s:
            pieces.append(Piece(line, begin_a_s, end_a_s))
    return tuple(pieces)


def _lines(alignment: Alignment) -> list[tuple[float, TimeMap]]:
    """The lines that the segments lie on, each with the moment of A that it holds from."""
    main = alignment.time_map
    lines: list[tuple[float, TimeMap]] = []
    for segment in alignment.segments:
        if lines and _holds(lines[-1][1], segment):
            continue
        line = main if _holds(main, segment) else segment.time_map
        begins_with_b = not lines
        lines.append((line.to_a(0.0) if begins_with_b else segment.begin_a_s, line))
    return lines or [(main.to_a(0.0), main)]


def _holds(line: TimeMap, segment: Segment) -> bool:
    """Whether a segment lies on a line."""
    ends = segment.begin_a_s, segment.end_a_s
    return SETTINGS.same_piece.holds(line, segment.time_map, *ends)

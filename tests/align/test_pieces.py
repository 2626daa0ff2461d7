from ramps import line_alignment, segment

from videoalignment.align.pieces import Piece, pieces_of_b
from videoalignment.time_map import TimeMap


def test_one_line_is_one_piece_of_the_whole_of_b():
    pieces = pieces_of_b(line_alignment(3.7, 1.0, 18.8, 22.46))
    assert pieces == (Piece(TimeMap(3.7), -3.7, 22.46 - 3.7),)


def test_a_hole_in_the_match_does_not_cut():
    hole = (segment(0, 4, 2), segment(9, 12, 11))
    alignment = line_alignment(2.0, 1.0, 12, 20, segments=hole)
    assert len(pieces_of_b(alignment)) == 1


def test_a_begins_before_b():
    (piece,) = pieces_of_b(line_alignment(-2.0, 0.8, 10, 4))
    assert piece.begin_a_s == 2.5  # 2 s of B's clock are 2.5 s of A's
    assert piece.begin_b_s == 0
    assert abs(piece.end_b_s - 4) < 1e-9


def test_reordered_stretches_follow_each_other_in_a():
    swapped = (segment(0, 5, 10), segment(5, 9, 0))
    first, second = pieces_of_b(line_alignment(10, 1.0, 9, 20, segments=swapped))
    assert (first.begin_a_s, first.begin_b_s) == (-10, 0)
    assert first.end_a_s == second.begin_a_s == 5
    assert second.begin_b_s == 0
    assert second.end_b_s == 20


def test_a_piece_ends_with_b():
    """A goes on after the end of B, then returns to B's beginning."""
    first, second = pieces_of_b(
        line_alignment(8, 1.0, 9, 10, segments=(segment(0, 2, 8), segment(5, 9, 1)))
    )
    assert (first.end_a_s, first.end_b_s) == (2, 10)
    assert second.begin_a_s == 5

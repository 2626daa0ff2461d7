from pathlib import Path

import pytest
from ramps import line_alignment, segment

from videoalignment.present.wording import (
    clock,
    names_of,
    names_of_all,
    seconds,
    sentence,
    short_video_advice,
)
from videoalignment.text import printable


@pytest.mark.parametrize(
    ("alignment", "expected"),
    [
        (
            line_alignment(3.7, 1, 18.8, 22.5),
            "A starts 3.700 s after B begins; they share 18.8 s; confidence 0.99",
        ),
        (
            line_alignment(0, 1, 5, 5, confidence=0.876),
            "A and B start together; they share 5.0 s; confidence 0.87",
        ),
        (  # B's seconds are counted before, A's after: B begins when 2.5 s of A have passed
            line_alignment(-2, 0.8, 10, 4),
            "B starts 2.500 s after A begins; A runs 0.8 times as fast as B; "
            "they share 5.0 s; confidence 0.99",
        ),
        (
            line_alignment(10, 1, 9, 20, segments=(segment(0, 5, 10), segment(5, 9, 0))),
            "A shows 2 pieces of B, cut or re-ordered; they share 9.0 s; confidence 0.99",
        ),
        (
            line_alignment(3, 1, 5, 9, matched=False, confidence=0.042),
            "A and B do not match; the best guess has confidence 0.04",
        ),
    ],
)
def test_sentence(alignment, expected):
    assert sentence(alignment, "A", "B") == expected


def test_zero_has_no_sign():
    assert seconds(-0.0004) == "0.000 s"
    assert seconds(-0.0006) == "-0.001 s"


def test_advice_on_a_short_video():
    short = line_alignment(0, 1, 0.5, 9, matched=False)
    advice = short_video_advice(short, "A", "B", 3)
    assert advice == "A is only 0.5 s long; try `min_overlap_s` 0.3"
    assert short_video_advice(short, "A", "B", 0.5) == ""
    assert short_video_advice(line_alignment(0, 1, 0.5, 9), "A", "B", 3) == ""


def test_certainty_is_never_claimed():
    assert sentence(line_alignment(1, 1, 5, 9, confidence=1.0), "A", "B").endswith("0.99")


@pytest.mark.parametrize(
    ("value_s", "text"),
    [
        (0, "0:00.000"),
        (59.9996, "1:00.000"),
        (3723.7, "1:02:03.700"),
        (-3.7, "-0:03.700"),
        (-0.0001, "0:00.000"),
    ],
)
def test_clock(value_s, text):
    assert clock(value_s) == text


def test_names_tell_the_videos_apart():
    assert names_of(Path("x/a.mp4"), Path("y/b.mp4")) == ("a.mp4", "b.mp4")
    assert names_of(Path("x/a.mp4"), Path("y/a.mp4")) == ("x/a.mp4", "y/a.mp4")
    many = [
        Path("/day/1/left/a.mp4"),
        Path("/day/1/right/a.mp4"),
        Path("/day/2/left/a.mp4"),
        Path("b"),
    ]
    assert names_of_all(many) == ("1/left/a.mp4", "right/a.mp4", "2/left/a.mp4", "b")
    assert names_of(Path("a.mp4"), Path("x/a.mp4")) == ("a.mp4", "x/a.mp4")


def test_names_cannot_steer_a_terminal():
    assert "\x1b" not in printable("\x1b[2J\nx.mp4")
    assert "\n" not in printable("\x1b[2J\nx.mp4")
    printable(Path(b"caf\xe9.mp4".decode("utf-8", "surrogateescape"))).encode()

"""Parts of pictures that are pictures of their own: found where they were put, and cut out."""

import numpy as np
import pytest

from videoalignment.media.frames import read_frames
from videoalignment.media.inside import WHOLE, Inside
from videoalignment.media.insides import inset_in, inside_of_bars, inside_of_box, insides

MOVING = "mandelbrot=size=320x240:rate=10:maxiter=200,trim=duration=2"


def put_on(canvas: str, x: int, y: int) -> tuple[str, ...]:
    """Options that lay the footage over a canvas of 480x400, at a place."""
    overlay = f"split[a][b];[a]{canvas}[c];[c][b]overlay={x}:{y}"
    return "-filter_complex", f"[0:v]{overlay}", "-pix_fmt", "yuv420p", "-crf", "24"


def sides(inside: Inside) -> list[float]:
    return [inside.left, inside.top, inside.right, inside.bottom]


@pytest.mark.parametrize(("x", "y"), [(80, 80), (0, 80), (160, 40)])
def test_what_bars_leave_is_found(make_video, x, y):
    canvas = "scale=480:400,drawbox=c=black:t=fill"
    path = make_video("bars.mp4", *put_on(canvas, x, y), source=MOVING)
    (inside,) = insides(path)
    truth = [x / 480, y / 400, (x + 320) / 480, (y + 240) / 400]
    assert sides(inside) == pytest.approx(truth, abs=0.015)


def test_a_picture_in_a_blurred_picture_is_found(make_video):
    canvas = "scale=480:400,gblur=sigma=20"
    path = make_video("inset.mp4", *put_on(canvas, 100, 90), source=MOVING)
    (inside,) = insides(path)
    truth = [100 / 480, 90 / 400, 420 / 480, 330 / 400]
    assert sides(inside) == pytest.approx(truth, abs=0.015)


def test_footage_between_two_blurred_strips_is_found(make_video):
    options = put_on("scale=480:240,setsar=1,gblur=sigma=20", 80, 0)
    (inside,) = insides(make_video("strips.mp4", *options, source=MOVING))
    assert sides(inside) == pytest.approx([80 / 480, 0, 400 / 480, 1], abs=0.015)


def test_a_picture_that_fills_all_has_no_inside(make_video):
    assert insides(make_video("full.mp4", "-pix_fmt", "yuv420p", source=MOVING)) == []


@pytest.mark.parametrize("level", [0, 16, 128, 255])
def test_flat_pictures_have_no_inside(level):
    flat = np.full((5, 60, 80), level, np.uint8)
    assert inside_of_bars(flat) == WHOLE
    assert inset_in(flat) is None


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (1, 40)])
def test_tiny_pictures_are_no_error(size):
    frames = np.random.default_rng(1).integers(0, 256, (3, *size), np.uint8)
    assert inset_in(frames) is None
    assert inside_of_bars(frames * 0) == WHOLE


def test_bars_are_black_at_all_moments():
    """A caption that comes up in what was black so far says that it is part of the picture."""
    frames = np.full((6, 100, 100), 120, np.uint8)
    frames[:, :20] = frames[:, 80:] = 16
    assert sides(inside_of_bars(frames)) == [0, 0.2, 1, 0.8]
    frames[4, 85:95, 10:90] = 200
    assert sides(inside_of_bars(frames)) == [0, 0.2, 1, 0.95]


def test_only_what_is_inside_is_read(make_video):
    path = make_video("whole.nut", "-c:v", "ffv1", "-pix_fmt", "rgb24", source=MOVING)
    inside = Inside(0.25, 0.1, 0.75, 0.6)
    whole = np.concatenate([b.frames for b in read_frames(path, fps=None, size=(240, 320))])
    part = np.concatenate(
        [b.frames for b in read_frames(path, fps=None, size=(120, 160), inside=inside)]
    )
    np.testing.assert_array_equal(part, whole[:, 24:144, 80:240])


def test_the_inside_of_an_inside():
    assert Inside(0.5, 0.0, 1.0, 0.5).part(Inside(0.5, 0.5, 1.0, 1.0)) == Inside(
        0.75, 0.25, 1.0, 0.5
    )


@pytest.mark.parametrize(
    ("bars", "left_of_them"),
    [
        ((0.0, 0.13, 1.0, 0.87), (0.0, 0.13, 1.0, 0.87)),
        ((0.17, 0.0, 0.83, 1.0), (0.17, 0.0, 0.83, 1.0)),
        ((0.03, 0.13, 1.0, 0.87), (0.0, 0.13, 1.0, 0.87)),
        ((0.2, 0.1, 0.8, 0.9), None),  # as a planet in front of the sky
        ((0.0, 0.3, 1.0, 1.0), None),  # as a night sky
        ((0.0, 0.0, 1.0, 1.0), None),
    ],
)
def test_only_two_bars_that_are_alike_are_a_box(bars, left_of_them):
    expected = None if left_of_them is None else Inside(*left_of_them)
    assert inside_of_box(Inside(*bars)) == expected

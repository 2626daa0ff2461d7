"""What the plot draws, and where."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image
from ramps import line_alignment, pair_of, segment

from videoalignment.present.plot import plot_figure, write_plot


def _drawn(alignment):
    """The two charts of two videos that were aligned so."""
    pair = pair_of(alignment, "a.mp4", "b.mp4")
    figure = plot_figure(pair)
    scores, frames = figure.axes[:2]
    return pair, scores, frames


def test_the_score_peaks_where_the_offset_is_marked():
    pair, scores, _ = _drawn(line_alignment(3.0, 1.0, 8.0, 14.0))
    curve, mark = scores.lines
    offsets_s, values = curve.get_data()
    np.testing.assert_array_equal(offsets_s, pair.evidence.offsets_s)
    np.testing.assert_array_equal(values, pair.evidence.scores)
    assert offsets_s[np.argmax(values)] == pytest.approx(3.0, abs=0.11)
    assert list(mark.get_xdata()) == [3.0, 3.0]
    left, right = scores.get_xlim()
    assert left <= offsets_s[0]
    assert right >= offsets_s[-1]
    assert scores.get_legend().get_texts()[0].get_text() == "chosen: 3.000 s"


def test_similar_frames_lie_under_the_line_that_is_drawn():
    _, _, frames = _drawn(line_alignment(3.0, 1.25, 8.0, 14.0))
    (line,) = frames.lines
    np.testing.assert_allclose(line.get_xydata(), [[0.0, 3.0], [8.0, 13.0]])
    (picture,) = frames.images
    left, right, bottom, top = picture.get_extent()
    rows = np.asarray(picture.get_array())
    assert picture.origin == "lower"
    for time_a_s in (1.0, 4.0, 7.0):
        column = rows[:, int((time_a_s - left) / (right - left) * rows.shape[1])]
        brightest_s = bottom + (np.argmax(column) + 0.5) / len(column) * (top - bottom)
        assert brightest_s == pytest.approx(3.0 + 1.25 * time_a_s, abs=0.3)


def test_every_segment_is_drawn_at_its_place():
    segments = segment(0.0, 3.0, 9.0), segment(4.0, 8.0, 1.0)
    _, _, frames = _drawn(line_alignment(9.0, 1.0, 8.0, 14.0, segments=segments))
    drawn = [line.get_xydata().tolist() for line in frames.lines]
    assert drawn == [[[0.0, 9.0], [3.0, 12.0]], [[4.0, 1.0], [8.0, 5.0]]]


def test_the_best_guess_is_not_called_a_match():
    _, scores, frames = _drawn(line_alignment(3.0, 1.0, 8.0, 14.0, matched=False))
    assert scores.get_legend().get_texts()[0].get_text() == "best guess, no match"
    assert "best guess" in frames.get_title()
    (line,) = frames.lines
    np.testing.assert_allclose(line.get_xydata(), [[0.0, 3.0], [8.0, 11.0]])


def test_the_line_is_seen_in_the_picture():
    """Its colour, a light blue, stands along it and hardly anywhere else."""
    figure = plot_figure(pair_of(line_alignment(3.0, 1.0, 8.0, 14.0), "a.mp4", "b.mp4"))
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[::-1].astype(int)  # rows from the bottom, as axes
    frames = figure.axes[1]

    def blue_over_red(time_a_s: float, time_b_s: float) -> int:
        column, row = frames.transData.transform((time_a_s, time_b_s)).astype(int)
        red, _, blue, _ = pixels[row, column]
        return blue - red

    (line,) = frames.lines
    with_line = blue_over_red(4.0, 7.0)
    line.remove()
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[::-1].astype(int)
    assert with_line > blue_over_red(4.0, 7.0) + 20


def test_file_names_are_no_formulas(tmp_path):
    pair = pair_of(line_alignment(3.0, 1.0, 8.0, 14.0), "50% of $a_{.mp4", "and ^b$ <i>\\frac.mp4")
    figure = plot_figure(pair)
    assert r"50% of \$a_{.mp4 starts" in figure.get_suptitle()
    write_plot(tmp_path / "plot.png", pair)
    assert Image.open(tmp_path / "plot.png").size[0] >= 1200


def test_plot_formats(tmp_path):
    pair = pair_of(line_alignment(2, 1, 8, 14), "a.mp4", "b.mp4")
    for name, begins in (("p.pdf", b"%PDF"), ("p.svg", b"<?xml"), ("p.JPG", b"\xff\xd8")):
        write_plot(tmp_path / name, pair)
        assert (tmp_path / name).read_bytes().startswith(begins)

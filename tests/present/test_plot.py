import numpy as np
import pytest
from PIL import Image
from ramps import line_alignment

from videoalignment.align.alignment import Evidence
from videoalignment.present.plot import write_plot


@pytest.fixture
def evidence() -> Evidence:
    times_s = np.arange(40) * 0.25
    similarity = np.exp(-((times_s[:, None] + 2 - times_s[None]) ** 2))
    offsets_s = np.linspace(-10, 10, 200)
    return Evidence(offsets_s, np.exp(-((offsets_s - 2) ** 2)), similarity, times_s, times_s)


@pytest.mark.parametrize("matched", [True, False])
def test_plot_is_a_picture_with_content(tmp_path, evidence, matched):
    out = tmp_path / "plot.png"
    title = "50% of $a_{ and ^b$ <i>\\frac"  # no mark-up of matplotlib's
    write_plot(out, line_alignment(2, 1, 10, 10, matched=matched), evidence, title)
    picture = np.asarray(Image.open(out).convert("RGB"))
    assert picture.shape[1] >= 1200
    # half of it shows the similarity, which is dark
    assert 0.15 < (picture.mean(axis=2) < 80).mean() < 0.6


def test_plot_formats(tmp_path, evidence):
    alignment = line_alignment(2, 1, 10, 10)
    for name, begins in (("p.pdf", b"%PDF"), ("p.svg", b"<?xml"), ("p.JPG", b"\xff\xd8")):
        write_plot(tmp_path / name, alignment, evidence, "title")
        assert (tmp_path / name).read_bytes().startswith(begins)

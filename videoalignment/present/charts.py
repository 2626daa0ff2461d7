"""The report's two charts, as what a web page draws: paths, positions in percent, a picture."""

import io
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from matplotlib.image import imsave
from matplotlib.ticker import MaxNLocator

from videoalignment.align.alignment import Alignment, Evidence
from videoalignment.align.pieces import stretches
from videoalignment.present.pages import data_url
from videoalignment.present.plot import COLOUR_MAP, HIGH_FROM, contrast, extent_s
from videoalignment.present.wording import seconds

_CURVE_BINS = 600
_PICTURE_PIXELS = 700


@dataclass(frozen=True)
class Tick:
    """A labelled place on an axis."""

    percent: float
    """From the left or from the bottom."""
    label: str


@dataclass(frozen=True)
class ScoreChart:
    """The score at every offset."""

    path: str
    """SVG path in a box of 100 by 100, y downwards."""
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    chosen: Tick


@dataclass(frozen=True)
class Stroke:
    """A segment drawn over the similarity picture, percent of its width and height, y downwards."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True)
class SimilarityChart:
    """Which frames look alike: A from left to right, B from bottom to top."""

    picture: str
    """PNG as data URL."""
    aspect: float
    """Width over height to show it with."""
    extent_s: tuple[float, float, float, float]
    """A's begin and end, B's begin and end, seconds."""
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    strokes: list[Stroke]


def score_chart(alignment: Alignment, evidence: Evidence) -> ScoreChart:
    """Lay out the score over offsets with the chosen offset marked."""
    offsets_s, scores = _thinned(evidence.offsets_s, evidence.scores)
    left, right = _span(
        min(offsets_s[0], alignment.offset_s), max(offsets_s[-1], alignment.offset_s)
    )
    bottom, top = _span(min(0.0, scores.min()), max(HIGH_FROM, scores.max()), margin=0.06)
    x = (offsets_s - left) / (right - left) * 100
    y = 100 - (scores - bottom) / (top - bottom) * 100
    path = "M" + "L".join(f"{px:.2f},{py:.2f}" for px, py in zip(x, y, strict=True))
    chosen = (alignment.offset_s - left) / (right - left) * 100
    return ScoreChart(
        path=path,
        x_ticks=_ticks(left, right, 8),
        y_ticks=_ticks(bottom, top, 4),
        chosen=Tick(float(chosen), seconds(alignment.offset_s)),
    )


def similarity_chart(alignment: Alignment, evidence: Evidence) -> SimilarityChart:
    """Paint the frames' similarities and lay out the matching segments over them."""
    a0, a1, b0, b1 = extent_s(evidence)
    strokes = [
        Stroke(
            (segment.begin_a_s - a0) / (a1 - a0) * 100,
            100 - (segment.begin_b_s - b0) / (b1 - b0) * 100,
            (segment.end_a_s - a0) / (a1 - a0) * 100,
            100 - (segment.end_b_s - b0) / (b1 - b0) * 100,
        )
        for segment in stretches(alignment)
    ]
    return SimilarityChart(
        picture=_painted(evidence.similarity),
        aspect=float(np.clip((a1 - a0) / (b1 - b0), 1.0, 2.4)),
        extent_s=(a0, a1, b0, b1),
        x_ticks=_ticks(a0, a1, 8),
        y_ticks=_ticks(b0, b1, 6),
        strokes=strokes,
    )


def _thinned(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Keep each bin's lowest and highest point, so that no peak is lost."""
    if len(x) <= 2 * _CURVE_BINS:
        return x, y
    keep = {0, len(x) - 1}
    for bin_ in np.array_split(np.arange(len(x)), _CURVE_BINS):
        keep |= {int(bin_[y[bin_].argmin()]), int(bin_[y[bin_].argmax()])}
    kept = np.array(sorted(keep))
    return x[kept], y[kept]


def _painted(similarity: np.ndarray) -> str:
    """The similarity matrix as a PNG; a match is thin, so the brightest of a block is kept."""
    picture = similarity.T
    for axis in (0, 1):
        size = picture.shape[axis]
        if size > _PICTURE_PIXELS:
            starts = np.linspace(0, size, _PICTURE_PIXELS, endpoint=False).astype(int)
            picture = np.maximum.reduceat(picture, starts, axis=axis)
    low, high = contrast(picture)
    png = io.BytesIO()
    imsave(png, picture, cmap=COLOUR_MAP, vmin=low, vmax=high, origin="lower", format="png")
    return data_url(png.getvalue(), "image/png")


def _span(low: float, high: float, margin: float = 0.0) -> tuple[float, float]:
    """A range that is never empty, with a margin on both sides."""
    width = (high - low) or 1.0
    return float(low - margin * width), float(low + width + margin * width)


def _ticks(low: float, high: float, count: int) -> list[Tick]:
    values: Iterable[float] = MaxNLocator(count).tick_values(low, high)
    return [
        Tick(float((value - low) / (high - low) * 100), f"{value:g}")
        for value in values
        if low <= value <= high
    ]

"""The evidence as one picture: the score at every offset, and which frames look alike."""

import os

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from videoalignment.align.alignment import Alignment, Evidence
from videoalignment.align.pair import AlignedPair
from videoalignment.align.pieces import stretches
from videoalignment.files import whole_path
from videoalignment.present.wording import names_of, seconds, sentence, speed_words

COLOUR_MAP = "inferno"
# Videos that share nothing stay dark and flat, however little there is to see in them.
_BRIGHT_FROM, HIGH_FROM = 0.6, 0.3
_LINE, _MARK = "#2563eb", "#d9480f"


def write_plot(path: str | os.PathLike, pair: AlignedPair) -> None:
    """Draw score and similarity side by side.

    Args:
        path: the picture to write; its suffix names the format, PNG where it has none.
        pair: what was aligned.
    """
    figure = plot_figure(pair)
    with whole_path(path) as temporary:
        figure.savefig(temporary, dpi=150, format=temporary.suffix[1:] or "png")


def plot_figure(pair: AlignedPair) -> Figure:
    """The two charts and the answer in words, as a figure of matplotlib's."""
    title = sentence(pair.alignment, *names_of(pair.a.path, pair.b.path))
    figure = Figure(figsize=(12, 5.2), layout="constrained")
    figure.suptitle(title.replace("$", r"\$"), wrap=True)  # no formulas in file names
    scores, frames = figure.subplots(1, 2)
    _draw_scores(scores, pair.alignment, pair.evidence)
    _draw_similarity(frames, pair.alignment, pair.evidence)
    return figure


def _draw_scores(axes: Axes, alignment: Alignment, evidence: Evidence) -> None:
    axes.plot(evidence.offsets_s, evidence.scores, color=_LINE, linewidth=0.8)
    label = (
        f"chosen: {seconds(alignment.offset_s)}" if alignment.matched else "best guess, no match"
    )
    axes.axvline(alignment.offset_s, color=_MARK, linewidth=1.2, linestyle="--", label=label)
    speed = speed_words(alignment.speed)
    title = "Score at every offset" + (f", A {speed} as B" if speed else "")
    axes.set(title=title, xlabel="A starts at this moment of B (s)")
    axes.set_ylabel("score of the search")
    axes.legend(loc="upper right")
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(x=0)
    axes.set_ylim(top=max(HIGH_FROM, axes.get_ylim()[1]))


def _draw_similarity(axes: Axes, alignment: Alignment, evidence: Evidence) -> None:
    low, high = contrast(evidence.similarity)
    picture = axes.imshow(
        evidence.similarity.T,
        origin="lower",
        aspect="auto",
        cmap=COLOUR_MAP,
        vmin=low,
        vmax=high,
        extent=extent_s(evidence),
    )
    for segment in stretches(alignment):
        axes.plot(
            [segment.begin_a_s, segment.end_a_s],
            [segment.begin_b_s, segment.end_b_s],
            color="#22d3ee",
            linewidth=9,
            alpha=0.3,
            solid_capstyle="butt",
        )
    marked = "matching stretches" if alignment.matched else "best guess"
    axes.set(title=f"Frames that look alike; light blue: {marked}")
    axes.set(xlabel="moment of A (s)", ylabel="moment of B (s)")
    left, right, bottom, top = extent_s(evidence)
    axes.set(xlim=(left, right), ylim=(bottom, top))
    axes.figure.colorbar(picture, ax=axes, label="similarity")


def extent_s(evidence: Evidence) -> tuple[float, float, float, float]:
    """The edges of the similarity picture: A's begin and end, B's begin and end, seconds."""
    edges = []
    for times_s in (evidence.times_a_s, evidence.times_b_s):
        half_s = (times_s[-1] - times_s[0]) / (2 * max(1, len(times_s) - 1)) or 0.5
        edges += [float(times_s[0] - half_s), float(times_s[-1] + half_s)]
    return edges[0], edges[1], edges[2], edges[3]


def contrast(similarity: np.ndarray) -> tuple[float, float]:
    """The similarities to paint black and white, so that a match stands out of its background."""
    low, high = np.percentile(similarity, [20, 99.9])
    return float(low), float(max(high, _BRIGHT_FROM))

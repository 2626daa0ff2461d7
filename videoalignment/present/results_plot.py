"""A result as a picture: the protocol draws it, this frames and saves it."""

from pathlib import Path

import matplotlib
from cycler import cycler
from matplotlib.figure import Figure

from videoalignment.eval.run import Evaluation

_COLOURS = ("#2a6f97", "#d1495b")


def draw_result(path: Path, evaluation: Evaluation) -> None:
    """Draw an evaluation's result.

    Args:
        path: the .png to write.
        evaluation: model and dataset are named in the title.
    """
    with matplotlib.rc_context({"axes.prop_cycle": cycler(color=_COLOURS)}):
        figure = Figure(figsize=(7, 4.5), layout="constrained")
        axes = figure.add_subplot()
        evaluation.result.draw(axes)
        title = f"{evaluation.options.model} on {evaluation.options.dataset}"
        axes.set_title(title, loc="left", weight="bold")
        axes.spines[["top", "right"]].set_visible(False)
        figure.savefig(path, dpi=150)

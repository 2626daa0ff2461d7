"""A result as a picture: what is worth looking at differs by protocol."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from videoalignment.eval.options import EvaluationOptions
from videoalignment.eval.result import Result
from videoalignment.metrics import precision_recall

_COLOUR = "#2a6f97"
_ACCENT = "#d1495b"


def draw_result(path: Path, options: EvaluationOptions, result: Result) -> None:
    """Draw the error curve, the precision-recall curve or the precision of each event.

    Args:
        path: the .png to write.
        options: named in the title.
        result: of any of the evaluators.
    """
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.add_subplot()
    if result.detections is not None:
        _draw_precision_recall(axes, result)
    elif result.event_means:
        _draw_events(axes, result)
    else:
        _draw_errors(axes, result)
    axes.set_title(f"{options.model} on {options.dataset}", loc="left", weight="bold")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150)


def _draw_errors(axes: Axes, result: Result) -> None:
    errors_s = np.sort(result.errors_s)
    thresholds_s = np.logspace(-2, 2, 400)
    share = 100 * np.searchsorted(errors_s, thresholds_s) / len(errors_s)
    axes.plot(thresholds_s, share, color=_COLOUR, linewidth=2)
    for metric in result.metrics:
        if metric.name.startswith("<"):
            threshold_s = float(metric.name[1:-1])
            low, high = (100 * abs(metric.value - end) for end in (metric.low, metric.high))
            axes.errorbar(
                threshold_s, 100 * metric.value, [[low], [high]], fmt="o", color=_ACCENT, capsize=4
            )
            axes.annotate(
                f"{100 * metric.value:.1f} %",
                (threshold_s, 100 * metric.value),
                textcoords="offset points",
                xytext=(8, -14),
                color=_ACCENT,
            )
    axes.set(xscale="log", xlim=(0.01, 100), ylim=(0, 105))
    axes.set(xlabel="offset error (s)", ylabel=f"share of {len(errors_s)} queries (%)")
    axes.set_xticks([0.01, 0.1, 1, 10, 100], ["0.01", "0.1", "1", "10", "100"])
    axes.grid(alpha=0.3)


def _draw_precision_recall(axes: Axes, result: Result) -> None:
    curve = precision_recall(*result.detections)
    levels = np.linspace(0.01, 1, 200)
    for f1 in (0.2, 0.4, 0.6, 0.8):
        recall = levels[levels > f1 / 2]
        axes.plot(recall, f1 * recall / (2 * recall - f1), color="0.85", linewidth=1, zorder=0)
        axes.annotate(f"F1 = {f1}", (1, f1 / (2 - f1)), color="0.6", fontsize=8, ha="right")
    axes.plot(curve.recall, curve.precision, color=_COLOUR, linewidth=2)
    f1 = 2 * curve.precision * curve.recall / (curve.precision + curve.recall + 1e-7)
    best = int(f1.argmax())
    axes.plot(curve.recall[best], curve.precision[best], "o", color=_ACCENT)
    axes.annotate(
        f"largest F1 {curve.max_f1:.3f}",
        (curve.recall[best], curve.precision[best]),
        textcoords="offset points",
        xytext=(-8, -16),
        ha="right",
        color=_ACCENT,
    )
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1.02), ylim=(0, 1.05))


def _draw_events(axes: Axes, result: Result) -> None:
    events = sorted(result.event_means.items(), key=lambda item: item[1])
    names = [name.replace("+", " ") for name, _ in events]
    means = [100 * mean for _, mean in events]
    bars = axes.barh(names, means, color=_COLOUR)
    axes.bar_label(bars, fmt="%.1f", padding=3, fontsize=8)
    overall = next(metric.value for metric in result.metrics if metric.name == "mAP")
    axes.axvline(100 * overall, color=_ACCENT, linestyle="--")
    axes.annotate(
        f"mean over queries {100 * overall:.1f}",
        (100 * overall, -0.6),
        textcoords="offset points",
        xytext=(4, 0),
        color=_ACCENT,
        fontsize=8,
    )
    axes.set(xlabel="mean average precision (%)", xlim=(0, 105))
    axes.tick_params(axis="y", labelsize=8)

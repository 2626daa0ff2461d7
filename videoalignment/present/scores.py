"""Scored predictions for people and programs: a table with published rows, JSON, CSV, a plot."""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from videoalignment.eval.segment_scores import SegmentScores
from videoalignment.files import whole_file, whole_path
from videoalignment.present.document import as_json
from videoalignment.text import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLOUR, _MUTED = "#2563eb", "#9ca3af"


@dataclass(frozen=True)
class _Published:
    """A method's published numbers, percent, by metric."""

    method: str
    on: str
    percent: dict[str, float]


_PUBLISHED = {
    # He et al., CVPR 2022, and He et al., TransVCL, AAAI 2023: ISC features
    "vcsl": [
        _Published(method, "test part", {"f1": f1})
        for method, f1 in (
            ("HV", 51.73),
            ("TN", 61.36),
            ("DP", 54.48),
            ("DTW", 50.23),
            ("SPD", 61.96),
            ("TransVCL", 66.51),
        )
    ],
    # Pizzi et al., arXiv 2306.09489; the winners of the two tracks
    "vsc": [
        _Published("SSCD", "training part", {"segment_ap": 36.50, "pairwise_micro_ap": 47.54}),
        _Published(
            "SSCD, scores normalised",
            "training part",
            {"segment_ap": 46.92, "pairwise_micro_ap": 64.99},
        ),
        _Published("winner, matching track", "test part", {"segment_ap": 91.53}),
        _Published("winner, descriptor track", "test part", {"pairwise_micro_ap": 87.17}),
    ],
}
_MACRO = "macro_"


def scores_document(scores: SegmentScores) -> dict[str, Any]:
    """Scores as JSON types: fractions, not percent; None where there is no number.

    Returns:
        `protocol`, `labels` (file, digest, name), `metrics`, `intervals` (the two ends of each
        95 % interval) and `counts`. VCSL's macro averages lie together under `macro`.
    """
    return {
        "protocol": scores.protocol,
        "labels": {
            "file": str(scores.labels.file),
            "digest": scores.labels.digest,
            "name": scores.labels.name,
        },
        "metrics": _nested({m.name: _finite(m.value) for m in scores.metrics}),
        "intervals": _nested({m.name: [_finite(m.low), _finite(m.high)] for m in scores.metrics}),
        "counts": dict(scores.counts),
    }


def _nested(values: dict[str, Any]) -> dict[str, Any]:
    """Macro averages in a dictionary of their own."""
    macro = {
        name.removeprefix(_MACRO): value
        for name, value in values.items()
        if name.startswith(_MACRO)
    }
    rest = {name: value for name, value in values.items() if not name.startswith(_MACRO)}
    return rest | ({"macro": macro} if macro else {})


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def scores_text(scores: SegmentScores) -> str:
    """What people see: what was scored against what, and a table with published rows below."""
    labels = scores.labels
    known = labels.name or "a version that is not known here"
    names = [metric.name for metric in scores.metrics]
    table = [["", *names]]
    table.append(["these predictions", *(f"{100 * m.value:.2f}" for m in scores.metrics)])
    table.append(
        ["95 % interval", *(f"{100 * m.low:.2f} to {100 * m.high:.2f}" for m in scores.metrics)]
    )
    for row in _PUBLISHED[scores.protocol]:
        numbers = (f"{row.percent[n]:.2f}" if n in row.percent else "" for n in names)
        table.append([f"{row.method} ({row.on})", *numbers])
    counts = ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in scores.counts.items())
    return "\n".join(
        [
            f"{scores.protocol}: {counts}",
            f"labels: {printable(labels.file)}, digest {labels.digest}, {known}",
            "",
            *_aligned(table),
            "",
            "percent; published rows as their papers give them, on the labels of their time",
            "",
        ]
    )


def _aligned(table: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = []
    for first, *rest in table:
        cells = (cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True))
        lines.append("  ".join([first.ljust(widths[0]), *cells]).rstrip())
    return lines


def write_scores(folder: Path, scores: SegmentScores) -> None:
    """Write scores.json, plot.png and, where the protocol has rows a query, per_query.csv.

    Raises:
        UnusableFileError: a file cannot be written.
    """
    if scores.queries:
        with whole_file(folder / "per_query.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["query", *scores.queries[0][1]])
            for name, numbers in scores.queries:
                cells = ("" if math.isnan(n) else n for n in numbers.values())
                writer.writerow([name, *cells])
    write_scores_plot(folder / "plot.png", scores)
    with whole_file(folder / "scores.json", "w", encoding="utf-8") as file:
        file.write(as_json(scores_document(scores)))


def write_scores_plot(path: Path, scores: SegmentScores) -> None:
    """Write the picture of `scores_figure`; its suffix names the format."""
    with whole_path(path) as temporary:
        scores_figure(scores).savefig(temporary, dpi=150, format=temporary.suffix[1:] or "png")


def scores_figure(scores: SegmentScores) -> "Figure":
    """Draw the scores beside the published ones, and what lies behind them.

    Left: the metrics that have published numbers. Right: precision over recall as the least score
    falls (VSC2022), or how precision and recall spread over queries (VCSL).
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4.6), layout="constrained")
    bars, behind = figure.subplots(1, 2)
    _draw_bars(bars, scores)
    if scores.curve is not None:
        behind.step(scores.curve.recall, scores.curve.precision, where="pre", color=_COLOUR)
        behind.set(xlabel="recall", ylabel="precision", xlim=(0, 1.02), ylim=(0, 1.05))
        behind.set_title(f"segments; area {100 * scores.curve.area:.2f} %", loc="left")
    else:
        _draw_spread(behind, scores)
    for axes in (bars, behind):
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(alpha=0.3)
    return figure


def _draw_bars(axes: "Axes", scores: SegmentScores) -> None:
    published = _PUBLISHED[scores.protocol]
    metric = scores.named(next(iter(published[0].percent)))
    rows = [(r.method, r.percent[metric.name]) for r in published if metric.name in r.percent]
    axes.barh([name for name, _ in rows], [value for _, value in rows], color=_MUTED)
    error = [[100 * (metric.value - metric.low)], [100 * (metric.high - metric.value)]]
    axes.barh(["these predictions"], [100 * metric.value], xerr=error, color=_COLOUR, capsize=4)
    axes.set(xlabel=f"{metric.name} (%)", xlim=(0, 100))
    axes.set_title(f"{scores.protocol}: beside published numbers", loc="left")


def _draw_spread(axes: "Axes", scores: SegmentScores) -> None:
    for name, color in (("precision", _COLOUR), ("recall", "#d9480f")):
        values = sorted(n[name] for _, n in scores.queries if not math.isnan(n[name]))
        shares = [100 * (i + 1) / len(values) for i in range(len(values))]
        axes.plot(values, shares, color=color, label=name)
    axes.set(xlabel="a query's mean", ylabel="share of queries up to here (%)")
    axes.set(xlim=(-0.02, 1.02), ylim=(0, 102))
    axes.legend(loc="upper left")
    axes.set_title("how queries spread", loc="left")

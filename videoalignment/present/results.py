"""Results for people and programs: printed lines, JSON, CSV, plot, the published numbers beside."""

import csv
import json
import math
import pickle
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from videoalignment.errors import VideoAlignmentError
from videoalignment.eval.options import EvaluationOptions
from videoalignment.eval.result import Result
from videoalignment.files import whole_file, whole_path

# Baraldi et al., LAMV, CVPR 2018: R-MAC of ResNet-34 at level 29; percent.
_LOCALISATION = ("<0.1s", "<1s", "<10s")
_PUBLISHED = {
    ("Madonna", "TMK_Poullot"): dict(zip(_LOCALISATION, (9.13, 36.52, 64.78), strict=True)),
    ("Climbing", "TMK_Poullot"): dict(zip(_LOCALISATION, (0.00, 3.37, 22.47), strict=True)),
    ("VCDB", "TMK_Poullot"): {"MaxF1": 66.02},
    ("EVVE", "TMK_Poullot"): {"mAP": 51.53},
    ("Madonna", "TMK"): dict(zip(_LOCALISATION, (33.91, 70.00, 76.96), strict=True)),
    ("Climbing", "TMK"): dict(zip(_LOCALISATION, (14.61, 28.09, 34.83), strict=True)),
    ("VCDB", "TMK"): {"MaxF1": 67.30},
    ("EVVE", "TMK"): {"mAP": 53.43},
    ("EVVE", "TMK", "aqe"): {"mAP": 58.36},
}


def published_percent(options: EvaluationOptions) -> dict[str, float]:
    """The published numbers, percent, of a run with exactly these options; empty for others."""
    expansion = (options.query_expansion,) if options.query_expansion else ()
    key = (options.dataset, options.model, *expansion)
    as_published = EvaluationOptions(
        options.dataset, options.model, query_expansion=options.query_expansion
    )
    return _PUBLISHED.get(key, {}) if options.run_name == as_published.run_name else {}


# ---------------------------------------------------------------------- printing


def protocol_lines(result: Result) -> list[str]:
    """The lines that scripts written for the 2019 implementation read."""
    values = {metric.name: metric.value for metric in result.metrics}
    lines = [
        f"Localization error {name}: {100 * values[name]:.2f}%"
        for name in _LOCALISATION
        if name in values
    ]
    lines += [f"{name} test {values[name]:.2f}" for name in ("AUC", "MaxF1") if name in values]
    lines += [f"{event}\t{mean:.2f}" for event, mean in result.event_means.items()]
    if "mAP" in values:
        lines.append(f"Overall mAP: {values['mAP']:.2f}")
    if "mAP over events" in values:
        lines.append(f"Mean over events: {values['mAP over events']:.2f}")
    return lines


@dataclass(frozen=True)
class TableRow:
    """A metric as tables show it; numbers in percent."""

    run: str
    metric: str
    value: float
    low: float
    high: float
    published: float | None


def result_rows(options: EvaluationOptions, result: Result) -> list[TableRow]:
    """The metrics of a run as rows of a table."""
    published = published_percent(options)
    return [
        TableRow(
            options.run_name,
            metric.name,
            *(100 * number for number in (metric.value, metric.low, metric.high)),
            published.get(metric.name),
        )
        for metric in result.metrics
    ]


def format_table(rows: Sequence[TableRow]) -> str:
    """Rows as aligned text, the published number beside ours."""
    cells = [("run", "metric", "ours %", "95 % interval", "published %")]
    for row in rows:
        interval = f"{row.low:.2f} to {row.high:.2f}"
        published = "" if row.published is None else f"{row.published:.2f}"
        cells.append((row.run, row.metric, f"{row.value:.2f}", interval, published))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for line in cells:
        left = (cell.ljust(width) for cell, width in zip(line[:2], widths[:2], strict=True))
        right = (cell.rjust(width) for cell, width in zip(line[2:], widths[2:], strict=True))
        lines.append("  ".join((*left, *right)).rstrip())
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


# ------------------------------------------------------------------------- files


@dataclass(frozen=True)
class RunRecord:
    """How a run was made, for results.json."""

    versions: dict[str, str]
    device: str
    timings_s: dict[str, float]
    finished_at: str
    """UTC, ISO 8601."""


def write_results(
    folder: Path, options: EvaluationOptions, result: Result, record: RunRecord
) -> None:
    """Write results.json, per_query.csv, plot.png and tests_DATASET.pkl, each whole or not."""
    _write_queries(folder / "per_query.csv", result)
    _write_pickle(folder / f"tests_{options.dataset}.pkl", result)
    from videoalignment.present.results_plot import draw_result  # matplotlib is slow to import

    with whole_path(folder / "plot.png") as path:
        draw_result(path, options, result)
    content = {
        "run": options.run_name,
        "metrics": {row.metric: _numbers(row) for row in result_rows(options, result)},
        "events": result.event_means,
        "pairs": result.pairs,
        "longest_frames": result.longest_frames,
        "seed": options.seed,
        "options": asdict(options),
        **asdict(record),
    }
    with whole_file(folder / "results.json", "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2, allow_nan=False)
        file.write("\n")


def _numbers(row: TableRow) -> dict[str, float | None]:
    numbers = {"value": row.value / 100, "low": row.low / 100, "high": row.high / 100}
    numbers["published"] = None if row.published is None else row.published / 100
    return {
        name: number if number is not None and math.isfinite(number) else None
        for name, number in numbers.items()
    }


def _write_queries(path: Path, result: Result) -> None:
    with whole_file(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["query", "match", "found_offset_s", "true_offset_s", "error_s", "score"]
            + ["average_precision"] * bool(result.event_means)
        )
        for row in result.queries:
            cells = [row.query, row.match, row.found_offset_s, row.true_offset_s]
            cells += [row.error_s, row.score]
            cells += [row.average_precision] * bool(result.event_means)
            writer.writerow([f"{cell:.6f}" if isinstance(cell, float) else cell for cell in cells])


def _write_pickle(path: Path, result: Result) -> None:
    """The file of the 2019 implementation: lists with one entry."""
    content: dict[str, list[Any]] = {}
    values = {metric.name: metric.value for metric in result.metrics}
    if "mAP" in values:
        content["map"] = [values["mAP"]]
    if result.errors_s is not None:
        content["loc_errors"] = [np.asarray(result.errors_s)]
    if result.detections is not None:
        content["precision_recall"] = [list(result.detections)]
    with whole_file(path) as file:
        pickle.dump(content, file, protocol=2)


def read_results(output_dir: Path) -> list[TableRow]:
    """Rows of all runs below a folder, for one table over all of them.

    Raises:
        VideoAlignmentError: there is no run, or a results.json is not one of ours.
    """
    paths = sorted(output_dir.glob("*/results.json"))
    if not paths:
        raise VideoAlignmentError(f"{output_dir}: no */results.json there; run an evaluation first")
    return [row for path in paths for row in _read_rows(path)]


def _read_rows(path: Path) -> list[TableRow]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return [
            TableRow(
                str(content["run"]),
                name,
                *(math.nan if (n := numbers[k]) is None else 100 * n for k in _ENDS),
                None if numbers["published"] is None else 100 * numbers["published"],
            )
            for name, numbers in content["metrics"].items()
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise VideoAlignmentError(f"{path}: not a results file of this package ({error})") from None


_ENDS = ("value", "low", "high")

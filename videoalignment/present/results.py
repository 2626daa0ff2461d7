"""Results for people and programs: printed lines, JSON, CSV, plot, the published numbers beside."""

import csv
import json
import math
import pickle
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from videoalignment.datasets import DATASETS
from videoalignment.errors import UnusableFileError, VideoAlignmentError
from videoalignment.eval.run_name import folder_name
from videoalignment.files import whole_file, whole_path

if TYPE_CHECKING:  # tables of earlier runs need no torch
    from videoalignment.eval.result import Result
    from videoalignment.eval.run import Evaluation

# ---------------------------------------------------------------------- printing


def evaluation_text(evaluation: "Evaluation", folder: Path) -> str:
    """What people see at the end of an evaluation.

    Args:
        evaluation: a finished one.
        folder: where its files lie, as `write_results` says.
    """
    return "\n".join(
        [
            evaluation.about,
            "",
            *evaluation.result.lines(),
            "",
            format_table(result_rows(evaluation)),
            "",
            f"results.json, per_query.csv and plot.png are in {folder}",
        ]
    )


@dataclass(frozen=True)
class TableRow:
    """A metric as tables show it; numbers in percent."""

    run: str
    metric: str
    value: float
    low: float
    high: float
    published: float | None


def result_rows(evaluation: "Evaluation") -> list[TableRow]:
    """The metrics of a run as rows of a table."""
    return [
        TableRow(
            evaluation.options.run_name,
            metric.name,
            100 * metric.value,
            100 * metric.low,
            100 * metric.high,
            evaluation.published.get(metric.name),
        )
        for metric in evaluation.result.metrics
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


def write_results(evaluation: "Evaluation", output_dir: Path) -> Path:
    """Write results.json, per_query.csv, plot.png and tests_DATASET.pkl, each whole or not.

    Beside them lie the files that the protocol adds, such as predictions in a benchmark's form.

    An evaluation can take minutes: call `files.make_folder(output_dir)` before it.

    Args:
        evaluation: a finished one.
        output_dir: they go to a folder of their own in it, named like the run.

    Returns:
        That folder.

    Raises:
        VideoAlignmentError: a file cannot be written.
    """
    folder = output_dir / evaluation.options.run_name
    _write_queries(folder / "per_query.csv", evaluation.result)
    dataset = folder_name(evaluation.options.dataset, DATASETS)
    with whole_file(folder / f"tests_{dataset}.pkl") as file:
        pickle.dump(evaluation.result.archive(), file, protocol=2)  # as Python 2 reads it
    for name, text in evaluation.result.files().items():
        with whole_file(folder / name, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    from videoalignment.present.results_plot import draw_result  # matplotlib is slow to import

    with whole_path(folder / "plot.png") as path:
        draw_result(path, evaluation)
    with whole_file(folder / "results.json", "w", encoding="utf-8") as file:
        json.dump(_content(evaluation), file, indent=2, allow_nan=False)
        file.write("\n")
    return folder


def _content(evaluation: "Evaluation") -> dict[str, Any]:
    return {
        "run": evaluation.options.run_name,
        "metrics": {row.metric: _numbers(row) for row in result_rows(evaluation)},
        "events": {},  # the file has this key for all protocols
        **evaluation.result.details(),
        "pairs": evaluation.result.pairs,
        "longest_frames": evaluation.result.longest_frames,
        "seed": evaluation.options.seed,
        "options": evaluation.options.as_given(),
        **asdict(evaluation.record),
    }


def _numbers(row: TableRow) -> dict[str, float | None]:
    numbers = {
        "value": row.value / 100,
        "low": row.low / 100,
        "high": row.high / 100,
        "published": None if row.published is None else row.published / 100,
    }
    return {
        name: number if number is not None and math.isfinite(number) else None
        for name, number in numbers.items()
    }


def _write_queries(path: Path, result: "Result") -> None:
    with whole_file(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(result.columns)
        for row in result.rows():
            writer.writerow([f"{cell:.6f}" if isinstance(cell, float) else cell for cell in row])


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
                _percent(numbers["value"]),
                _percent(numbers["low"]),
                _percent(numbers["high"]),
                None if numbers["published"] is None else 100 * numbers["published"],
            )
            for name, numbers in content["metrics"].items()
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnusableFileError(f"{path}: not a results file of this package ({error})") from None


def _percent(number: float | None) -> float:
    return math.nan if number is None else 100 * number

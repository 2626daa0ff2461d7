"""Copied segments in the files of the benchmarks, checked line by line.

VCSL: JSON `{"query-reference": [[q0, r0, q1, r1], ...]}` for labels and predictions, and a CSV file
`query_id,reference_id` of the pairs that are judged. VSC2022: CSV files with the columns query_id,
ref_id, query_start, query_end, ref_start, ref_end and, for predictions, score. Times are seconds.
"""

import csv
import io
import json
import logging
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from videoalignment.datasets.annotations import annotation_files, read_copies
from videoalignment.errors import UnusableFileError, VideoAlignmentError
from videoalignment.metrics.boxes import checked_boxes
from videoalignment.metrics.vsc import Match

_log = logging.getLogger(__name__)

Pair = tuple[str, str]
"""The names of a query and a reference."""

Boxes = dict[Pair, np.ndarray]
"""The boxes of each pair (query, reference), seconds, shape (n, 4): q0 r0 q1 r1."""


def read_boxes(path: Path) -> Boxes:
    """Read labels or predictions in VCSL's form; a folder is read as VCDB's annotations.

    Raises:
        UnusableFileError: the file is missing, no such JSON, or a pair's boxes are no boxes; the
            message names the pair.
    """
    if path.is_dir():
        return _vcdb_boxes(path)
    content = _read_json(path)
    if not isinstance(content, dict):
        raise UnusableFileError(
            f'{path}: expected an object {{"query-reference": [[q0, r0, q1, r1], ...]}}'
        )
    boxes = {}
    for key, rows in content.items():
        query, dash, reference = key.partition("-")
        if not (query and dash and reference) or "-" in reference:
            raise UnusableFileError(f"{path}: key {key[:80]!r}, expected query-reference")
        try:
            boxes[query, reference] = checked_boxes(rows)
        except VideoAlignmentError as error:
            raise UnusableFileError(f"{path}: pair {key[:80]}: {error}") from None
    reversed_boxes = sum((rows[:, 2:] < rows[:, :2]).any(1).sum() for rows in boxes.values())
    if reversed_boxes:
        _log.warning("%s: %d boxes end before they begin; nothing meets them", path, reversed_boxes)
    return boxes


def _vcdb_boxes(folder: Path) -> Boxes:
    """VCDB's annotated copies, each in both directions; videos go by their file's name."""
    rows: dict[tuple[str, str], list[list[float]]] = {}
    for file in annotation_files(folder, "*.txt"):
        for copy in read_copies(file):
            a, b = (Path(video).name for video in (copy.video_a, copy.video_b))
            box = [copy.begin_a_s, copy.begin_b_s, copy.end_a_s, copy.end_b_s]
            rows.setdefault((a, b), []).append(box)
            if a != b:
                rows.setdefault((b, a), []).append([box[1], box[0], box[3], box[2]])
    return {pair: checked_boxes(boxes) for pair, boxes in rows.items()}


def read_pairs(path: Path) -> list[tuple[str, str]]:
    """Read which pairs are judged, a CSV file with the columns query_id and reference_id.

    Raises:
        UnusableFileError: the file is missing, lacks a column or a value, or lists no pair.
    """
    rows = _read_csv(path, ("query_id", "reference_id"))
    pairs = [(row["query_id"], row["reference_id"]) for _, row in rows]
    if not pairs:
        raise UnusableFileError(f"{path}: lists no pair")
    return list(dict.fromkeys(pairs))


def read_matches(path: Path, *, scored: bool) -> list[Match]:
    """Read matches in VSC2022's form.

    Args:
        path: the CSV file.
        scored: whether there must be a score, as predictions have.

    Raises:
        UnusableFileError: the file is missing, lacks a column, or a line is no match; the message
            names the line.
    """
    times = ("query_start", "ref_start", "query_end", "ref_end")
    columns = ("query_id", "ref_id", *times, *(["score"] if scored else []))
    matches = []
    for line, row in _read_csv(path, columns):
        try:
            begin_q, begin_r, end_q, end_r = (float(row[name]) for name in times)
            score = float(row["score"]) if scored else 1.0
            box = (begin_q, begin_r, end_q, end_r)
            matches.append(Match(row["query_id"], row["ref_id"], box, score))
        except ValueError as error:
            reason = error if isinstance(error, VideoAlignmentError) else "expected numbers"
            raise UnusableFileError(f"{path}, line {line}: {reason}") from None
    return matches


def boxes_text(boxes: Boxes) -> str:
    """Boxes as VCSL's predictions file, to the millisecond."""
    rows = {"-".join(pair): np.round(found, 3).tolist() for pair, found in boxes.items()}
    return json.dumps(rows, separators=(",", ":")) + "\n"


def matches_text(matches: Iterable[Match]) -> str:
    """Matches as a predictions file of VSC2022."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        ["query_id", "ref_id", "query_start", "query_end", "ref_start", "ref_end", "score"]
    )
    for match in matches:
        begin_q, begin_r, end_q, end_r = match.box
        ends_s = (f"{t:.3f}" for t in (begin_q, end_q, begin_r, end_r))
        writer.writerow([match.query, match.reference, *ends_s, repr(match.score)])
    return text.getvalue()


def read_names(path: Path) -> list[str]:
    """Read the names of videos, the column video_id of a CSV file as VSC2022's metadata.

    Raises:
        UnusableFileError: the file is missing, lacks the column or a value, or lists no video.
    """
    names = [row["video_id"] for _, row in _read_csv(path, ("video_id",))]
    if not names:
        raise UnusableFileError(f"{path}: lists no video")
    return list(dict.fromkeys(names))


def _read_json(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UnusableFileError(f"{path}: no such file") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise UnusableFileError(f"{path}, {where}: not JSON ({error.msg})") from None
    except RecursionError:
        raise UnusableFileError(f"{path}: nested too deeply to be such a file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableFileError(f"{path}: cannot be read as text ({error})") from None


def _read_csv(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and values of each row."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                raise UnusableFileError(
                    f"{path}: has no column {', '.join(missing)}; expected {','.join(columns)}"
                )
            for row in reader:
                if any(row[name] in (None, "") for name in columns):
                    raise UnusableFileError(
                        f"{path}, line {reader.line_num}: a value is missing, "
                        f"expected {','.join(columns)}"
                    )
                yield reader.line_num, row
    except FileNotFoundError:
        raise UnusableFileError(f"{path}: no such file") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnusableFileError(f"{path}: cannot be read as CSV ({error})") from None

"""Copied segments in the files of the benchmarks, checked line by line.

VCSL: JSON `{"query-reference": [[q0, r0, q1, r1], ...]}` for labels and predictions, and a CSV file
`query_id,reference_id` of the pairs that are judged. VSC2022: CSV files with the columns query_id,
ref_id, query_start, query_end, ref_start, ref_end and, for predictions, score. Times are seconds.
"""

import csv
import io
import json
import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from videoalignment.datasets.annotations import annotation_files, read_copies
from videoalignment.errors import OptionError, UnusableFileError, VideoAlignmentError
from videoalignment.files import readable_file
from videoalignment.metrics.boxes import checked_boxes
from videoalignment.metrics.vsc import Match
from videoalignment.text import one_line

_log = logging.getLogger(__name__)

Pair = tuple[str, str]
"""The names of a query and a reference."""

Boxes = dict[Pair, np.ndarray]
"""The boxes of each pair (query, reference), seconds, shape (n, 4): q0 r0 q1 r1."""


def read_boxes(path: Path, pairs: Iterable[Pair] = ()) -> Boxes:
    """Read labels or predictions in VCSL's form; a folder is read as VCDB's annotations.

    Args:
        path: the file or folder.
        pairs: pairs of videos that are known. They tell where a key with several hyphens parts;
            without them it is refused.

    Raises:
        UnusableFileError: the file is missing, no such JSON, or a pair's boxes are no boxes; the
            message names the line and the pair.
    """
    if path.is_dir():
        return _vcdb_boxes(path)
    text = _read_text(path)
    content = _parsed_json(path, text)
    if not isinstance(content, dict):
        raise UnusableFileError(
            f'{path}: expected an object {{"query-reference": [[q0, r0, q1, r1], ...]}}'
        )
    keys = _Keys.of(pairs)
    boxes = {}
    for key, rows in content.items():
        try:
            boxes[keys.parted(key)] = checked_boxes(rows)
        except VideoAlignmentError as error:
            line = text.count("\n", 0, max(0, text.find(json.dumps(key)))) + 1
            raise UnusableFileError(f"{path}, line {line}: pair {key[:80]}: {error}") from None
    reversed_boxes = sum((rows[:, 2:] < rows[:, :2]).any(1).sum() for rows in boxes.values())
    if reversed_boxes:
        _log.warning("%s: %d boxes end before they begin; nothing meets them", path, reversed_boxes)
    return boxes


@dataclass(frozen=True)
class _Keys:
    """Which videos there are, to tell where "query-reference" parts."""

    queries: frozenset[str]
    references: frozenset[str]

    @classmethod
    def of(cls, pairs: Iterable[Pair]) -> "_Keys":
        known = list(pairs)
        return cls(frozenset(query for query, _ in known), frozenset(r for _, r in known))

    def parted(self, key: str) -> Pair:
        """The query and the reference of a key.

        Raises:
            OptionError: there is none, or more than one way to part it.
        """
        words = key.split("-")
        ways = [("-".join(words[:i]), "-".join(words[i:])) for i in range(1, len(words))]
        ways = [(query, reference) for query, reference in ways if query and reference]
        if len(ways) > 1:
            known = [way for way in ways if way[0] in self.queries and way[1] in self.references]
            if len(known) > 1 or not self.queries:
                raise OptionError(
                    "the key has several hyphens, and which of them parts query-reference is not "
                    f"known{' from' if self.queries else '; give'} `pairs`"
                )
            return known[0] if known else ways[0]  # of a pair that is not judged
        if not ways:
            raise OptionError("the key is not of the form query-reference")
        return ways[0]


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


def _read_text(path: Path) -> str:
    """The text of a file, with or without a mark of UTF-8 at its begin."""
    readable_file(path, "a file of segments")
    try:
        content = path.read_bytes()
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnusableFileError(f"{path}, line {line}: not UTF-8 text ({error.reason})") from None
    except OSError as error:
        raise UnusableFileError(f"{path}: cannot be read ({error.strerror})") from None


def _parsed_json(path: Path, text: str) -> object:
    repeated: list[str] = []

    def checked(items: list[tuple[str, object]]) -> dict[str, object]:
        content = dict(items)
        if len(content) < len(items):
            counts = Counter(key for key, _ in items)
            repeated.extend(key for key, count in counts.items() if count > 1)
        return content

    try:
        content = json.loads(text, object_pairs_hook=checked)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise UnusableFileError(f"{path}, {where}: not JSON ({error.msg})") from None
    except RecursionError:
        raise UnusableFileError(f"{path}: nested too deeply to be such a file") from None
    except ValueError as error:  # a number of thousands of digits
        raise UnusableFileError(f"{path}: not such JSON ({one_line(error)[:80]})") from None
    if repeated:
        _log.warning(
            "%s: %d keys stand there twice, the last of each counts; the first is %s",
            path,
            len(repeated),
            repeated[0][:80],
        )
    return content


def _read_csv(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and values of each row."""
    reader = csv.DictReader(io.StringIO(_read_text(path), newline=""), strict=True)
    expected = f"expected {','.join(columns)}"
    try:
        missing = [name for name in columns if name not in (reader.fieldnames or ())]
        if missing:
            raise UnusableFileError(f"{path}: has no column {', '.join(missing)}; {expected}")
        for row in reader:
            line = reader.line_num
            if any(row[name] in (None, "") for name in columns):
                raise UnusableFileError(f"{path}, line {line}: a value is missing, {expected}")
            if None in row:
                raise UnusableFileError(
                    f"{path}, line {line}: more values than columns; is a comma in a number?"
                )
            yield line, row
    except csv.Error as error:
        line = reader.line_num + 1  # counted once it has been read
        raise UnusableFileError(f"{path}, line {line}: not CSV ({one_line(error)})") from None

"""Scores, clusters and places of TMK+PDQF hashes: as text to read and as JSON documents."""

import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from videoalignment.align.hashes import HashAlignment
from videoalignment.present.wording import confidence_words, names_of, seconds
from videoalignment.text import printable
from videoalignment.tmk_pairs import PairScores
from videoalignment.tmk_scores import HashDifference

_DIGITS = 6  # of scores; those who exchange hashes print as many


def pairs_document(pairs: Sequence[PairScores]) -> dict[str, object]:
    """`{"pairs": [{"a", "b", "level1", "level2"}, ...]}`."""
    return {
        "pairs": [
            {
                "a": os.fspath(pair.a),
                "b": os.fspath(pair.b),
                "level1": round(pair.level1, _DIGITS),
                "level2": round(pair.level2, _DIGITS),
            }
            for pair in pairs
        ]
    }


def pairs_text(pairs: Sequence[PairScores]) -> str:
    """A table, a line a pair."""
    rows = [
        (*(f"{x:.{_DIGITS}f}" for x in (p.level1, p.level2)), printable(p.a), printable(p.b))
        for p in pairs
    ]
    table = [("level 1", "level 2", "A", "B"), *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = (
        "  ".join(
            (row[0].rjust(widths[0]), row[1].rjust(widths[1]), row[2].ljust(widths[2]), row[3])
        )
        for row in table
    )
    return "\n".join(lines) + "\n"


def clusters_document(clusters: Sequence[Sequence[Path]]) -> dict[str, object]:
    """`{"clusters": [[file, ...], ...]}`."""
    return {"clusters": [[os.fspath(file) for file in cluster] for cluster in clusters]}


def clusters_text(clusters: Sequence[Sequence[Path]]) -> str:
    """A block a cluster of several files, and how many files are alone."""
    several = [cluster for cluster in clusters if len(cluster) > 1]
    files, alone = sum(map(len, clusters)), len(clusters) - len(several)
    lines = []
    for number, cluster in enumerate(several, 1):
        lines += [
            f"cluster {number}: {len(cluster)} files",
            *(f"  {printable(f)}" for f in cluster),
        ]
        lines.append("")
    lines.append(f"{files} files: {len(several)} clusters, {alone} files alone")
    return "\n".join(lines) + "\n"


def hash_alignment_document(a: Path, b: Path, found: HashAlignment) -> dict[str, object]:
    """The files and every field of the answer under its own name."""
    return {"a": os.fspath(a), "b": os.fspath(b), **asdict(found)}


def hash_alignment_text(a: Path, b: Path, found: HashAlignment) -> str:
    """One sentence, then the numbers."""
    name_a, name_b = names_of(a, b)
    offset = seconds(found.offset_s)
    if found.found:
        head = f"{name_a} begins {offset} into {name_b}"
        if found.offset_s <= -0.0005:
            head = f"{name_b} begins {seconds(-found.offset_s)} into {name_a}"
    else:
        head = f"These hashes cannot tell where {name_a} and {name_b} meet, or whether they do"
    rows = [
        ("offset of A in B" if found.found else "best guess", offset),
        ("uncertainty", f"± {seconds(found.uncertainty_s)}"),
        ("confidence", confidence_words(found.confidence)),
        ("correlation", f"{found.correlation:.2f}"),
        ("second place", f"{found.second:.2f} of it"),
        ("shared", seconds(found.overlap_s)),
    ]
    width = max(len(label) for label, _ in rows)
    return "\n".join([f"{head}.", "", *(f"  {label:<{width}}  {x}" for label, x in rows)]) + "\n"


def difference_document(video: Path, hash_file: Path, found: HashDifference) -> dict[str, object]:
    """The files and every field of the difference under its own name."""
    return {"video": os.fspath(video), "hash": os.fspath(hash_file), **asdict(found)}


def difference_text(video: Path, hash_file: Path, found: HashDifference) -> str:
    """One sentence, and where the hashes differ, by how much."""
    names = printable(video.name), printable(hash_file.name)
    if found.identical:
        return f"{names[0]} gives {names[1]} to the byte.\n"
    rows = [
        ("level 1", f"{found.level1:.{_DIGITS}f}"),
        ("level 2", f"{found.level2:.{_DIGITS}f}"),
        ("frames", f"{found.frames[0]} of the video, {found.frames[1]} in the file"),
        ("mean feature", f"differs by up to {found.largest_mean:.2g} of its length"),
        ("rows", f"differ by up to {found.largest_row:.2g} of their length"),
    ]
    width = max(len(label) for label, _ in rows)
    lines = [f"{names[0]} does not give {names[1]}:", ""]
    return "\n".join([*lines, *(f"  {label:<{width}}  {x}" for label, x in rows)]) + "\n"

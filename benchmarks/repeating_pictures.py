"""What becomes of pictures that repeat themselves: pairs of takes, and places by pictures alone.

Aligns all pairs of takes of one event by picture, the sounds left out, and counts by event: pairs
of which the first line is right or wrong, and which of them name other lines; and whether the right
one is among these. Then it puts the files of each event on a timeline by these pairs, with their
rivals and without, and counts the files that lie more than 0.3 s from where they belong, seen from
where most of their group lie.

SET is a folder with takes/ and takes.csv, as `sync_sets` takes it.

example: python -m benchmarks.repeating_pictures turning_things usual_things
"""

import argparse
import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np

from benchmarks.set_truth import Truth, read_truth
from videoalignment.align import Alignment, align_pair
from videoalignment.align.pair import Recording
from videoalignment.align.timeline.measurements import Measurement, Recorded
from videoalignment.align.timeline.records import Timeline
from videoalignment.align.timeline.solve import solve
from videoalignment.features.cache import cached_features
from videoalignment.media.probe import probe_video
from videoalignment.progress import track
from videoalignment.time_map import TimeMap

_RIGHT_S = 0.3


def takes_with_pictures(folder: Path) -> dict[str, list[Path]]:
    """The files of each event of a set that have a picture."""
    events: dict[str, list[Path]] = {}
    with (folder / "takes.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row.get("picture", "1") != "0":
                events.setdefault(row["event"], []).append(folder / "takes" / row["file"])
    return {event: files for event, files in events.items() if len(files) > 1}


def compared(described: Sequence[Recording]) -> dict[tuple[int, int], Alignment]:
    """All pairs of files, aligned by picture."""
    pairs = list(combinations(range(len(described)), 2))
    return {
        (a, b): align_pair(described[a], described[b], by="picture").alignment
        for a, b in track(pairs, "aligning", len(pairs), "pairs")
    }


def lies_right(line: TimeMap, a: Truth, b: Truth, at_s: float) -> bool:
    """Whether a line puts a moment of A where it belongs."""
    return a.time_map.then(b.time_map.inverse()).apart_s(line, at_s) < _RIGHT_S


def count_pairs(
    files: Sequence[Path], found: dict[tuple[int, int], Alignment], truths: dict[str, Truth]
) -> Counter[str]:
    """What was said of pairs that match."""
    counts: Counter[str] = Counter()
    for (a, b), alignment in found.items():
        if not alignment.matched:
            continue
        of = truths[files[a].name], truths[files[b].name]
        at_s = alignment.uncertainty.best_at_s
        kind = "right" if lies_right(alignment.time_map, *of, at_s) else "wrong"
        counts[kind] += 1
        counts[f"{kind}, rivals named"] += bool(alignment.rivals)
        if kind == "wrong":
            counts["wrong, truth among the rivals"] += any(
                lies_right(rival, *of, at_s) for rival in alignment.rivals
            )
    return counts


def count_places(timeline: Timeline, truths: dict[str, Truth]) -> Counter[str]:
    """Files that are placed, and those of them that lie elsewhere than most of their group."""
    counts: Counter[str] = Counter()
    for group in timeline.groups:
        off_s = np.array(
            [
                file.time_map.to_b(file.duration_s / 2)
                - truths[file.file.name].time_map.to_b(file.duration_s / 2)
                for file in group.files
            ]
        )
        near = np.abs(off_s[:, None] - off_s[None]) < _RIGHT_S
        most = near[near.sum(axis=1).argmax()]
        counts["placed"] += len(group.files)
        counts["off"] += int((~most).sum())
        sure = np.array([file.confidence >= 0.9 for file in group.files])
        counts["off, 0.9 sure and more"] += int((~most & sure).sum())
    return counts


def main() -> None:
    """Print what is said of pairs and of places, for each set."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", type=Path, nargs="+", help="folders of takes")
    for folder in parser.parse_args().sets:
        truths = read_truth(folder)
        pairs: Counter[str] = Counter()
        places: dict[str, Counter[str]] = {"with rivals": Counter(), "without": Counter()}
        files_in_all = 0
        for event, files in takes_with_pictures(folder).items():
            described = [
                Recording(file, cached_features(file), probe_video(file)) for file in files
            ]
            found = compared(described)
            counted = count_pairs(files, found, truths)
            print(f"# event {event}: {dict(counted)}", flush=True)
            pairs += counted
            files_in_all += len(files)
            recorded = [Recorded(one.path, one.duration_s, has_sound=False) for one in described]
            measured = [Measurement.of(a, b, x, "picture") for (a, b), x in found.items()]
            alone = [replace(m, rivals=()) for m in measured]
            for kind, rows in (("with rivals", measured), ("without", alone)):
                places[kind] += count_places(solve(recorded, rows), truths)
        print(f"{folder}: pairs {dict(pairs)}")
        for kind, counted in places.items():
            print(f"{folder}, {kind}: {dict(counted)} of {files_in_all} files")


if __name__ == "__main__":
    main()

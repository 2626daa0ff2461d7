"""How long does `videoalignment score` take on predictions of the benchmarks' full size?

Made-up predictions for the labels of VCSL (55,530 pairs) and VSC2022 (100,000 predictions): true
boxes moved a little, some left out, some false.

example: python -m benchmarks.score_speed LABELS.json PAIRS.csv TRUTH.csv
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.measuring import describe_machine, run_process
from videoalignment.datasets.segment_files import matches_text, read_boxes, read_matches, read_pairs
from videoalignment.metrics.vsc import Match


def write_vcsl(path: Path, labels: Path, pairs: Path, rng: np.random.Generator) -> int:
    """Predict something for most pairs; returns for how many pairs the file has an entry."""
    listed = read_pairs(pairs)
    true = read_boxes(labels, listed)
    predicted = {}
    for pair in listed:
        boxes = true.get(pair, np.zeros((0, 4)))
        boxes = boxes[rng.uniform(size=len(boxes)) < 0.8] + rng.normal(0, 2, 4)
        if rng.uniform() < 0.2:
            boxes = np.concatenate([boxes, rng.uniform(0, 100, (1, 4)).cumsum(axis=1)])
        boxes = np.column_stack([np.minimum(boxes[:, :2], boxes[:, 2:]), boxes[:, 2:]])
        predicted["-".join(pair)] = boxes.tolist()
    path.write_text(json.dumps(predicted))
    return len(predicted)


def write_vsc(path: Path, truth: Path, count: int, rng: np.random.Generator) -> int:
    """Write so many predictions, a few of them right."""
    true = read_matches(truth, scored=False)
    matches = []
    for k in range(count):
        match = true[int(rng.integers(len(true)))]
        begin = rng.uniform(0, 30, 2)
        box = tuple(float(t) for t in (*begin, *(begin + rng.uniform(3, 20, 2))))
        if k % 10 == 0:
            box = match.box
        reference = match.reference if k % 3 else f"R{int(rng.integers(40_000))}"
        matches.append(Match(match.query, reference, box, float(rng.uniform())))
    path.write_text(matches_text(matches))
    return len(matches)


def main() -> None:
    """Write predictions, score them as the command does, print how long that took."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("labels", "pairs", "truth"):
        parser.add_argument(name, type=Path)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    command = [sys.executable, "-m", "videoalignment", "score", "--protocol"]
    print(describe_machine())
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "found.json"
        count = write_vcsl(found, options.labels, options.pairs, rng)
        files = ["--predictions", found, "--labels", options.labels, "--pairs", options.pairs]
        _timed(f"VCSL, {count:,} pairs", [*command, "vcsl", *map(str, files)])
        found = Path(folder) / "found.csv"
        count = write_vsc(found, options.truth, 100_000, rng)
        files = ["--predictions", found, "--labels", options.truth]
        _timed(f"VSC, {count:,} predictions", [*command, "vsc", *map(str, files)])


def _timed(what: str, command: list[str]) -> None:
    load = os.getloadavg()[0]
    before = os.times()
    seconds, gib, printed = run_process(command, {})
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user
    cpu -= before.children_system
    rows = [line for line in printed.splitlines() if line.startswith("these predictions")]
    print(f"{what}: {seconds:.1f} s, {cpu:.1f} of the processor, {gib:.2f} GiB, load {load:.1f}")
    print(f"  {rows[0]}")


if __name__ == "__main__":
    main()

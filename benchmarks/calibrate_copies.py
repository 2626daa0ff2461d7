"""Fit the decision of finding copied segments (videoalignment/align/coarse.py), and test it.

Pairs of made-up trees (`copied_trees.py`), half of which share something, are searched; a path is
right where a quarter of its box lies in true ones. The model is fitted on some trees and tested on
others. It prints what belongs into coarse.py.

example: python -m benchmarks.calibrate_copies
"""

import argparse
from itertools import pairwise

import numpy as np
from sklearn.linear_model import LogisticRegression

from benchmarks.calibrations import print_calibration
from benchmarks.copied_trees import make_tree, tree_features
from videoalignment.align.coarse import shared_segments
from videoalignment.align.coarse_settings import COARSE
from videoalignment.metrics.boxes import checked_boxes
from videoalignment.metrics.vcsl import pair_precision_recall
from videoalignment.progress import track

FIT_SEEDS, TEST_SEEDS = (1, 2, 3, 4, 5, 6), (11, 12, 13)
"""Of the trees; figures are reported on yet others."""
_RIGHT_FROM = 0.25
_BINS = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1.0)


def examples(seeds: tuple[int, ...], queries: int) -> tuple[np.ndarray, np.ndarray]:
    """What was measured of each path, shape (paths, 3), and whether it is right."""
    rows, right = [], []
    for seed in seeds:
        tree = make_tree(seed, queries=queries)
        features = tree_features(tree)
        for query, reference in track(tree.pairs, f"tree {seed}", len(tree.pairs), "pairs"):
            true = checked_boxes(tree.segments.get((query, reference), []))
            for found in shared_segments(features[query], features[reference]):
                box = checked_boxes([found.box])
                inside = pair_precision_recall(box, true)[0] if len(true) else 0.0
                rows.append(found.measures)
                right.append(inside > _RIGHT_FROM)
    return np.array(rows), np.array(right)


def main() -> None:
    """Fit, test, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--queries", type=int, default=30, help="of each tree")
    options = parser.parse_args()
    rows, right = examples(FIT_SEEDS, options.queries)
    model = LogisticRegression(max_iter=10_000).fit(rows, right)
    print(f"# fitted on {len(right)} paths, {right.sum()} of them right")
    rows, right = examples(TEST_SEEDS, options.queries)
    said = model.predict_proba(rows)[:, 1]
    for low, high in pairwise(_BINS):
        here = (said >= low) & (said < high)
        if here.any():
            print(f"# confidence {low} to {high}: {right[here].sum()} of {here.sum()} right")
    print_calibration("COARSE_CALIBRATION", model, COARSE)


if __name__ == "__main__":
    main()

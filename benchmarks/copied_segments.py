"""Which segments do methods find that a VCSL-like tree's pairs share, and how fast?

Made-up trees (`copied_trees.py`) with the statistics of VCSL's labels. What a method can be told
(its threshold of similarity, from which score on a segment counts) is chosen on some trees by F1;
what is reported is of others, which nothing was chosen on. `align` is told nothing: it says itself
what it believes, as it was calibrated (`calibrate_copies.py`). Needs `dtaidistance`.

example: python -m benchmarks.copied_segments
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch

from benchmarks.calibrate_copies import FIT_SEEDS
from benchmarks.copied_baselines import Find, Hough, ScoredBox, TimeWarping
from benchmarks.copied_trees import Difficulty, Tree, make_tree, tree_features, write_tree
from benchmarks.measuring import describe_machine
from videoalignment.align.coarse import shared_segments
from videoalignment.align.pipeline import align_features
from videoalignment.datasets import VCSL
from videoalignment.datasets.segment_files import Pair
from videoalignment.eval.copies import find_copies
from videoalignment.eval.finder import CoarseFinder
from videoalignment.eval.segment_scores import SegmentScores, score_boxes
from videoalignment.eval.steps import Run
from videoalignment.features.store import FrameFeatures
from videoalignment.models import CTE, TMK
from videoalignment.progress import track

Found = Mapping[Pair, list[ScoredBox]]
OnTree = Callable[[Tree], Found]

REPORT_SEEDS = (201, 202, 203, 204)
_SIMILAR_FROM = (0.3, 0.4, 0.5, 0.6)
_LEAST_SCORES = 60


def with_align(a: FrameFeatures, b: FrameFeatures) -> list[ScoredBox]:
    """`align` as it is evaluated on VCSL."""
    return [(found.box, found.confidence) for found in shared_segments(a, b)]


def with_fine_align(a: FrameFeatures, b: FrameFeatures) -> list[ScoredBox]:
    """`align` as it aligns two recordings, for comparison: made for 8 frames a second and more."""
    alignment = align_features(a, b, min_confidence=1e-3)
    return [
        ((s.begin_a_s, s.begin_b_s, s.end_a_s, s.end_b_s), alignment.confidence)
        for s in alignment.segments
    ]


def pair_by_pair(find: Find, tree: Tree) -> Found:
    """Run a method on each pair of a tree."""
    features = tree_features(tree)
    pairs = track(tree.pairs, "pairs", len(tree.pairs), "pairs")
    return {(q, r): list(find(features[q], features[r])) for q, r in pairs}


def with_model(model: TMK | CTE, tree: Tree) -> Found:
    """Run a model on a tree, as `main.py` does."""
    found: dict[Pair, list[ScoredBox]] = {pair: [] for pair in tree.pairs}
    with tempfile.TemporaryDirectory() as folder, torch.inference_mode():
        dataset = VCSL(write_tree(Path(folder), tree))
        for match in find_copies(dataset, model, Run(torch.device("cpu"))).matches:
            found[match.query, match.reference].append((match.box, match.score))
    return found


def scored(
    trees: list[Tree], found: list[Found], least: float, *, intervals: bool
) -> SegmentScores:
    """What is found from a score on, over some trees together."""
    boxes = {
        pair: np.array([box for box, score in one[pair] if score >= least]).reshape(-1, 4)
        for one in found
        for pair in one
    }
    true = {
        pair: np.array(rows, float)
        for tree in trees
        for pair, rows in tree.segments.items()
        if pair in boxes
    }
    return score_boxes(
        boxes, true, list(boxes), Path("made-up"), resamples=1000 if intervals else 1
    )


def best_least(trees: list[Tree], found: list[Found]) -> tuple[float, float]:
    """The least score with the highest F1, and that F1."""
    scores = np.sort([score for one in found for rows in one.values() for _, score in rows])
    tried = np.unique(np.quantile(scores, np.linspace(0, 0.99, _LEAST_SCORES), method="nearest"))
    f1 = [scored(trees, found, s, intervals=False).named("f1").value for s in tried.tolist()]
    return float(tried[int(np.argmax(f1))]), max(f1)


def chosen(on_trees: list[OnTree], trees: list[Tree]) -> tuple[OnTree, float]:
    """Of some variants of a method the best on these trees, and its least score."""
    best: tuple[float, OnTree, float] | None = None
    for on_tree in on_trees:
        least, f1 = best_least(trees, [on_tree(tree) for tree in trees])
        if best is None or f1 > best[0]:
            best = f1, on_tree, least
    assert best is not None
    return best[1], best[2]


def methods() -> dict[str, tuple[list[OnTree], float | None]]:
    """Variants of each method, and the least score where it says its own."""

    def variants(base: Hough | TimeWarping) -> list[OnTree]:
        return [partial(pair_by_pair, replace(base, similar_from=s)) for s in _SIMILAR_FROM]

    options = type("Options", (), {"m": 512, "fft_length": 4 * 15 * 900})
    return {
        "align": ([partial(pair_by_pair, with_align)], CoarseFinder.min_score),
        "align as for recordings": ([partial(pair_by_pair, with_fine_align)], None),
        "Hough voting": (variants(Hough()), None),
        "time warping": (variants(TimeWarping()), None),
        "TMK, one segment": ([partial(with_model, TMK())], None),
        "CTE, one segment": ([partial(with_model, CTE(options))], None),
    }


def row(name: str, scores: SegmentScores, seconds: float, least: float) -> str:
    """A row of the table."""
    f1 = scores.named("f1")
    others = (f"{100 * scores.named(m).value:.1f}" for m in ("precision", "recall", "frr", "far"))
    interval = f"{100 * f1.value:.1f} ({100 * f1.low:.1f} to {100 * f1.high:.1f})"
    return f"| {name} | {interval} | {' | '.join(others)} | {1000 * seconds:.0f} | {least:.3g} |"


def main() -> None:
    """Choose on some trees, report on others."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--queries", type=int, default=25, help="of each tree reported on")
    parser.add_argument("--fit-queries", type=int, default=12, help="of each tree chosen on")
    parser.add_argument("--methods", nargs="+", choices=tuple(methods()), default=tuple(methods()))
    parser.add_argument("--noisier", action="store_true", help="report on copies that differ more")
    options = parser.parse_args()
    difficulty = Difficulty((0.5, 2.5), (0.5, 2.0)) if options.noisier else Difficulty()
    fitting = [make_tree(seed, queries=options.fit_queries) for seed in FIT_SEEDS[:3]]
    trees = [
        make_tree(seed, queries=options.queries, difficulty=difficulty) for seed in REPORT_SEEDS
    ]
    pairs = sum(len(tree.pairs) for tree in trees)
    print(f"{describe_machine()}; {pairs} pairs of {len(trees) * options.queries} queries\n")
    print("| | F1 % (95 % interval) | precision | recall | FRR | FAR | ms a pair | from |")
    print("|---|---|---|---|---|---|---|---|")
    for name in options.methods:
        on_trees, own = methods()[name]
        on_tree, least = (on_trees[0], own) if own else chosen(on_trees, fitting)
        started = time.process_time()
        found = [on_tree(tree) for tree in trees]
        seconds = (time.process_time() - started) / pairs
        print(row(name, scored(trees, found, least, intervals=True), seconds, least), flush=True)


if __name__ == "__main__":
    main()

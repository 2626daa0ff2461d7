"""Fit the decision of aligning (videoalignment/align/decide.py) on edits of given footage.

Every clip is aligned with the video that it was cut from and with some of other families.
The model learns to tell the best line of a pair that was found right from the others. Use footage
that no test or benchmark uses. It prints what belongs into decide.py.

example: python -m benchmarks.calibrate_align clips a.mp4 b.mp4 c.avi
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from benchmarks.edits import EditedPair, add_arguments, make_pairs
from videoalignment.align.decide import measures
from videoalignment.align.lines import WhitenedPair
from videoalignment.align.settings import SETTINGS
from videoalignment.features.cache import cached_features
from videoalignment.progress import track

# A line counts as right within this of the truth, seconds, at the begin and end of the clip.
_RIGHT_S = 0.3


def best_line(pair: EditedPair) -> tuple[np.ndarray, bool]:
    """The measures of a pair's best line, and whether it is right."""
    query, reference = cached_features(pair.query), cached_features(pair.reference)
    swapped = query.duration_s > reference.duration_s
    shorter, longer = (reference, query) if swapped else (query, reference)
    whitened = WhitenedPair.of(shorter, longer)
    window_s = min(SETTINGS.min_overlap_s, whitened.a.end_s - whitened.a.begin_s)
    line = whitened.lines(window_s, torch.device("cpu"))[0]
    numbers = measures(line.fit, line.verification)
    if pair.offset_s is None:
        return numbers, False
    times_s = np.array([0.0, query.duration_s])
    truth_s = pair.offset_s + pair.speed * times_s
    if swapped:
        error_s = line.time_map.to_a(truth_s) - times_s
    else:
        error_s = line.time_map.to_b(times_s) - truth_s
    return numbers, bool(np.abs(error_s).max() < _RIGHT_S)


def with_negatives(
    pairs: list[EditedPair], videos: list[Path], count: int, seed: int
) -> list[EditedPair]:
    """Each clip with its own video, and with `count` of other families."""
    generator = np.random.default_rng(seed)
    own = [pair for pair in pairs if pair.offset_s is not None and pair.reference in videos]
    chosen = list(own)
    for pair in own:
        others = [replace(pair, reference=video, offset_s=None) for video in videos]
        unrelated = [other for other in others if not other.related]
        chosen += [unrelated[i] for i in generator.permutation(len(unrelated))[:count]]
    return chosen


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_arguments(parser)
    parser.add_argument("--negatives", type=int, default=3, help="other videos a clip meets")
    options = parser.parse_args()
    made = make_pairs(options.out, options.videos, clips=options.clips, seed=options.seed)
    pairs = with_negatives(made, options.videos, options.negatives, options.seed)
    lines = [best_line(pair) for pair in track(pairs, "aligning", len(pairs), "pairs")]
    numbers = np.array([line[0] for line in lines])
    right = np.array([line[1] for line in lines])
    # Lines that are wrong outnumber those that are right, which makes the model careful: an answer
    # that is wrong costs its user more than one that is missing.
    model = LogisticRegression(C=3, max_iter=10_000).fit(numbers, right)
    said = model.predict(numbers)
    shares = np.array([pair.offset_s is not None for pair in pairs])
    print(f"# {shares.sum()} pairs that share footage, {(~shares).sum()} that do not")
    print(f"# best line right: {right[shares].mean():.1%} of those that share")
    print(f"# called no match though right: {(~said[right]).mean():.1%}")
    print(f"# called a match though they share nothing: {said[~shares].mean():.1%}")
    print("CALIBRATION = Calibration(")
    print(f"    weights=({', '.join(f'{weight:.3f}' for weight in model.coef_[0])}),")
    print(f"    intercept={model.intercept_[0]:.3f},")
    print(f'    settings="{SETTINGS.digest}",')
    print(")")


if __name__ == "__main__":
    main()

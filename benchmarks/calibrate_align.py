"""Fit the decision of aligning (videoalignment/align/decide.py), and test whether it is true.

Edited clips with exact truth (benchmarks/edits.py) meet the videos that they were cut from and
others; hard footage of different scenes meets by the thousand (benchmarks/false_matches.py). The
model learns to tell the best line of a pair that was found right from the others. It is fitted on
one half of the scenes, with weights that make both kinds equally likely, and tested on the other
half, of which it knows nothing: a diagram shows how often answers of some confidence are right.
It prints what belongs into decide.py.

example: python -m benchmarks.calibrate_align OUT *.mp4 --diagram docs/reliability.png
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from benchmarks.edits import EditedPair, add_arguments, make_pairs
from benchmarks.false_matches import meetings
from benchmarks.scenes import half_of, hard_footage, scene_of
from videoalignment.align.decide import measures
from videoalignment.align.lines import Line, WhitenedPair
from videoalignment.align.settings import SETTINGS
from videoalignment.features.cache import cached_features
from videoalignment.features.store import FrameFeatures
from videoalignment.progress import track
from videoalignment.time_map import TimeMap

matplotlib.use("agg")

# A line counts as right within this of the truth in the middle of what is shared, seconds.
_RIGHT_S = 0.3
_BINS = (0.0, 0.02, 0.1, 0.25, 0.5, 0.9, 0.99, 1.0)


@dataclass(frozen=True)
class Example:
    """A pair, and what its best line is worth."""

    kind: str
    measures: np.ndarray
    right: bool
    shares: bool


def best_line(a: FrameFeatures, b: FrameFeatures) -> tuple[Line, TimeMap]:
    """The line with the most evidence, and where it puts A's moments in B."""
    swapped = a.duration_s > b.duration_s
    pair = WhitenedPair.of(b, a) if swapped else WhitenedPair.of(a, b)
    window_s = min(SETTINGS.min_overlap_s, pair.a.end_s - pair.a.begin_s)
    line = pair.lines(window_s, torch.device("cpu"))[0]
    return line, line.time_map.inverse() if swapped else line.time_map


def example(kind: str, a: FrameFeatures, b: FrameFeatures, pair: EditedPair | None) -> Example:
    """Measure a pair; what shares nothing has no truth."""
    line, found = best_line(a, b)
    lines = pair.lines if pair else ()
    errors_s = [abs(found.to_b(t.middle_s) - t.place_s(t.middle_s)) for t in lines]
    return Example(
        kind=kind,
        measures=measures(line.fit, line.verification, line.tries),
        right=min(errors_s, default=np.inf) < _RIGHT_S,
        shares=bool(lines),
    )


def examples(out: Path, videos: list[Path], options: argparse.Namespace) -> list[Example]:
    """All examples of one half of the scenes."""
    found = []
    edited = make_pairs(out / "edited", videos, clips=options.clips, seed=options.seed)
    for pair in track(edited, "edited clips", len(edited), "pairs"):
        features = cached_features(pair.query), cached_features(pair.reference)
        kind = "edited clips" if pair.shares else "edited clips, other videos"
        found.append(example(kind, *features, pair))
    files = sorted([*videos, *hard_footage(out / "hard", videos)])
    chosen = meetings(files, options.pairs)
    for meeting in track(chosen, "unrelated", len(chosen), "pairs"):
        found.append(example(meeting.kind, *meeting.features(), None))
    return found


def fitted(found: list[Example]) -> LogisticRegression:
    """The model, with right and wrong lines equally likely."""
    right = np.array([one.right for one in found])
    weights = np.where(right, (~right).sum() / right.sum(), 1.0)
    model = LogisticRegression(C=0.1, max_iter=10_000)
    return model.fit(np.array([one.measures for one in found]), right, sample_weight=weights)


def report(model: LogisticRegression, found: list[Example]) -> np.ndarray:
    """Print how often the model errs, by kind; returns the confidences."""
    said = model.predict_proba(np.array([one.measures for one in found]))[:, 1]
    for kind in dict.fromkeys(one.kind for one in found):
        here = np.array([one.kind == kind for one in found])
        right = np.array([one.right for one in found])[here]
        counts = ", ".join(f"{(said[here][~right] >= c).sum()} from {c}" for c in (0.5, 0.9, 0.99))
        print(f"# {kind}: {here.sum()} pairs, {right.sum()} found right; ", end="")
        missed = (
            f"{(said[here][right] < 0.5).sum()} of these called no match; " if any(right) else ""
        )
        print(f"{missed}wrong ones called a match: {counts}")
    return said


def draw(path: Path, said: np.ndarray, found: list[Example]) -> None:
    """Draw how often answers of some confidence are right, right and wrong equally likely."""
    from matplotlib import pyplot

    right = np.array([one.right for one in found])
    weights = np.where(right, (~right).sum() / right.sum(), 1.0)
    bins = np.clip(np.digitize(said, _BINS) - 1, 0, len(_BINS) - 2)
    figure, axes = pyplot.subplots(figsize=(5, 4.6), layout="constrained")
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    for number in range(len(_BINS) - 1):
        here = bins == number
        if not here.any():
            continue
        mean = np.average(said[here], weights=weights[here])
        share = np.average(right[here], weights=weights[here])
        axes.plot(mean, share, "o", color="tab:blue")
        axes.annotate(
            f"{right[here].sum()} of {here.sum()}",
            (mean, share),
            fontsize=8,
            textcoords="offset points",
            xytext=(6, -10),
        )
    axes.set(xlabel="confidence", ylabel="share that is right", xlim=(-0.03, 1.12))
    axes.set_title("Scenes that nothing was fitted on", fontsize=10)
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def main() -> None:
    """Fit on one half of the scenes, report on both, print the calibration."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_arguments(parser)
    parser.add_argument("--pairs", type=int, default=1000, help="unrelated ones a half")
    parser.add_argument("--diagram", type=Path, help="where the diagram is drawn")
    options = parser.parse_args()
    halves = {}
    for half in ("fit", "test"):
        videos = [video for video in options.videos if half_of(scene_of(video)) == half]
        halves[half] = examples(options.out / half, videos, options)
    model = fitted(halves["fit"])
    for half, found in halves.items():
        print(f"# {half}")
        said = report(model, found)
    if options.diagram:
        draw(options.diagram, said, halves["test"])
    print("CALIBRATION = Calibration(")
    print(f"    weights=({', '.join(f'{weight:.3f}' for weight in model.coef_[0])}),")
    print(f"    intercept={model.intercept_[0]:.3f},")
    print(f'    settings="{SETTINGS.digest}",')
    print(")")


if __name__ == "__main__":
    main()

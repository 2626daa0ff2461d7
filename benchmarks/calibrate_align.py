"""Fit the decision of aligning (videoalignment/align/decide.py), and test whether it is true.

Edited clips with exact truth (benchmarks/edits.py) meet the videos that they were cut from, others,
and what comes later in their own video, where the camera may still stand in the same place; hard
footage of different scenes meets by the hundred (benchmarks/false_matches.py). One model learns to
tell the best line of a pair that was found right from the others; a second one does so for lines
through pictures that were laid over each other; and it is counted how often right and wrong lines
have pictures that cannot be. All is fitted on one half of the scenes, with weights that make both
kinds equally likely, and tested on the other half, of which it knows nothing: a diagram shows how
often answers of some confidence are right. It prints what belongs into decide.py.

example: python -m benchmarks.calibrate_align OUT *.mp4 --diagram docs/reliability.png
"""

import argparse
import time
from dataclasses import dataclass, replace
from pathlib import Path

import matplotlib
import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from benchmarks.calibrations import print_calibration
from benchmarks.edits import SharedLine, add_arguments, make_pairs
from benchmarks.false_matches import meetings
from benchmarks.scenes import half_of, hard_footage, parted, scene_of
from videoalignment.align import Recording
from videoalignment.align.decide import measures, picture_measures
from videoalignment.align.lines import Line, WhitenedPair
from videoalignment.align.look import look_again
from videoalignment.align.reel import Reels
from videoalignment.align.settings import LOOK, SETTINGS
from videoalignment.features.cache import cached_features
from videoalignment.media.probe import probe_video
from videoalignment.progress import track

matplotlib.use("agg")

# A line counts as right within this of the truth in the middle of what is shared, seconds.
_RIGHT_S = 0.3
_BINS = (0.0, 0.02, 0.1, 0.25, 0.5, 0.9, 0.99, 1.0)


@dataclass(frozen=True)
class Example:
    """A pair, and what its best line is worth."""

    kind: str
    shares: bool
    measures: np.ndarray
    right: bool
    in_pictures: np.ndarray | None = None
    picture_measures: np.ndarray | None = None
    """Of the line through pictures that lie over each other; None where there is none."""
    right_in_pictures: bool = False
    looked: bool = False
    """Whether pictures were looked at."""
    seconds: float = 0.0
    """That took, of this process."""


@dataclass(frozen=True)
class Pair:
    """Two video files, the shorter one as A, and where they meet."""

    a: Recording
    b: Recording
    lines: tuple[SharedLine, ...]
    """Of the clip in the other video; none where they share nothing."""
    swapped: bool
    """Whether the clip is B."""

    @classmethod
    def of(cls, clip: Path, other: Path, lines: tuple[SharedLine, ...] = ()) -> "Pair":
        """Describe two files."""
        a, b = (Recording(path, cached_features(path), probe_video(path)) for path in (clip, other))
        swapped = a.features.duration_s > b.features.duration_s
        return cls(b, a, lines, swapped) if swapped else cls(a, b, lines, swapped)

    def is_right(self, line: Line) -> bool:
        """Whether a line meets the truth in the middle of what is shared."""
        found = line.time_map.inverse() if self.swapped else line.time_map
        errors_s = [abs(found.to_b(t.middle_s) - t.place_s(t.middle_s)) for t in self.lines]
        return min(errors_s, default=np.inf) < _RIGHT_S


def example(kind: str, pair: Pair, look_at_all: bool) -> Example:
    """Measure a pair, in descriptors and, where these leave doubt, in pictures.

    Args:
        kind: what the report counts it as.
        pair: the files.
        look_at_all: look at pictures where there is no doubt, too.
    """
    whitened = WhitenedPair.of(pair.a.features, pair.b.features)
    window_s = min(SETTINGS.min_overlap_s, whitened.a.end_s - whitened.a.begin_s)
    lines = whitened.lines(window_s, torch.device("cpu"))
    line = lines[0]
    found = Example(
        kind=kind,
        shares=bool(pair.lines),
        measures=measures(line.fit, line.verification, whitened.tries),
        right=pair.is_right(line),
    )
    if line.confidence >= LOOK.below and not look_at_all:
        return found
    started = time.process_time()
    reels = (Reels.of(one.video, one.features.duration_s) for one in (pair.a, pair.b))
    _, seen = look_again(*reels, whitened, lines, window_s)
    found = replace(found, looked=True, seconds=time.process_time() - started)
    if seen is None:
        return found
    return replace(
        found,
        in_pictures=measures(seen.line.fit, seen.line.verification, whitened.tries),
        picture_measures=picture_measures(seen.line.verification),
        right_in_pictures=pair.is_right(seen.line),
    )


def examples(out: Path, videos: list[Path], options: argparse.Namespace) -> list[Example]:
    """All examples of one half of the scenes."""
    parts = parted(out / "parts", videos)
    clips = make_pairs(out / "edited", list(parts), clips=options.clips, seed=options.seed)
    found = []
    for number, clip in enumerate(track(clips, "edited clips", len(clips), "pairs")):
        kind = "edited clips" if clip.shares else "edited clips, other videos"
        pair = Pair.of(clip.query, clip.reference, clip.lines)
        found.append(example(kind, pair, clip.shares and number % 5 == 0))
        if clip.shares:
            pair = Pair.of(clip.query, parts[clip.reference])
            found.append(example("edited clips, later in their video", pair, False))
    files = sorted([*videos, *hard_footage(out / "hard", videos)])
    chosen = [meeting for meeting in meetings(files, options.pairs) if not meeting.more]
    for meeting in track(chosen, "unrelated", len(chosen), "pairs"):
        found.append(example(meeting.kind, Pair.of(meeting.a, meeting.b), False))
    return found


@dataclass(frozen=True)
class Decision:
    """Everything that is fitted."""

    descriptors: LogisticRegression
    pictures: LogisticRegression
    apart: float

    @classmethod
    def fitted(cls, found: list[Example]) -> "Decision":
        """Fit to examples."""
        laid = [one for one in found if one.picture_measures is not None]
        # How often pictures cannot be laid over each other; one more each, so that none is never.
        shares = []
        for right in (True, False):
            lines = [one for one in found if one.looked and one.right == right]
            apart = sum(one.picture_measures is None for one in lines)
            shares.append((apart + 1) / (len(lines) + 1))
            print(f"# {len(lines)} {'right' if right else 'wrong'} lines in doubt, {apart} apart")
        return cls(
            descriptors=fitted([one.measures for one in found], [one.right for one in found], 0.1),
            # Few examples, and numbers of other sizes: less of a prior for small weights.
            pictures=fitted(
                [one.picture_measures for one in laid],
                [one.right_in_pictures for one in laid],
                10,
            ),
            apart=float(np.log(shares[0] / shares[1])),
        )

    def said(self, one: Example) -> tuple[float, bool]:
        """The confidence of an answer, and whether it is right."""
        said = _probability(self.descriptors, one.measures)
        if not one.looked or said >= LOOK.below:
            return said, one.right
        if one.in_pictures is not None and one.picture_measures is not None:
            agree = _probability(self.descriptors, one.in_pictures)
            alike = _probability(self.pictures, one.picture_measures)
            return agree * alike, one.right_in_pictures
        odds = said / (1 - said) * np.exp(self.apart)
        return odds / (1 + odds), one.right


def _probability(model: LogisticRegression, numbers: np.ndarray) -> float:
    return float(model.predict_proba(numbers[None])[0, 1])


def fitted(numbers: list[np.ndarray], right: list[bool], freedom: float) -> LogisticRegression:
    """A model, with right and wrong lines equally likely.

    Args:
        numbers: of each line.
        right: whether it is.
        freedom: how far weights may be from 0; scikit-learn's C.
    """
    truth = np.array(right)
    weights = np.where(truth, (~truth).sum() / truth.sum(), 1.0)
    model = LogisticRegression(C=freedom, max_iter=10_000)
    return model.fit(np.array(numbers), truth, sample_weight=weights)


def report(decision: Decision, found: list[Example]) -> tuple[np.ndarray, np.ndarray]:
    """Print how often the decision errs, by kind; returns the confidences, and what is right."""
    said, right = map(np.array, zip(*map(decision.said, found), strict=True))
    for kind in dict.fromkeys(one.kind for one in found):
        here = np.array([one.kind == kind for one in found])
        truth, sure = right[here], said[here]
        counts = ", ".join(f"{(sure[~truth] >= c).sum()} from {c}" for c in (0.5, 0.9, 0.99))
        seconds = np.mean([one.seconds for one in found if one.kind == kind])
        print(
            f"# {kind}: {here.sum()} pairs, {truth.sum()} found right, "
            f"{(sure[truth] < 0.5).sum()} of these called no match; wrong ones called a match: "
            f"{counts}; pictures took {seconds:.2f} s a pair"
        )
    return said, right


def draw(
    path: Path,
    said: np.ndarray,
    right: np.ndarray,
    title: str = "Scenes that nothing was fitted on",
) -> None:
    """Draw how often answers of some confidence are right, right and wrong equally likely."""
    from matplotlib import pyplot

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
        text = f"{right[here].sum()} of {here.sum()}"
        # Points crowd at both ends: labels stand below them by turns, the last one above, the first
        # one below that of the second.
        place = (-6, -12 - 12 * (number % 2)) if mean > 0.5 else (8, -3)
        if number == len(_BINS) - 2:
            place = (8, 7)
        elif number == 0:
            place = (-4, -17)
        side = "right" if mean > 0.5 else "left"
        axes.annotate(
            text, (mean, share), xytext=place, textcoords="offset points", fontsize=8, ha=side
        )
    axes.set(xlabel="confidence", ylabel="share that is right", xlim=(-0.03, 1.12))
    axes.set_ylim(-0.09, 1.1)
    axes.set_title(title, fontsize=10)
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
    decision = Decision.fitted(halves["fit"])
    for half, found in halves.items():
        print(f"# {half}")
        said, right = report(decision, found)
    if options.diagram:
        draw(options.diagram, said, right)
    for name, model, settings in (
        ("CALIBRATION", decision.descriptors, SETTINGS),
        ("PICTURES", decision.pictures, LOOK),
    ):
        print_calibration(name, model, settings)
    print(f"APART = {decision.apart:.2f}")


if __name__ == "__main__":
    main()

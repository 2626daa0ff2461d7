"""Fit the decision of aligning by motion (videoalignment/align/motion/decide.py), and test it.

Takes of events (benchmarks/view_sets.py) meet takes of other cameras of the same event, takes that
share no moment of it, and those of other events and of unrelated videos. The model learns to tell
offsets that are right from others. Each event is reported with the model that was fitted on all
others; what is printed for decide.py is fitted on all.

example: python -m benchmarks.calibrate_motion OUT ../shared/data/footage/views --single *.mp4
"""

import argparse
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from benchmarks.calibrate_align import draw
from benchmarks.calibrations import print_calibration
from benchmarks.view_sets import View, cameras_of, loners, make_views, sharing, strangers
from videoalignment.align.motion.decide import measures
from videoalignment.align.motion.moving import Moving
from videoalignment.align.motion.search import score_curve
from videoalignment.align.motion.settings import SETTINGS
from videoalignment.features.motion_store import cached_motion
from videoalignment.progress import track

_RIGHT_S = 0.1
_NEAR_S = 0.2  # cameras of six frames a second differ by this in when they say that a frame was
_LONG_S = 8.0
_RIGHT_OF = 60  # so many best offsets is one taken to be right before anything is seen


@dataclass(frozen=True)
class Example:
    """A pair, and what its best offset is worth."""

    events: tuple[str, str]
    shared_s: float
    """Negative where the two share no moment."""
    measures: np.ndarray
    error_s: float

    @property
    def right(self) -> bool:
        """Whether the offset is right, to a frame of slow cameras."""
        return self.error_s < _NEAR_S


def chosen(
    views: Sequence[View], others: Sequence[View], per_event: int, unrelated: int, seed: int
) -> list[tuple[View, View]]:
    """Pairs of all kinds, so many of each event at most."""
    least_s = SETTINGS.least_overlap_s
    long = [view for view in views if view.length_s >= least_s]
    pairs = [*sharing(long, least_s), *strangers([*long, *others], unrelated, seed)]
    drawn: list[tuple[View, View]] = []
    counts: Counter[tuple[str, bool]] = Counter()
    for i in np.random.default_rng(seed).permutation(len(pairs)):
        one, other = pairs[i]
        if one.event == other.event:
            key = one.event, one.shared_s(other) > 0
            counts[key] += 1
            if counts[key] > per_event:
                continue
        drawn.append(pairs[i])
    return drawn


def examples(folder: Path, pairs: Sequence[tuple[View, View]]) -> Iterator[Example]:
    """Measure pairs."""
    files = dict.fromkeys(view.file for pair in pairs for view in pair)
    following = track(files, "following", len(files), "videos")
    moving = {file: Moving(cached_motion(folder / file)) for file in following}
    for one, other in track(pairs, "pairs", len(pairs), "pairs"):
        curve = score_curve(moving[one.file], moving[other.file])
        if curve is None:
            continue
        shared_s = one.shared_s(other) if one.event == other.event else -1.0
        error_s = abs(curve.offset_s - one.offset_s(other)) if shared_s > 0 else np.inf
        yield Example((one.event, other.event), shared_s, measures(curve), error_s)


def fitted(found: Sequence[Example]) -> LogisticRegression:
    """The model; events count alike, and one offset of `_RIGHT_OF` is right."""
    right = np.array([one.right for one in found])
    counts = Counter((one.events[0], one.right) for one in found)
    weights = np.array([1 / counts[one.events[0], one.right] for one in found])
    weights[right] *= weights[~right].sum() / weights[right].sum() / (_RIGHT_OF - 1)
    weights *= len(found) / weights.sum()
    numbers = np.array([one.measures for one in found])
    return LogisticRegression(C=1.0, max_iter=10_000).fit(numbers, right, sample_weight=weights)


def left_out(found: Sequence[Example]) -> np.ndarray:
    """What models say of each pair that know of neither of its events."""
    said = np.zeros(len(found))
    for events in {one.events for one in found}:
        others = [one for one in found if not set(one.events) & set(events)]
        here = [i for i, one in enumerate(found) if one.events == events]
        numbers = np.array([found[i].measures for i in here])
        said[here] = fitted(others).predict_proba(numbers)[:, 1]
    return said


def report(said: np.ndarray, found: Sequence[Example]) -> None:
    """Print how often the models err, by event."""
    print("| event, shared | pairs | answered | of these within 0.1 s | 0.2 s | best guess so |")
    print("|---|" + "---|" * 5)
    shared_s = np.array([one.shared_s for one in found])
    errors_s = np.array([one.error_s for one in found])
    events = np.array([one.events[0] for one in found])
    for low, high in ((SETTINGS.least_overlap_s, _LONG_S), (_LONG_S, np.inf)):
        band = (shared_s >= low) & (shared_s < high)
        for event in [*dict.fromkeys(events[band]), "all"]:
            here = band & ((events == event) | (event == "all"))
            answered = here & (said >= 0.5)
            cells = [f"{event}, {low:g} s and more" if high == np.inf else f"{event}, shorter"]
            cells += [str(here.sum()), f"{answered.sum()} ({answered.sum() / here.sum():.0%})"]
            cells += [str((errors_s[answered] < limit_s).sum()) for limit_s in (_RIGHT_S, _NEAR_S)]
            cells += [f"{(errors_s[here] < _NEAR_S).mean():.0%}"]
            print(f"| {' | '.join(cells)} |")
    same = np.array([one.events[0] == one.events[1] for one in found])
    for title, here in (
        ("of one event that share no moment", same & (shared_s <= 0)),
        ("of different events", ~same),
    ):
        counts = ", ".join(f"{(said[here] >= c).sum()} from {c}" for c in (0.5, 0.9, 0.99))
        print(f"{here.sum()} pairs {title}: {counts}")
    right = errors_s < _NEAR_S
    for low, high in itertools.pairwise((0.0, 0.1, 0.5, 0.9, 0.99, 1.01)):
        here = (said >= low) & (said < high)
        print(f"confidence {low} to {min(high, 1)}: {here.sum()}, {right[here].sum()} right")


def main() -> None:
    """Fit, report each event by the others, print the calibration."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("events", type=Path, help="folder of a folder of cameras' files per event")
    parser.add_argument("--single", type=Path, nargs="*", default=[], help="unrelated videos")
    parser.add_argument("--takes", type=int, default=4, help="of every file")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--per-event", type=int, default=24, help="pairs of each kind")
    parser.add_argument("--unrelated", type=int, default=300, help="pairs of different events")
    parser.add_argument("--diagram", type=Path, help="draw how often answers are right")
    options = parser.parse_args()
    views = make_views(options.out, cameras_of(options.events), options.takes, options.seed)
    others = loners(options.single, SETTINGS.least_overlap_s)
    pairs = chosen(views, others, options.per_event, options.unrelated, options.seed)
    found = [*examples(options.out, pairs)]
    said = left_out(found)
    report(said, found)
    if options.diagram:
        right = np.array([one.right for one in found])
        draw(options.diagram, said, right, "Events that nothing was fitted on")
    model = fitted(found)
    print_calibration("CALIBRATION", model, SETTINGS)


if __name__ == "__main__":
    main()

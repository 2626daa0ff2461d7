"""Fit what offsets are worth by motion (videoalignment/align/motion/worth.py), and test it.

Takes of events (benchmarks/view_sets.py) meet takes of other cameras of the same event, takes that
share no moment of it, and those of other events and of unrelated videos. Sets of a take of each of
three cameras and more of an event are placed together, and so are sets of takes that have nothing
to do with each other. The model learns to tell how clear right offsets are from how clear others
are. Each event is reported with the model that was fitted on all others, strangers with the one
that was fitted on all, which is printed for worth.py.

example: python -m benchmarks.calibrate_motion OUT ../shared/data/footage/views --single *.mp4
"""

import argparse
import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from benchmarks.calibrate_align import draw
from benchmarks.calibrations import print_calibration
from benchmarks.measuring import describe_machine
from benchmarks.view_sets import (
    View,
    cameras_of,
    loners,
    make_views,
    sets_of,
    sharing,
    strangers,
)
from videoalignment.align.calibration import Calibration
from videoalignment.align.motion.moving import Moving
from videoalignment.align.motion.search import Curve, score_curve
from videoalignment.align.motion.settings import SETTINGS
from videoalignment.align.motion.together import place_together
from videoalignment.align.motion.worth import measures
from videoalignment.features.motion_store import cached_motion
from videoalignment.progress import Progress, track
from videoalignment.workers import map_in_order

_RIGHT_S = 0.1
_NEAR_S = 0.2  # cameras of six frames a second differ by this in when they say that a frame was
_LONG_S = 8.0
_OTHERS = 40  # wrong offsets of a pair that the model learns from
_STRANGERS = 4  # takes in a set of strangers
_LONGEST_S = 70.0  # of these, for speed
# What likelihoods are raised to: so half of the pairs that share 8 s are answered, and 1 % of those
# that share nothing; chosen with all events in view.
_SHARPER = 1.1


@dataclass(frozen=True)
class Placed:
    """Two takes or more, and how they were placed together."""

    views: tuple[View, ...]
    confidence: float
    """Of the least sure pair of them; of strangers, of the surest; 0 where one is left out."""
    error_s: float
    """The largest of two of them; infinite where one is left out."""

    @property
    def event(self) -> str:
        """That all are of, or nothing."""
        events = {view.event for view in self.views}
        return self.views[0].event if len(events) == 1 else ""

    @property
    def shared_s(self) -> float:
        """What the first two share; negative where that is nothing."""
        return self.views[0].shared_s(self.views[1]) if self.event else -1.0


class Curves:
    """Curves of pairs of takes, each computed once."""

    def __init__(self, folder: Path, pairs: set[tuple[View, View]]) -> None:
        files = dict.fromkeys(view.file for pair in pairs for view in pair)
        following = track(files, "following", len(files), "videos")
        self._moving = {file: Moving(cached_motion(folder / file)) for file in following}
        ordered = sorted(pairs, key=lambda pair: (pair[0].file, pair[1].file))
        self._known: dict[tuple[View, View], Curve | None] = {}
        with Progress("comparing", len(ordered), "pairs") as progress:
            curves = map_in_order(self._curve, ordered, torch.get_num_threads())
            for pair, curve in zip(ordered, curves, strict=True):
                self._known[pair] = curve
                progress.advance()

    def _curve(self, pair: tuple[View, View]) -> Curve | None:
        return score_curve(*(self._moving[view.file] for view in pair))

    def of(self, one: View, other: View) -> Curve | None:
        """The curve of two takes, in this order; None where they are too short."""
        if (one, other) in self._known:
            return self._known[one, other]
        turned = self._known[other, one]
        return turned and turned.turned()

    def among(self, views: Sequence[View]) -> dict[tuple[int, int], list[Curve]]:
        """Those of all pairs of takes."""
        pairs = itertools.combinations(range(len(views)), 2)
        found = {(a, b): self.of(views[a], views[b]) for a, b in pairs}
        return {pair: [curve] for pair, curve in found.items() if curve is not None}


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


def stranger_sets(views: Sequence[View], count: int, seed: int) -> Iterator[tuple[View, ...]]:
    """Sets of takes of different events, none very long."""
    generator = np.random.default_rng(seed)
    usable = [v for v in views if SETTINGS.least_overlap_s <= v.length_s <= _LONGEST_S]
    events = sorted({view.event for view in usable})
    for _ in range(count):
        of = generator.permutation(events)[:_STRANGERS]
        yield tuple(usable[generator.choice(_places(usable, event))] for event in of)


def _places(views: Sequence[View], event: str) -> list[int]:
    return [place for place, view in enumerate(views) if view.event == event]


def samples(
    curves: Curves, pairs: Sequence[tuple[View, View]]
) -> Iterator[tuple[str, bool, float]]:
    """How clear right offsets and others are: the event, whether it is right, how clear."""
    generator = np.random.default_rng(0)
    for one, other in pairs:
        curve = curves.of(one, other)
        shared_s = one.shared_s(other) if one.event == other.event else -1.0
        if curve is None or shared_s < SETTINGS.least_overlap_s:
            continue
        apart_s = np.abs(curve.offsets_s - one.offset_s(other))
        if apart_s.min() > _RIGHT_S:
            continue
        yield one.event, True, float(curve.clearness[apart_s <= 1.5 * _RIGHT_S].max())
        for place in generator.integers(len(apart_s), size=_OTHERS):
            if apart_s[place] > 0.5:
                around = curve.clearness[max(0, place - 2) : place + 3]
                yield one.event, False, float(around.max())


def fitted(found: Sequence[tuple[str, bool, float]]) -> LogisticRegression:
    """The model; events count alike, and right offsets as much as others."""
    right = np.array([is_right for _, is_right, _ in found])
    counts = Counter((event, is_right) for event, is_right, _ in found)
    weights = np.array([1 / counts[event, is_right] for event, is_right, _ in found])
    numbers = measures(np.array([clear for *_, clear in found]))
    model = LogisticRegression(C=1e4, max_iter=10_000)
    model.fit(numbers, right, sample_weight=100 * weights)
    model.coef_, model.intercept_ = _SHARPER * model.coef_, _SHARPER * model.intercept_
    return model


def calibrated(model: LogisticRegression) -> Calibration:
    """The model as the package takes it."""
    weights = tuple(float(weight) for weight in model.coef_[0])
    return Calibration(weights, float(model.intercept_[0]), SETTINGS.digest)


def placed(curves: Curves, views: tuple[View, ...], calibration: Calibration) -> Placed:
    """Place takes together."""
    found = place_together(curves.among(views), len(views), calibration)
    strange = len({view.event for view in views}) > 1 or views[0].shared_s(views[1]) <= 0
    if not found:
        return Placed(views, 0.0, np.inf)
    first = found[0]
    if len(views) > 2 and strange:
        surest = max(max(one.probability.values()) for one in found)
        return Placed(views, surest, np.inf)
    if len(first.begins_s) < len(views):
        return Placed(views, 0.0, np.inf)
    errors_s = [
        abs(first.begins_s[a] - first.begins_s[b] - views[a].offset_s(views[b]))
        for a, b in first.probability
    ]
    confidence = min(first.probability.values())
    return Placed(views, confidence, np.inf if strange else max(errors_s))


def report(title: str, found: Sequence[Placed]) -> None:
    """Print a row an event, and of all."""
    print(f"\n| {title} | number | answered | of these within 0.1 s | 0.2 s | best guess so |")
    print("|---|" + "---|" * 5)
    for event in [*dict.fromkeys(one.event for one in found), "all"]:
        group = [one for one in found if event in (one.event, "all")]
        said = [one for one in group if one.confidence >= 0.5]
        cells = [event, str(len(group)), f"{len(said)} ({len(said) / len(group):.0%})"]
        cells += [
            str(sum(one.error_s < limit_s for one in said)) for limit_s in (_RIGHT_S, _NEAR_S)
        ]
        cells.append(f"{np.mean([one.error_s < _NEAR_S for one in group]):.0%}")
        print(f"| {' | '.join(cells)} |")
    right = [one.error_s for one in found if one.confidence >= 0.5 and one.error_s < _NEAR_S]
    print(f"median error of right answers: {1000 * np.median(right):.0f} ms")


def report_strangers(title: str, found: Sequence[Placed]) -> None:
    """Print how many of those who share nothing were answered."""
    counts = ", ".join(f"{sum(o.confidence >= c for o in found)} from {c}" for c in (0.5, 0.9))
    print(f"{len(found)} {title}: {counts}")


def report_all(
    curves: Curves,
    pairs: Sequence[tuple[View, View]],
    sets: Sequence[tuple[View, ...]],
    strange: Sequence[tuple[View, ...]],
    models: Mapping[str, Calibration],
) -> list[Placed]:
    """Place all, each with the model of its event, and print what came out; gives the pairs."""
    of = [placed(curves, pair, models.get(pair[0].event, models[""])) for pair in pairs]
    meeting = [one for one in of if one.shared_s >= SETTINGS.least_overlap_s]
    report("pairs, 8 s and more", [one for one in meeting if one.shared_s >= _LONG_S])
    report("pairs, 5 to 8 s", [one for one in meeting if one.shared_s < _LONG_S])
    report("sets", [placed(curves, views, models[views[0].event]) for views in sets])
    print()
    apart = [one for one in of if one.shared_s <= 0]
    report_strangers("pairs of one event that share no moment", [o for o in apart if o.event])
    report_strangers("pairs of different events", [o for o in apart if not o.event])
    report_strangers(
        f"sets of {_STRANGERS} of different events",
        [placed(curves, views, models[""]) for views in strange],
    )
    for low, high in itertools.pairwise((0.0, 0.1, 0.5, 0.9, 0.99, 1.01)):
        here = [one for one in of if low <= one.confidence < high]
        right = sum(one.error_s < _NEAR_S for one in here)
        print(f"confidence {low} to {min(high, 1)}: {len(here)} pairs, {right} right")
    return of


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
    parser.add_argument("--per-event", type=int, default=60, help="pairs, and sets, of each kind")
    parser.add_argument("--unrelated", type=int, default=1000, help="pairs of different events")
    parser.add_argument("--further", type=int, default=0, help="takes of its cameras in each set")
    parser.add_argument("--stranger-sets", type=int, default=100)
    parser.add_argument("--diagram", type=Path, help="draw how often answers are right")
    options = parser.parse_args()
    views = make_views(options.out, cameras_of(options.events), options.takes, options.seed)
    others = loners(options.single, SETTINGS.least_overlap_s)
    pairs = chosen(views, others, options.per_event, options.unrelated, options.seed)
    sets = [
        *sets_of(views, options.per_event, options.further, SETTINGS.least_overlap_s, options.seed)
    ]
    strange = [*stranger_sets([*views, *others], options.stranger_sets, options.seed)]
    needed = {pair for group in (*sets, *strange) for pair in itertools.combinations(group, 2)}
    print(describe_machine())
    curves = Curves(options.out, needed | set(pairs))
    found = [*samples(curves, pairs)]
    events = {event for event, *_ in found}
    model = fitted(found)
    models = {
        event: calibrated(fitted([one for one in found if one[0] != event])) for event in events
    }
    said = report_all(curves, pairs, sets, strange, models | {"": calibrated(model)})
    if options.diagram:
        right = np.array([one.error_s < _NEAR_S for one in said])
        confidences = np.array([one.confidence for one in said])
        draw(options.diagram, confidences, right, "Events that nothing was fitted on")
    print_calibration("CALIBRATION", model, SETTINGS)


if __name__ == "__main__":
    main()

"""Fit the decision of aligning by sound (videoalignment/align/sound/decide.py), and test it.

Takes of events (benchmarks/sound_takes.py), with usual and with much noise, meet takes of the same
event, also such as share no moment of it, and takes of others; and sounds that are alike though
they share no moment meet each other (benchmarks/hard_sounds.py). The model learns to tell lines
that are right from others. It is fitted on some events and tested on others, of which it knows
nothing. It prints what belongs into decide.py.

example: python -m benchmarks.calibrate_sound OUT --fit music/*.ogg --test other/*.ogg
"""

import argparse
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly
from sklearn.linear_model import LogisticRegression

from benchmarks.calibrate_align import draw
from benchmarks.calibrations import print_calibration
from benchmarks.hard_sounds import hard_pairs
from benchmarks.sound_takes import Recipe, Take, make_takes, read_sound
from videoalignment.align.sound.decide import measures
from videoalignment.align.sound.heard import Heard
from videoalignment.align.sound.pipeline import best_line, in_order
from videoalignment.align.sound.settings import SETTINGS
from videoalignment.features.sound import whiten
from videoalignment.features.sound_features import SoundFeatures, SoundRecipe
from videoalignment.features.sound_store import cached_sound
from videoalignment.progress import track

_RIGHT_S = 0.02
_LEAST_SHARED_S = 1.0


@dataclass(frozen=True)
class Example:
    """A pair, and what its best line is worth."""

    kind: str
    measures: np.ndarray | None
    """None where nothing is heard in one of the two."""
    right: bool


def example(kind: str, a: Heard, b: Heard, truth: Callable[[float], float] | None) -> Example:
    """Measure a pair.

    Args:
        kind: for the report.
        a, b: in the order of `in_order`.
        truth: the moment of B that a moment of A is; None for what shares nothing.
    """
    line = best_line(a, b)
    if line is None:
        return Example(kind, None, False)
    at_s = line.fit.best_at_s
    right = truth is not None and abs(line.time_map.to_b(at_s) - truth(at_s)) < _RIGHT_S
    return Example(kind, measures(line.verification, line.tries, line.rivalry), bool(right))


def of_takes(folder: Path, takes: Sequence[Take], unrelated: int, seed: int) -> Iterator[Example]:
    """Pairs of takes of one event, but those that share less than a second of it, and others."""
    heard = {take.file: Heard(cached_sound(folder / take.file)) for take in takes}
    pairs = list(itertools.combinations(takes, 2))
    shared_s = [one.shared_s(other) if one.event == other.event else None for one, other in pairs]
    others = np.flatnonzero([s is None for s in shared_s])
    drawn = set(np.random.default_rng(seed).permutation(others)[:unrelated])
    for i, (one, other) in enumerate(track(pairs, "takes", len(pairs), "pairs")):
        if not in_order(heard[one.file], heard[other.file]):
            one, other = other, one
        truth, kind = None, "takes of different events"
        if shared_s[i] is None:
            if i not in drawn:
                continue
        elif shared_s[i] < 0:
            kind = "takes that share no moment"
        elif shared_s[i] > _LEAST_SHARED_S:
            kind = "takes"

            def truth(time_s: float, one: Take = one, other: Take = other) -> float:
                return one.place_s(time_s, other)

        else:
            continue
        yield example(kind, heard[one.file], heard[other.file], truth)


def of_hard_pairs(events: Sequence[Path], count: int, seed: int) -> Iterator[Example]:
    """Measure pairs that are alike though most of them share nothing."""
    sounds = [resample_poly(read_sound(path), 1, 6) for path in events]
    for pair in track(hard_pairs(sounds, count, seed), "hard pairs", 9 * count, "pairs"):
        a, b = _heard(pair.a), _heard(pair.b)
        swapped = not in_order(a, b)
        truth = None
        if pair.offset_s is not None:

            def truth(
                time_s: float, by_s: float = -pair.offset_s if swapped else pair.offset_s
            ) -> float:
                return time_s + by_s

        yield example(pair.kind, *((b, a) if swapped else (a, b)), truth)


def _heard(sound: np.ndarray) -> Heard:
    recipe = SoundRecipe()
    return Heard(SoundFeatures(*whiten([sound.astype(np.float32)], recipe), 0.0, recipe))


# ------------------------------------------------------------------ fitting


def fitted(found: Sequence[Example]) -> LogisticRegression:
    """The model, with right and wrong lines equally likely."""
    heard = [one for one in found if one.measures is not None]
    right = np.array([one.right for one in heard])
    weights = np.where(right, (~right).sum() / right.sum(), 1.0)
    return LogisticRegression(C=1.0, max_iter=10_000).fit(
        np.array([one.measures for one in heard]), right, sample_weight=weights
    )


def confidences(model: LogisticRegression, found: Sequence[Example]) -> np.ndarray:
    """What the model says of each; 0 where there is nothing to hear."""
    return np.array(
        [
            0.0 if one.measures is None else model.predict_proba(one.measures[None])[0, 1]
            for one in found
        ]
    )


def report(said: np.ndarray, found: Sequence[Example]) -> None:
    """Print how often the model errs, by kind."""
    print("# | pairs | right | right, but no match | wrong, called a match from 0.5 / 0.9 / 0.99 |")
    for kind in dict.fromkeys(one.kind for one in found):
        here = np.array([one.kind == kind for one in found])
        right = np.array([one.right for one in found])[here]
        missed = (said[here][right] < 0.5).sum()
        counts = " / ".join(str((said[here][~right] >= c).sum()) for c in (0.5, 0.9, 0.99))
        print(f"# | {here.sum()} {kind} | {right.sum()} | {missed} | {counts} |")
    right = np.array([one.right for one in found])
    for low, high in itertools.pairwise((0.0, 0.1, 0.5, 0.9, 0.99, 1.01)):
        here = (said >= low) & (said < high)
        if here.any():
            print(
                f"# confidence {low} to {min(high, 1)}: {here.sum()} pairs, "
                f"{right[here].mean():.3f} right"
            )


def main() -> None:
    """Fit on some events, report on others, print the calibration."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--fit", type=Path, nargs="+", required=True, metavar="EVENT")
    parser.add_argument("--test", type=Path, nargs="+", required=True, metavar="EVENT")
    parser.add_argument("--takes", type=int, default=4, help="of every event")
    parser.add_argument("--unrelated", type=int, default=400, help="pairs, a set of takes")
    parser.add_argument("--hard", type=int, default=60, help="pairs of each hard kind")
    parser.add_argument("--diagram", type=Path, help="draw how often answers of the test are right")
    options = parser.parse_args()
    halves = {}
    for seed, half in ((10, "fit"), (20, "test")):
        events, found = getattr(options, half), []
        for noise in (1.0, 4.0):
            folder = options.out / f"{half}-noise{noise:g}"
            recipe = Recipe(takes=options.takes, seed=seed + int(noise), noise=noise)
            takes = make_takes(folder, events, recipe)
            found += of_takes(folder, takes, options.unrelated, seed)
        found += of_hard_pairs(events, options.hard, seed)
        halves[half] = found
    model = fitted(halves["fit"])
    for half, found in halves.items():
        said = confidences(model, found)
        print(f"# {half}")
        report(said, found)
        if half == "test" and options.diagram:
            right = np.array([one.right for one in found])
            draw(options.diagram, said, right, "Events that nothing was fitted on")
    print_calibration("CALIBRATION", model, SETTINGS)


if __name__ == "__main__":
    main()

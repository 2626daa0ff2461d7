"""Fit the decision of aligning by sound (videoalignment/align/sound/decide.py), and test it.

Takes of events (benchmarks/sound_takes.py), with usual and with much noise, meet takes of the same
event and of others. Recordings that share nothing but a jingle, a hum, a loop of music or the beat
of a metronome meet each other, and loops of music that nothing else is heard in. The model learns
to tell lines that are right from others. It is fitted on some events and tested on others, of which
it knows nothing. It prints what belongs into decide.py.

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

from benchmarks.sound_takes import Recipe, Take, make_takes, read_sound
from videoalignment.align.sound.decide import measures
from videoalignment.align.sound.heard import Heard
from videoalignment.align.sound.pipeline import best_line, in_order
from videoalignment.align.sound.settings import SETTINGS
from videoalignment.features.sound import whiten
from videoalignment.features.sound_features import SoundFeatures, SoundRecipe
from videoalignment.features.sound_store import cached_sound
from videoalignment.progress import track

_RATE_HZ = SoundRecipe().rate_hz
_RIGHT_S = 0.02
_LEAST_SHARED_S = 1.0


@dataclass(frozen=True)
class Example:
    """A pair, and what its best line is worth."""

    kind: str
    measures: np.ndarray
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
        return Example(kind, np.zeros(4), False)
    at_s = line.fit.best_at_s
    right = truth is not None and abs(line.time_map.to_b(at_s) - truth(at_s)) < _RIGHT_S
    return Example(kind, measures(line.verification, line.tries, line.rival), bool(right))


def of_takes(folder: Path, takes: Sequence[Take], unrelated: int, seed: int) -> Iterator[Example]:
    """Pairs of takes: all that share a second, and some of different events."""
    heard = {take.file: Heard(cached_sound(folder / take.file)) for take in takes}
    pairs = list(itertools.combinations(takes, 2))
    same = [p for p in pairs if p[0].event == p[1].event and p[0].shared_s(p[1]) > _LEAST_SHARED_S]
    others = [p for p in pairs if p[0].event != p[1].event]
    drawn = np.random.default_rng(seed).permutation(len(others))[:unrelated]
    pairs = [*same, *(others[i] for i in drawn)]
    for one, other in track(pairs, "takes", len(pairs), "pairs"):
        if not in_order(heard[one.file], heard[other.file]):
            one, other = other, one
        truth = None

        if one.event == other.event:

            def truth(time_s: float, one: Take = one, other: Take = other) -> float:
                return one.place_s(time_s, other)

        kind = "takes" if truth else "unrelated takes"
        yield example(kind, heard[one.file], heard[other.file], truth)


# ------------------------------------------------------------------ what must not match


def hard_pairs(
    sounds: Sequence[np.ndarray], count: int, seed: int
) -> Iterator[tuple[str, np.ndarray, np.ndarray, float | None]]:
    """Pairs of sounds that are alike and yet unrelated, and loops that are right somewhere.

    Yields:
        The kind, two sounds, and the offset of the first in the second where it has one.
    """
    generator = np.random.default_rng(seed)
    makers = (_with_a_jingle, _with_a_hum, _with_a_loop, _ticking, _noises)
    for _ in range(count):
        for maker in makers:
            one, other = generator.permutation(len(sounds))[:2]
            a, b = (_excerpt(sounds[i], generator, 8, 30) for i in (one, other))
            spare = sounds[int(generator.permutation(len(sounds))[2])]
            yield (
                maker.__name__.strip("_").replace("_", " "),
                *maker(a, b, spare, generator),
                None,
            )
        yield ("only a loop", *_only_a_loop(sounds[one], generator))


def _excerpt(sound: np.ndarray, generator: np.random.Generator, least_s: float, most_s: float):
    length = int(min(generator.uniform(least_s, most_s) * _RATE_HZ, len(sound) - 1))
    begin = int(generator.integers(len(sound) - length))
    part = sound[begin : begin + length]
    return part / (np.std(part) + 1e-6) * 0.1


def _with_a_jingle(a, b, spare, generator):
    jingle = _excerpt(spare, generator, 2, 4) * generator.uniform(0.5, 3)
    for sound in (a, b):
        begin = int(generator.integers(max(1, len(sound) - len(jingle))))
        count = min(len(jingle), len(sound) - begin)
        sound[begin : begin + count] = jingle[:count]
    return a, b


def _with_a_hum(a, b, _, generator):
    base_hz = generator.choice([50, 60])
    strengths = generator.uniform(0, 1, 60) / np.arange(1, 61) ** generator.uniform(0, 1)
    for sound in (a, b):
        times_s = np.arange(len(sound)) / _RATE_HZ + generator.uniform(0, 1)
        waves = (s * np.sin(2 * np.pi * base_hz * k * times_s) for k, s in enumerate(strengths, 1))
        sound += sum(waves) * generator.uniform(0.02, 0.3)
    return a, b


def _with_a_loop(a, b, spare, generator):
    loop = _excerpt(spare, generator, 1, 6)
    for sound in (a, b):
        shift = int(generator.integers(len(loop)))
        bed = np.resize(np.roll(loop, shift), len(sound))
        sound += bed * 10 ** generator.uniform(-0.5, 0.5)
    return a, b


def _ticking(a, b, _, generator):
    every, tick = generator.uniform(0.25, 1.2), generator.normal(size=160) * 0.5
    tick *= np.exp(-np.arange(160) / generator.uniform(5, 80))
    for sound in (a, b):
        sound *= 10 ** generator.uniform(-2, -0.5)
        for begin_s in np.arange(generator.uniform(0, every), len(sound) / _RATE_HZ - 0.1, every):
            sound[int(begin_s * _RATE_HZ) : int(begin_s * _RATE_HZ) + 160] += tick
    return a, b


def _noises(a, b, _, generator):
    for sound in (a, b):
        noise = generator.normal(size=len(sound))
        sound[:] = 0.05 * (np.cumsum(noise) / 50 if generator.random() < 0.3 else noise)
    return a, b


def _only_a_loop(sound, generator):
    loop = _excerpt(sound, generator, 1, 6)
    music = np.resize(loop, int(generator.uniform(15, 40) * _RATE_HZ))
    length = int(generator.uniform(6, 14) * _RATE_HZ)
    begin = int(generator.integers(len(music) - length))
    noise = 10 ** generator.uniform(-3, -1)
    one, other = (
        part + noise * generator.normal(size=len(part))
        for part in (music[begin : begin + length], music)
    )
    return one, other, begin / _RATE_HZ


def _heard(sound: np.ndarray) -> Heard:
    recipe = SoundRecipe()
    return Heard(SoundFeatures(*whiten([sound.astype(np.float32)], recipe), 0.0, recipe))


def of_hard_pairs(events: Sequence[Path], count: int, seed: int) -> Iterator[Example]:
    """Measure pairs that are alike and yet unrelated."""
    sounds = [resample_poly(read_sound(path), 1, 6) for path in events]
    for kind, one, other, offset_s in track(
        hard_pairs(sounds, count, seed), "hard pairs", 6 * count, "pairs"
    ):
        a, b = _heard(one), _heard(other)
        swapped = not in_order(a, b)
        truth = None
        if offset_s is not None:

            def truth(time_s: float, by_s: float = -offset_s if swapped else offset_s) -> float:
                return time_s + by_s

        yield example(kind, *((b, a) if swapped else (a, b)), truth)


# ------------------------------------------------------------------ fitting


def fitted(found: Sequence[Example]) -> LogisticRegression:
    """The model, with right and wrong lines equally likely."""
    right = np.array([one.right for one in found])
    weights = np.where(right, (~right).sum() / right.sum(), 1.0)
    return LogisticRegression(C=1.0, max_iter=10_000).fit(
        np.array([one.measures for one in found]), right, sample_weight=weights
    )


def report(model: LogisticRegression, found: Sequence[Example]) -> None:
    """Print how often the model errs, by kind."""
    said = model.predict_proba(np.array([one.measures for one in found]))[:, 1]
    for kind in dict.fromkeys(one.kind for one in found):
        here = np.array([one.kind == kind for one in found])
        right = np.array([one.right for one in found])[here]
        counts = ", ".join(f"{(said[here][~right] >= c).sum()} from {c}" for c in (0.5, 0.9, 0.99))
        missed = (
            f"; {(said[here][right] < 0.5).sum()} of these called no match" if right.any() else ""
        )
        print(
            f"# {kind}: {here.sum()} pairs, {right.sum()} right{missed}; wrong ones called ", end=""
        )
        print(f"a match: {counts}")
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
        print(f"# {half}")
        report(model, found)
    print("CALIBRATION = Calibration(")
    print(f"    weights=({', '.join(f'{weight:.3f}' for weight in model.coef_[0])}),")
    print(f"    intercept={model.intercept_[0]:.3f},")
    print(f'    settings="{SETTINGS.digest}",')
    print(")")


if __name__ == "__main__":
    main()

"""How well two recordings are aligned by their sound, by room, noise and overlap.

Takes of events (benchmarks/sound_takes.py) meet each other, and takes of other events. Beside the
package's answer stands that of plain cross-correlation of the same samples, which always answers.
Events should be ones that benchmarks/calibrate_sound.py did not fit on.

example: python -m benchmarks.sync_accuracy OUT other/*.ogg --noise 4 --unrelated 1000
"""

import argparse
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.fft

from benchmarks.measuring import describe_machine
from benchmarks.sound_takes import Recipe, Take, add_arguments, make_takes
from videoalignment.align.alignment import Alignment
from videoalignment.align.sound import Heard, align_sound
from videoalignment.features.sound_store import cached_sound
from videoalignment.media.samples import RATE_HZ, read_samples
from videoalignment.progress import track

_SHARED_S = (1.0, 2.0, 4.0, 10.0, 30.0, float("inf"))


@dataclass(frozen=True)
class Answer:
    """What came out for two takes of one event."""

    one: Take
    other: Take
    alignment: Alignment
    plain_error_s: float
    seconds: float

    @property
    def shared_s(self) -> float:
        """How much of the event both have."""
        return self.one.shared_s(self.other)

    @property
    def error_s(self) -> float:
        """Of the place in the middle of what both have, absolute."""
        begin_s = max(0.0, self.other.place_s(0.0, self.one))
        end_s = min(self.one.length_s, self.other.place_s(self.other.length_s, self.one))
        middle_s = (begin_s + end_s) / 2
        truth_s = self.one.place_s(middle_s, self.other)
        return abs(self.alignment.time_map.to_b(middle_s) - truth_s)

    @property
    def rate_error(self) -> float:
        """Of the clocks' rates, absolute."""
        return abs(self.alignment.speed - self.one.rate / self.other.rate)


def plain_offset_s(a: np.ndarray, b: np.ndarray) -> float:
    """The offset at which the samples themselves correlate best."""
    size = scipy.fft.next_fast_len(len(a) + len(b), real=True)
    product = scipy.fft.rfft(b, size) * scipy.fft.rfft(a, size).conj()
    lag = int(np.argmax(np.abs(scipy.fft.irfft(product, size))))
    return (lag if lag < len(b) else lag - size) / RATE_HZ


def answers(folder: Path, takes: Sequence[Take]) -> list[Answer]:
    """Align all takes of one event with each other that share a second."""
    heard = {take.file: Heard(cached_sound(folder / take.file)) for take in takes}
    sounds = {
        take.file: np.concatenate([block.samples for block in read_samples(folder / take.file)])
        for take in takes
    }
    pairs = [
        pair
        for pair in itertools.combinations(takes, 2)
        if pair[0].event == pair[1].event and pair[0].shared_s(pair[1]) >= _SHARED_S[0]
    ]
    found = []
    for one, other in track(pairs, "one event", len(pairs), "pairs"):
        started = time.process_time()
        alignment = align_sound(heard[one.file], heard[other.file])
        seconds = time.process_time() - started
        plain_s = plain_offset_s(sounds[one.file], sounds[other.file])
        plain_error_s = abs(plain_s - one.place_s(0.0, other))
        found.append(Answer(one, other, alignment, plain_error_s, seconds))
    return found


def confidences_of_unrelated(
    folder: Path, takes: Sequence[Take], count: int, seed: int
) -> np.ndarray:
    """How sure the package is of takes of different events."""
    heard = {take.file: Heard(cached_sound(folder / take.file)) for take in takes}
    pairs = [pair for pair in itertools.combinations(takes, 2) if pair[0].event != pair[1].event]
    chosen = np.random.default_rng(seed).permutation(len(pairs))[:count]
    return np.array(
        [
            align_sound(heard[pairs[i][0].file], heard[pairs[i][1].file]).confidence
            for i in track(chosen, "unrelated", len(chosen), "pairs")
        ]
    )


def print_rows(title: str, groups: dict[str, list[Answer]]) -> None:
    """Print one table, a row a group."""
    print(
        f"\n| {title} | pairs | within 5 ms | 0.1 s | median | matched, right | matched, wrong ",
        end="",
    )
    print("| rate, median | in interval | plain: 5 ms | 0.1 s |")
    print("|---|" + "---|" * 10)
    for name, group in groups.items():
        if not group:
            continue
        errors = np.array([answer.error_s for answer in group])
        right, matched = errors < 0.1, np.array([answer.alignment.matched for answer in group])
        inside = [a.error_s <= a.alignment.uncertainty.place_s for a in group if a.error_s < 0.1]
        plain = np.array([answer.plain_error_s for answer in group])
        rates = 1e6 * np.median([answer.rate_error for answer in group])
        cells = [
            *(name, str(len(group)), f"{np.mean(errors < 0.005):.1%}", f"{np.mean(right):.1%}"),
            f"{np.median(errors) * 1000:.2f} ms",
            *(f"{np.mean(matched & right):.1%}", f"{np.mean(matched & ~right):.1%}"),
            *(f"{rates:.1f} ppm", f"{np.mean(inside):.0%}" if inside else "–"),
            *(f"{np.mean(plain < 0.005):.1%}", f"{np.mean(plain < 0.1):.1%}"),
        ]
        print(f"| {' | '.join(cells)} |")


def main() -> None:
    """Make takes, align them, print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_arguments(parser)
    parser.add_argument("--unrelated", type=int, default=1000, help="pairs")
    options = parser.parse_args()
    recipe = Recipe(takes=options.takes, seed=options.seed, noise=options.noise)
    takes = make_takes(options.out, options.events, recipe)
    found = answers(options.out, takes)
    print(f"{describe_machine()}; {len(takes)} takes of {len(options.events)} events")
    by_shared = {
        f"{low:g} s and more" if high == float("inf") else f"{low:g} to {high:g} s": [
            answer for answer in found if low <= answer.shared_s < high
        ]
        for low, high in itertools.pairwise(_SHARED_S)
    }
    by_shared["4 s and more"] = [answer for answer in found if answer.shared_s >= 4]
    print_rows("shared", by_shared)
    long = by_shared["4 s and more"]
    rooms = sorted({take.room for take in takes})
    print_rows(
        "room of one of the two, 4 s and more",
        {room: [a for a in long if room in (a.one.room, a.other.room)] for room in rooms},
    )
    quieter = {a: min(a.one.noise_db, a.other.noise_db) for a in long}
    print_rows(
        "the noisier one's event above its noise, 4 s and more",
        {
            f"{low} to {low + 10} dB": [a for a in long if low <= quieter[a] < low + 10]
            for low in range(-30, 50, 10)
        },
    )
    said = confidences_of_unrelated(options.out, takes, options.unrelated, options.seed)
    counts = ", ".join(f"{(said >= c).sum()} from {c}" for c in (0.5, 0.9, 0.99))
    print(f"\nunrelated: {len(said)} pairs, taken for a match: {counts}")
    seconds = np.median([answer.seconds for answer in found])
    print(f"median processor time of a pair, features cached: {seconds:.3f} s")


if __name__ == "__main__":
    main()

"""How well two recordings are aligned by their sound, by room, noise and overlap.

Takes of events (benchmarks/sound_takes.py) meet each other, also where they share no moment of it,
and takes of other events. With --compare, plain cross-correlation of the same samples and, where a
Python that has it is named, audio-offset-finder answer too: both always do.
Events should be ones that benchmarks/calibrate_sound.py did not fit on.

example: python -m benchmarks.sync_accuracy OUT other/*.ogg --noise 4 --unrelated 1000
"""

import argparse
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from benchmarks.measuring import describe_machine
from benchmarks.other_tools import Found, audio_offset_finder, plain_offset_s
from benchmarks.sound_takes import Take, add_arguments, make_takes, recipe_of
from videoalignment.align.alignment import Alignment
from videoalignment.align.sound import Heard, align_sound
from videoalignment.features.sound_store import cached_sound
from videoalignment.media.samples import read_samples
from videoalignment.progress import track

_SHARED_S = (1.0, 2.0, 4.0, 10.0, 30.0, float("inf"))


@dataclass(frozen=True)
class Answer:
    """What came out for two takes of one event."""

    one: Take
    other: Take
    alignment: Alignment
    seconds: float
    """Processor time, features at hand."""

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

    def off_s(self, found: Found) -> float:
        """How far another program's answer is from where the first one begins in the second."""
        return abs(found.offset_s - self.one.place_s(0.0, self.other))


def answers(folder: Path, pairs: Sequence[tuple[Take, Take]]) -> list[Answer]:
    """Align pairs of takes of one event."""
    heard = _heard(folder, pairs)
    found = []
    for one, other in track(pairs, "one event", len(pairs), "pairs"):
        started = time.process_time()
        alignment = align_sound(heard[one.file], heard[other.file])
        found.append(Answer(one, other, alignment, time.process_time() - started))
    return found


def _heard(folder: Path, pairs: Sequence[tuple[Take, Take]]) -> dict[str, Heard]:
    files = dict.fromkeys(take.file for pair in pairs for take in pair)
    return {file: Heard(cached_sound(folder / file)) for file in files}


def plain(folder: Path, one: Take, other: Take) -> Found:
    """What plain cross-correlation says of two takes."""
    a, b = _samples(folder / one.file), _samples(folder / other.file)
    started = time.process_time()
    offset_s = plain_offset_s(a, b)
    return Found(offset_s, 0.0, time.process_time() - started)


@lru_cache(maxsize=64)
def _samples(path: Path) -> np.ndarray:
    return np.concatenate([block.samples for block in read_samples(path)])


def confidences(folder: Path, pairs: Sequence[tuple[Take, Take]]) -> np.ndarray:
    """How sure the package is of pairs."""
    heard = _heard(folder, pairs)
    return np.array(
        [
            align_sound(heard[one.file], heard[other.file]).confidence
            for one, other in track(pairs, "no moment shared", len(pairs), "pairs")
        ]
    )


def print_rows(title: str, groups: dict[str, list[Answer]]) -> None:
    """Print one table, a row a group."""
    print(
        f"\n| {title} | pairs | within 5 ms | 0.1 s | median | matched, right | matched, wrong "
        "| in interval |"
    )
    print("|---|" + "---|" * 7)
    for name, group in groups.items():
        if not group:
            continue
        errors = np.array([answer.error_s for answer in group])
        right, matched = errors < 0.1, np.array([answer.alignment.matched for answer in group])
        inside = [a.error_s <= a.alignment.uncertainty.place_s for a in group if a.error_s < 0.1]
        cells = [
            *(name, str(len(group)), f"{np.mean(errors < 0.005):.1%}", f"{np.mean(right):.1%}"),
            f"{np.median(errors) * 1000:.2f} ms",
            *(f"{np.mean(matched & right):.1%}", f"{np.mean(matched & ~right):.1%}"),
            f"{np.mean(inside):.0%}" if inside else "–",
        ]
        print(f"| {' | '.join(cells)} |")


def print_rates(groups: dict[str, list[Answer]]) -> None:
    """Print how well the rate of the clocks is known, where the place is right."""
    print("\n| shared | pairs | rate off: median | 95 % | most | place off: median | 95 % |")
    print("|---|" + "---|" * 6)
    for name, group in groups.items():
        right = [answer for answer in group if answer.error_s < 0.1]
        if not right:
            continue
        rates = 1e6 * np.array([answer.rate_error for answer in right])
        places = 1e3 * np.array([answer.error_s for answer in right])
        quantiles = [f"{q:.1f} ppm" for q in np.quantile(rates, (0.5, 0.95, 1))]
        quantiles += [f"{q:.2f} ms" for q in np.quantile(places, (0.5, 0.95))]
        print(f"| {name} | {len(right)} | {' | '.join(quantiles)} |")


def print_programs(folder: Path, group: Sequence[Answer], python: Path | None) -> None:
    """Print how programs compare on the same pairs.

    Args:
        python: one that has audio-offset-finder.
    """
    rows = {"this package, features at hand": [(a.error_s, a.seconds) for a in group]}
    others = {
        "plain cross-correlation, samples at hand": [plain(folder, a.one, a.other) for a in group]
    }
    if python is not None:
        named = [(folder / a.one.file, folder / a.other.file) for a in group]
        others["audio-offset-finder, from the files"] = audio_offset_finder(python, named)
    for name, said in others.items():
        rows[name] = [(a.off_s(f), f.seconds) for a, f in zip(group, said, strict=True)]
    print(
        "\n| program | within 5 ms | 10 ms | 0.1 s | median | of those within 0.1 s "
        "| processor time of a pair |"
    )
    print("|---|" + "---|" * 6)
    for name, row in rows.items():
        off_s, seconds = np.array(row).T
        shares = [f"{np.mean(off_s < limit_s):.1%}" for limit_s in (0.005, 0.01, 0.1)]
        medians = [f"{np.median(off) * 1000:.2f} ms" for off in (off_s, off_s[off_s < 0.1])]
        print(f"| {' | '.join([name, *shares, *medians, f'{np.median(seconds):.3f} s'])} |")


def grouped(found: Sequence[Answer]) -> dict[str, list[Answer]]:
    """By how much is shared."""
    groups = {
        f"{low:g} s and more" if high == float("inf") else f"{low:g} to {high:g} s": [
            answer for answer in found if low <= answer.shared_s < high
        ]
        for low, high in itertools.pairwise(_SHARED_S)
    }
    return groups | {"4 s and more": [answer for answer in found if answer.shared_s >= 4]}


def report(found: Sequence[Answer]) -> None:
    """Print the tables of pairs that share a moment."""
    print_rows("shared", grouped(found))
    print_rates(grouped(found))
    long = grouped(found)["4 s and more"]
    rooms = sorted({take.room for answer in found for take in (answer.one, answer.other)})
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
    for answer in long:
        if answer.error_s > 0.1 and answer.alignment.matched:
            names = f"{answer.one.file} and {answer.other.file}"
            sure = answer.alignment.confidence
            print(f"- {names}: {answer.error_s:.3f} s off, confidence {sure:.3f}")


def main() -> None:
    """Make takes, align them, print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_arguments(parser)
    parser.add_argument("--unrelated", type=int, default=1000, help="pairs of different events")
    parser.add_argument("--compare", action="store_true", help="with other programs, too")
    parser.add_argument(
        "--audio-offset-finder", type=Path, metavar="PYTHON", help="a Python that has this package"
    )
    options = parser.parse_args()
    takes = make_takes(options.out, options.events, recipe_of(options))
    print(f"{describe_machine()}; {len(takes)} takes of {len(options.events)} events")
    pairs = list(itertools.combinations(takes, 2))
    same = [pair for pair in pairs if pair[0].event == pair[1].event]
    sharing = [pair for pair in same if pair[0].shared_s(pair[1]) >= _SHARED_S[0]]
    found = answers(options.out, sharing)
    report(found)
    if options.compare:
        long = grouped(found)["4 s and more"]
        print_programs(options.out, long, options.audio_offset_finder)
    others = [pair for pair in pairs if pair[0].event != pair[1].event]
    chosen = np.random.default_rng(options.seed).permutation(len(others))[: options.unrelated]
    for title, group in (
        ("of different events", [others[i] for i in chosen]),
        ("of one event that share no moment", [p for p in same if p[0].shared_s(p[1]) < 0]),
    ):
        said = confidences(options.out, group)
        counts = ", ".join(f"{(said >= c).sum()} from {c}" for c in (0.5, 0.9, 0.99))
        print(f"\n{len(said)} pairs {title}, taken for a match: {counts}")


if __name__ == "__main__":
    main()

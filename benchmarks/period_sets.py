"""Search for the documented sets of periods, and say how each set behaves.

`--write` replaces videoalignment/period_sets.json, the table that `--T auto` looks into.

example: python -m benchmarks.period_sets --starts 8
"""

import argparse
import json
from pathlib import Path

import videoalignment.periods
from videoalignment.files import whole_file
from videoalignment.periods import (
    Behaviour,
    PeriodSet,
    behaviour,
    documented_sets,
    search_periods,
)
from videoalignment.progress import track
from videoalignment.temporal_match_kernel import von_mises_coefficients

ONE_PERIOD = {200: PeriodSet((400.0,), ((1 / 64,) * 64,))}
"""A period twice as long as the longest video comes round nowhere: there is nothing to search."""
SHORTEST = {
    1024: 45.0,
    4096: 60.0,
    9085: 80.0,
    16000: 100.0,
    18886: 112.0,
    40000: 190.0,
    108000: 320.0,
}
"""The shortest period by the longest video. Madonna's videos have up to 9085 frames, EVVE's 16000,
Climbing's 18886, VCDB's 39935; 108000 frames are two hours."""
PUBLISHED = {
    "TMK": (9767, 2731, 1039, 253),
    "TMK_Poullot": (2731, 4391, 9767, 14653),
}


def published_set(periods: tuple[float, ...]) -> PeriodSet:
    """A published model's periods, with its window's weights."""
    row = tuple(von_mises_coefficients(16).tolist())
    return PeriodSet(tuple(map(float, periods)), (row,) * len(periods))


def best_set(longest_frames: int, starts: int) -> PeriodSet:
    """The one with the lowest false peak of several searches."""
    found = [
        search_periods(longest_frames, shortest=SHORTEST[longest_frames], seed=seed)
        for seed in range(starts)
    ]
    return min(found, key=lambda kernel: behaviour(kernel, longest_frames).highest_false_peak)


def main() -> None:
    """Search, print a table, and write the sets where asked to."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--starts", type=int, default=8, help="searches for each set")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    if arguments.write:
        ranges = track(SHORTEST, "searching", len(SHORTEST), "sets")
        sets = {longest: best_set(longest, arguments.starts) for longest in ranges}
        table = {
            str(longest): {"periods": kernel.periods, "weights": kernel.weights}
            for longest, kernel in (ONE_PERIOD | sets).items()
        }
        path = Path(videoalignment.periods.__file__).with_name("period_sets.json")
        with whole_file(path, "w", encoding="ascii") as file:
            json.dump(table, file, indent=1)
            file.write("\n")
    documented_sets.cache_clear()
    print("| kernel | range, frames | periods x harmonics | highest false peak | half width |")
    print("|---|---|---|---|---|")
    for longest, kernel in documented_sets().items():
        for name, periods in PUBLISHED.items():
            print(_row(name, published_set(periods), longest))
        print(_row("auto", kernel, longest))


def _row(name: str, kernel: PeriodSet, longest_frames: int) -> str:
    found: Behaviour = behaviour(kernel, longest_frames)
    return (
        f"| {name} | {longest_frames} | {len(kernel.periods)} x {kernel.m} "
        f"| {found.highest_false_peak:.3f} at {found.false_peak_at} | {found.half_width} |"
    )


if __name__ == "__main__":
    main()

"""How time and memory of matching grow with the number of videos and of offsets, as a plot.

example: python -m benchmarks.growth benchmarks/growth.png
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

import torch
from matplotlib.figure import Figure

from benchmarks.evve_matching import random_descriptors
from benchmarks.measuring import describe_machine, peak_memory_gib
from videoalignment.eval.steps import Run, match_all
from videoalignment.files import whole_path
from videoalignment.models import TMK

_VIDEOS = (50, 100, 200, 400, 800, 1600)
_LONGEST = (1000, 2000, 4000, 8000, 16000, 32000)
_FIXED_VIDEOS, _FIXED_LONGEST = 200, 8000


def measure(videos: int, longest: int) -> tuple[float, float]:
    """Seconds and peak GiB of matching all pairs of videos, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.growth", "--one", str(videos), str(longest)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds, gib = map(float, printed.split())
    return seconds, gib


def measure_here(videos: int, longest: int) -> tuple[float, float]:
    """The same in this process."""
    with torch.inference_mode():
        model = TMK()
        spectra = model.spectra(random_descriptors(model, videos, frames=100))
        started = time.perf_counter()
        match_all(spectra, spectra, longest, Run(torch.device("cpu")))
        return time.perf_counter() - started, peak_memory_gib()


def draw(path: Path, series: dict[str, tuple[tuple[int, ...], list[tuple[float, float]]]]) -> None:
    """Time and memory beside each other, a line a series."""
    figure = Figure(figsize=(9, 6.5), layout="constrained")
    for row, (label, (counts, measured)) in zip(figure.subplots(2, 2), series.items(), strict=True):
        names = ("seconds", "peak memory, GiB")
        for axes, name, values in zip(row, names, zip(*measured, strict=True), strict=True):
            axes.plot(counts, values, "o-", color="#2a6f97")
            axes.set(xlabel=label, ylabel=name, xscale="log")
            if name == "seconds":
                axes.set_yscale("log")
            else:
                axes.set_ylim(0, 1.2 * max(values))
            axes.grid(alpha=0.3)
            axes.spines[["top", "right"]].set_visible(False)
    figure.suptitle("TMK, all pairs of videos, two cores", weight="bold")
    with whole_path(path) as unfinished:
        figure.savefig(unfinished, dpi=110)


def main() -> None:
    """Measure, print a table, draw."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("plot", type=Path, nargs="?", help="the .png to write")
    parser.add_argument("--one", type=int, nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(*measure_here(*arguments.one))
        return
    if arguments.plot is None:
        parser.error("name the .png to write")
    print(describe_machine())
    series = {
        f"videos (each against each, {2 * _FIXED_LONGEST:,} offsets)": (
            _VIDEOS,
            [measure(videos, _FIXED_LONGEST) for videos in _VIDEOS],
        ),
        f"L (offsets -L..L-1, {_FIXED_VIDEOS} videos)": (
            _LONGEST,
            [measure(_FIXED_VIDEOS, longest) for longest in _LONGEST],
        ),
    }
    for label, (counts, measured) in series.items():
        print(f"\n| {label} | s | peak GiB |\n|---|---|---|")
        for count, (seconds, gib) in zip(counts, measured, strict=True):
            print(f"| {count:,} | {seconds:.2f} | {gib:.2f} |")
    draw(arguments.plot, series)


if __name__ == "__main__":
    main()

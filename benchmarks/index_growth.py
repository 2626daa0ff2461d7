"""How time, memory and disk of an index grow with the number of videos, up to as many as are asked.

Makes an index of generated videos (index_videos.py), which needs no features to be extracted; real
ones are among them, to be asked for. At each size it says how long building took, how large the
index is, how long adding 100 videos takes, and, in a process of its own, how long a query of 30 s
takes with its features at hand and how much memory. Wall seconds depend on what else the machine
does, so CPU seconds stand beside them. Writes OUT/growth.csv and OUT/growth.png.

example: python -m benchmarks.index_growth out a.mp4 b.mp4 --sizes 1000 10000 100000
"""

import argparse
import csv
import json
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from statistics import median

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from benchmarks.index_videos import Statistics, generated, real_descriptions
from benchmarks.measuring import describe_machine, peak_memory_gib, run_process
from videoalignment.files import whole_file, whole_path
from videoalignment.index import Description, VideoEntry, create_index, open_index
from videoalignment.index.settings import STORED
from videoalignment.provenance import content_digest

_AT_ONCE = 1000
_QUERY_S = 30.0
_QUERIES = 9


def _batches(videos: Iterator[tuple[VideoEntry, Description]], size: int):
    while batch := list(islice(videos, size)):
        yield batch


def ask(address: str) -> None:
    """Search for stretches of videos of the index, and of one that is not there."""
    with open_index(address) as index:
        long = (entry for entry in index.videos() if entry.duration_s > 2 * _QUERY_S)
        entries = list(islice(long, 5000))
        chosen = entries[:: max(1, len(entries) // _QUERIES)][:_QUERIES]
        begin, end = (round(at_s * STORED.rate_hz) for at_s in (20.0, 20.0 + _QUERY_S))
        queries = [video.part(begin, end) for video in index.kept(chosen)]
        wall, cpu, right = [], [], 0
        for entry, query in zip(chosen, queries, strict=True):
            started, busy = time.perf_counter(), time.process_time()
            answers = index.search(query)
            wall.append(time.perf_counter() - started)
            cpu.append(time.process_time() - busy)
            right += bool(answers) and answers[0].entry == entry
    told = {"wall_s": median(wall[1:]), "cpu_s": median(cpu[1:]), "first_s": wall[0]}
    print(json.dumps({**told, "right": right / len(queries), "gib": peak_memory_gib()}))


def measure(
    out: Path, statistics: Statistics, sizes: list[int], length_s: float, real, windows_only: bool
):
    """Grow one index; yields a row a size."""
    address = str(out / "growth.index")
    index = create_index(address, windows_only=windows_only)
    index.add(real)
    building, busy, there = 0.0, 0.0, len(real)
    for size in sizes:
        for batch in _batches(generated(statistics, size - there, length_s, size), _AT_ONCE):
            started, cpu = time.perf_counter(), time.process_time()
            index.add(batch, settle=False)
            building += time.perf_counter() - started
            busy += time.process_time() - cpu
        there = size
        started, cpu = time.perf_counter(), time.process_time()
        index.settle()
        building += time.perf_counter() - started
        busy += time.process_time() - cpu
        hundred = list(generated(statistics, 100, length_s, size + 1))
        started = time.perf_counter()
        index.add(hundred)
        adding_s = time.perf_counter() - started
        index.engine.remove([entry.number for entry, _ in hundred])
        octets = index.size().octets
        command = [sys.executable, "-m", "benchmarks.index_growth", "--ask", address]
        asked = json.loads(run_process(command, {})[2])
        yield {
            "videos": size,
            "hours": size * length_s / 3600,
            "build_s": building,
            "build_cpu_s": busy,
            "add_100_s": adding_s,
            "query_s": asked["wall_s"],
            "query_cpu_s": asked["cpu_s"],
            "first_query_s": asked["first_s"],
            "query_gib": asked["gib"],
            "right": asked["right"],
            "mb_an_hour": octets / 1e6 / (size * length_s / 3600),
            "gb": octets / 1e9,
        }


def draw(path: Path, rows: list[dict[str, float]]) -> None:
    """Time, memory and disk over the number of videos."""
    shown = {
        "query_cpu_s": "query, processor s",
        "build_cpu_s": "building, processor s",
        "query_gib": "memory, GiB",
        "gb": "disk, GB",
    }
    grows = "build_cpu_s", "gb"
    figure, axes = plt.subplots(1, len(shown), figsize=(12, 3), layout="constrained")
    for axis, (name, label) in zip(axes, shown.items(), strict=True):
        axis.plot([row["videos"] for row in rows], [row[name] for row in rows], "o-")
        axis.set(xscale="log", xlabel="videos", ylabel=label)
        axis.set_yscale("log" if name in grows else "linear")
        if name not in grows:
            axis.set_ylim(bottom=0)
        axis.grid(alpha=0.3)
    with whole_path(path) as temporary:
        figure.savefig(temporary, dpi=120)


def main() -> None:
    """Grow, print and draw."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, nargs="?", help="folder for the index and the figures")
    parser.add_argument("videos", type=Path, nargs="*", help="real videos, to measure and to find")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--length", type=float, default=180.0, help="of a generated video, seconds")
    parser.add_argument("--windows-only", action="store_true", help="an index of windows alone")
    parser.add_argument("--ask", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ask:
        ask(options.ask)
        return
    print(describe_machine())
    descriptions = real_descriptions(options.videos)
    statistics = Statistics.of(descriptions.values())
    real = [
        (VideoEntry(str(path), content_digest(path), d.duration_s), d)
        for path, d in descriptions.items()
    ]
    rows = []
    grown = measure(
        options.out, statistics, options.sizes, options.length, real, options.windows_only
    )
    for row in grown:
        rows.append(row)
        print("  ".join(f"{name} {value:.4g}" for name, value in row.items()), flush=True)
        with whole_file(options.out / "growth.csv", "w", newline="") as file:
            writer = csv.DictWriter(file, list(row))
            writer.writeheader()
            writer.writerows(rows)
        draw(options.out / "growth.png", rows)


if __name__ == "__main__":
    main()

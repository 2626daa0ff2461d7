"""How well, and how fast, sets of takes come on their timelines; also with wrong pairs among them.

FOLDER holds takes/ and takes.csv with the columns file, event, begin_s, rate, sound_lag_s: the
moment t of a file is the event's moment begin_s + rate * t, and its sound comes sound_lag_s late
against its picture. A take that is alone in its event is a loner.

example: python -m benchmarks.sync_sets takes_of_five_events --wrong 0.1 --seeds 5
"""

import argparse
import csv
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from benchmarks.measuring import peak_memory_gib
from videoalignment.align.options import AlignOptions
from videoalignment.align.timeline.compare import measure_pairs
from videoalignment.align.timeline.measurements import Measurement, Recorded
from videoalignment.align.timeline.records import Group, PlacedFile, Timeline
from videoalignment.align.timeline.solve import solve
from videoalignment.align.timeline.sources import describe_sources
from videoalignment.media.recordings import find_recordings
from videoalignment.time_map import TimeMap

_LAG_FROM_S = 0.03  # a late sound
_SURE = 0.999  # what wrong pairs claim


@dataclass(frozen=True)
class Truth:
    """Where a take lies on its event's clock."""

    event: str
    time_map: TimeMap
    """Of its picture, where it has one."""
    lag_s: float


@dataclass
class Score:
    """What came of one timeline."""

    right: int = 0
    """Takes that lie in a group of their own event."""
    wrong: int = 0
    """Takes, loners too, in a group that is mostly of another event."""
    takes: int = 0
    """Takes of events of several."""
    errors_s: list[float] = field(default_factory=list)
    lags: int = 0
    lags_found: int = 0
    """Late sounds of placed files, and those of them within 5 ms."""
    lags_invented: int = 0


def read_truth(folder: Path) -> dict[str, Truth]:
    """What takes.csv says, by file."""
    with (folder / "takes.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    truths = {}
    for row in rows:
        rate, lag_s = float(row["rate"]), float(row["sound_lag_s"])
        only_sound = row.get("picture") == "0"
        begin_s = float(row["begin_s"]) - (rate * lag_s if only_sound else 0)
        truths[row["file"]] = Truth(row["event"], TimeMap(begin_s, rate), lag_s)
    return truths


def score(timeline: Timeline, truths: dict[str, Truth]) -> Score:
    """Compare a timeline with the truth."""
    sizes = Counter(truth.event for truth in truths.values())
    result = Score(takes=sum(n for n in sizes.values() if n > 1))
    for group in timeline.groups:
        events = Counter(truths[file.file.name].event for file in group.files)
        event = events.most_common(1)[0][0]
        own = [file for file in group.files if truths[file.file.name].event == event]
        result.right += len(own)
        result.wrong += len(group.files) - len(own)
        result.errors_s += list(_errors_s(own, truths))
        for file in own:
            _count_lag(result, file, truths[file.file.name].lag_s)
    return result


def _errors_s(own: Sequence[PlacedFile], truths: dict[str, Truth]) -> np.ndarray:
    """How far the files' middles lie from the truth, the group as a whole moved to it."""
    off_s = [
        file.time_map.apart_s(truths[file.file.name].time_map, file.duration_s / 2)
        * np.sign(
            file.time_map.to_b(file.duration_s / 2)
            - truths[file.file.name].time_map.to_b(file.duration_s / 2)
        )
        for file in own
    ]
    return np.abs(off_s - np.median(off_s))


def _count_lag(result: Score, file: PlacedFile, lag_s: float) -> None:
    if not (file.has_picture and file.has_sound) or file.sound_lag_s is None:
        return
    if abs(lag_s) >= _LAG_FROM_S:
        result.lags += 1
        result.lags_found += abs(file.sound_lag_s - lag_s) < 0.005
    elif lag_s == 0 and file.sound_lag_s != 0:
        result.lags_invented += 1


def with_wrong(
    rng: np.random.Generator,
    files: Sequence[Recorded],
    measurements: Sequence[Measurement],
    share: float,
) -> tuple[list[Measurement], set[tuple[Path, Path]]]:
    """Replace what a share of the pairs of files say by one sure place that is wrong.

    Returns:
        The measurements, and the files of the wrong ones.
    """
    pairs = sorted({(m.a, m.b) for m in measurements})
    lies = {pair for pair in pairs if rng.random() < share}
    changed, named = [], set()
    for m in measurements:
        if (m.a, m.b) not in lies:
            changed.append(m)
        elif (files[m.a].file, files[m.b].file) not in named:
            named.add((files[m.a].file, files[m.b].file))
            a_s, b_s = files[m.a].duration_s, files[m.b].duration_s
            offset_s = rng.uniform(4 - a_s, b_s - 4)
            middle_s = (max(0, -offset_s) + min(a_s, b_s - offset_s)) / 2
            sigma_s = max(m.sigma_s, 1e-3) if m.confidence > 0.5 else 1e-3
            wrong = replace(m, time_map=TimeMap(offset_s), best_at_s=middle_s, sigma_s=sigma_s)
            changed.append(replace(wrong, speed_sigma=1e-5, confidence=_SURE))
    return changed, named


def left_out(timeline: Timeline) -> set[tuple[Path, Path]]:
    """The pairs of files that a timeline names as wrong."""

    def files(group: Group) -> set[tuple[Path, Path]]:
        names = [file.file for file in group.files]
        return {(names[c.pair.a], names[c.pair.b]) for c in group.conflicts}

    named = {(pair.a, pair.b) for pair in timeline.refuted}
    named |= {pair for group in timeline.groups for pair in files(group)}
    return named | {(b, a) for a, b in named}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, help="only the first so many files")
    parser.add_argument("--by", default="both", choices=("both", "picture", "sound"))
    parser.add_argument("--wrong", type=float, default=0.1, help="share of pairs to replace")
    parser.add_argument("--seeds", type=int, default=5, help="sets of replaced pairs")
    given = parser.parse_args()
    truths = read_truth(given.folder)
    options = AlignOptions()
    started, used = time.perf_counter(), time.process_time()
    paths = find_recordings([given.folder / "takes"])[: given.count]
    sources, _ = describe_sources(paths, given.by, options)
    described_s = time.perf_counter() - started
    measurements = measure_pairs(sources, options)
    files = [source.recorded for source in sources]
    timeline = solve(files, measurements)
    wall_s, processor_s = time.perf_counter() - started, time.process_time() - used
    truths = {file.file.name: truths[file.file.name] for file in files}
    print(
        f"{len(files)} files, {len(measurements)} comparisons: {described_s:.1f} s reading, "
        f"{wall_s:.1f} s in all, {processor_s:.1f} s of this process, "
        f"{peak_memory_gib():.2f} GiB"
    )
    _print_score("as measured", score(timeline, truths))
    for seed in range(given.seeds):
        rng = np.random.default_rng(seed)
        changed, lies = with_wrong(rng, files, measurements, given.wrong)
        found = solve(files, changed)
        named = len(lies & left_out(found))
        _print_score(f"{len(lies)} wrong pairs, {named} named", score(found, truths))


def _print_score(title: str, result: Score) -> None:
    errors_ms = 1000 * np.array(result.errors_s or [np.nan])
    middle, most = np.median(errors_ms), np.quantile(errors_ms, 0.99)
    print(
        f"{title}: {result.right} of {result.takes} in the right group, {result.wrong} in a wrong "
        f"one; off by {middle:.2f} ms in the median, {most:.1f} ms at 99 %, "
        f"{np.max(errors_ms):.1f} at most; late sounds found {result.lags_found} of "
        f"{result.lags}, invented {result.lags_invented}"
    )


if __name__ == "__main__":
    main()

"""How well, and how fast, sets of takes come on their timelines; also with wrong pairs among them.

With --lags also: how well it is told whose sound is late. The sounds of one file in four that has
both are moved against the pictures in what was measured, by 0.03 to 0.2 s either way, so that a
small set gives many lags. Counted are files that two others of one event share 4 s with, whose own
sounds are not late: else nothing can tell.

Of takes that are not placed it is said how much they share with others, and how clearly their
sounds are heard where `take_truth` has measured that. With wrong pairs it is also counted how many
takes are in a loop of right pairs still: what hangs by one pair has nothing to bear it out among
lies. A wrong pair that lies within 0.5 s of the truth by chance is counted apart: no solver can
tell it from a late sound.

FOLDER holds takes/ and takes.csv with the columns file, event, begin_s, rate, sound_lag_s: the
moment t of a file is the event's moment begin_s + rate * t, and its sound comes sound_lag_s late
against its picture. A take that is alone in its event is a loner.

example: python -m benchmarks.sync_sets takes_of_five_events --wrong 0.1 --seeds 5
"""

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import get_args

import numpy as np

from benchmarks.measuring import peak_memory_gib
from benchmarks.set_truth import (
    TOLD_FROM_S,
    Truth,
    can_be_told,
    in_loops,
    is_right,
    print_unplaced,
    read_truth,
)
from videoalignment.align.options import AlignOptions, CompareBy
from videoalignment.align.timeline.compare import measure_pairs
from videoalignment.align.timeline.late import sharpen_late
from videoalignment.align.timeline.measurements import Measurement, Recorded
from videoalignment.align.timeline.records import Group, PlacedFile, Timeline
from videoalignment.align.timeline.shelf import Shelf
from videoalignment.align.timeline.solve import solve
from videoalignment.align.timeline.sources import Source, describe_sources
from videoalignment.media.recordings import find_recordings
from videoalignment.time_map import TimeMap

_LAG_FROM_S, _NONE_S = 0.03, 0.002  # a late sound, and one that is not
_DRAWN_S, _DRAWN_OF = (0.03, 0.2), 0.25  # lags that are drawn, and of which share of files
_SURE = 0.999  # what wrong pairs claim


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
    elif abs(lag_s) < _NONE_S and file.sound_lag_s != 0:
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
            shared_s = min(TOLD_FROM_S, a_s / 2, b_s / 2)
            offset_s = rng.uniform(shared_s - a_s, b_s - shared_s)
            middle_s = (max(0, -offset_s) + min(a_s, b_s - offset_s)) / 2
            sigma_s = max(m.sigma_s, 1e-3) if m.confidence > 0.5 else 1e-3
            wrong = replace(m, time_map=TimeMap(offset_s), best_at_s=middle_s, sigma_s=sigma_s)
            wrong = replace(wrong, speed_sigma=1e-5, confidence=_SURE, rivals=(), stretches=())
            changed.append(wrong)
    return changed, named


def with_lags(
    rng: np.random.Generator,
    files: Sequence[Recorded],
    measurements: Sequence[Measurement],
    truths: dict[str, Truth],
) -> tuple[list[Measurement], dict[str, Truth]]:
    """Take the files' own lags out of what was measured, and put drawn ones in.

    Returns:
        The measurements, and the truth of them.
    """
    drawn, moved = dict(truths), np.zeros(len(files))
    for place, file in enumerate(files):
        if file.has_picture and file.has_sound:
            truth = truths[file.file.name]
            lag_s = rng.uniform(*_DRAWN_S) * rng.choice([-1, 1]) * (rng.random() < _DRAWN_OF)
            moved[place] = lag_s - truth.lag_s
            drawn[file.file.name] = replace(truth, lag_s=float(lag_s))
    changed = []
    for m in measurements:
        if m.by == "sound":
            line = TimeMap(-moved[m.a]).then(m.time_map).then(TimeMap(moved[m.b]))
            m = replace(m, time_map=line, best_at_s=m.best_at_s + moved[m.a])
        changed.append(m)
    return changed, drawn


def print_lags(
    sources: Sequence[Source],
    measurements: Sequence[Measurement],
    truths: dict[str, Truth],
    draws: int,
) -> None:
    """Draw lags, solve as `sync` does, and say how many were told, and how exactly."""
    errors_s, untold, invented, without = [], 0, 0, 0
    files, shelf = [source.recorded for source in sources], Shelf(sources)
    for seed in range(draws):
        changed, drawn = with_lags(np.random.default_rng(seed), files, measurements, truths)
        found = solve(files, sharpen_late(sources, changed, solve(files, changed), shelf))
        told = {f.file: f.sound_lag_s for group in found.groups for f in group.files}
        for file in files:
            lag_s = drawn[file.file.name].lag_s
            if not (file.has_picture and file.has_sound):
                continue
            answer_s = told.get(file.file)
            if lag_s == 0:
                without += 1
                invented += bool(answer_s)
            elif can_be_told(file, files, drawn):
                untold += answer_s is None
                errors_s += [abs(answer_s - lag_s)] if answer_s is not None else []
    if not errors_s:
        print("no lags that can be told")
        return
    total, errors = len(errors_s) + untold, np.array(errors_s)
    within = ", ".join(f"{(errors < t / 1000).sum()} within {t} ms" for t in (5, 10, 20))
    print(
        f"{draws} draws of lags: of {total} that can be told {within}, {untold} left open; off by "
        f"{1000 * np.median(errors):.1f} ms in the median; invented {invented} of {without}"
    )


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
    parser.add_argument("--by", default="both", choices=get_args(CompareBy))
    parser.add_argument("--wrong", type=float, default=0.1, help="share of pairs to replace")
    parser.add_argument("--seeds", type=int, default=5, help="sets of replaced pairs")
    parser.add_argument("--lags", type=int, default=0, help="draws of late sounds")
    given = parser.parse_args()
    truths = read_truth(given.folder)
    options = AlignOptions(by=given.by)
    started, used = time.perf_counter(), time.process_time()
    paths = find_recordings([given.folder / "takes"])[: given.count]
    sources, _ = describe_sources(paths, options)
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
    print_unplaced(files, timeline, truths, given.folder)
    for seed in range(given.seeds):
        _print_wrong(files, measurements, truths, np.random.default_rng(seed), given.wrong)
    if given.lags:
        print_lags(sources, measurements, truths, given.lags)


def _print_wrong(
    files: Sequence[Recorded],
    measurements: Sequence[Measurement],
    truths: dict[str, Truth],
    rng: np.random.Generator,
    share: float,
) -> None:
    """Replace a share of all pairs by wrong ones, solve, and say what came of it."""
    changed, lies = with_wrong(rng, files, measurements, share)
    found = solve(files, changed)
    unnamed = lies - left_out(found)
    near = {
        pair
        for m in changed
        if (pair := (files[m.a].file, files[m.b].file)) in unnamed and is_right(m, files, truths)
    }
    looped = in_loops(files, [m for m in changed if not _is_of(m, files, lies)], truths)
    placed = {file.file for group in found.groups for file in group.files}
    _print_score(
        f"{len(lies)} wrong pairs, {len(lies) - len(unnamed)} named, {len(near)} of the others "
        f"near the truth; {len(looped & placed)} of {len(looped)} takes in loops placed",
        score(found, truths),
    )


def _is_of(m: Measurement, files: Sequence[Recorded], pairs: set[tuple[Path, Path]]) -> bool:
    return (files[m.a].file, files[m.b].file) in pairs


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

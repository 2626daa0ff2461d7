"""How well cameras that film one event from other sides are placed, without sound.

Takes (benchmarks/view_sets.py) of different cameras of one event meet each other; takes that share
no moment, of one event and of different ones, and single videos should be left apart. Events stand
in rows of their own: many takes of one event are one piece of evidence about events. With --sets,
sets of a take of each camera are placed by `sync` instead.

example: python -m benchmarks.views OUT ../shared/data/footage/views --single single/*.mp4
"""

import argparse
import csv
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

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
from videoalignment.align import align_pair
from videoalignment.align.alignment import Alignment
from videoalignment.align.timeline.sync import sync
from videoalignment.progress import track

_RIGHT_S, _NEAR_S = 0.1, 0.2
_SHARED_S = (1.0, 4.0, 8.0, float("inf"))
_LEAST_SHARED_S = 1.0
_LEAST_TAKE_S = 5.0


@dataclass(frozen=True)
class Answer:
    """What came out for two takes."""

    one: View
    other: View
    alignment: Alignment
    seconds: float
    """Processor time of this process, features at hand."""

    @property
    def shared_s(self) -> float:
        """Seconds of the event that both have; negative where they share none."""
        one, other = self.one, self.other
        return one.shared_s(other) if one.event == other.event else -1.0

    @property
    def error_s(self) -> float:
        """Of the place in the middle of what both have, absolute."""
        middle_s = (
            max(self.one.begin_s, self.other.begin_s)
            + min(
                self.one.begin_s + self.one.length_s,
                self.other.begin_s + self.other.length_s,
            )
        ) / 2
        said_s = self.alignment.time_map.to_b(middle_s - self.one.begin_s)
        return abs(said_s - (middle_s - self.other.begin_s))


def answers(folder: Path, pairs: Sequence[tuple[View, View]], by: str) -> list[Answer]:
    """Align pairs of takes."""
    found = []
    for one, other in track(pairs, "aligning", len(pairs), "pairs"):
        started = time.process_time()
        alignment = align_pair(folder / one.file, folder / other.file, by=by).alignment
        found.append(Answer(one, other, alignment, time.process_time() - started))
    return found


def row(name: str, group: Sequence[Answer]) -> str:
    """A row about pairs that share a moment: how many are answered, and how well."""
    said = [answer for answer in group if answer.alignment.matched]
    right_s = [answer.error_s for answer in said if answer.error_s < _RIGHT_S]
    best = [answer.error_s < _RIGHT_S for answer in group]
    cells = [
        name,
        str(len(group)),
        f"{len(said)} ({len(said) / len(group):.0%})",
        f"{len(right_s)} ({len(right_s) / len(said):.0%})" if said else "–",
        f"{1000 * np.median(right_s):.0f} ms" if right_s else "–",
        f"{np.mean(best):.0%}",
    ]
    return f"| {' | '.join(cells)} |"


def report(found: Sequence[Answer]) -> None:
    """Print how pairs that share a moment come out, by event, camera and what they share."""
    print("\n| event, shared | pairs | answered | of these within 0.1 s | median | best guess so |")
    print("|---|" + "---|" * 5)
    long = [answer for answer in found if answer.shared_s >= 8]
    for low, high in itertools.pairwise(_SHARED_S):
        band = [answer for answer in found if low <= answer.shared_s < high]
        name = f"{low:g} s and more" if high == float("inf") else f"{low:g} to {high:g} s"
        for event in dict.fromkeys(answer.one.event for answer in band):
            print(row(f"{event}, {name}", [a for a in band if a.one.event == event]))
    if long:
        print(row("all, 8 s and more", long))
    for name, moves in (("all fixed, 8 s and more", 0), ("one moves, 8 s and more", 1)):
        if group := [a for a in long if max(a.one.moves, a.other.moves) == moves]:
            print(row(name, group))
    for answer in found:
        if answer.alignment.matched and answer.error_s >= _RIGHT_S:
            print(f"- wrong: {_names(answer)}, {answer.error_s:.2f} s off")


def report_strangers(found: Sequence[Answer]) -> None:
    """Print how many of the pairs that share nothing were answered."""
    for title, same in (("of one event", True), ("of different events", False)):
        group = [answer for answer in found if (answer.one.event == answer.other.event) == same]
        said = [answer for answer in group if answer.alignment.matched]
        share = len(said) / max(1, len(group))
        print(
            f"\n{len(group)} pairs {title} that share no moment: {len(said)} matched ({share:.2%})"
        )
        for answer in said:
            print(f"- {_names(answer)}")


def _names(answer: Answer) -> str:
    return (
        f"{answer.one.file} and {answer.other.file}: confidence "
        f"{answer.alignment.confidence:.3f}, by {answer.alignment.by}"
    )


def report_sets(folder: Path, sets: Sequence[tuple[View, ...]], by: str) -> None:
    """Place sets of cameras by `sync`, and print how many are placed wholly, and how well."""
    print("\n| event | sets | files | placed | all of a set | all within 0.1 s | within 0.2 s |")
    print("|---|" + "---|" * 6)
    for event in dict.fromkeys(views[0].event for views in sets):
        group = [views for views in sets if views[0].event == event]
        errors_s = [_placed_off_s(folder, views, by) for views in group]
        whole = [errors for errors in errors_s if np.isfinite(errors).all()]
        cells = [event, str(len(group)), str(sum(map(len, group)))]
        cells += [str(sum(int(np.isfinite(e).sum()) for e in errors_s)), str(len(whole))]
        cells += [str(sum(max(e) < limit_s for e in whole)) for limit_s in (_RIGHT_S, _NEAR_S)]
        print(f"| {' | '.join(cells)} |", flush=True)


def _placed_off_s(folder: Path, views: tuple[View, ...], by: str) -> list[float]:
    """How far each file of the largest group is off, against the one that fits most of them;
    infinite for files that are not in it."""
    timeline = sync([folder / view.file for view in views], by=by)
    if not timeline.groups:
        return [np.inf] * len(views)
    begins_s = {file.file.name: file.begin_s for file in timeline.groups[0].files}
    shifts_s = [begins_s.get(view.file, np.inf) - view.begin_s for view in views]
    middle_s = float(np.median([shift_s for shift_s in shifts_s if np.isfinite(shift_s)]))
    return [abs(shift_s - middle_s) for shift_s in shifts_s]


def write_answers(path: Path, found: Sequence[Answer]) -> None:
    """Write all answers as CSV."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["a", "b", "shared_s", "confidence", "offset_s", "error_s", "seconds"])
        for answer in found:
            names = [answer.one.file, answer.other.file]
            said = [answer.alignment.confidence, answer.alignment.offset_s]
            error_s = answer.error_s if answer.shared_s > 0 else ""
            writer.writerow([*names, answer.shared_s, *said, error_s, answer.seconds])


def main() -> None:
    """Make takes, align them, print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, help="folder for takes and answers.csv")
    parser.add_argument("events", type=Path, help="folder of a folder of cameras' files per event")
    parser.add_argument("--takes", type=int, default=3, help="of every file")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--single", type=Path, nargs="*", default=[], help="unrelated videos")
    parser.add_argument("--strangers", type=int, default=300, help="pairs of different events")
    parser.add_argument("--by", default="auto", help="what `align_pair` goes by")
    parser.add_argument("--sets", type=int, default=0, help="of cameras of each event, for `sync`")
    parser.add_argument("--further", type=int, default=0, help="takes in each set")
    options = parser.parse_args()
    views = make_views(options.out, cameras_of(options.events), options.takes, options.seed)
    print(f"{describe_machine()}; by {options.by}")
    if options.sets:
        sets = [*sets_of(views, options.sets, options.further, _LEAST_TAKE_S, options.seed)]
        report_sets(options.out, sets, options.by)
        return
    found = answers(options.out, [*sharing(views, _LEAST_SHARED_S)], options.by)
    report(found)
    apart = strangers([*views, *loners(options.single, 0.0)], options.strangers, options.seed)
    others = answers(options.out, apart, options.by)
    report_strangers(others)
    write_answers(options.out / "answers.csv", found + others)
    seconds = [answer.seconds for answer in found + others]
    print(
        f"\nprocessor time per pair: median {np.median(seconds):.2f} s, most {max(seconds):.1f} s"
    )


if __name__ == "__main__":
    main()

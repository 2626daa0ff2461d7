"""How often pictures refute that two takes meet: where they do, and where they do not.

Every two takes of one event whose pictures share 4 s are laid over each other where they meet, and
once some seconds earlier or later, as music that repeats itself would put them. FOLDER is a set as
`benchmarks.sync_sets` takes it.

example: python -m benchmarks.other_moments takes_of_five_events
"""

import argparse
from itertools import combinations
from pathlib import Path

import numpy as np

from benchmarks.set_truth import read_truth
from videoalignment.align.options import AlignOptions
from videoalignment.align.other_moment import show_another_moment
from videoalignment.align.settings import SETTINGS
from videoalignment.align.timeline.shelf import Shelf
from videoalignment.align.timeline.sources import describe_sources
from videoalignment.media.recordings import find_recordings
from videoalignment.time_map import TimeMap

_LEAST_S = 4.0  # that a pair shares
_OFF_S = 3.0, 10.0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    truths, rng = read_truth(given.folder), np.random.default_rng(given.seed)
    sources, _ = describe_sources(
        find_recordings([given.folder / "takes"]), AlignOptions(by="picture")
    )
    shelf = Shelf(sources)
    counts = {"where they meet": [0, 0], "some seconds off": [0, 0]}
    by_length = sorted(range(len(sources)), key=lambda place: sources[place].recorded.duration_s)
    for a, b in combinations(by_length, 2):
        one, other = (truths[sources[place].recorded.file.name] for place in (a, b))
        if one.event != other.event:
            continue
        line = one.time_map.then(other.time_map.inverse())
        off_s = float(rng.uniform(*_OFF_S) * rng.choice([-1, 1]))
        moved = TimeMap(line.offset_s + off_s, line.speed)
        for name, said in zip(counts, (line, moved), strict=True):
            reels = shelf.reel(a), shelf.reel(b)
            begin_s, end_s = said.overlap_s(*((0.0, reel.length_s) for reel in reels))
            if end_s - begin_s >= _LEAST_S:
                counts[name][0] += 1
                counts[name][1] += show_another_moment(*reels, said, SETTINGS.min_overlap_s)
    for name, (pairs, refuted) in counts.items():
        print(f"{name}: {refuted} of {pairs} refuted")


if __name__ == "__main__":
    main()

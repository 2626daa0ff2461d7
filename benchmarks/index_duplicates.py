"""How often videos are taken for the same that only share an intro and an outro.

The index holds real videos, the longer ones with the same intro before and the same outro after
what they show (put there in what an index keeps, so without another encoding), and edited clips of
some of them (edits.py; with `--least 1000` these are whole). Of pairs of different scenes none may
be in one group. A clip is the same as its source where it is at least half of that, intro and outro
counted; those should be found to be the same, and be in one group, but for two copies that share
too little with each other: only one of them can be.

example: python -m benchmarks.index_duplicates out clips --videos *.mp4 --intro i.mp4 --outro o.mp4
"""

import argparse
import shutil
import time
from collections import Counter
from itertools import combinations
from pathlib import Path

import numpy as np

from benchmarks.edits import EditedPair, read_pairs
from benchmarks.index_videos import real_descriptions
from benchmarks.measuring import describe_machine
from benchmarks.scenes import scene_of
from videoalignment.index import Description, Duplicates, VideoEntry, create_index, find_duplicates
from videoalignment.index.groups import LEAST_SHARE
from videoalignment.index.settings import STORED
from videoalignment.provenance import content_digest


def framed(video: Description, intro: np.ndarray, outro: np.ndarray) -> Description:
    """A video after an intro and before an outro."""
    moments = np.concatenate([intro, video.moments, outro])
    return Description(moments, len(moments) / STORED.rate_hz)


def is_same(pair: EditedPair, source: Description, copy: Description) -> bool:
    """Whether at least half of both is shared."""
    (line,) = pair.lines
    shared_s = line.end_s - line.begin_s
    shares = shared_s / copy.duration_s, shared_s * line.speed / source.duration_s
    return min(shares) >= LEAST_SHARE


def report(found: Duplicates, names: list[str], same: dict[tuple[str, str], str]) -> None:
    """Print the figures.

    Args:
        found: in the index.
        names: of all videos in it.
        same: the edit by the names of a source and a copy that is the same.
    """
    together = {
        frozenset((one.name, other.name))
        for group in found.groups
        for one, other in combinations(group.videos, 2)
    }
    pairs = [frozenset(pair) for pair in combinations(names, 2)]
    unrelated = [p for p in pairs if len({scene_of(Path(name)) for name in p}) == 2]
    wrong = [p for p in unrelated if p in together]
    print(f"pairs of different scenes: {len(wrong)} of {len(unrelated)} in one group")
    for pair in wrong:
        print("  ", *sorted(pair))
    alike = {
        frozenset((part.a.name, part.b.name))
        for part in (*found.shared, *(part for group in found.groups for part in group.evidence))
        if part.kind(found.least_share) == "same"
    }
    known = sum(frozenset(pair) in alike for pair in same)
    print(f"copies found to be the same as their source: {known} of {len(same)}")
    missed = Counter(edit for pair, edit in same.items() if frozenset(pair) not in together)
    print(f"copies in one group with their source: {len(same) - missed.total()} of {len(same)}")
    print("  not:", ", ".join(f"{edit} {n}" for edit, n in missed.most_common()) or "none")
    kinds: Counter[str] = Counter()
    for part in found.shared:
        if scene_of(Path(part.a.name)) != scene_of(Path(part.b.name)):
            kinds[part.kind(found.least_share)] += 1
            if part.kind(found.least_share) == "part of":
                print("   part of:", part.a.name, part.b.name, f"{part.confidence:.3f}")
    print("what different scenes are said to share:", dict(kinds))


def main() -> None:
    """Make the index, find what is there twice, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, help="folder for the index; what is there is replaced")
    parser.add_argument("clips", type=Path, help="folder that benchmarks.edits wrote")
    parser.add_argument("--videos", type=Path, nargs="+", required=True, help="and the sources")
    parser.add_argument("--intro", type=Path, required=True)
    parser.add_argument("--outro", type=Path, required=True)
    parser.add_argument("--edge", type=float, default=3.0, help="length of each, seconds")
    options = parser.parse_args()
    print(describe_machine())
    pairs = [p for p in read_pairs(options.clips) if len(p.lines) == 1 and p.edit != "inserted"]
    sources = sorted({*options.videos, *(pair.reference for pair in pairs)})
    edges = real_descriptions([options.intro, options.outro])
    count = round(options.edge * STORED.rate_hz)
    intro, outro = (edges[path].moments[:count] for path in (options.intro, options.outro))
    whole = {
        path: framed(video, intro, outro) if video.duration_s >= 4 * options.edge else video
        for path, video in real_descriptions(sources).items()
    }
    copies = real_descriptions(pair.query for pair in pairs)
    same = {
        (str(pair.reference), str(pair.query)): pair.edit
        for pair in pairs
        if is_same(pair, whole[pair.reference], copies[pair.query])
    }
    held = {**whole, **copies}
    shutil.rmtree(options.out, ignore_errors=True)
    with create_index(options.out) as index:
        index.add(
            (VideoEntry(str(path), content_digest(path), description.duration_s), description)
            for path, description in held.items()
        )
        busy = time.process_time()
        found = find_duplicates(index)
        print(f"{len(held)} videos compared in {time.process_time() - busy:.0f} CPU s")
    report(found, [str(path) for path in held], same)


if __name__ == "__main__":
    main()

"""How often videos that share nothing are called a match, and why.

Makes hard footage out of the videos (benchmarks/scenes.py), pairs files of different scenes by the
thousand, and aligns them; and with many files of other scenes in a row, since the more there is to
look at, the better chance does. Apart from these it pairs the first half of each video with its
second: the same place, but not the same moments. Writes OUT/answers.csv, prints how many of each
confidence are matches, and draws the worst: what agrees in 40 moments along the line, and the
scores over all offsets.

example: python -m benchmarks.false_matches unrelated *.mp4 --pairs 2000
"""

import argparse
import csv
import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import matplotlib
import numpy as np

from benchmarks.measuring import describe_machine
from benchmarks.scenes import half_of, hard_footage, scene_of
from videoalignment.align import Alignment, align_features, align_pair, gather_evidence
from videoalignment.align.lines import WhitenedPair
from videoalignment.features.cache import cached_features
from videoalignment.features.store import FrameFeatures
from videoalignment.progress import track

matplotlib.use("agg")

_CONFIDENCES = (0.0, 0.1, 0.5, 0.9, 0.99, 1.01)
_MOMENTS = 40
_IN_A_ROW = 40


@dataclass(frozen=True)
class Meeting:
    """Two stretches of videos that share nothing."""

    a: Path
    b: Path
    halves: bool = False
    """The first half of A meets the second half of B, which is the same video."""
    more: tuple[Path, ...] = ()
    """What B goes on with."""

    @property
    def kind(self) -> str:
        """What the report counts it as."""
        if self.more:
            return "many in a row"
        return "halves of one video" if self.halves else "unrelated videos"

    def features(self) -> tuple[FrameFeatures, FrameFeatures]:
        """The features of both stretches."""
        a, b = _features(self.a), _features(self.b)
        if self.more:
            return a, in_a_row([b, *map(_features, self.more)])
        if self.halves:
            return stretch(a, 0, a.duration_s / 2), stretch(b, b.duration_s / 2, b.duration_s)
        return a, b


@lru_cache(200)
def _features(path: Path) -> FrameFeatures:
    return cached_features(path)


def stretch(features: FrameFeatures, begin_s: float, end_s: float) -> FrameFeatures:
    """What a stretch of a video would have as features, had it been cut out."""
    inside = (features.times_s >= begin_s) & (features.times_s < end_s)
    times_s = features.times_s[inside]
    return replace(
        features,
        descriptors=features.descriptors[inside],
        times_s=times_s - times_s[0],
        duration_s=end_s - float(times_s[0]),
    )


def in_a_row(videos: list[FrameFeatures]) -> FrameFeatures:
    """What videos would have as features, were they one after the other in one file."""
    ends_s = np.cumsum([max(v.duration_s, v.times_s[-1] + 1 / v.fps) for v in videos])
    begins_s = np.append(0, ends_s[:-1])
    return replace(
        videos[0],
        descriptors=np.concatenate([v.descriptors for v in videos]),
        times_s=np.concatenate([v.times_s + s for v, s in zip(videos, begins_s, strict=True)]),
        duration_s=float(ends_s[-1]),
    )


def meetings(files: list[Path], count: int) -> list[Meeting]:
    """Pairs of files of different scenes, always the same ones, and rows of files.

    Args:
        files: videos, of several scenes.
        count: how many pairs of files, and a twentieth as many rows.
    """
    pairs = [
        Meeting(a, b) for a, b in itertools.combinations(files, 2) if scene_of(a) != scene_of(b)
    ]
    pairs.sort(key=lambda m: hashlib.blake2b(f"{m.a.name} {m.b.name}".encode()).digest())
    rows = []
    for pair in pairs[: count // 20]:
        others = [m.b for m in pairs if scene_of(m.b) != scene_of(pair.a)]
        rows.append(replace(pair, more=tuple(dict.fromkeys(others))[:_IN_A_ROW]))
    return pairs[:count] + rows


def table(answers: list[tuple[Meeting, Alignment]]) -> str:
    """How many answers there are of each confidence, as a Markdown table."""
    head = [f"{low:g} to {min(high, 1):g}" for low, high in itertools.pairwise(_CONFIDENCES)]
    lines = [
        f"| | pairs | matched | {' | '.join(head)} |",
        "|" + "---|" * (len(head) + 3),
    ]
    for kind in dict.fromkeys(meeting.kind for meeting, _ in answers):
        found = [alignment for meeting, alignment in answers if meeting.kind == kind]
        counts = np.histogram([a.confidence for a in found], _CONFIDENCES)[0]
        matched = sum(a.matched for a in found)
        share = f"{matched} ({matched / len(found):.2%})"
        lines.append(f"| {kind} | {len(found)} | {share} | {' | '.join(map(str, counts))} |")
    return "\n".join(lines)


def agreement(meeting: Meeting, alignment: Alignment) -> tuple[np.ndarray, np.ndarray]:
    """What agrees in moments along the line: their middles, seconds of A, and their products."""
    a, b = meeting.features()
    pair = WhitenedPair.of(a, b)
    overlap = alignment.overlap
    edges_s = np.linspace(overlap.begin_a_s, overlap.end_a_s, _MOMENTS + 1)
    moments_a = pair.a.averaged(edges_s)
    moments_b = pair.b.averaged(alignment.time_map.to_b(edges_s))
    products = (moments_a - moments_a.mean(axis=0)) * (moments_b - moments_b.mean(axis=0))
    return (edges_s[1:] + edges_s[:-1]) / 2, products.sum(axis=1)


def draw(path: Path, meeting: Meeting, alignment: Alignment) -> None:
    """Draw why a pair was taken for a match."""
    from matplotlib import pyplot

    times_s, products = agreement(meeting, alignment)
    evidence = gather_evidence(*meeting.features(), alignment)
    figure, (above, below) = pyplot.subplots(2, 1, figsize=(8, 5), layout="constrained")
    above.bar(times_s, products, width=0.9 * (times_s[1] - times_s[0]))
    above.set(xlabel="moment of A, s", ylabel="agreement")
    above.set_title(
        f"{meeting.a.name} and {meeting.b.name}: confidence {alignment.confidence:.3f}, "
        f"speed {alignment.speed:.3f}",
        fontsize=9,
    )
    below.plot(evidence.offsets_s, evidence.scores, linewidth=0.8)
    below.axvline(alignment.offset_s, color="tab:red", linewidth=0.8)
    below.set(xlabel="offset, s", ylabel="score")
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def answered(chosen: list[Meeting]) -> Iterator[tuple[Meeting, Alignment]]:
    """Align all, in order."""
    for meeting in track(chosen, "aligning", len(chosen), "pairs"):
        if meeting.halves or meeting.more:
            yield meeting, align_features(*meeting.features())  # there are no such files
        else:
            yield meeting, align_pair(meeting.a, meeting.b).alignment


def main() -> None:
    """Align all pairs, print the table and draw the worst."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, help="folder for hard footage and pictures")
    parser.add_argument("videos", type=Path, nargs="+", help="real videos")
    parser.add_argument("--pairs", type=int, default=2000, help="of different scenes")
    parser.add_argument("--scenes", choices=["test", "fit", "all"], default="test", help="which")
    parser.add_argument("--worst", type=int, default=12, help="how many are drawn")
    options = parser.parse_args()
    videos = [v for v in options.videos if options.scenes in ("all", half_of(scene_of(v)))]
    files = sorted([*videos, *hard_footage(options.out / "hard", videos)])
    halves = [Meeting(video, video, halves=True) for video in videos]
    answers = list(answered(meetings(files, options.pairs) + halves))
    with (options.out / "answers.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["a", "b", "kind", "matched", "confidence", "offset_s", "speed"])
        for meeting, found in answers:
            numbers = [found.matched, found.confidence, found.offset_s, found.speed]
            writer.writerow([meeting.a.name, meeting.b.name, meeting.kind, *numbers])
    print(describe_machine())
    print(f"{len({scene_of(v) for v in videos})} scenes ({options.scenes})\n")
    print(table(answers))
    worst = sorted(answers, key=lambda answer: -answer[1].confidence)[: options.worst]
    for number, (meeting, found) in enumerate(worst):
        draw(options.out / f"worst-{number:02}.png", meeting, found)
        names = f"{meeting.a.name} and {meeting.b.name}"
        print(f"- {names} ({meeting.kind}): confidence {found.confidence:.3f}")


if __name__ == "__main__":
    main()

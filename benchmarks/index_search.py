"""How well clips are found in an index: edited clips of real videos among generated ones.

The index holds the clips' sources and videos that are made up (index_videos.py). Each clip of 5 s
and more is asked for twice: as it is, and as if its source were not there. Printed are how often
the right video comes first, how often it is given at all (confidence from 0.5), how far off its
place is, how often a clip whose source is not there is answered all the same, and the kinds of
edits that fail. With --absent and --others, stretches of generated and of real videos that the
index does not hold are asked for, too. With --windows-only, the index keeps nothing but windows.
With --exact, windows are compared by FAISS, all with all, so that the difference is what the
index's search loses. With --exhaustive, clips whose video does not come first are aligned with all
of it, without votes: were each clip aligned with each video, no more than those that are surer then
than what came first could come first. With --fit, the confidence is fitted anew (place.py,
place_windows.py).

Scenes fall into two halves (scenes.py): --half fit is what constants are chosen and fitted on.

example: python -m benchmarks.index_search out clips-a clips-b --generated 10000
"""

import argparse
import shutil
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from benchmarks.edits import EditedPair, read_pairs
from benchmarks.index_videos import Statistics, generated, real_descriptions
from benchmarks.measuring import describe_machine
from benchmarks.scenes import half_of, scene_of
from videoalignment.index import (
    Answer,
    Description,
    VideoEntry,
    VideoIndex,
    create_index,
    search_clip,
)
from videoalignment.index.lance import LanceEngine
from videoalignment.index.place import Cut, place
from videoalignment.index.records import Hits
from videoalignment.index.settings import STORED
from videoalignment.index.video_index import whole_span
from videoalignment.media.insides import insides
from videoalignment.progress import track
from videoalignment.provenance import content_digest
from videoalignment.time_map import TimeMap

_AT_ONCE = 1000
_SHORTEST_S = 5.0
_NEAR_S = 0.1
_ANSWERED_FROM = 0.5
_STRETCH_S = 8.0
_HOP_S = 2.0


@dataclass(frozen=True)
class Asked:
    """A clip and what came of asking for it."""

    pair: EditedPair
    there: list[Answer]
    """Of the whole index, whatever their confidence."""
    not_there: list[Answer]
    """Of the index without the clip's source."""

    @property
    def right_first(self) -> bool:
        return bool(self.there) and self.there[0].entry.name == str(self.pair.reference)

    @property
    def off_s(self) -> float:
        """How far the first answer is from the truth, in the middle of the nearest true line."""
        line = self.there[0].segment.time_map
        return min(abs(line.to_b(t.middle_s) - t.place_s(t.middle_s)) for t in self.pair.lines)

    @property
    def false(self) -> list[Answer]:
        """Answers that are wrong; a clip's leader is of another video, which is there."""
        if self.pair.edit == "inserted":
            return []
        scene = scene_of(self.pair.reference)
        return [a for a in self.not_there if scene_of(Path(a.entry.name)) != scene]


class ExactEngine(LanceEngine):
    """The same, but windows are compared all with all."""

    def load(self) -> None:
        """Take all windows into memory."""
        import faiss

        rows = self._table.search().select(["video", "window", "vector"]).limit(None).to_arrow()
        self._video = rows["video"].to_numpy()
        self._window = rows["window"].to_numpy()
        vectors = rows["vector"].combine_chunks().values.to_numpy().astype(np.float32)
        self._index = faiss.IndexFlatIP(len(vectors) // len(rows))
        self._index.add(vectors.reshape(len(rows), -1))

    def search(self, windows: np.ndarray, count: int) -> Hits:
        similarity, row = self._index.search(windows, count)
        query = np.repeat(np.arange(len(windows)), count)
        return Hits(query, self._video[row.ravel()], self._window[row.ravel()], similarity.ravel())


def made_index(
    out: Path, references: list[Path], count: int, length_s: float, *, windows_only: bool = False
) -> tuple[VideoIndex, dict[Path, VideoEntry]]:
    """An index of real videos among generated ones, made anew."""
    shutil.rmtree(out, ignore_errors=True)
    descriptions = real_descriptions(references)
    real = {
        path: VideoEntry(str(path), content_digest(path), d.duration_s)
        for path, d in descriptions.items()
    }
    index = create_index(out, windows_only=windows_only)
    index.add((real[path], description) for path, description in descriptions.items())
    videos: Iterator[tuple[VideoEntry, Description]] = generated(
        Statistics.of(descriptions.values()), count, length_s, seed=1
    )
    while batch := list(islice(videos, _AT_ONCE)):
        index.add(batch)
    index.compact()
    return index, real


def ask(index: VideoIndex, pairs: list[EditedPair], real: dict[Path, VideoEntry]) -> list[Asked]:
    """Ask for each clip, with its source and without."""
    asked = []
    for pair in track(pairs, "asking", len(pairs), "clips"):
        there = search_clip(index, pair.query, min_confidence=0, top=5)
        absent = search_clip(
            index, pair.query, min_confidence=0, top=5, without=real[pair.reference]
        )
        asked.append(Asked(pair, there, absent))
    return asked


def stretches(videos: Iterable[Description]) -> Iterator[Description]:
    """Stretches of videos, which overlap; shorter videos whole."""
    length, hop = (round(span_s * STORED.rate_hz) for span_s in (_STRETCH_S, _HOP_S))
    for video in videos:
        for begin in range(0, max(1, len(video.moments) - length + 1), hop):
            moments = video.moments[begin : begin + length]
            yield Description(moments, len(moments) / STORED.rate_hz)


def report_absent(index: VideoIndex, name: str, queries: Iterable[Description]) -> None:
    """Ask for what the index does not hold, and print how often it answers."""
    best = [[a.confidence for a in index.search(q, min_confidence=0, top=1)] for q in queries]
    likeliest = np.array([found[0] if found else 0.0 for found in best])
    false = int((likeliest >= _ANSWERED_FROM).sum())
    top = ", ".join(f"{value:.2f}" for value in np.sort(likeliest)[::-1][:5])
    print(f"not there, {name}: {false} of {len(best)} answered; the likeliest {top}", flush=True)


def report(asked: list[Asked]) -> None:
    """Print the figures."""
    first = np.array([each.right_first for each in asked])
    sure = np.array([e.right_first and e.there[0].confidence >= _ANSWERED_FROM for e in asked])
    off_s = np.array([each.off_s for each in asked if each.right_first])
    false = [e for e in asked if any(a.confidence >= _ANSWERED_FROM for a in e.false)]
    asked_for_nothing = sum(each.pair.edit != "inserted" for each in asked)
    print(f"{len(asked)} clips; right video first {first.mean():.1%}, and given {sure.mean():.1%}")
    print(
        f"of those first, within {_NEAR_S} s {(off_s < _NEAR_S).mean():.1%}; "
        f"median {np.median(off_s):.3f} s, 90 % within {np.quantile(off_s, 0.9):.3f} s"
    )
    share = len(false) / max(1, asked_for_nothing)
    print(f"not there, but answered: {len(false)} of {asked_for_nothing} ({share:.2%})")
    failed = {
        "not first": Counter(e.pair.edit for e in asked if not e.right_first),
        "not given": Counter(e.pair.edit for e, ok in zip(asked, sure, strict=True) if not ok),
        "far": Counter(e.pair.edit for e in asked if e.right_first and e.off_s >= _NEAR_S),
        "false": Counter(e.pair.edit for e in false),
    }
    for name, counts in failed.items():
        print(f"  {name}: {', '.join(f'{k} {n}' for k, n in counts.most_common()) or 'none'}")


def aligned_with_source(index: VideoIndex, clip: Path, source: VideoEntry) -> float:
    """How sure aligning is of a clip and all of its source, whatever the windows voted for."""
    span = whole_span(source)
    (moments,) = index.engine.fetch([span])
    confidences = [0.0]
    for inside in (None, *insides(clip)):
        query = index.describe(index.features(clip, inside=inside))
        cut, line = Cut(0, len(query.moments), span), TimeMap(0.0)
        answers = place(query, cut, line, 0.0, source, moments, index.whitening.unrelated)
        confidences += [answer.confidence for answer in answers]
    return max(confidences)


def report_exhaustive(index: VideoIndex, asked: list[Asked], real: dict[Path, VideoEntry]) -> None:
    """Print how many clips votes may have lost."""
    missed = [each for each in asked if not each.right_first]
    surer, sure = [], 0
    for each in missed:
        own = aligned_with_source(index, each.pair.query, real[each.pair.reference])
        if own > max((answer.confidence for answer in each.there), default=0.0):
            surer.append(f"{each.pair.query.name} {own:.2f}")
            sure += own >= _ANSWERED_FROM
    print(f"not first, but surer where all is aligned: {len(surer)} of {len(missed)}, {sure} given")
    for line in surer:
        print("  ", line)


def fit(asked: list[Asked]) -> None:
    """Print the weights of the confidence that these answers tell; a wrong place is wrong."""
    own = [e for e in asked if e.right_first]
    right = [e.there[0].measures for e in own if e.off_s < 0.5]
    wrong = [e.there[0].measures for e in own if e.off_s >= 0.5]
    wrong += [answer.measures for e in asked for answer in e.false[:3]]
    labels = [1] * len(right) + [0] * len(wrong)
    # Hardly any damping: a measure that hardly varies may need a large weight.
    model = LogisticRegression(C=1e4, max_iter=10_000).fit(np.array(right + wrong), labels)
    print(f"fitted on {len(right)} right and {len(wrong)} wrong answers:")
    print(f"  weights {model.coef_[0].round(2).tolist()}, intercept {model.intercept_[0]:.2f}")


def main() -> None:
    """Make the index, ask, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, help="folder for the index; what is there is replaced")
    parser.add_argument("clips", type=Path, nargs="+", help="folders that benchmarks.edits wrote")
    parser.add_argument("--generated", type=int, default=10_000, help="generated videos")
    parser.add_argument("--length", type=float, default=60.0, help="of one, seconds")
    parser.add_argument(
        "--half", choices=("fit", "test", "all"), default="test", help="of the scenes"
    )
    parser.add_argument("--absent", type=int, default=0, help="generated queries not there")
    parser.add_argument("--others", type=Path, nargs="*", default=[], help="videos not there")
    parser.add_argument("--exact", action="store_true", help="also compare all windows with all")
    parser.add_argument("--exhaustive", action="store_true", help="also align what was missed")
    parser.add_argument("--fit", action="store_true", help="fit the confidence")
    parser.add_argument("--windows-only", action="store_true", help="an index of windows alone")
    options = parser.parse_args()
    if options.windows_only and options.exhaustive:
        parser.error("--exhaustive aligns with moments, which --windows-only does not keep")
    print(describe_machine())
    shared = [p for folder in options.clips for p in read_pairs(folder) if p.shares]
    pairs = [
        p
        for p in shared
        if p.lines[-1].end_s >= _SHORTEST_S
        and options.half in ("all", half_of(scene_of(p.reference)))
    ]
    references = sorted({pair.reference for pair in shared})
    index, real = made_index(
        options.out,
        references,
        options.generated,
        options.length,
        windows_only=options.windows_only,
    )
    size = index.size()
    print(f"{size.videos} videos, {size.windows} windows, {size.octets / 1e6:.0f} MB")
    busy, started = time.process_time(), time.perf_counter()
    asked = ask(index, pairs, real)
    each = 2 * len(pairs)
    print(
        f"a search: {(time.process_time() - busy) / each:.2f} CPU s, "
        f"{(time.perf_counter() - started) / each:.2f} s"
    )
    report(asked)
    statistics = Statistics.of(real_descriptions(references).values())
    absent = (d for _, d in generated(statistics, options.absent, _STRETCH_S, seed=2))
    report_absent(index, "generated", absent)
    report_absent(index, "real", stretches(real_descriptions(options.others).values()))
    if options.exhaustive:
        report_exhaustive(index, asked, real)
    if options.fit:
        fit(asked)
    if options.exact:
        engine = ExactEngine(str(options.out))
        engine.load()
        print("all windows compared with all:")
        report(ask(VideoIndex(engine, str(options.out)), pairs, real))


if __name__ == "__main__":
    main()

"""How well hashes alone say where two videos meet: clips of known places, and of other videos.

Cuts clips out of videos and edits them as benchmarks.edits does, hashes clips and videos, and finds
every clip in its own video and in all others of another scene. The truth is taken in the middle of
what the two share, since a clip of another speed drifts.

example: python -m benchmarks.tmk_places OUT ../shared/data/tmk/videos/*.mp4 --clips 8 --seed 22
"""

import argparse
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from benchmarks.edits import EditedPair, add_arguments, make_pairs
from benchmarks.measuring import describe_machine
from videoalignment.align.hashes import HashAlignment, align_hashes
from videoalignment.features.tmk_hash import hash_videos
from videoalignment.media.video_files import VideoFile
from videoalignment.progress import track
from videoalignment.tmk_files import TmkHash, read_hash

_NEAR_S = 0.5


@dataclass(frozen=True)
class Answer:
    """What two hashes said, and how far that is from the truth."""

    pair: EditedPair
    found: HashAlignment
    error_s: float | None
    """None where the two share nothing."""

    @property
    def right(self) -> bool:
        """Whether the best place is the place."""
        return self.error_s is not None and abs(self.error_s) <= _NEAR_S


def main() -> None:
    """Measure, and print a table a kind of edit."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_arguments(parser)
    parser.add_argument("--fit", action="store_true", help="fit the confidence to these clips")
    options = parser.parse_args()
    pairs = make_pairs(options.out, options.videos, clips=options.clips, seed=options.seed)
    answers = _answers(options.out, [pair for pair in pairs if pair.offset_s is not None])
    print(describe_machine())
    _print_table(answers)
    if options.fit:
        _print_fit(answers)


def _answers(out: Path, pairs: list[EditedPair]) -> list[Answer]:
    references = sorted({pair.reference for pair in pairs})
    hashes = _hashes(out, [*references, *(pair.query for pair in pairs)])
    answers = []
    for pair in track(pairs, "aligning hashes", len(pairs), "clips"):
        for reference in references:
            met = EditedPair(pair.query, reference, pair.edit, None, 1.0)
            if reference != pair.reference and met.related:
                continue  # another take of one scene: the truth is not known
            found = align_hashes(hashes[pair.query], hashes[reference])
            own = reference == pair.reference
            answers.append(Answer(pair, found, _error_s(pair, found) if own else None))
    return answers


def _hashes(out: Path, videos: list[Path]) -> dict[Path, TmkHash]:
    listed = [VideoFile(video, f"{video.parent.name}/{video.name}") for video in videos]
    for hashed in hash_videos(listed, out / "tmk"):
        if hashed.failure:
            raise SystemExit(hashed.failure)
    return {file.path: read_hash(out / "tmk" / f"{file.name}.tmk") for file in listed}


def _error_s(pair: EditedPair, found: HashAlignment) -> float:
    middle_s = max(0.0, -found.offset_s) + found.overlap_s / 2
    return found.offset_s - pair.offset_s - (pair.speed - 1) * middle_s


def _print_table(answers: list[Answer]) -> None:
    own, others = defaultdict(list), [a for a in answers if a.error_s is None]
    for answer in answers:
        if answer.error_s is not None:
            own[answer.pair.edit].append(answer)
            own["all"].append(answer)
    print("| edit | clips | best guess: median s | <= 0.5 s | found | of those: median s | "
          "<= 0.5 s | within the uncertainty | wrong and sure |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|")
    for edit, group in [*((e, g) for e, g in own.items() if e != "all"), ("all", own["all"])]:
        errors = np.abs([a.error_s for a in group])
        sure = [a for a in group if a.found.found]
        sure_errors = np.abs([a.error_s for a in sure])
        cells = [edit, len(group), f"{np.median(errors):.2f}", f"{np.mean(errors <= _NEAR_S):.0%}"]
        cells.append(f"{len(sure) / len(group):.0%}")
        if sure:
            inside = [abs(a.error_s) <= a.found.uncertainty_s for a in sure]
            cells += [f"{np.median(sure_errors):.2f}", f"{np.mean(sure_errors <= _NEAR_S):.0%}"]
            cells += [f"{np.mean(inside):.0%}", sum(not a.right for a in sure)]
        else:
            cells += ["–"] * 4
        print("| " + " | ".join(map(str, cells)) + " |")
    wrong = [a for a in others if a.found.found]
    print(f"{len(others)} pairs that share nothing: {len(wrong)} found")
    for answer in [*wrong, *(a for a in own["all"] if a.found.found and not a.right)]:
        print("wrong and sure:", answer.pair.query.name, answer.error_s, answer.found)


def _print_fit(answers: list[Answer]) -> None:
    """The logistic model of `align.hashes`: correlation, second place, constant."""
    inputs = [(a.found.correlation, a.found.second) for a in answers]
    model = LogisticRegression(C=10).fit(inputs, [a.right for a in answers])
    print("weights:", [*model.coef_[0].round(2).tolist(), float(model.intercept_[0].round(2))])


if __name__ == "__main__":
    main()

"""How well aligning works on edited clips with exact truth, by kind of edit.

Cuts clips out of the given videos (benchmarks/edits.py), aligns each with its own video and with
another one, and prints a table. TMK and TMK_Poullot answer with their best offset on the same
features; they always answer and know no speed. Only scenes that nothing was fitted on are used,
unless told otherwise (benchmarks/scenes.py); videos of one scene are never taken for different.

example: python -m benchmarks.align_accuracy clips ../shared/data/tmk/videos/*.mp4
"""

import argparse
import itertools
import math
import time
from dataclasses import dataclass

import numpy as np
import torch

from benchmarks.edits import EDITS, EditedPair, SharedLine, add_arguments, make_pairs
from benchmarks.measuring import describe_machine
from benchmarks.scenes import half_of, scene_of
from videoalignment.align import Alignment, align_pair
from videoalignment.features.cache import cached_features
from videoalignment.features.store import FrameFeatures
from videoalignment.models import TMK, Model, TMK_Poullot
from videoalignment.progress import track

_KERNEL_FPS = 15  # the unit of the kernels' time stamps
_CONFIDENCES = (0.0, 0.1, 0.5, 0.9, 0.99, 1.01)
# An answer further off than this in the middle of what is shared is wrong, seconds.
_RIGHT_S = 0.3


@dataclass(frozen=True)
class Answer:
    """What came out for one pair."""

    pair: EditedPair
    matched: bool
    confidence: float
    error_s: float
    """Of where the clip's part begins in the reference; NaN for pairs that share nothing."""
    middle_error_s: float
    """The same of the part's middle, where it is known best."""
    speed_error: float
    within: bool
    """Whether the truth is in the interval given."""
    kernel_errors_s: tuple[float, ...]
    seconds: float


def kernel_offset_s(model: Model, query: FrameFeatures, reference: FrameFeatures) -> float:
    """A kernel's best offset: where in the reference the query begins, seconds."""
    descriptors = []
    for features in (query, reference):
        frames = torch.from_numpy(features.descriptors)[None]
        times = torch.from_numpy(features.times_s * _KERNEL_FPS).float()[None]
        descriptors.append(model.single_fv(frames, times))
    longest = math.ceil(max(query.duration_s, reference.duration_s) * _KERNEL_FPS)
    offsets = torch.arange(-longest, longest).float()[None]
    scores = model.score_pair(*descriptors, offsets)
    return -float(offsets[0, scores[0].argmax()]) / _KERNEL_FPS


@torch.inference_mode()
def answer(pair: EditedPair, kernels: list[Model]) -> Answer:
    """Align one pair, and measure how wrong that is."""
    query, reference = cached_features(pair.query), cached_features(pair.reference)
    started = time.perf_counter()
    found = align_pair(pair.query, pair.reference).alignment
    seconds = time.perf_counter() - started
    line = _nearest_line(pair.lines, found)
    error_s = _error_s(line, found, line.begin_s) if line else math.nan
    return Answer(
        pair=pair,
        matched=found.matched,
        confidence=found.confidence,
        error_s=error_s,
        middle_error_s=_error_s(line, found, line.middle_s) if line else math.nan,
        speed_error=abs(found.speed - line.speed) if line else math.nan,
        within=abs(line.offset_s - found.offset_s) <= found.uncertainty_s if line else False,
        kernel_errors_s=tuple(
            abs(kernel_offset_s(kernel, query, reference) - line.offset_s) if line else math.nan
            for kernel in kernels
        ),
        seconds=seconds,
    )


def _nearest_line(lines: tuple[SharedLine, ...], found: Alignment) -> SharedLine | None:
    """The line of the truth that the answer is nearest to; a re-ordered clip has several."""
    return min(lines, key=lambda line: _error_s(line, found, line.middle_s), default=None)


def _error_s(line: SharedLine, found: Alignment, time_s: float) -> float:
    """How far the answer is off at a moment of the clip, seconds of the reference."""
    return abs(line.place_s(time_s) - found.offset_s - found.speed * time_s)


def _row(name: str, own: list[Answer], other: list[Answer], kernels: int) -> str:
    """A row of the table: pairs that share footage, and pairs that do not."""
    errors = np.array([a.error_s for a in own])
    long = [a.speed_error for a in own if a.pair.lines[0].end_s - a.pair.lines[0].begin_s >= 10]
    missed = np.mean([not a.matched for a in own])
    false = np.mean([a.matched for a in other]) if other else math.nan
    cells = [
        f"{len(own)}",
        f"{np.median(errors):.4f}",
        f"{np.quantile(errors, 0.95):.3f}",
        *(f"{np.mean(errors < limit):.0%}" for limit in (0.02, 0.1, 1)),
        f"{np.mean([a.middle_error_s < 0.02 for a in own]):.0%}",
        f"{max(long):.4f}" if long else "–",
        f"{np.mean([a.within for a in own]):.0%}",
        f"{missed:.1%}",
        f"{false:.1%} of {len(other)}",
        f"{np.median([a.seconds for a in own]):.2f}",
    ]
    for kernel in range(kernels):
        wrong = np.array([a.kernel_errors_s[kernel] for a in own])
        cells.append(f"{np.median(wrong):.3f} / {np.mean(wrong < 0.1):.0%}")
    return f"| {name} | {' | '.join(cells)} |"


def table(answers: list[Answer], kernels: list[Model]) -> str:
    """The answers as a Markdown table."""
    names = [type(kernel).__name__ for kernel in kernels]
    head = ["edit", "clips", "median s", "95 % s", "<0.02 s", "<0.1 s", "<1 s"]
    head += ["middle <0.02 s", "speed error, 10 s and more", "within interval", "missed", "false"]
    head += ["seconds a pair", *(f"{name}: median s / <0.1 s" for name in names)]
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    plain = {name for name, edit in EDITS.items() if edit.speed == 1}
    groups = {name: {name} for name in EDITS}
    groups |= {"no speed change": plain, "speed change": set(EDITS) - plain, "all": set(EDITS)}
    for name, edits in groups.items():
        chosen = [a for a in answers if a.pair.edit in edits]
        own = [a for a in chosen if a.pair.shares]
        other = [a for a in chosen if not a.pair.shares]
        if own:
            lines.append(_row(name, own, other, len(names)))
    return "\n".join(lines)


def by_confidence(answers: list[Answer]) -> str:
    """How often an answer of some confidence is wrong, as a Markdown table."""
    lines = ["| confidence | answers | wrong | false matches |", "|---|---|---|---|"]
    for low, high in itertools.pairwise(_CONFIDENCES):
        chosen = [a for a in answers if low <= a.confidence < high]
        wrong = sum(not a.pair.shares or a.middle_error_s > _RIGHT_S for a in chosen)
        false = sum(not a.pair.shares for a in chosen)
        lines.append(f"| {low:g} to {min(high, 1):g} | {len(chosen)} | {wrong} | {false} |")
    return "\n".join(lines)


def main() -> None:
    """Align all pairs and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_arguments(parser)
    parser.add_argument("--scenes", choices=["test", "fit", "all"], default="test", help="which")
    options = parser.parse_args()
    videos = [v for v in options.videos if options.scenes in ("all", half_of(scene_of(v)))]
    made = make_pairs(options.out, videos, clips=options.clips, seed=options.seed)
    pairs = [pair for pair in made if pair.shares or not pair.related]
    kernels = [TMK(), TMK_Poullot()]
    answers = [answer(pair, kernels) for pair in track(pairs, "aligning", len(pairs), "pairs")]
    print(describe_machine())
    scenes = len({scene_of(pair.query) for pair in pairs})
    print(f"seed {options.seed}, {scenes} scenes ({options.scenes})\n")
    print(table(answers, kernels))
    print(f"\n{by_confidence(answers)}\n")
    for a in answers:
        if not a.pair.shares and a.matched:
            names = f"{a.pair.query.name} in {a.pair.reference.name}"
            print(f"- {names}: false match, confidence {a.confidence:.3f}")
        elif a.pair.shares and (a.error_s > 0.1 or not a.matched):
            said = f"matched ({a.confidence:.3f})" if a.matched else "no match"
            off = f"{a.error_s:.3f} s off, {a.middle_error_s:.3f} s in the middle"
            print(f"- {a.pair.query.name}: {said}, {off}")


if __name__ == "__main__":
    main()

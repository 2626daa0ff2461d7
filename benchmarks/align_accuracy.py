"""How well aligning works on edited clips with exact truth, by kind of edit.

Cuts clips out of the given videos (benchmarks/edits.py), aligns each with its own video and with
another one, and prints a table. TMK and TMK_Poullot answer with their best offset on the same
features; they always answer and know no speed. Pairs of different videos whose names start with the
same word may be the same footage after all; they are left out, and counted.

example: python -m benchmarks.align_accuracy clips ../shared/data/tmk/videos/*.mp4
"""

import argparse
import math
import time
from dataclasses import dataclass

import numpy as np
import torch

from benchmarks.edits import EDITS, EditedPair, add_arguments, make_pairs
from benchmarks.measuring import describe_machine
from videoalignment.align import align_features
from videoalignment.features.cache import cached_features
from videoalignment.features.store import FrameFeatures
from videoalignment.models import TMK, Model, TMK_Poullot
from videoalignment.progress import track

_KERNEL_FPS = 15  # the unit of the kernels' time stamps


@dataclass(frozen=True)
class Answer:
    """What came out for one pair."""

    pair: EditedPair
    matched: bool
    error_s: float
    """Of the offset; NaN for pairs that share nothing."""
    speed_error: float
    shared_s: float
    kernel_errors_s: tuple[float, ...]
    seconds: float
    uncertainty_s: float


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
    found = align_features(query, reference)
    seconds = time.perf_counter() - started
    truth_s = math.nan if pair.offset_s is None else pair.offset_s
    return Answer(
        pair=pair,
        matched=found.matched,
        error_s=abs(found.offset_s - truth_s),
        speed_error=abs(found.speed - pair.speed),
        shared_s=query.duration_s,
        kernel_errors_s=tuple(
            abs(kernel_offset_s(kernel, query, reference) - truth_s)
            if truth_s == truth_s
            else truth_s
            for kernel in kernels
        ),
        seconds=seconds,
        uncertainty_s=found.uncertainty_s,
    )


def _row(name: str, own: list[Answer], other: list[Answer], kernels: int) -> str:
    """A row of the table: pairs that share footage, and pairs that do not."""
    errors = np.array([a.error_s for a in own])
    long = [a.speed_error for a in own if a.shared_s >= 10]
    missed = np.mean([not a.matched for a in own])
    false = np.mean([a.matched for a in other]) if other else math.nan
    cells = [
        f"{len(own)}",
        f"{np.median(errors):.4f}",
        f"{np.quantile(errors, 0.95):.3f}",
        *(f"{np.mean(errors < limit):.0%}" for limit in (0.02, 0.1, 1)),
        f"{max(long):.4f}" if long else "–",
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
    head += ["speed error, 10 s and more", "missed", "false", "seconds a pair"]
    head += [f"{name}: median s / <0.1 s" for name in names]
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    plain = {name for name, edit in EDITS.items() if edit.speed == 1}
    groups = {name: {name} for name in EDITS} | {"no speed change": plain, "all": set(EDITS)}
    for name, edits in groups.items():
        chosen = [a for a in answers if a.pair.edit in edits]
        own = [a for a in chosen if a.pair.offset_s is not None]
        other = [a for a in chosen if a.pair.offset_s is None]
        if own:
            lines.append(_row(name, own, other, len(names)))
    return "\n".join(lines)


def main() -> None:
    """Align all pairs and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_arguments(parser)
    options = parser.parse_args()
    made = make_pairs(options.out, options.videos, clips=options.clips, seed=options.seed)
    pairs = [pair for pair in made if pair.offset_s is not None or not pair.related]
    kernels = [TMK(), TMK_Poullot()]
    answers = [answer(pair, kernels) for pair in track(pairs, "aligning", len(pairs), "pairs")]
    print(describe_machine())
    print(f"seed {options.seed}, {len(made) - len(pairs)} pairs left out as perhaps related\n")
    print(table(answers, kernels))
    own = [a for a in answers if a.pair.offset_s is not None]
    held = np.mean([a.error_s <= a.uncertainty_s for a in own])
    print(f"\nThe error is within the uncertainty given in {held:.0%} of the clips.")
    for a in own:
        if a.error_s > 0.1 or not a.matched:
            said = "matched" if a.matched else "no match"
            print(f"- {a.pair.query.name}: {said}, {a.error_s:.3f} s off")
    for a in answers:
        if a.pair.offset_s is None and a.matched:
            print(f"- {a.pair.query.name} in {a.pair.reference.name}: false match")


if __name__ == "__main__":
    main()

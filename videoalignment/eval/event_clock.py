"""Clips of an event on one clock: a kernel's offsets of all pairs, solved together.

A kernel scores every offset of a pair, and its highest score is wrong where the kernel resonates or
the clips share little. So the highest few peaks of every pair are kept as alternatives, each with
the probability that it is right, and `align.timeline` finds the places that explain most of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from videoalignment.align.timeline.measurements import Measurement, Recorded
from videoalignment.align.timeline.records import Timeline
from videoalignment.align.timeline.solve import solve
from videoalignment.datasets import FEATURE_FPS
from videoalignment.progress import Progress
from videoalignment.spectrum import Spectra, score_pairs
from videoalignment.time_map import TimeMap

_PEAKS = 5
"""Alternatives of a pair: a kernel of four periods resonates at about as many."""
_LEAST_SHARED = 3 * FEATURE_FPS
"""Offsets at which clips share less are not looked at, feature frames; half of a shorter clip."""
_LIKELY_FROM = 6.0
_SHARPNESS = 1.5
"""A peak is as likely right as wrong where it lies so many deviations above what peaks usually
reach, and each further deviation is worth so many log odds. Of four such pairs of numbers this one
changed least for the worse on ten made-up trees."""
_LEAST_SIGMA = 0.3
"""Standard error of the sharpest peak, feature frames."""


@dataclass(frozen=True)
class Peaks:
    """The highest peaks of a pair's scores over offsets."""

    a: int
    b: int
    offsets: np.ndarray
    """x_a - x_b in feature frames, between frames by a parabola, the highest peak first."""
    heights: np.ndarray
    """Above the pair's mean score, divided by the root of the frames shared at that offset: what
    chance reaches grows with that root, what two clips share grows with the frames."""
    sigmas: np.ndarray
    """Standard errors of the offsets, were the rest of the scores noise: its usual slope moves a
    peak the further, the flatter that is."""


@torch.inference_mode()
def pair_peaks(queries: Spectra, database: Spectra, frames: Sequence[int]) -> list[Peaks]:
    """The highest peaks of every pair of clips that share enough at some offset.

    Args:
        queries, database: spectra of the same clips, in the two parts of a pair.
        frames: how many each clip has.
    """
    pairs = len(frames) * (len(frames) - 1) // 2
    found: list[Peaks] = []
    with Progress("peaks", pairs, "pairs") as progress:
        for a in range(len(frames) - 1):
            others = range(a + 1, len(frames))
            offsets = torch.arange(1 - max(frames), frames[a]).float()
            query = queries[torch.full((len(others),), a)]
            curves = score_pairs(query, database[torch.tensor(others)], offsets[None]).cpu().numpy()
            for b, curve in zip(others, curves, strict=True):
                found += _peaks(a, b, curve, offsets.numpy(), frames[a], frames[b])
            progress.advance(len(others))
    return found


def _peaks(
    a: int, b: int, curve: np.ndarray, offsets: np.ndarray, frames_a: int, frames_b: int
) -> Iterator[Peaks]:
    least = min(_LEAST_SHARED, min(frames_a, frames_b) // 2)
    inside = (offsets >= least - frames_b) & (offsets <= frames_a - least)
    if least == 0 or inside.sum() < 3:
        return
    curve, offsets = curve[inside], offsets[inside]
    before, at, after = curve[:-2], curve[1:-1], curve[2:]
    places = np.flatnonzero((at >= before) & (at > after)) + 1
    shared = np.minimum(frames_a, frames_b + offsets) - np.maximum(0, offsets)
    heights = (curve[places] - curve.mean()) / np.sqrt(shared[places])
    highest = np.argsort(-heights, kind="stable")[:_PEAKS]
    places = places[highest]
    curvature = 2 * curve[places] - curve[places - 1] - curve[places + 1]
    slope = (curve[places + 1] - curve[places - 1]) / 2
    noise = np.sqrt(np.square(np.diff(curve)).mean())
    yield Peaks(
        *(a, b, offsets[places] + slope / curvature, heights[highest]),
        np.maximum(noise / curvature, _LEAST_SIGMA),
    )


def event_clock(peaks: Sequence[Peaks], names: Sequence[str], frames: Sequence[int]) -> Timeline:
    """Place clips by the peaks of their pairs.

    Args:
        peaks: of pairs of the clips.
        names: of the clips, all different; the timeline's files.
        frames: how many each has.
    """
    files = [
        Recorded(Path(name), max(count, 1) / FEATURE_FPS, has_sound=False)
        for name, count in zip(names, frames, strict=True)
    ]
    lower = np.concatenate([np.zeros(0), *(pair.heights[1:] for pair in peaks)])
    usual, high = np.quantile(lower, [0.5, 0.9]) if len(lower) else (0.0, 0.0)
    deviation = max(float(high - usual), 1e-12) / 1.28  # of a normal distribution
    found = [m for pair in peaks for m in _alternatives(pair, usual, deviation, frames)]
    return solve(files, found)


def _alternatives(
    pair: Peaks, usual: float, deviation: float, frames: Sequence[int]
) -> Iterator[Measurement]:
    """A pair's peaks as measurements; their probabilities and that of none of them add up to 1.

    Args:
        pair: its peaks.
        usual: what wrong peaks reach in the median.
        deviation: how far they scatter.
        frames: how many each clip has.
    """
    odds = _SHARPNESS * ((pair.heights - usual) / deviation - _LIKELY_FROM)
    weights = np.exp(np.append(odds, 0.0) - max(odds.max(initial=0.0), 0.0))
    confidences = weights[:-1] / weights.sum()
    for offset, sigma, confidence in zip(pair.offsets, pair.sigmas, confidences, strict=True):
        begin, end = max(0.0, offset), min(frames[pair.a], frames[pair.b] + offset)
        yield Measurement(
            a=pair.a,
            b=pair.b,
            by="picture",
            time_map=TimeMap(float(-offset / FEATURE_FPS)),
            best_at_s=float((begin + end) / 2 / FEATURE_FPS),
            sigma_s=float(sigma / FEATURE_FPS),
            speed_sigma=0.0,
            confidence=float(confidence),
        )

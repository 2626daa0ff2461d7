"""Videos for indexes of any size, made up with the statistics of real footage.

What an index keeps of a video, without a video: shots around a place of their own in the space of
descriptors, each a random walk. Where videos lie, how far their moments stray from there, how fast
and how often shots change were measured on real footage. Generated videos are a stand-in for size,
no more: real archives hold scenes that are more alike, and many copies.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.signal import lfilter

from videoalignment.index.describe import Description, describe, video_features
from videoalignment.index.records import VideoEntry
from videoalignment.index.settings import STORED
from videoalignment.index.whitening import Whitening
from videoalignment.media.insides import without_bars

_STEPS_HZ = 2.5
"""Moments in between are interpolated, with noise of coding."""
_SHOT_S = 6.0
"""Between cuts, on average: a choice, about that of edited footage."""
_STRAY = 0.6
"""The share of the variation within videos that is from shot to shot, the rest is within shots:
a choice."""


@dataclass(frozen=True)
class Statistics:
    """How real footage is spread, in whole numbers as an index keeps them."""

    mean: np.ndarray
    """Shape (width,)."""
    places: np.ndarray
    """Of videos: a root of their covariance, shape (width, width)."""
    within: np.ndarray
    """Of moments around their video's place, likewise."""
    kept: float
    """How alike moments 1 / 2.5 s apart are: the correlation of a random walk's steps."""
    noise: np.ndarray
    """From one moment to the next, shape (width,)."""

    @classmethod
    def of(cls, descriptions: Iterable[Description]) -> "Statistics":
        """Measure them; each video counts alike."""
        videos = [d.moments.astype(np.float64) for d in descriptions]
        means = np.array([rows.mean(axis=0) for rows in videos])
        width = means.shape[1]
        within = np.mean([np.cov(rows.T) for rows in videos], axis=0)
        step = round(STORED.rate_hz / _STEPS_HZ)
        apart = np.mean([np.square(r[step:] - r[:-step]).mean() / 2 for r in videos])
        alike = 1 - apart / np.trace(within) * width
        jitter = np.mean([np.square(r[2:] - 2 * r[1:-1] + r[:-2]).mean(axis=0) for r in videos], 0)
        between = np.cov(means.T)
        return cls(
            mean=means.mean(axis=0),
            places=_root(between + 0.05 * np.trace(between) / width * np.eye(width)),
            within=_root(within),
            kept=float(np.clip(alike, 0.5, 0.99)),
            noise=np.sqrt(jitter / 6),
        )


def _root(covariance: np.ndarray) -> np.ndarray:
    variances, directions = np.linalg.eigh(covariance)
    return (directions * np.sqrt(variances.clip(0))).T.astype(np.float32)


def real_descriptions(paths: Iterable[Path]) -> dict[Path, Description]:
    """What an index keeps of real videos."""
    whitening = Whitening.shipped()
    return {
        path: describe(video_features(path, whitening, inside=without_bars(path)), whitening)
        for path in paths
    }


def generated(
    statistics: Statistics, count: int, length_s: float, seed: int
) -> Iterator[tuple[VideoEntry, Description]]:
    """Make videos up, the same ones for the same seed.

    Args:
        statistics: of real footage.
        count: how many.
        length_s: of each.
        seed: of all.
    """
    moments = round(length_s * STORED.rate_hz)
    step = round(STORED.rate_hz / _STEPS_HZ)
    steps = moments // step + 2
    at = np.arange(moments) / step
    before, share = at.astype(int), (at % 1).astype(np.float32)[:, None]
    rng = np.random.default_rng([seed, 7])
    width = len(statistics.mean)
    static = rng.standard_normal((4 * moments, width), np.float32) * statistics.noise
    for number in range(count):
        place = statistics.mean + rng.standard_normal(width, np.float32) @ statistics.places
        shot = np.cumsum(rng.random(steps) < 1 / (_SHOT_S * _STEPS_HZ))
        shots = rng.standard_normal((int(shot[-1]) + 1, width), np.float32)
        walk = rng.standard_normal((steps, width), np.float32)
        walk[1:] *= np.sqrt(1 - statistics.kept**2)
        walk = lfilter([1.0], [1.0, -statistics.kept], walk, axis=0).astype(np.float32)
        strayed = np.sqrt(_STRAY) * shots[shot] + np.sqrt(1 - _STRAY) * walk
        rows = place.astype(np.float32) + strayed @ statistics.within
        begin = int(rng.integers(3 * moments))
        full = rows[before] * (1 - share) + rows[before + 1] * share
        full += static[begin : begin + moments]
        content = f"{seed:08x}{number * 0x9E3779B97F4A7C15 % 2**64:016x}{number:08x}"
        content = content[8:24] + content[:8] + content[24:]
        name = f"generated/{seed}/{number}.mp4"
        yield (
            VideoEntry(name, content, length_s),
            Description(np.clip(np.rint(full), -127, 127).astype(np.int8), length_s),
        )

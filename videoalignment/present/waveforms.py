"""How loud a recording is over time, to be drawn."""

import os
from collections.abc import Iterator

import numpy as np

from videoalignment.media.ffmpeg import Ffmpeg, input_arguments

_RATE_HZ = 8000
_STEP_S = 0.02
_BLOCK_BYTES = 1 << 16


def loudness(path: str | os.PathLike[str], *, begin_s: float = 0.0) -> np.ndarray:
    """The highest level in each stretch of a recording's first sound track.

    Args:
        path: the file.
        begin_s: where to begin, seconds after the file begins.

    Returns:
        0..1, shape (steps of 20 ms,); empty where it has no sound that can be decoded.
    """
    steps = [_highest(samples) for samples in _stretches(path)]
    return np.array(steps[round(begin_s / _STEP_S) :], dtype=np.float32)


def drawn(levels: np.ndarray, bins: int) -> np.ndarray:
    """Levels for a drawing of so many columns: the highest in each, so that no clap is lost.

    Args:
        levels: 0..1, shape (n,).
        bins: at least 1.

    Returns:
        0..1, shape (bins,) or (n,) where that is fewer.
    """
    bins = min(bins, len(levels))
    if bins == 0:
        return levels
    starts = np.arange(bins) * len(levels) // bins
    return np.maximum.reduceat(levels, starts)


def _highest(samples: np.ndarray) -> float:
    return float(np.abs(samples.astype(np.int32)).max()) / 32768


def _stretches(path: str | os.PathLike[str]) -> Iterator[np.ndarray]:
    """Yield 16-bit samples, a step at a time; what a track lacks at its begin is silence."""
    arguments = [
        *(*input_arguments(path), "-map", "0:a:0", "-ac", "1", "-ar", str(_RATE_HZ)),
        *("-af", "aresample=async=1:first_pts=0", "-f", "s16le", "-"),
    ]
    step = round(_RATE_HZ * _STEP_S)
    rest = np.empty(0, np.int16)
    with Ffmpeg(arguments) as ffmpeg:
        while block := ffmpeg.stdout.read(_BLOCK_BYTES):
            samples = np.concatenate([rest, np.frombuffer(block[: len(block) // 2 * 2], "<i2")])
            whole = len(samples) // step
            yield from samples[: whole * step].reshape(whole, step)
            rest = samples[whole * step :]

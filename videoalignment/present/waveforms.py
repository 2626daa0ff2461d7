"""How loud a recording is over time, to be drawn."""

import os

import numpy as np

from videoalignment.errors import UnusableFileError
from videoalignment.media.samples import RATE_HZ, read_samples

_STEP = RATE_HZ // 50  # samples


def loudness(path: str | os.PathLike[str], track: int = 0) -> np.ndarray:
    """The highest level in each stretch of a recording's sound.

    Args:
        path: the file.
        track: which of its sound tracks, from 0.

    Returns:
        0..1, shape (steps of 20 ms,), from its first frame on where it has a picture, else from the
        begin of the file; empty where it has no sound that can be decoded.
    """
    try:
        samples = read_samples(path, track)
        levels = []
        rest = np.empty(0, np.float32)
        for block in samples:
            together = np.concatenate([rest, np.abs(block.samples)])
            whole = len(together) // _STEP
            levels.append(together[: whole * _STEP].reshape(whole, _STEP).max(axis=1))
            rest = together[whole * _STEP :]
    except UnusableFileError:
        return np.empty(0, np.float32)
    late = round((samples.begin_s or 0.0) * RATE_HZ / _STEP)
    silence = np.zeros(max(0, late), np.float32)
    return np.concatenate([silence, *levels])[max(0, -late) :]


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

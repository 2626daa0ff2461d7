"""How loud a recording is over time, to be drawn."""

import os

import numpy as np

from videoalignment.errors import UnusableFileError
from videoalignment.features.sound_features import LEVEL_HZ
from videoalignment.features.sound_store import kept_sound
from videoalignment.media.samples import RATE_HZ, read_samples

_STEP = RATE_HZ // LEVEL_HZ  # samples


def loudness(path: str | os.PathLike[str], track: int = 0) -> np.ndarray:
    """How loud each stretch of a recording's sound is, its root mean square.

    Where the sound was described before, nothing is decoded.

    Args:
        path: the file.
        track: which of its sound tracks, from 0.

    Returns:
        0..1, shape (steps of 20 ms,), from its first frame on where it has a picture, else from the
        begin of the file; empty where it has no sound that can be decoded.
    """
    kept = kept_sound(path)
    if kept is not None and kept.track == track:
        return _from(kept.begin_s, kept.levels)
    try:
        samples = read_samples(path, track)
        levels = []
        rest = np.empty(0, np.float32)
        for block in samples:
            together = np.concatenate([rest, np.square(block.samples)])
            whole = len(together) // _STEP
            levels.append(np.sqrt(together[: whole * _STEP].reshape(whole, _STEP).mean(axis=1)))
            rest = together[whole * _STEP :]
    except UnusableFileError:
        return np.empty(0, np.float32)
    return _from(samples.begin_s or 0.0, np.concatenate([np.empty(0, np.float32), *levels]))


def _from(begin_s: float, levels: np.ndarray) -> np.ndarray:
    """Levels from moment 0 on, of sound that begins at another."""
    late = round(begin_s * LEVEL_HZ)
    return np.concatenate([np.zeros(max(0, late), np.float32), levels])[max(0, -late) :]


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

"""From samples to whitened sound: what two microphones have in common, and nothing else.

In a short spectrum every frequency is set to the loudness by which it rises above what is usual
there, in units of what is usual, and keeps its phase. So equalisers, loudness and rooms, which
change magnitudes, hardly change the outcome; hum and steady tones leave none; and the plain
correlation of two whitened sounds is the phase correlation that tells delays best (PHAT).

Source: generalized cross-correlation with the phase transform, Knapp and Carter, IEEE Trans. ASSP
1976; that onsets tell delays in rooms best is the precedence effect, as used by Griebel and
Brandstein, 1999.
"""

import os
from collections.abc import Iterable, Iterator

import numpy as np
import scipy.fft
from scipy.ndimage import uniform_filter1d

from videoalignment.errors import UnusableFileError
from videoalignment.features.sound_features import (
    LEVEL_HZ,
    QUIETEST_DB,
    SoundFeatures,
    SoundRecipe,
)
from videoalignment.media.samples import Samples, read_samples

# What white noise becomes on average, of the 127 that an octet holds; music lies near 20.
_USUAL = 12.0
# What a frequency is taken to have at least, so that digital silence is not amplified: -140 dB.
_FLOOR = 1e-7
_AT_ONCE_S = 32  # worked on at once, for memory


def extract_sound(path: str | os.PathLike[str], recipe: SoundRecipe | None = None) -> SoundFeatures:
    """The whitened sound of a video or a sound file; holds an octet a sample, 57 MB for two hours.

    It is that of the first track in which something is heard: recorders write a track also where no
    microphone is plugged in, and phones one that only they can decode.

    Raises:
        UnusableFileError: no such file, no sound in it, or it cannot be decoded.
    """
    recipe = recipe or SoundRecipe()
    samples = read_samples(path)
    found: list[SoundFeatures] = []
    failed: list[UnusableFileError] = []
    for track in range(len(samples.info.sounds)):
        try:
            found.append(_of_track(read_samples(path, track), recipe))
        except UnusableFileError as error:
            failed.append(error)
            continue
        if not found[-1].silent:
            return found[-1]
    if found:
        return found[0]
    raise failed[0]


def _of_track(samples: Samples, recipe: SoundRecipe) -> SoundFeatures:
    whitened, levels_db = whiten((block.samples for block in samples), recipe)
    return SoundFeatures(whitened, levels_db, samples.begin_s or 0.0, recipe, samples.track)


def whiten(blocks: Iterable[np.ndarray], recipe: SoundRecipe) -> tuple[np.ndarray, np.ndarray]:
    """Whiten sound that comes in blocks; how it is cut into blocks changes nothing.

    Args:
        blocks: mono samples, float32, full scale at 1, shape (n,) each.
        recipe: how.

    Returns:
        Whitened samples, int8, and loudnesses, float16, as `SoundFeatures` has them.
    """
    context = -(-int(recipe.usual_s * recipe.rate_hz) // recipe.hop + 8) * recipe.hop
    core = _AT_ONCE_S * recipe.rate_hz // recipe.hop * recipe.hop
    whitened, levels_db = [], []
    for before, sound, after in _with_context(blocks, core, context):
        around = _whitened(np.concatenate([before, sound, after]), recipe)
        part = around[len(before) : len(before) + len(sound)]
        whitened.append(np.rint(part * _USUAL).clip(-127, 127).astype(np.int8))
        levels_db.append(_levels_db(sound, recipe.rate_hz // LEVEL_HZ))
    return np.concatenate(whitened), np.concatenate(levels_db)


def _with_context(
    blocks: Iterable[np.ndarray], core: int, context: int
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Cut sound into parts of `core` samples, each with up to `context` samples on both sides."""
    before = held = np.zeros(0, np.float32)
    waiting: list[np.ndarray] = []
    count = 0
    for block in blocks:
        waiting.append(block)
        count += len(block)
        while count >= core + context:
            held = np.concatenate(waiting)
            sound, rest = held[:core], held[core:]
            yield before, sound, rest[:context]
            before = sound[-context:]
            waiting, count = [rest], len(rest)
    if count:
        held = np.concatenate(waiting)
        for begin in range(0, count, core):  # more than one where less than the context is left
            sound = held[begin : begin + core]
            yield before, sound, held[begin + core : begin + core + context]
            before = sound[-context:]


def _whitened(sound: np.ndarray, recipe: SoundRecipe) -> np.ndarray:
    """Whiten samples whose first lies on the grid of windows."""
    size, hop = recipe.window, recipe.hop
    window = np.hanning(size + 1)[:-1].astype(np.float32)
    padded = np.concatenate([np.zeros(size, np.float32), sound, np.zeros(2 * size, np.float32)])
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
    spectra = scipy.fft.rfft(frames * window, axis=1)
    magnitudes = np.abs(spectra) + np.float32(_FLOOR * size)
    usual = uniform_filter1d(magnitudes, int(recipe.usual_s * recipe.rate_hz / hop) | 1, axis=0)
    novelty = np.clip(magnitudes / usual - 1, 0, recipe.most_novelty)
    frequencies_hz = scipy.fft.rfftfreq(size, 1 / recipe.rate_hz)
    kept = (frequencies_hz > recipe.lowest_hz) & (frequencies_hz < recipe.highest_hz)
    spectra *= novelty / magnitudes * kept
    pieces = scipy.fft.irfft(spectra, size, axis=1) * window
    # to about 1 for white noise, whose novelty has a mean square of 0.14, whatever the window
    scale = np.sqrt(size / (kept.mean() * 0.28))
    return np.asarray(_overlapped(pieces, hop)[size : size + len(sound)] * scale, np.float32)


def _overlapped(pieces: np.ndarray, hop: int) -> np.ndarray:
    """Add pieces (n, size), each `hop` samples after the one before."""
    count, size = pieces.shape
    together = np.zeros(count * hop + size, np.float32)
    every = size // hop
    for first in range(every):
        row = pieces[first::every].reshape(-1)
        together[first * hop : first * hop + len(row)] += row
    return together


def _levels_db(sound: np.ndarray, step: int) -> np.ndarray:
    """Root mean square of each `step` samples, decibels from full scale."""
    count = -(-len(sound) // step)
    squares = np.zeros(count * step, np.float32)
    squares[: len(sound)] = np.square(sound)
    means = squares.reshape(count, step).mean(axis=1)
    return (10 * np.log10(means + 10 ** (QUIETEST_DB / 10))).astype(np.float16)

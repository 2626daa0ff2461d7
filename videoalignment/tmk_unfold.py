"""How a video's features moved, from its TMK hash alone.

Each row of a hash is a sum of frame features weighted by a wave, but its length was thrown away:
it is known as a direction u_k only. The lengths can be found again, because the rows are far from
independent. They are the Fourier transform of a signal of N frames at hundreds of frequencies, and
such a transform is smooth: with W the waves (rows by frames), the lengths r must make diag(r) U,
in each of its d dimensions, a combination of W's columns. Only few combinations exist (about
2 N f, for frequencies up to f turns a frame, where there are hundreds of rows), so with P the
projection onto them, r makes

    sum over dimensions |(1 - P) diag(r) u|^2 = r^T [(1 - P) * (U U^T)] r

vanish (* is element by element). For videos of up to a minute this leaves one r; for longer ones
it leaves a few, and the one next to what is usual is taken.

With their lengths, rows are linear in the signal and are turned back into it: its slow part, up to
the rows' highest frequency and somewhat beyond. For the usual periods and harmonics that is
about half of what moves in ordinary footage, at a resolution of about two seconds.
"""

from dataclasses import dataclass

import numpy as np

from videoalignment.errors import UnusableFileError
from videoalignment.tmk_files import TmkHash
from videoalignment.tmk_scores import check_scorable

_REACHED = 1e-6  # of the largest singular value of W: what rounding to float32 leaves of a signal
_RESTORED = 1e-4  # the least that is turned back into a signal; below it rounding shows
_ROUNDING = 1e-18  # what a frame adds to the mean square of rows' errors, over that of lengths
_SPREAD = 0.5  # of lengths around the usual ones, as a share of them
_STILL = 0.5  # the share of a feature's energy that does not move, in what is usual
_COHERENCE = 30  # frames over which the rest stays alike, in what is usual
_RIVAL = 0.3  # from where a second set of lengths is as good; 0.18 is the most of 80 real videos
_SHORT = 600  # frames up to which that matters; of longer videos, what is usual was no bad guide
_CHUNK = 4096  # frames whose waves are held at once
_MOST_SAMPLES = 8192
_MOST_FRAMES = 24 * 3600 * 15


@dataclass(frozen=True, eq=False)
class SlowSignal:
    """The slow part of a video's frame features, on an even grid of times."""

    samples: np.ndarray
    """One row a moment, mean square length 1, float64, shape (n, d)."""
    step: int
    """Frames from one row to the next; the first row is the first frame."""
    frames: int
    """Length of the video in frames."""
    determined: bool
    """Whether the rows leave no other signal. They do where a short video moves but slowly: there,
    other lengths explain them as well, and what is usual is no guide."""


def unfold(tmk: TmkHash, *, step: int | None = None) -> SlowSignal:
    """Restore how the features of a hash's video moved.

    Args:
        tmk: the hash.
        step: frames between samples; by default 1, and more for very long videos.

    Raises:
        UnusableFileError: all rows are zero, the video is longer than a day, or the hash is not fit
            for scores; the message does not know the file's name.
    """
    if tmk.frames > _MOST_FRAMES:
        raise UnusableFileError(
            f"claims {tmk.frames} frames; a place is looked for in up to {_MOST_FRAMES}"
        )
    check_scorable(tmk)
    step = step or usual_step(tmk.frames)
    turns, sines, units = _directions(tmk)
    left, sizes = _singular_vectors(turns, sines, tmk.frames)
    told = (units != 0).any(1)
    if not told.any():
        raise UnusableFileError("all its rows are zero; the video is black, or the hash broken")
    usual = _usual_lengths(turns, sines, tmk.frames) * told
    reached = left[:, sizes > _REACHED * sizes[0]]
    lengths, doubt, rival = _lengths(units, reached, usual, _ROUNDING * tmk.frames)
    kept = sizes > max(_RESTORED, doubt) * sizes[0]
    coefficients = left[:, kept].T @ (lengths[:, None] * units) / sizes[kept, None]
    grid = np.arange(0, tmk.frames, step)
    modes = left[:, kept].T @ _waves(turns, sines, grid) / sizes[kept, None]
    samples = modes.T @ coefficients
    size = np.sqrt(np.mean(np.sum(samples**2, axis=1)))
    determined = rival < _RIVAL or tmk.frames > _SHORT
    return SlowSignal(samples / (size or 1), step, tmk.frames, determined)


def usual_step(frames: int) -> int:
    """Frames between samples that keep a video's signal small."""
    return -(-frames // _MOST_SAMPLES)


def _directions(tmk: TmkHash) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each row's frequency in turns a frame, whether it is a sine, and its direction (rows, d)."""
    harmonics = np.arange(len(tmk.coefficients))
    turns = (harmonics / tmk.periods[:, None].astype(np.float64)).ravel()
    rows = np.concatenate([tmk.cosines, tmk.sines]).reshape(-1, len(tmk.mean)).astype(np.float64)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    units = rows / np.where(norms > 0, norms, 1)
    turns, sines = np.tile(turns, 2), np.repeat([False, True], len(turns))
    told = ~sines | (turns > 0)  # the sine of nothing tells nothing
    return turns[told], sines[told], units[told]


def _waves(turns: np.ndarray, sines: np.ndarray, times: np.ndarray) -> np.ndarray:
    """The rows' waves at some times, shape (rows, times)."""
    phase = np.multiply.outer(turns, times)
    return np.cos(2 * np.pi * (phase - np.where(sines, 0.25, 0.0)[:, None]))


def _singular_vectors(
    turns: np.ndarray, sines: np.ndarray, frames: int
) -> tuple[np.ndarray, np.ndarray]:
    """Left singular vectors and singular values of all waves over all frames."""
    triangle = np.empty((0, len(turns)))
    for begin in range(0, frames, _CHUNK):
        times = np.arange(begin, min(begin + _CHUNK, frames))
        rows = np.vstack([triangle, _waves(turns, sines, times).T])
        triangle = np.linalg.qr(rows, mode="r")  # type: ignore[assignment]  # numpy's types err
    left, sizes, _ = np.linalg.svd(triangle.T, full_matrices=False)
    return left, sizes


def _usual_lengths(turns: np.ndarray, sines: np.ndarray, frames: int) -> np.ndarray:
    """Lengths that rows usually have: part of the features stays, the rest moves at random."""
    still, moving = np.zeros(len(turns)), np.zeros(len(turns))
    for begin in range(0, frames, _CHUNK):
        waves = _waves(turns, sines, np.arange(begin, min(begin + _CHUNK, frames)))
        still += waves.sum(1)
        moving += np.square(waves).sum(1)
    lengths = np.sqrt(_STILL * still**2 + (1 - _STILL) * _COHERENCE * moving)
    return lengths / lengths.max()


def _lengths(
    units: np.ndarray, reached: np.ndarray, usual: np.ndarray, rounding: float
) -> tuple[np.ndarray, float, float]:
    """The rows' lengths, how far they are in doubt as a share of them, and how free a second set.

    Of all lengths that a signal can have, those that are usual, as far as they are free: with
    lengths usual * x, x minimises x^T M x / rounding + |x - 1|^2 / spread^2.
    """
    outside = np.eye(len(units)) - reached @ reached.T
    squares, vectors = np.linalg.eigh(outside * (units @ units.T) * np.multiply.outer(usual, usual))
    rounding *= np.sum(usual**2)
    free = rounding / (rounding + np.maximum(squares, 0))
    x = vectors @ (free * vectors.sum(0))
    x /= np.sqrt(np.mean(x**2))
    doubt = _SPREAD * np.sqrt((free.sum() - free.max()) / len(free))
    return usual * np.maximum(x, 0), float(doubt), float(np.sort(free)[-2:][0])

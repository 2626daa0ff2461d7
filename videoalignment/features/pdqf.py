"""PDQF frame features and their folding into a TMK hash, to the last bit.

Hashes are exchanged and compared by their bytes, so every sum here is taken in the order, and
every product and sum in the precision, in which the program that defines them takes them. NumPy
multiplies and adds apart, and its sums along a Python loop keep that order; matrix products, whose
order depends on the processor, are not used. Cosines are the C library's, as are that program's.
"""

import math
from functools import cache

import numpy as np

from videoalignment.tmk_files import COEFFICIENTS, DIMENSIONS, FPS, PERIODS, TmkHash

FRAME_SIZE = (64, 64)
_KEPT = 16  # frequencies along each axis; the constant one is left out
_BATCH = 64  # frames whose sums stay in the processor's cache


def pdqf_features(frames: np.ndarray) -> np.ndarray:
    """The PDQF features of frames: the low frequencies of their brightness.

    Args:
        frames: RGB, uint8, shape (n, 64, 64, 3).

    Returns:
        16 x 16 coefficients of the discrete cosine transform, vertical frequency by frequency,
        not normalised, float32, shape (n, 256).
    """
    batches = [_features(frames[i : i + _BATCH]) for i in range(0, len(frames), _BATCH)]
    return np.concatenate([np.empty((0, DIMENSIONS), np.float32), *batches])


def _features(frames: np.ndarray) -> np.ndarray:
    n, transform = len(frames), _cosine_transform()
    red, green, blue = (frames[..., i].astype(np.float32) for i in range(3))
    brightness = np.float32(0.299) * red + np.float32(0.587) * green + np.float32(0.114) * blue
    rows = np.ascontiguousarray(brightness.transpose(1, 0, 2))  # (64, n, 64), from the top
    half = _sum_in_order(transform.T[:, :, None, None], rows[:, None])  # (16, n, 64)
    columns = np.ascontiguousarray(half.transpose(2, 1, 0))  # (64, n, 16), from the left
    both = _sum_in_order(columns[:, :, :, None], transform.T[:, None, None, :])  # (n, 16, 16)
    return both.reshape(n, DIMENSIONS)


def _sum_in_order(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The sum of left[k] * right[k] over k = 0, 1, ..., rounded to float32 at every step."""
    total = np.zeros(np.broadcast_shapes(left.shape[1:], right.shape[1:]), np.float32)
    product = np.empty_like(total)
    for factor_a, factor_b in zip(left, right, strict=True):
        total += np.multiply(factor_a, factor_b, out=product)
    return total


@cache
def _cosine_transform() -> np.ndarray:
    """The rows 1..16 of the discrete cosine transform of 64 numbers, float32, shape (16, 64)."""
    size = FRAME_SIZE[0]
    scale = float(np.float32(math.sqrt(2 / size)))
    return np.array(
        [
            [scale * math.cos(math.pi / 2 / size * (i + 1) * (2 * j + 1)) for j in range(size)]
            for i in range(_KEPT)
        ],
        np.float32,
    )


class TmkFold:
    """Folds the frame features of one video, as they come, into its TMK hash.

    What is kept does not grow with the video.
    """

    def __init__(self) -> None:
        rows = (len(PERIODS), len(COEFFICIENTS), DIMENSIONS)
        self._frames = 0
        self._sum = np.zeros(DIMENSIONS, np.float32)
        self._cosines, self._sines = np.zeros(rows, np.float32), np.zeros(rows, np.float32)
        self._product = np.empty((rows[0], rows[1] - 1, rows[2]))

    def add(self, features: np.ndarray) -> None:
        """Take the features of the next frames, as `pdqf_features` gives them, shape (n, 256)."""
        for feature, unit in zip(features, _unit_rows(features), strict=True):
            self._sum += feature
            self._cosines[:, 0] += unit
            cosines, sines = _waves(self._frames)
            self._add_weighted(self._cosines[:, 1:], unit, cosines)
            self._add_weighted(self._sines[:, 1:], unit, sines)
            self._frames += 1

    def _add_weighted(self, rows: np.ndarray, unit: np.ndarray, weights: np.ndarray) -> None:
        """Add in float64, rounding to float32 once."""
        np.multiply(unit.astype(np.float64), weights[:, :, None], out=self._product)
        np.add(rows, self._product, out=rows, casting="same_kind")

    def finish(self) -> TmkHash:
        """The hash of the frames so far, at least one."""
        return TmkHash(
            fps=FPS,
            frames=self._frames,
            periods=PERIODS,
            coefficients=COEFFICIENTS,
            mean=self._sum / np.float32(self._frames),
            cosines=_scaled_rows(self._cosines),
            sines=_scaled_rows(self._sines),
        )


def _waves(time: int) -> tuple[np.ndarray, np.ndarray]:
    """Cosines and sines of a frame's time for all periods and harmonics but 0: (P, m - 1)."""
    angles = [
        [2 * math.pi * j * time / period for j in range(1, len(COEFFICIENTS))]
        for period in PERIODS.tolist()
    ]
    return (
        np.array([[math.cos(angle) for angle in row] for row in angles]),
        np.array([[math.sin(angle) for angle in row] for row in angles]),
    )


def _unit_rows(rows: np.ndarray) -> np.ndarray:
    """Rows divided by their norms; what is all zero, such as a black frame, stays zero."""
    columns = rows.T
    norms = np.sqrt(_sum_in_order(columns, columns))[:, None]
    return np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0)


def _scaled_rows(rows: np.ndarray) -> np.ndarray:
    """Rows (P, m, d), each scaled to the length sqrt(a_j)."""
    units = _unit_rows(rows.reshape(-1, DIMENSIONS)).reshape(rows.shape)
    return units * np.sqrt(COEFFICIENTS)[:, None]

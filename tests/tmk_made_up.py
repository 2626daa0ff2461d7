"""Made-up TMK hashes, and the obvious way to fold and to score them."""

import math

import numpy as np

from videoalignment.features.pdqf import TmkFold
from videoalignment.tmk_files import COEFFICIENTS, FPS, PERIODS, TmkHash


def moving_features(
    seed: int, seconds: float, *, begin_s: float = 0.0, fastest: float = 0.4
) -> np.ndarray:
    """PDQF-like features of a scene that stands half still and moves slowly, never back.

    Args:
        seed: of the scene.
        seconds: how long it is seen.
        begin_s: from when.
        fastest: of its movements, turns a second.

    Returns:
        float32, shape (frames, 256).
    """
    generator = np.random.default_rng(seed)
    speeds = generator.uniform(0.02, fastest, 40) * 2 * np.pi
    phases = generator.uniform(0, 2 * np.pi, 40)
    directions = generator.normal(size=(40, 256))
    still = 6 * generator.normal(size=256)
    times_s = begin_s + np.arange(round(seconds * FPS)) / FPS
    waves = np.sin(times_s[:, None] * speeds + phases)
    return (100 * (still + waves @ directions)).astype(np.float32)


def folded(features: np.ndarray) -> TmkHash:
    """The hash of some features."""
    fold = TmkFold()
    fold.add(features)
    return fold.finish()


def made_up_hash(seed: int, *, periods=(5, 7), harmonics=3, dimensions=4, frames=9) -> TmkHash:
    """A small hash of random rows, as another program might fold them."""
    generator = np.random.default_rng(seed)
    shape = (len(periods), harmonics, dimensions)
    coefficients = generator.uniform(0.1, 1, harmonics).astype(np.float32)
    cosines, sines = generator.normal(size=(2, *shape))
    rows = [
        (x / np.linalg.norm(x, axis=2, keepdims=True) * np.sqrt(coefficients)[:, None])
        for x in (cosines, sines)
    ]
    rows[1][:, 0] = 0
    return TmkHash(
        fps=15,
        frames=frames,
        periods=np.array(periods, np.int32),
        coefficients=coefficients,
        mean=generator.normal(size=dimensions).astype(np.float32),
        cosines=rows[0].astype(np.float32),
        sines=rows[1].astype(np.float32),
    )


def fold_obviously(features: np.ndarray) -> TmkHash:
    """The hash of some features, row by row."""
    shape = (len(PERIODS), len(COEFFICIENTS), features.shape[1])
    mean, rows = np.zeros(shape[2], np.float32), np.zeros((2, *shape), np.float32)
    for t, feature in enumerate(features):
        mean = mean + feature
        unit = feature / _norm(feature)
        for p, period in enumerate(PERIODS.tolist()):
            rows[0, p, 0] += unit
            for j in range(1, shape[1]):
                angle = 2 * math.pi * j * t / period
                for r, wave in zip(rows, (math.cos(angle), math.sin(angle)), strict=True):
                    exact = r[p, j].astype(np.float64) + unit.astype(np.float64) * wave
                    r[p, j] = exact.astype(np.float32)
    for row in rows.reshape(-1, shape[1], shape[2]):
        for j, coefficient in enumerate(COEFFICIENTS):
            if row[j].any():
                row[j] = row[j] / _norm(row[j]) * np.sqrt(coefficient)
    mean = mean / np.float32(len(features))
    return TmkHash(15, len(features), PERIODS, COEFFICIENTS, mean, rows[0], rows[1])


def _norm(x: np.ndarray) -> np.float32:
    total = np.float32(0)
    for number in x:
        total += number * number
    return np.sqrt(total)


def level2_obviously(a: TmkHash, b: TmkHash) -> float:
    """Level 2 by the kernel's formula, offset by offset, in float64."""
    best = -math.inf
    for p, period in enumerate(a.periods.tolist()):
        ca, sa, cb, sb = (x[p].astype(float) for x in (a.cosines, a.sines, b.cosines, b.sines))
        for delta in range(period):
            score = 0.0
            for j in range(len(a.coefficients)):
                angle = 2 * math.pi * j * delta / period
                score += math.cos(angle) * (ca[j] @ cb[j] + sa[j] @ sb[j])
                score += math.sin(angle) * (sa[j] @ cb[j] - ca[j] @ sb[j])
            best = max(best, score)
    weights = a.coefficients.astype(float)
    return best / (weights[0] + 2 * weights[1:].sum())

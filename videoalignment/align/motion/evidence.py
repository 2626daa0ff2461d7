"""What a person looks at to believe an alignment by motion."""

import numpy as np

from videoalignment.align.alignment import Evidence
from videoalignment.align.motion.moving import Moving
from videoalignment.align.motion.search import score_curve
from videoalignment.features.motion_features import MotionFeatures

_MOST_MOMENTS = 400


def gather_motion_evidence(a: MotionFeatures, b: MotionFeatures) -> Evidence:
    """How far each offset stands out, and at which moments about as much moves in both.

    Coarser than what decides (motion/search.py), which compares each point with each, but to be
    seen.
    """
    one, other = Moving(a), Moving(b)
    curve = score_curve(one, other)
    ranks_a, times_a_s = _ranks(one)
    ranks_b, times_b_s = _ranks(other)
    similarity = 1 - np.abs(ranks_a[:, None] - ranks_b)
    if curve is None:
        return Evidence(np.zeros(1), np.zeros(1), similarity, times_a_s, times_b_s)
    return Evidence(curve.offsets_s, curve.contrast, similarity, times_a_s, times_b_s)


def _ranks(video: Moving) -> tuple[np.ndarray, np.ndarray]:
    """How much moves at up to `_MOST_MOMENTS` moments, as ranks from 0 to 1, and these moments."""
    rate_hz = video.features.recipe.rate_hz
    amounts = np.square(video.velocities).sum(axis=(0, 1))
    parts = np.array_split(amounts, min(_MOST_MOMENTS, len(amounts)))
    ranks = np.argsort(np.argsort([part.mean() for part in parts])) / max(1, len(parts) - 1)
    ends = np.cumsum([len(part) for part in parts])
    return ranks, (ends - 0.5 * np.array([len(part) for part in parts])) / rate_hz

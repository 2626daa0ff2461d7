"""What tells the moments of two videos apart, in few dimensions of equal weight."""

import numpy as np

from videoalignment.align.footage import Footage

DIMENSIONS = 64
# Directions with less than this share of the strongest one's variance are damped, not amplified.
_DAMPING = 0.03
# Variance of unit-norm descriptors below which a direction is noise of coding, not motion.
_NOISE_VARIANCE = 1e-5
_SAMPLES = 4000


def whitening(a: Footage, b: Footage) -> np.ndarray:
    """A matrix (d, k) that whitens the variation over time within the two videos.

    Each video is centred on its own mean, so what never changes in it (a logo, bars, a grade that
    differs between the two) has no weight.
    """
    moments = np.concatenate([_centred_sample(video) for video in (a, b)])
    variances, directions = np.linalg.eigh(moments.T @ moments / len(moments))
    variances, directions = variances[::-1][:DIMENSIONS], directions[:, ::-1][:, :DIMENSIONS]
    damped = variances + _DAMPING * variances[0] + _NOISE_VARIANCE
    return (directions / np.sqrt(damped)).astype(np.float32)


def _centred_sample(video: Footage) -> np.ndarray:
    edges_s = np.linspace(video.begin_s, video.end_s, min(_SAMPLES, len(video.descriptors)) + 1)
    moments = video.averaged(edges_s)
    return moments - moments.mean(axis=0)

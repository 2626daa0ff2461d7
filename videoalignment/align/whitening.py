"""What tells the moments of two videos apart, in few dimensions of equal weight."""

import numpy as np

from videoalignment.align.footage import Footage
from videoalignment.align.settings import SETTINGS


def whitening(a: Footage, b: Footage) -> np.ndarray:
    """A matrix (d, k) that whitens the variation over time within the two videos.

    Each video is centred on its own mean, so what never changes in it (a logo, bars, a grade that
    differs between the two) has no weight.
    """
    moments = np.concatenate([_centred_sample(video) for video in (a, b)])
    variances, directions = np.linalg.eigh(moments.T @ moments / len(moments))
    variances = variances[::-1][: SETTINGS.dimensions]
    directions = directions[:, ::-1][:, : SETTINGS.dimensions]
    damped = variances + SETTINGS.damping * variances[0] + SETTINGS.noise_variance
    return (directions / np.sqrt(damped)).astype(np.float32)


def _centred_sample(video: Footage) -> np.ndarray:
    count = min(SETTINGS.whitening_samples, len(video.descriptors))
    edges_s = np.linspace(video.begin_s, video.end_s, count + 1)
    moments = video.averaged(edges_s)
    return moments - moments.mean(axis=0)

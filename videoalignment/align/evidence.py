"""What a person looks at to believe an alignment."""

import numpy as np
import torch

from videoalignment.align.alignment import Alignment, Evidence
from videoalignment.align.footage import Footage
from videoalignment.align.whitening import whitening
from videoalignment.features.store import FrameFeatures

_PICTURE_PIXELS = 400
_CURVE_HZ = 10.0
_MOST_BINS = 20000


def gather_evidence(a: FrameFeatures, b: FrameFeatures, alignment: Alignment) -> Evidence:
    """Scores over all offsets at the alignment's speed, and how similar all moments are.

    Args:
        a, b: the features that were aligned.
        alignment: the answer; its speed is used for the scores over offsets.
    """
    footage_a, footage_b = Footage.of(a), Footage.of(b)
    projection = whitening(footage_a, footage_b)
    footage_a, footage_b = footage_a.projected(projection), footage_b.projected(projection)
    offsets_s, scores = _scores_over_offsets(footage_a, footage_b, alignment.speed)
    times_a_s, moments_a = _moments(footage_a, _PICTURE_PIXELS)
    times_b_s, moments_b = _moments(footage_b, _PICTURE_PIXELS)
    similarity = (_unit(moments_a) @ _unit(moments_b).T).clip(0, 1)
    return Evidence(offsets_s, scores, similarity, times_a_s, times_b_s)


def _scores_over_offsets(a: Footage, b: Footage, speed: float) -> tuple[np.ndarray, np.ndarray]:
    """Correlation of the two videos at every offset, by one product of spectra."""
    length_a_s = (a.end_s - a.begin_s) * speed
    rate_hz = min(_CURVE_HZ, _MOST_BINS / (length_a_s + b.end_s - b.begin_s))
    moments_a = _centred(a, rate_hz / speed)
    moments_b = _centred(b, rate_hz)
    n, m = len(moments_a), len(moments_b)
    size = n + m
    spectra = (
        torch.fft.rfft(torch.from_numpy(moments_b), size, dim=0)
        * torch.fft.rfft(torch.from_numpy(moments_a), size, dim=0).conj()
    )
    products = torch.fft.irfft(spectra.sum(dim=1), size).numpy()
    lags = np.arange(-n + 1, m)
    norm = np.linalg.norm(moments_a) * np.linalg.norm(moments_b) + 1e-9
    places_s = b.begin_s + lags / rate_hz - speed * a.begin_s
    return places_s, products[lags] / norm * np.sqrt(max(n, m) / min(n, m))


def _centred(video: Footage, rate_hz: float) -> np.ndarray:
    count = max(2, int((video.end_s - video.begin_s) * rate_hz))
    moments = video.averaged(video.begin_s + np.arange(count + 1) / rate_hz)
    return moments - moments.mean(axis=0)


def _moments(video: Footage, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Mid-times and centred descriptors of up to `most` equal spans."""
    count = min(most, len(video.descriptors))
    edges_s = np.linspace(video.begin_s, video.end_s, count + 1)
    moments = video.averaged(edges_s)
    return (edges_s[1:] + edges_s[:-1]) / 2, moments - moments.mean(axis=0)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9)

"""The models one pair at a time, straight from their formulas.

Plain PyTorch as one would write it first: descriptors sum weighted frames, and every pair is
normalised, given its own table of cosines and sines over the offsets, and multiplied out. Tests use
it as the slow second way, in float64; benchmarks measure how much faster the package is than this.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

EPS = 1e-8


def tmk_descriptor(
    frames: Tensor, times: Tensor, periods: Sequence[float], coefficients: Tensor
) -> Tensor:
    """Temporal match kernel descriptor of one video.

    Args:
        frames: frame descriptors, shape (T, d).
        times: time stamps in feature frames, shape (T,).
        periods: periods in feature frames, P of them.
        coefficients: of the window's harmonics, shape (m,).

    Returns:
        Shape (P, 2m, d): m sine rows, then m cosine rows.
    """
    sines, cosines = [], []
    for period in periods:
        for i, coefficient in enumerate(coefficients):
            angles = 2 * math.pi * i * times / period
            sines.append((coefficient.sqrt() * angles.sin()[:, None] * frames).sum(0))
            cosines.append((coefficient.sqrt() * angles.cos()[:, None] * frames).sum(0))
    shape = (len(periods), len(coefficients), frames.shape[1])
    return torch.cat([torch.stack(sines).view(shape), torch.stack(cosines).view(shape)], dim=1)


def tmk_descriptor_at_once(
    frames: Tensor, times: Tensor, periods: Sequence[float], coefficients: Tensor
) -> Tensor:
    """The same as `tmk_descriptor`, without a loop: all weighted frames, then their sum."""
    harmonics = torch.arange(len(coefficients))
    angles = 2 * math.pi * harmonics * times[:, None, None] / torch.tensor(periods)[:, None]
    weights = torch.cat([angles.sin(), angles.cos()], -1) * coefficients.sqrt().repeat(2)
    return (weights[..., None] * frames[:, None, None, :]).sum(0)


def tmk_normalise(fv: Tensor, coefficients: Tensor, normalisation: str) -> Tensor:
    """Normalise a descriptor of shape (P, 2m, d), but for "matrix", which is left to the score."""
    if normalisation in ("feat", "feat_freq"):
        unweighted = fv / coefficients.sqrt().repeat(2)[:, None]
        fv = fv / ((unweighted.square().sum(-1, keepdim=True) + EPS).sqrt() + EPS)
    if normalisation in ("freq", "feat_freq"):
        power = fv.square().sum(1, keepdim=True) / len(coefficients)
        fv = fv / ((power + EPS).sqrt() + EPS)
    return fv


def tmk_scores(
    fv_a: Tensor,
    fv_b: Tensor,
    offsets: Tensor,
    periods: Sequence[float],
    coefficients: Tensor,
    normalisation: str,
) -> Tensor:
    """Score two descriptors at every offset.

    Args:
        fv_a, fv_b: descriptors as `tmk_descriptor` gives them, shape (P, 2m, d).
        offsets: x_a - x_b in feature frames, shape (n,).
        periods, coefficients: as the descriptors were made with.
        normalisation: "feat", "freq", "feat_freq" or "matrix".

    Returns:
        Scores, shape (n,).
    """
    m, d = len(coefficients), fv_a.shape[-1]
    a = tmk_normalise(fv_a, coefficients, normalisation)
    b = tmk_normalise(fv_b, coefficients, normalisation)
    sin_a, cos_a, sin_b, cos_b = a[:, :m], a[:, m:], b[:, :m], b[:, m:]
    even = (sin_a * sin_b + cos_a * cos_b).sum(-1)  # (P, m)
    odd = (sin_a * cos_b - cos_a * sin_b).sum(-1)
    harmonics = torch.arange(m, dtype=offsets.dtype)
    turns = harmonics / torch.tensor(periods, dtype=offsets.dtype)[:, None]
    angles = 2 * math.pi * turns[:, :, None] * offsets  # (P, m, n)
    scores = (even[:, :, None] * angles.cos() + odd[:, :, None] * angles.sin()).sum(1)  # (P, n)
    if normalisation == "matrix":
        norms = [(fv.square().sum((1, 2)) + EPS).sqrt() + EPS for fv in (a, b)]
        scores = scores / (norms[0] * norms[1])[:, None]
    return scores.mean(0) / {"freq": m, "feat": d, "feat_freq": d, "matrix": 1}[normalisation]


def cte_descriptor(frames: Tensor, times: Tensor, m: int, fft_length: int) -> Tensor:
    """DFT coefficients 0..m-1 of one video: complex, shape (m, d).

    Args:
        frames: frame descriptors, shape (T, d).
        times: time stamps in feature frames, shape (T,); whole numbers make this the DFT of the
            zero-padded sequence.
        m: frequencies kept.
        fft_length: the length N that all videos are padded to.
    """
    rows = []
    for k in range(m):
        angles = 2 * math.pi * k * times / fft_length
        wave = torch.complex(angles.cos(), -angles.sin())
        rows.append((wave[:, None] * frames).sum(0))
    return torch.stack(rows)


def cte_scores(
    query: Tensor, video: Tensor, offsets: Tensor, fft_length: int, regularisation: float = 0.1
) -> Tensor:
    """Regularised circular correlation of two videos at every offset.

    Args:
        query, video: coefficients as `cte_descriptor` gives them, shape (m, d).
        offsets: x_query - x_video in feature frames, shape (n,).
        fft_length: the length N that the coefficients were made with.
        regularisation: lambda.

    Returns:
        Scores, shape (n,).
    """
    m = len(query)
    correlation = (query.conj() * video).sum(-1)
    correlation = correlation / (query.abs().square().sum(-1) + regularisation)
    # The signal is real, so frequency -k, that is N - k, holds the conjugate of frequency k.
    mirrored = [k for k in range(1, m) if fft_length - k >= m]
    frequencies = torch.tensor([*range(m), *(-k for k in mirrored)])
    correlation = torch.cat([correlation, correlation[mirrored].conj()])
    angles = 2 * math.pi * frequencies.to(offsets)[:, None] * -offsets / fft_length
    waves = torch.complex(angles.cos(), angles.sin())
    return (correlation[:, None] * waves).sum(0).real / fft_length

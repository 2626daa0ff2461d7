"""The highest value of TMK kernels, of all pairs at once.

A period's kernel is a trigonometric polynomial of the offset with as many harmonics as the hash:

    K(u) = sum_j X_j cos(j u) + Y_j sin(j u),   u = 2 pi delta / T,

whatever the period T. So all periods share one grid of angles, and one product with its table gives
K at all of them. Its curvature is at most M = sum_j j^2 |(X_j, Y_j)|, so that between samples a
distance h apart it lies at most M h^2 / 8 above the nearer one. Only samples that may so reach the
highest value of any period are looked around: their Taylor series leads to the peak beside them
and gives the values at the whole offsets on both sides of it. `matching` finds places, a period at
a time, and looks around ten times as many samples.
"""

import math

import torch
from torch import Tensor

_SAMPLES_A_HARMONIC = 8
_FINE = 4  # offsets a sample from which the best offset is one beside a peak; fewer are scanned
_ORDER = 8  # of the Taylor series: half a step from a sample its rest is below 1e-8 of the value
_NEWTON_STEPS = 3
_CANDIDATES = 1 << 14  # looked around at once


def highest_values(coefficients: Tensor, periods: Tensor) -> Tensor:
    """The highest value of any period's kernel at any whole offset, pair by pair.

    Args:
        coefficients: X, then Y, shape (P, n, 2m), float32.
        periods: in frames, shape (P,).

    Returns:
        Shape (n,), float32.
    """
    size = max(16, _SAMPLES_A_HARMONIC * coefficients.shape[2] // 2)
    long = periods > _FINE * size
    parts = [
        _scan(c, period) for c, period in zip(coefficients[~long], periods[~long], strict=True)
    ]
    if long.any():
        parts.append(_highest_around_peaks(coefficients[long], periods[long], size))
    return torch.stack(parts).amax(0)


def _scan(coefficients: Tensor, period: Tensor) -> Tensor:
    """The highest value of one short period's kernel, from all its offsets."""
    turns = torch.arange(int(period), dtype=torch.float64) / period
    return (coefficients @ _table(coefficients.shape[1] // 2, 2 * math.pi * turns)).amax(1)


def _table(harmonics: int, angles: Tensor) -> Tensor:
    """What coefficients are multiplied with to give values at angles: (2m, n), float32."""
    phase = torch.arange(harmonics, dtype=torch.float64)[:, None] * angles
    return torch.cat([phase.cos(), phase.sin()]).float()


def _highest_around_peaks(coefficients: Tensor, periods: Tensor, size: int) -> Tensor:
    """The same, of periods with several offsets between two of `size` samples."""
    harmonics = coefficients.shape[2] // 2
    step = 2 * math.pi / size
    table = _table(harmonics, step * torch.arange(size, dtype=torch.float64))
    samples = coefficients @ table  # (P, n, size)
    amplitudes = torch.hypot(*coefficients.chunk(2, dim=2))
    bend = amplitudes @ torch.arange(harmonics).square().float()  # (P, n)
    # A whole offset lies within half an offset of a peak.
    lowest = samples.amax(2) - bend * (0.5 * (math.pi / periods[:, None]).square()).float()
    rounding = 1e-6 * amplitudes.sum(2).amax(0)
    least = lowest.amax(0) - rounding - bend * (step**2 / 8)
    period, pair, sample = _few_above(samples, least)
    best = torch.full((coefficients.shape[1],), -torch.inf, dtype=torch.float64)
    rows = table.T.contiguous()
    for p, n, i in zip(*(t.split(_CANDIDATES) for t in (period, pair, sample)), strict=True):
        series = _taylor_series(coefficients[p, n], rows[i])
        near = _highest_near(series, step * i.double(), step, 2 * math.pi / periods[p])
        best.scatter_reduce_(0, n, near, "amax")
    return best.float()


def _few_above(samples: Tensor, least: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Where samples (P, n, size) reach `least` (P, n): period, pair and sample."""
    period, pair = (samples.amax(2) >= least).nonzero(as_tuple=True)
    reached = samples[period, pair] >= least[period, pair, None]
    row, sample = reached.nonzero(as_tuple=True)
    return period[row], pair[row], sample


def _taylor_series(coefficients: Tensor, waves: Tensor) -> Tensor:
    """Series of kernels around angles whose cosines and sines are given: (R, _ORDER + 1)."""
    (x, y), (cos, sin) = coefficients.chunk(2, dim=1), waves.chunk(2, dim=1)
    even, odd = x * cos + y * sin, y * cos - x * sin
    order = torch.arange(_ORDER + 1, dtype=torch.float64)
    powers = (
        torch.arange(x.shape[1], dtype=torch.float64)[:, None] ** order / (order + 1).lgamma().exp()
    )
    powers *= torch.tensor([1.0, 1.0, -1.0, -1.0]).repeat(_ORDER)[: _ORDER + 1]
    series = torch.empty(len(x), _ORDER + 1, dtype=torch.float64)
    series[:, ::2] = (even @ powers[:, ::2].float()).double()
    series[:, 1::2] = (odd @ powers[:, 1::2].float()).double()
    return series


def _highest_near(series: Tensor, angle: Tensor, step: float, spacing: Tensor) -> Tensor:
    """The higher of the values at the whole offsets around the peak beside an angle, shape (R,).

    Args:
        series: around the angle, shape (R, _ORDER + 1).
        angle: of a sample of the grid, shape (R,).
        step: of the grid.
        spacing: angle between two offsets, shape (R,).
    """
    slope = series[:, 1:] * torch.arange(1, _ORDER + 1)
    bend = slope[:, 1:] * torch.arange(1, _ORDER)
    moved = torch.zeros_like(angle)
    for _ in range(_NEWTON_STEPS):
        rise, curvature = _value(slope, moved), _value(bend, moved)
        # Where the kernel is not concave there is no peak here; another sample is nearer to it.
        change = torch.where(curvature < 0, -rise / curvature, rise.sign() * step)
        moved = torch.clamp(moved + change, -step, step)
    before = ((angle + moved) / spacing).floor()
    beside = (_value(series, offset * spacing - angle) for offset in (before, before + 1))
    return torch.maximum(*beside)


def _value(series: Tensor, x: Tensor) -> Tensor:
    """Polynomials (R, order + 1), the constant first, at one place each, shape (R,)."""
    total = series[:, -1].clone()
    for k in range(series.shape[1] - 2, -1, -1):
        total = total * x + series[:, k]
    return total

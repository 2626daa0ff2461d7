"""Correlations of windows against NumPy's, one by one."""

import numpy as np
import torch
from numpy.testing import assert_allclose

from videoalignment.align.search import correlation_curves


def test_curves_are_correlation_coefficients():
    generator = np.random.default_rng(0)
    windows = generator.normal(size=(3, 10, 4)) * 50  # strong enough for the floor not to matter
    video = generator.normal(size=(40, 4)) * 50
    video[12:22] = windows[1]
    curves = correlation_curves(torch.tensor(windows).float(), torch.tensor(video).float())
    assert curves.shape == (3, 31)
    for window, curve in zip(windows, curves.numpy(), strict=True):
        for place, value in enumerate(curve):
            one = window - window.mean(axis=0)
            other = video[place : place + 10] - video[place : place + 10].mean(axis=0)
            expected = (one * other).sum() / np.sqrt((one**2).sum() * (other**2).sum())
            assert_allclose(value, expected, atol=1e-3)
    assert curves[1].argmax() == 12


def test_what_stands_still_has_no_correlation():
    still = torch.ones(1, 10, 4)
    moving = torch.randn(40, 4, generator=torch.Generator().manual_seed(0))
    assert correlation_curves(still, moving).abs().max() < 1e-5
    windows = moving[:10][None] - moving[:10].mean(dim=0)
    assert correlation_curves(windows, still[0].repeat(4, 1)).abs().max() < 1e-3

import math

import torch

from videoalignment.spectrum import Spectra, score_pairs, waves


def test_waves_of_long_times_are_those_of_float64():
    times = torch.tensor([[0.0, 0.25, 15999.5, -37771]])
    turns = torch.tensor([0, 1 / 253, 15 / 253, 15 / 97], dtype=torch.float64)
    cos, sin = waves(times, turns)
    angles = 2 * math.pi * turns[:, None] * times.double()
    assert cos.shape == (1, 4, 4)
    torch.testing.assert_close(cos[0].double(), angles.cos(), rtol=0, atol=1e-6)
    torch.testing.assert_close(sin[0].double(), angles.sin(), rtol=0, atol=1e-6)


def test_two_impulses_score_highest_at_the_difference_of_their_times():
    """One frame each, at 7 and at 3: the same moment, x_a - x_b = 4."""
    turns = torch.arange(20, dtype=torch.float64) / 100
    spectra = []
    for time in (7.0, 3.0):
        cos, sin = waves(torch.tensor([[time]]), turns)
        spectra.append(Spectra(cos, sin, turns))
    scores = score_pairs(*spectra, torch.arange(-20.0, 20)[None])
    assert scores.argmax() - 20 == 4


def test_a_slice_keeps_its_videos():
    spectra = Spectra(torch.randn(5, 3, 2), torch.randn(5, 3, 2), torch.arange(3.0).double())
    part = spectra[2:]
    assert (len(spectra), len(part)) == (5, 3)
    assert torch.equal(part.cosines[0], spectra.cosines[2])
    assert torch.equal(part.sines[-1], spectra.sines[-1])

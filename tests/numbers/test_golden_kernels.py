"""The temporal match kernel against stored outputs of an independent implementation."""

import json

import numpy as np
import pytest
import torch

from videoalignment.datasets import time_stamps
from videoalignment.temporal_match_kernel import TemporalMatchKernel, von_mises_coefficients

SETUPS = ("poullot", "feat_freq", "feat", "matrix", "freq_short")


@pytest.fixture(scope="module")
def arrays(golden) -> dict[str, torch.Tensor]:
    with np.load(golden / "kernels.npz") as archive:
        return {name: torch.from_numpy(archive[name]) for name in archive}


@pytest.fixture
def kernel(golden, request) -> TemporalMatchKernel:
    setups = json.loads((golden / "kernels.json").read_text())
    setup = next(setup for setup in setups if setup["name"] == request.param)
    return TemporalMatchKernel(
        setup["periods"], setup["m"], setup["beta"], normalisation=setup["normalization"]
    )


def assert_close(actual: torch.Tensor, expected: torch.Tensor) -> None:
    """To 1e-4, relative to the largest number there."""
    assert actual.shape == expected.shape
    assert (actual - expected).abs().max() <= 1e-4 * expected.abs().max()


@pytest.mark.parametrize("kernel", SETUPS, indirect=True)
def test_scores(kernel, arrays, request):
    name = request.node.callspec.params["kernel"]
    a = kernel.single_fv(arrays["frames_a"], arrays["timestamps_a"])
    b = kernel.single_fv(arrays["frames_b"], arrays["timestamps_b"])
    assert_close(kernel.score_pair(a, b, arrays["offsets"]), arrays[f"{name}/scores"])


@pytest.mark.parametrize("kernel", ["feat_freq", "freq_short"], indirect=True)
def test_descriptors_and_shifted_descriptors(kernel, arrays, request):
    name = request.node.callspec.params["kernel"]
    fv = kernel.single_fv(arrays["frames_a"][:1], arrays["timestamps_a"][:1])
    assert_close(fv, arrays[f"{name}/descriptor_a"])
    assert_close(kernel.shift_fv(fv, -9), arrays[f"{name}/shifted_a"])


def test_coefficients(arrays):
    expected = arrays["coefficients_m16_beta32"]
    torch.testing.assert_close(von_mises_coefficients(16, 32), expected, rtol=1e-5, atol=0)


def test_time_stamps(golden):
    expected = json.loads((golden / "timestamps.json").read_text())
    for name, seconds in expected.items():
        frame_rate = float(name.split("->")[0])
        found = time_stamps(len(seconds), frame_rate) / 15
        np.testing.assert_allclose(found, seconds, rtol=1e-6, err_msg=name)

import numpy as np
import obvious
import pytest
import scipy.special
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from videoalignment.errors import VideoAlignmentError
from videoalignment.temporal_match_kernel import (
    NORMALISATIONS,
    TemporalMatchKernel,
    von_mises_coefficients,
)

PERIODS = (97.0, 31.0, 13.0)
M, D = 5, 7


@pytest.fixture(params=NORMALISATIONS)
def kernel(request) -> TemporalMatchKernel:
    return TemporalMatchKernel(PERIODS, M, normalisation=request.param)


def videos(seed: int = 0, frames: int = 40) -> tuple[torch.Tensor, torch.Tensor]:
    """Two videos with irregular time stamps: ts (2, T, d), xs (2, T)."""
    generator = torch.Generator().manual_seed(seed)
    ts = torch.randn(2, frames, D, generator=generator)
    return ts, torch.rand(2, frames, generator=generator).cumsum(1) * 2


def test_coefficients_are_the_von_mises_windows_own():
    beta = 32
    i = np.arange(16)
    expected = scipy.special.iv(i, beta) / np.sinh(beta)
    expected[0] = (scipy.special.iv(0, beta) - np.exp(-beta)) / (2 * np.sinh(beta))
    np.testing.assert_allclose(von_mises_coefficients(16, beta), expected, rtol=1e-6)


def test_coefficients_keep_clear_of_zero():
    coefficients = von_mises_coefficients(64)
    assert coefficients.min() == pytest.approx(1e-7)
    assert von_mises_coefficients(16, beta=2000).isfinite().all()


def test_descriptor_equals_the_sum_of_weighted_frames(kernel):
    ts, xs = videos()
    coefficients = kernel.coefficients.double()
    fv = kernel.single_fv(ts, xs)
    for i in range(2):
        slow = obvious.tmk_descriptor(ts[i].double(), xs[i].double(), PERIODS, coefficients)
        torch.testing.assert_close(fv[i].double(), slow, rtol=1e-4, atol=1e-5)


def test_scores_equal_the_obvious_way(kernel):
    ts, xs = videos()
    offsets = torch.arange(-60, 60).float()
    coefficients = kernel.coefficients.double()
    fv = kernel.single_fv(ts, xs)
    slow_fv = [
        obvious.tmk_descriptor(ts[i].double(), xs[i].double(), PERIODS, coefficients)
        for i in range(2)
    ]
    slow = obvious.tmk_scores(
        *slow_fv, offsets.double(), PERIODS, coefficients, kernel.normalisation
    )
    scores = kernel.score_pair(fv[:1], fv[1:], offsets[None])
    assert scores.shape == (1, 120)
    torch.testing.assert_close(scores[0].double(), slow, rtol=1e-4, atol=1e-4 * slow.abs().max())


def test_long_videos_keep_their_precision():
    """At 16,000 frames the highest harmonics have turned a thousand times."""
    ts, xs = torch.randn(1, 4, D), torch.tensor([[0.0, 15997, 15998.25, 15999]])
    kernel = TemporalMatchKernel((253,), 16)
    slow = obvious.tmk_descriptor(ts[0].double(), xs[0].double(), (253,), kernel.coefficients)
    fv = kernel.single_fv(ts, xs)
    torch.testing.assert_close(fv[0].double(), slow.double(), rtol=1e-4, atol=1e-5)


def test_padding_adds_nothing(kernel):
    ts, xs = videos()
    padded = torch.cat([ts, torch.zeros(2, 9, D)], 1)
    times = torch.cat([xs, torch.rand(2, 9) * 1000], 1)
    torch.testing.assert_close(kernel.single_fv(padded, times), kernel.single_fv(ts, xs))


def test_one_sequence_a_period(kernel):
    """(b, T, P, d): each period sees its own sequence."""
    _, xs = videos()
    ts = torch.randn(2, 40, len(PERIODS), D)
    fv = kernel.single_fv(ts, xs)
    for p, period in enumerate(PERIODS):
        alone = TemporalMatchKernel((period,), M).single_fv(ts[:, :, p], xs)
        torch.testing.assert_close(fv[:, p], alone[:, 0], rtol=1e-4, atol=1e-5)


@settings(max_examples=25)
@given(shift=st.floats(-500, 500), normalisation=st.sampled_from(NORMALISATIONS))
def test_shifting_equals_later_time_stamps(shift, normalisation):
    kernel = TemporalMatchKernel(PERIODS, M, normalisation=normalisation)
    ts, xs = videos()
    torch.testing.assert_close(
        kernel.shift_fv(kernel.single_fv(ts, xs), shift),
        kernel.single_fv(ts, xs + shift),
        rtol=1e-3,
        atol=2e-3,
    )


def test_each_video_may_be_shifted_by_its_own_offset(kernel):
    fv = kernel.single_fv(*videos())
    both = kernel.shift_fv(fv, torch.tensor([3.0, -8.5]))
    torch.testing.assert_close(both[:1], kernel.shift_fv(fv[:1], 3.0))
    torch.testing.assert_close(both[1:], kernel.shift_fv(fv[1:], -8.5))


def test_gradients_reach_the_coefficients(kernel):
    kernel.coefficients.requires_grad_()
    ts, xs = videos()
    fv = kernel.single_fv(ts, xs)
    kernel.score_pair(fv[:1], fv[1:], torch.arange(-5, 5).float()[None]).square().sum().backward()
    assert kernel.coefficients.grad.isfinite().all()
    assert (kernel.coefficients.grad != 0).any()


def test_gradients_are_those_of_finite_differences():
    kernel = TemporalMatchKernel(PERIODS, M, normalisation="feat").double()
    ts, xs = videos()
    offsets = torch.arange(-5, 5).double()[None]

    def score(coefficients: torch.Tensor) -> float:
        kernel.coefficients.data = coefficients
        fv = kernel.single_fv(ts.float(), xs)
        return kernel.score_pair(fv[:1], fv[1:], offsets)[0, 2]

    start = kernel.coefficients.data.clone()
    kernel.coefficients.requires_grad_()
    score(start).backward()
    steps = torch.eye(M, dtype=torch.float64) * 1e-3
    with torch.no_grad():
        slopes = torch.stack([(score(start + s) - score(start - s)) / 2e-3 for s in steps])
    scale = slopes.abs().max()
    torch.testing.assert_close(kernel.coefficients.grad, slopes, rtol=0, atol=float(0.02 * scale))


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"normalisation": "l2"}, "'l2'.*feat_freq"),
        ({"m": 0}, "m = 0"),
        ({"periods": ()}, r"periods \[\]"),
        ({"periods": (10, -3)}, "-3"),
    ],
)
def test_impossible_options_are_named(options, named):
    with pytest.raises(VideoAlignmentError, match=named):
        TemporalMatchKernel(**{"periods": PERIODS, **options})

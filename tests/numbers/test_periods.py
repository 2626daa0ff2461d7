"""Periods: the kernel's own curve against real descriptors, and sets that do not resonate."""

from argparse import Namespace

import numpy as np
import pytest
import torch

from videoalignment.errors import OptionError
from videoalignment.eval.options import EvaluationOptions, resolve_options
from videoalignment.models import TMK
from videoalignment.periods import (
    FREQUENCIES,
    PeriodSet,
    auto_periods,
    behaviour,
    documented_sets,
    kernel_curve,
    search_periods,
)
from videoalignment.temporal_match_kernel import TemporalMatchKernel, von_mises_coefficients

CLIMBING = 18886


def window(periods, m: int = 16) -> PeriodSet:
    return PeriodSet(tuple(periods), (tuple(von_mises_coefficients(m).tolist()),) * len(periods))


DEFAULT = window((9767.0, 2731.0, 1039.0, 253.0))


def test_the_curve_is_what_two_single_frames_score():
    """Two videos of one frame each, without normalisation: the kernel itself, nothing else."""
    kernel = PeriodSet((31.5, 13.0), ((0.1, 0.5, 0.2), (0.3, 0.2, 0.4)))
    model = TemporalMatchKernel(
        kernel.periods, normalisation="matrix", coefficients=torch.tensor(kernel.weights)
    )
    frame = torch.ones(1, 1, 1)
    fv_a = model.single_fv(frame, torch.tensor([[40.0]]))
    fv_b = model.single_fv(frame, torch.tensor([[0.0]]))
    offsets = torch.arange(-60.0, 140.0)
    # each period is divided by its own norm, which here depends on its weights alone
    shares = np.array(kernel.weights) / np.sum(kernel.weights, axis=1, keepdims=True) / 2
    own = PeriodSet(kernel.periods, tuple(map(tuple, shares)))
    scores = model.score_pair(fv_a, fv_b, offsets[None])[0]
    np.testing.assert_allclose(scores, kernel_curve(own, offsets.numpy() - 40), atol=1e-5)


def test_the_default_resonates_where_people_found_that_it_does():
    found = behaviour(DEFAULT, CLIMBING)
    assert found.highest_false_peak == pytest.approx(0.57, abs=0.005)
    assert found.false_peak_at / 15 == pytest.approx(624, abs=0.5)


def test_behaviour_equals_a_slow_look_at_every_offset():
    kernel = PeriodSet((50.0, 21.0), ((0.2, 0.5, 0.3), (0.1, 0.4, 0.2)))
    found = behaviour(kernel, 300)
    total = sum(map(sum, kernel.weights))
    curve = [
        sum(
            weight * np.cos(2 * np.pi * i * offset / period)
            for period, row in zip(kernel.periods, kernel.weights, strict=True)
            for i, weight in enumerate(row)
        )
        / total
        for offset in range(301)
    ]
    end = next(i for i in range(300) if curve[i + 1] > curve[i])
    assert found.highest_false_peak == pytest.approx(max(curve[end:]))
    assert found.false_peak_at == end + int(np.argmax(curve[end:]))
    assert found.half_width == next(i for i, value in enumerate(curve) if value < 0.5)


def test_a_curve_that_only_falls_has_no_false_peak():
    found = behaviour(PeriodSet((1000.0,), ((0.0, 1.0),)), 100)
    assert (found.highest_false_peak, found.false_peak_at, found.half_width) == (0, 0, 101)


@pytest.mark.parametrize("longest", [200, 1024, 4096, 9085, 16000, 18886])
def test_a_documented_set_has_low_false_peaks_a_narrow_main_one_and_the_defaults_size(longest):
    kernel = documented_sets()[longest]
    found = behaviour(kernel, longest)
    assert found.highest_false_peak <= 0.25
    assert found.half_width < behaviour(DEFAULT, longest).half_width / 2
    assert len(kernel.periods) * kernel.m == FREQUENCIES


@pytest.mark.parametrize(("longest", "most"), [(40000, 0.27), (108000, 0.28)])
def test_so_have_the_sets_for_long_videos(longest, most):
    found = behaviour(documented_sets()[longest], longest)
    assert found.highest_false_peak <= most < behaviour(DEFAULT, longest).highest_false_peak


def test_auto_takes_the_set_for_the_next_longer_video_and_stretches_the_last():
    sets = documented_sets()
    assert auto_periods(1) == auto_periods(200) == sets[200]
    assert auto_periods(201) == sets[1024]
    assert auto_periods(CLIMBING) == sets[CLIMBING]
    last, longest = sets[108000], 3 * 108000
    stretched = auto_periods(longest)
    assert stretched.periods == tuple(3 * period for period in last.periods)
    assert behaviour(stretched, longest).highest_false_peak < 0.3


def test_a_search_finds_a_quiet_set_and_the_same_again():
    kernel = search_periods(2000, shortest=60.0, seed=3)
    found = behaviour(kernel, 2000)
    assert found.highest_false_peak < 0.15
    assert min(kernel.periods) >= 60
    assert search_periods(2000, shortest=60.0, seed=3) == kernel
    few = search_periods(2000, count=3, m=20, shortest=60.0)
    assert (len(few.periods), few.m) == (3, 20)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: PeriodSet((), ()), "`periods`"),
        (lambda: PeriodSet((0.0,), ((1.0,),)), "`periods`"),
        (lambda: PeriodSet((float("nan"),), ((1.0,),)), "`periods`"),
        (lambda: PeriodSet((9.0,), ((1.0,), (1.0,))), "`weights`: expected 1 rows"),
        (lambda: PeriodSet((9.0, 8.0), ((1.0,), (1.0, 2.0))), "`weights`: expected 2 rows"),
        (lambda: PeriodSet((9.0,), ((1.0, -1.0),)), "`weights`: expected numbers from 0"),
        (lambda: PeriodSet((9.0,), ((0.0, 0.0),)), "`weights`: expected numbers from 0"),
        (lambda: behaviour(DEFAULT, 0), "`longest_frames` 0"),
        (lambda: auto_periods(-1), "`longest_frames` -1"),
        (lambda: search_periods(100, count=0), "`count` 0"),
        (lambda: search_periods(100, m=1), "`m` 1"),
        (lambda: search_periods(100, shortest=10.0), "`shortest` 10.0"),
        (lambda: TMK(Namespace(T="auto")), "`T` auto: for which range?"),
        (lambda: TMK.resolve_options({"T": "auto", "m": 8}), "`m` does not apply: `T` auto"),
        (lambda: TMK.resolve_options({"T": "auto", "beta": 8.0}), "`beta` does not apply"),
        (lambda: TMK.resolve_options({"T": ["auto", 5]}), "`T` .* expected numbers"),
        (lambda: TMK.resolve_options({"T": (5.0, float("inf"))}), "`T` .* above 0"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(call, message):
    with pytest.raises(OptionError, match=message) as error:
        call()
    assert "\n" not in str(error.value)


def test_auto_becomes_the_documented_set_and_names_the_run():
    options = resolve_options(EvaluationOptions("Climbing", "TMK", T="auto"))
    assert options.run_name == "TMK_Climbing_T-auto"
    fitted = TMK.fit_options(options.model_options, lambda: CLIMBING)
    kernel = auto_periods(CLIMBING)
    assert fitted["T"] == kernel
    model = TMK(Namespace(**fitted)).kernel
    assert tuple(model.periods.tolist()) == kernel.periods
    torch.testing.assert_close(model.coefficients / 8, torch.tensor(kernel.weights))
    assert resolve_options(EvaluationOptions("Climbing", "TMK", T=("auto",))) == options


def test_periods_need_not_be_whole_numbers():
    options = TMK.resolve_options({"T": (100.5, 30)})
    assert TMK(Namespace(**options)).kernel.periods.tolist() == [100.5, 30.0]


def test_a_clip_is_placed_as_exactly_as_by_the_default():
    generator = torch.Generator().manual_seed(0)
    video = torch.randn(1, 600, 32, generator=generator)
    model = TMK(Namespace(T=auto_periods(CLIMBING)))
    times = torch.arange(600.0)[None]
    fv_a = model.single_fv(video[:, 150:450], times[:, :300])
    offsets = torch.arange(-CLIMBING, CLIMBING).float()[None]
    scores = model.score_pair(fv_a, model.single_fv(video, times), offsets)
    assert offsets[0, scores.argmax()] == -150

"""A model, fast and slow, for every test of the evaluators."""

from dataclasses import dataclass

import pytest
import torch
from made_up import Describe, Score, obvious_model

from videoalignment.eval.steps import Run
from videoalignment.models import MODELS, Model


@dataclass(frozen=True)
class FastAndSlow:
    model: Model
    describe: Describe
    """Frames (T, d) and times (T,) to a descriptor, the obvious way."""
    score: Score
    """Two descriptors and offsets (n,) to scores (n,), the obvious way."""


@dataclass(frozen=True)
class _Options:
    m: int
    fft_length: int = 4000


@pytest.fixture(params=MODELS)
def both(request) -> FastAndSlow:
    options = _Options(m=64 if request.param == "CTE" else 16)
    return FastAndSlow(
        MODELS[request.param](options),
        *obvious_model(request.param, options.m, options.fft_length),
    )


@pytest.fixture
def run() -> Run:
    return Run(torch.device("cpu"))

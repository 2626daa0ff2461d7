"""A clip hidden in a longer video of random frames is found, or found as well as the kernel can."""

from argparse import Namespace

import pytest
import torch
from made_up import obvious_model

from videoalignment.models import CTE, TMK, Model, TMK_Poullot

BEGIN, CLIP, VIDEO, D = 20, 100, 150, 512
SEEDS = range(20)
OFFSETS = torch.arange(-VIDEO, VIDEO).float()


def hidden(seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Frames (1, CLIP, D) of a clip and (1, VIDEO, D) of the video that it was cut out of."""
    video = torch.randn(1, VIDEO, D, generator=torch.Generator().manual_seed(seed))
    video = torch.nn.functional.normalize(video, dim=-1)
    return video[:, BEGIN : BEGIN + CLIP], video


def times(frames: int) -> torch.Tensor:
    return torch.arange(frames).float()[None]


def errors(model: Model) -> list[float]:
    """How far from the truth the clip is found, frames, a seed each."""
    found = []
    for clip, video in map(hidden, SEEDS):
        scores = model.forward_pair(clip, video, times(CLIP), times(VIDEO), OFFSETS[None])
        found.append(float(OFFSETS[scores[0].argmax()]))
    return [abs(offset + BEGIN) for offset in found]


@pytest.mark.parametrize(
    "model",
    [
        TMK(Namespace(m=16)),
        TMK(Namespace(m=16, norm="freq")),
        CTE(Namespace(m=64)),
        CTE(Namespace(m=64, fft_length=300)),
    ],
    ids=["TMK", "TMK freq", "CTE", "CTE 300"],
)
def test_found_within_two_frames(model):
    assert max(errors(model)) <= 2


def test_tmk_poullot_finds_it_as_well_as_its_periods_allow():
    """The shortest period is 2731 frames, so the window of m = 16 frequencies is some 80 frames
    wide; normalising each dimension over frequencies then moves its peak by several frames."""
    assert max(errors(TMK_Poullot(Namespace(m=16)))) <= 8
    describe, score = obvious_model("TMK_Poullot")
    model = TMK_Poullot(Namespace(m=16))
    for clip, video in map(hidden, range(3)):
        ours = model.forward_pair(clip, video, times(CLIP), times(VIDEO), OFFSETS[None])[0]
        fv = describe(clip[0], times(CLIP)[0]), describe(video[0], times(VIDEO)[0])
        assert abs(int(ours.argmax()) - int(score(*fv, OFFSETS).argmax())) <= 1

"""The loss against a slow and obvious second way."""

import math
from argparse import Namespace

import pytest
import torch

from videoalignment.models import LAMV
from videoalignment.train import TrainingSettings
from videoalignment.train.losses import Batch, Scan, triplet_loss, triplets

LONGEST = 80
SETTINGS = TrainingSettings(margin=0.5, tolerance=1.5, proposals=3)


@pytest.fixture
def model() -> LAMV:
    return LAMV(Namespace(T=(97.0, 31.0), m=6))


@pytest.fixture
def batch(model):
    """Three pairs of clips: the first offset is unknown, no clip of the last row is unrelated."""
    generator = torch.Generator().manual_seed(0)
    event = torch.randn(3, 60, 8, generator=generator)
    times = torch.arange(40.0).expand(3, -1)
    a, b = event[:, 12:52], event[:, :40]
    true = torch.tensor([torch.nan, -12.0, -12.0])
    unrelated = torch.tensor([[False, True, True], [True, False, True], [False] * 3])
    spectra = [model.spectra(model.single_fv(clips, times)) for clips in (a, b)]
    return *spectra, Batch(true, unrelated)


def curve(model, a, b) -> torch.Tensor:
    """Scores at all offsets of one pair, offset by offset."""
    offsets = torch.arange(-LONGEST, LONGEST + 1.0)
    scores = torch.zeros(len(offsets))
    for k, turns in enumerate(a.turns):
        x = a.cosines[k] @ b.cosines[k] + a.sines[k] @ b.sines[k]
        y = a.sines[k] @ b.cosines[k] - a.cosines[k] @ b.sines[k]
        angle = 2 * torch.pi * float(turns) * offsets
        scores += x * angle.cos() + y * angle.sin()
    return scores


def one(spectra, i):
    return Namespace(cosines=spectra.cosines[i], sines=spectra.sines[i], turns=spectra.turns)


def obvious_rows(model, a, b, batch) -> list[list[float]]:
    rows = []
    for i in range(3):
        scores = curve(model, one(a, i), one(b, i))
        spread = 0.0
        for k, turns in enumerate(a.turns):
            if turns > 0:
                x = a.cosines[i, k] @ b.cosines[i, k] + a.sines[i, k] @ b.sines[i, k]
                y = a.sines[i, k] @ b.cosines[i, k] - a.cosines[i, k] @ b.sines[i, k]
                spread += float(x**2 + y**2) / 2
        spread = spread**0.5
        known = not batch.true[i].isnan()
        at = int(batch.true[i]) + LONGEST if known else int(scores[::2].argmax()) * 2
        right = float(scores[at]) / spread
        row = []
        if known:
            row += [float(scores[at + step]) / spread for step in (-3, 3)]
            maxima = [
                float(scores[j])
                for j in range(1, 2 * LONGEST)
                if scores[j] >= scores[j - 1] and scores[j] > scores[j + 1] and abs(j - at) > 1.5
            ]
            row += [score / spread for score in sorted(maxima, reverse=True)[:3]]
        others = [
            max(curve(model, one(a, i), one(b, j))[::2]) / spread
            for j in range(3)
            if batch.unrelated[i, j]
        ]
        row += [float(max(others))] if others else []
        rows.append([0.5 + score - right for score in row])
    return rows


def test_triplets_equal_the_obvious_way(model, batch):
    a, b, about = batch
    rows = triplets(a, b, about, Scan(a.turns, LONGEST), SETTINGS)
    for row, expected in zip(rows, obvious_rows(model, *batch), strict=True):
        found = row[row > -torch.inf]
        torch.testing.assert_close(found, torch.tensor(expected), rtol=1e-3, atol=1e-3)


def test_the_loss_is_how_unlikely_the_right_score_is():
    rows = torch.tensor([[1.0, -2.0, 0.5], [0.3, -torch.inf, -torch.inf]])
    sharpness, weight = torch.tensor(0.7), 2.0
    unit = math.exp(0.7)
    terms = [math.exp(unit * 1.0) + math.exp(unit * -2.0), math.exp(unit * 0.3)]
    with_videos = [math.log(1 + terms[0] + weight * math.exp(unit * 0.5)), math.log(1 + terms[1])]
    found = float(triplet_loss(rows, sharpness, weight))
    assert found == pytest.approx(sum(with_videos) / 2, rel=1e-5)
    offsets_only = [math.log(1 + term) for term in terms]
    found = float(triplet_loss(rows, sharpness, 0.0))
    assert found == pytest.approx(sum(offsets_only) / 2, rel=1e-5)


def test_neither_scale_nor_what_lifts_all_offsets_changes_a_row(model, batch):
    a, b, about = batch
    scan = Scan(a.turns, LONGEST)
    rows = triplets(a, b, about, scan, SETTINGS)
    with torch.no_grad():
        model.kernel.log_mix += 1.0
    generator = torch.Generator().manual_seed(0)
    event = torch.randn(3, 60, 8, generator=generator)
    times = torch.arange(40.0).expand(3, -1)
    clips = (event[:, 12:52], event[:, :40])
    scaled = [model.spectra(model.single_fv(clip, times)) for clip in clips]
    again = triplets(*scaled, about, scan, SETTINGS)
    torch.testing.assert_close(again, rows, rtol=1e-3, atol=1e-3)

"""How a kernel does on validation clips."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from videoalignment.datasets import FEATURE_FPS
from videoalignment.spectrum import Spectra
from videoalignment.train.folded import Folded
from videoalignment.train.losses import (
    Batch,
    Scan,
    crossed_products,
    products_of,
    triplet_loss,
    triplets,
)
from videoalignment.train.settings import TrainingSettings

_THRESHOLDS_S = (0.1, 1.0)
_SHARPNESSES = (-4.0, 4.0, 33)


@dataclass(frozen=True)
class Look:
    """How a kernel does on the validation clips, which are not changed."""

    loss: float
    below_100_ms: float | None
    """Share of the pairs whose best offset is less than 0.1 s from the true one; None where no true
    offset is known."""
    below_1_s: float | None
    """Likewise, 1 s."""
    related_first: float | None
    """Share of the pairs that score higher than their first clip with any unrelated one of the
    batch; None where there is none."""


@dataclass(frozen=True)
class Epoch:
    """What an epoch gave."""

    loss: float | None
    """Mean over its batches; None before the first."""
    validation: Look


@torch.no_grad()
def look(folded: Folded, scan: Scan, settings: TrainingSettings) -> Look:
    """Score the validation pairs as an evaluation does.

    Args:
        folded: the pairs, with the model.
        scan: the offsets that are searched.
        settings: of the loss.
    """
    rows: list[Tensor] = []
    errors: list[float] = []
    first: list[bool] = []
    order = np.random.default_rng(settings.seed).permutation(len(folded.pairs)).tolist()
    for a, b, batch in folded.batches(order, settings.batch):
        rows.append(triplets(a, b, batch, scan, settings))
        best, at = (products_of(a, b) @ scan.table).max(1)
        errors += (scan.offsets[at] - batch.true).abs().tolist()
        rivals = _highest_elsewhere(a, b, batch, scan)
        first += (best > rivals)[rivals > -torch.inf].tolist()
    known = np.array([error for error in errors if not math.isnan(error)])
    close, near = (_share(known < threshold_s * FEATURE_FPS) for threshold_s in _THRESHOLDS_S)
    table = torch.cat(rows)
    # at the sharpness that suits these clips: what the training clips taught it is not the kernel's
    losses = [
        float(triplet_loss(table, sharpness, settings.videos_weight))
        for sharpness in torch.linspace(*_SHARPNESSES, device=table.device)
    ]
    return Look(min(losses), close, near, _share(np.array(first)))


def _share(right: np.ndarray) -> float | None:
    return float(right.mean()) if len(right) else None


def _highest_elsewhere(a: Spectra, b: Spectra, batch: Batch, scan: Scan) -> Tensor:
    """The highest score of each clip a with an unrelated clip b, -inf where there is none."""
    scores = (crossed_products(a, b) @ scan.table[:, ::2]).amax(-1)
    return scores.masked_fill(~batch.unrelated, -torch.inf).amax(1)

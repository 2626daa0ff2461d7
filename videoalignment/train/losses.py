"""The loss: true offsets score higher than wrong ones, related videos higher than unrelated ones.

As in LAMV (CVPR 2018), a triplet over *temporal proposals*, the highest wrong maxima of a pair's
scores over offsets, and one over videos. Proposals are found without gradients, then scored with.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from videoalignment.spectrum import Spectra, score_pairs, waves
from videoalignment.train.settings import TrainingSettings

_FINE = 4096
"""Feature frames up to which scores are sampled at every one; beyond, at every second."""
_BESIDE = 2.0
"""Where beside the true offset a wrong one always counts, in units of the tolerance: maxima tell
nothing of how sharp the right one is."""
_COARSE = 2
"""Steps of the finer scan from one sample to the next where only the maximum counts."""


class Scan:
    """The offsets that are searched, and the table that scores all of them.

    Args:
        turns: frequencies, as spectra have them.
        longest_frames: offsets up to that are searched.
    """

    def __init__(self, turns: Tensor, longest_frames: int) -> None:
        step = 1 if longest_frames <= _FINE else 2
        self.offsets = torch.arange(-longest_frames, longest_frames + 1, step).float()
        self.table = torch.cat(waves(self.offsets, turns.cpu())).to(turns.device)
        self.offsets = self.offsets.to(turns.device)

    def proposals(self, products: Tensor, true: Tensor, settings: TrainingSettings) -> Tensor:
        """The highest wrong maxima of pairs' scores.

        Args:
            products: X, then Y of b pairs, shape (b, 2K).
            true: their true offsets, shape (b,).

        Returns:
            Offsets, shape (b, proposals).
        """
        scores = products @ self.table
        middle = scores[:, 1:-1]
        peak = (middle >= scores[:, :-2]) & (middle > scores[:, 2:])
        far = (self.offsets[1:-1] - true[:, None]).abs() > settings.tolerance
        heights = middle.masked_fill(~(peak & far), -torch.inf)
        best = heights.topk(min(settings.proposals, heights.shape[1]), dim=1).indices
        return self.offsets[1:-1][best]

    def highest(self, products: Tensor) -> Tensor:
        """The offset of the highest of each row's scores, sampled coarsely, shape (...,)."""
        scores = products @ self.table[:, ::_COARSE]
        return self.offsets[::_COARSE][scores.argmax(-1)]


@dataclass(frozen=True)
class Batch:
    """What is true of some pairs of a clip a and a clip b."""

    true: Tensor
    """True offsets, NaN where unknown, shape (n,)."""
    unrelated: Tensor
    """Which clips b share nothing with which clips a, bool, shape (n, n)."""


def products_of(a: Spectra, b: Spectra) -> Tensor:
    """X, then Y of pairs, shape (n, 2K)."""
    x = (a.cosines * b.cosines + a.sines * b.sines).sum(-1)
    y = (a.sines * b.cosines - a.cosines * b.sines).sum(-1)
    return torch.cat([x, y], dim=1)


def crossed_products(a: Spectra, b: Spectra) -> Tensor:
    """X, then Y of all pairs of a clip of `a` and one of `b`, shape (n, n, 2K)."""
    cc, ss, sc, cs = (
        torch.einsum("akd,bkd->abk", left, right)
        for left, right in (
            (a.cosines, b.cosines),
            (a.sines, b.sines),
            (a.sines, b.cosines),
            (a.cosines, b.sines),
        )
    )
    return torch.cat([cc + ss, sc - cs], dim=2)


def triplets(
    a: Spectra, b: Spectra, batch: Batch, scan: Scan, settings: TrainingSettings
) -> Tensor:
    """How far wrong scores come to the right ones of a batch.

    They count in units of how much the pair's scores vary over offsets, so that neither the size
    of the weights matters nor what lifts all offsets alike.

    Args:
        a, b: spectra of the batch's clips, in its order, with gradients.
        batch: what is true of them.
        scan: the offsets that are searched.
        settings: margin, tolerance, proposals.

    Returns:
        A row a pair and a column a triplet: the wrong score and the margin less the right score.
        The first columns are of offsets, the last of the highest unrelated clip. -inf where there
        is no such triplet.
    """
    known = ~batch.true.isnan()
    products = products_of(a, b)
    with torch.no_grad():
        true = torch.where(known, batch.true, scan.highest(products))
        near = true[:, None] + settings.tolerance * true.new_tensor([-_BESIDE, _BESIDE])
        wrong = torch.cat([near, scan.proposals(products, true, settings)], dim=1)
        crossed = crossed_products(a, b)
        elsewhere = scan.highest(crossed)  # (n, n)
    spread = _spread(products, a.turns)[:, None]
    scores = score_pairs(a, b, torch.cat([true[:, None], wrong], dim=1)) / spread
    above = settings.margin + scores[:, 1:] - scores[:, :1]
    rows, values = _rivals(a, b, batch, elsewhere, crossed)
    rivals = torch.full_like(spread[:, 0], -torch.inf)
    rivals[rows] = settings.margin + values / spread[rows, 0] - scores[rows, 0]
    return torch.cat([torch.where(known[:, None], above, -torch.inf), rivals[:, None]], dim=1)


def triplet_loss(rows: Tensor, sharpness: Tensor, videos_weight: float) -> Tensor:
    """The loss of rows of triplets: minus the logarithm of how likely the right score wins.

    Args:
        rows: from `triplets`.
        sharpness: the logarithm of how much one unit counts, learnt beside the kernel.
        videos_weight: of the last column.
    """
    terms = sharpness.exp() * rows
    last = terms[:, -1:] + (math.log(videos_weight) if videos_weight else -torch.inf)
    right = torch.zeros_like(last)
    return torch.logsumexp(torch.cat([right, terms[:, :-1], last], dim=1), dim=1).mean()


def _spread(products: Tensor, turns: Tensor) -> Tensor:
    """Root mean square of each pair's scores over all offsets, the mean apart, shape (n,)."""
    moving = (turns > 0).repeat(2)
    return (products[:, moving].square().sum(1) / 2 + 1e-20).sqrt()


def _rivals(
    a: Spectra, b: Spectra, batch: Batch, elsewhere: Tensor, crossed: Tensor
) -> tuple[Tensor, Tensor]:
    """For each clip a with an unrelated one, the row and the score of the highest of these."""
    with torch.no_grad():
        cos, sin = waves(elsewhere.reshape(-1, 1), a.turns)
        table = torch.cat([cos, sin], dim=1)[..., 0].view(*elsewhere.shape, -1)
        heights = (crossed * table).sum(-1).masked_fill(~batch.unrelated, -torch.inf)
        rows = torch.nonzero(batch.unrelated.any(1))[:, 0]
        columns = heights[rows].argmax(1) if len(rows) else rows
    at = elsewhere[rows, columns]
    return rows, score_pairs(a[rows], b[columns], at[:, None])[:, 0]

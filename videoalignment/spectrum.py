"""What the scores of all models have in common: they are trigonometric polynomials of the offset.

TMK, CTE and plain aggregation differ in how they weigh a video's descriptor. Once weighed, each is
a *spectrum*: at K frequencies, the cosine and the sine sums of the frame descriptors, vectors of d
numbers. Two spectra then score every offset delta at once:

    score(delta) = sum_k X_k cos(2 pi w_k delta) + Y_k sin(2 pi w_k delta),
    X_k = Ca_k . Cb_k + Sa_k . Sb_k,    Y_k = Sa_k . Cb_k - Ca_k . Sb_k,

with w_k in turns a feature frame. delta estimates x_a - x_b, the difference of the time stamps that
the same moment has in the two videos.
"""

import math
from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Spectra:
    """Spectra of b videos, ready for scoring."""

    cosines: Tensor
    """Shape (b, K, d)."""
    sines: Tensor
    """Shape (b, K, d)."""
    turns: Tensor
    """Frequencies in turns a feature frame, float64, shape (K,)."""

    def __len__(self) -> int:
        return len(self.cosines)

    def __getitem__(self, rows: "slice | Tensor") -> "Spectra":
        return Spectra(self.cosines[rows], self.sines[rows], self.turns)


def waves(times: Tensor, turns: Tensor) -> tuple[Tensor, Tensor]:
    """Cosine and sine of every time at every frequency.

    A long video turns thousands of times, so whole turns are taken off in float64 before float32
    could lose the rest.

    Args:
        times: time stamps or offsets in feature frames, shape (..., n).
        turns: frequencies in turns a feature frame, shape (K,).

    Returns:
        cos and sin, float32, both of shape (..., K, n).
    """
    phase = turns.double()[:, None] * times.double()[..., None, :]
    angle = (phase - phase.round()).float() * (2 * math.pi)
    return angle.cos(), angle.sin()


def score_pairs(a: Spectra, b: Spectra, offsets: Tensor) -> Tensor:
    """Score b pairs, the first of `a` with the first of `b` and so on.

    Args:
        a, b: spectra of b videos each.
        offsets: offsets in feature frames, shape (1, n) or (b, n).

    Returns:
        Scores, shape (b, n). Differentiable.
    """
    x = (a.cosines * b.cosines + a.sines * b.sines).sum(-1)
    y = (a.sines * b.cosines - a.cosines * b.sines).sum(-1)
    cos, sin = waves(offsets.to(x.device), a.turns.to(x.device))
    return (x[:, :, None] * cos + y[:, :, None] * sin).sum(1)

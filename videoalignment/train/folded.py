"""Clips as an epoch has them: changed, folded into descriptors, and batched with what is true."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from videoalignment.models.lamv import LAMV
from videoalignment.spectrum import Spectra
from videoalignment.train.augment import Changed, offset_now
from videoalignment.train.clips import TrainingClips, TrainingPair
from videoalignment.train.losses import Batch

_FOLDED_AT_ONCE = 32


class Folded:
    """Clips as an epoch has them.

    Args:
        model: folds and scores them.
        clips: the clips before they were changed.
        changed: each of them now.
        keep: whether descriptors are made once; not where whitenings are learnt, as they change in
            every step.
    """

    def __init__(
        self, model: LAMV, clips: TrainingClips, changed: Sequence[Changed], keep: bool
    ) -> None:
        self.pairs = list(_still_sharing(clips.pairs, changed))
        self.unrelated = clips.unrelated
        self._model, self._changed = model, changed
        self._kept: Tensor | None = None
        if keep:
            with torch.no_grad():
                rows = range(0, len(changed), _FOLDED_AT_ONCE)
                parts = [self._fold(range(r, min(r + _FOLDED_AT_ONCE, len(changed)))) for r in rows]
                self._kept = torch.cat(parts)

    def spectra(self, rows: Sequence[int]) -> Spectra:
        """Spectra of some of the clips, with gradients."""
        fv = self._fold(rows) if self._kept is None else self._kept[list(rows)]
        return self._model.spectra(fv)

    def _fold(self, rows: Sequence[int]) -> Tensor:
        device = self._model.kernel.periods.device
        folded = []
        for row in rows:
            sequence = self._changed[row].sequence
            ts = torch.from_numpy(sequence.descriptors)[None].to(device)
            xs = torch.from_numpy(sequence.times)[None].to(device)
            folded.append(self._model.single_fv(ts, xs))
        return torch.cat(folded)

    def batches(self, order: Sequence[int], size: int) -> Iterator[tuple[Spectra, Spectra, Batch]]:
        """Batches of pairs in this order."""
        device = self._model.kernel.periods.device
        for begin in range(0, len(order), size):
            pairs = [self.pairs[i] for i in order[begin : begin + size]]
            a, b = ([p.a for p in pairs], [p.b for p in pairs])
            true = torch.tensor([math.nan if p.offset is None else p.offset for p in pairs])
            unrelated = torch.from_numpy(self.unrelated[np.ix_(a, b)])
            yield self.spectra(a), self.spectra(b), Batch(true.to(device), unrelated.to(device))


def _still_sharing(
    pairs: Sequence[TrainingPair], changed: Sequence[Changed]
) -> Iterator[TrainingPair]:
    for pair in pairs:
        if pair.offset is None:
            yield pair
        elif (offset := offset_now(changed[pair.a], changed[pair.b], pair.offset)) is not None:
            yield TrainingPair(pair.a, pair.b, offset)

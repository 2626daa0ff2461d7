"""The training loop: epochs of batches, a look at the validation clips after each, the best kept.

What is drawn in an epoch depends on the seed and the epoch's number alone, so that a training that
was interrupted goes on as if it had not been, and two with one seed give the same file on a CPU.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from videoalignment.models.lamv import LAMV
from videoalignment.progress import Progress
from videoalignment.train.augment import change, unchanged
from videoalignment.train.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from videoalignment.train.clips import TrainingClips
from videoalignment.train.folded import Folded
from videoalignment.train.look import Epoch, Look, look
from videoalignment.train.losses import Scan, triplet_loss, triplets
from videoalignment.train.settings import TrainingSettings

_MOST_STRENGTH = 2.0
_LEAST_GAIN = 1e-4


@dataclass
class Learner:
    """A model, and what its training needs besides.

    Args:
        model: what is learnt goes there.
        settings: how.
        longest_frames: offsets up to that are searched.
    """

    model: LAMV
    settings: TrainingSettings
    longest_frames: int
    scan: Scan = field(init=False)
    sharpness: Tensor = field(init=False)
    """Of the loss."""
    optimiser: torch.optim.Optimizer = field(init=False)

    def __post_init__(self) -> None:
        turns = self.model.kernel.turns
        self.scan = Scan(turns, self.longest_frames)
        self.sharpness = torch.zeros((), device=turns.device, requires_grad=True)
        self.optimiser = torch.optim.Adam(self._groups())

    def _groups(self) -> list[dict[str, Any]]:
        """What is to be learnt, with its learning rates; from here on it has gradients."""
        kernel, rate = self.model.kernel, self.settings.learning_rate
        groups: list[dict[str, Any]] = [
            {"params": [kernel.log_weights, kernel.log_mix, self.sharpness], "lr": rate},
            {"params": [kernel.strengths], "lr": rate / 5},
        ]
        if self.settings.whiten:
            groups.append({"params": list(self.model.whitenings.parameters()), "lr": rate / 1000})
        for group in groups:
            for parameter in group["params"]:
                parameter.requires_grad_(True)
        return groups

    def state(self) -> dict[str, Tensor]:
        """All that training changes, by name."""
        return {name: tensor.detach().clone() for name, tensor in self._named().items()}

    @torch.no_grad()
    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Put back what `state` gave."""
        for name, tensor in self._named().items():
            tensor.copy_(state[name])

    def _named(self) -> dict[str, Tensor]:
        return {"sharpness": self.sharpness, **dict(self.model.named_parameters())}

    def look(self, folded: Folded) -> Look:
        """How the model does on validation clips."""
        return look(folded, self.scan, self.settings)

    def epoch(self, clips: TrainingClips, number: int) -> float:
        """Train on some of the clips once; the mean loss of the batches."""
        settings = self.settings
        rng = np.random.default_rng([settings.seed, number])
        chosen = _drawn(clips, settings.most_clips, rng)
        changed = [
            change(sequence, rng) if settings.augment else unchanged(sequence)
            for sequence in chosen.sequences
        ]
        folded = Folded(self.model, chosen, changed, keep=not settings.whiten)
        losses = []
        order = rng.permutation(len(folded.pairs)).tolist()
        for a, b, batch in folded.batches(order, settings.batch):
            rows = triplets(a, b, batch, self.scan, settings)
            loss = triplet_loss(rows, self.sharpness, settings.videos_weight)
            self.optimiser.zero_grad()
            (loss + self._prior()).backward()
            self.optimiser.step()
            self._bound()
            losses.append(float(loss.detach()))
        return float(np.mean(losses)) if losses else math.nan

    def _prior(self) -> Tensor:
        """What weights cost that differ from 1, or from those of the next frequencies."""
        kernel = self.model.kernel
        logarithms = kernel.weights.log().flatten()
        moving = logarithms[kernel.turns.argsort()][int((kernel.turns == 0).sum()) :]
        cost = self.settings.pull * logarithms.square().mean()
        if len(moving) > 1:
            cost = cost + self.settings.smoothness * moving.diff().square().mean()
        return cost

    @torch.no_grad()
    def _bound(self) -> None:
        """Keep the mean weight at 1, as only proportions matter, and the rest where it is tame."""
        kernel = self.model.kernel
        kernel.log_mix.clamp_(-4, 4)
        kernel.log_weights.sub_(kernel.weights.mean().log()).clamp_(-9, 9)
        kernel.strengths.clamp_(0, _MOST_STRENGTH)


def train(
    learner: Learner,
    training: TrainingClips,
    validation: TrainingClips,
    *,
    checkpoint: Path | None = None,
    about: str = "",
) -> list[Epoch]:
    """Train a model, and leave in it what did best on the validation clips.

    Args:
        learner: the model, and how it is trained.
        training: clips to learn from.
        validation: clips to stop by.
        checkpoint: a file that is written after each epoch; where it is there and of the same
            training, that goes on.
        about: what tells the training from others besides its settings, e.g. a digest of the data.

    Returns:
        What each epoch gave; the first is before any.

    Raises:
        VideoAlignmentError: the checkpoint cannot be read or written.
    """
    settings = learner.settings
    whole = [unchanged(sequence) for sequence in validation.sequences]
    folded = Folded(learner.model, validation, whole, keep=not settings.whiten)
    identity = f"{settings.digest} {learner.longest_frames} {about}"
    kept = read_checkpoint(checkpoint, identity, learner.optimiser) if checkpoint else None
    if kept is None:
        kept = Checkpoint(learner.state(), learner.state(), [Epoch(None, learner.look(folded))])
    learner.restore(kept.now)
    with Progress("training", settings.epochs, "epochs") as progress:
        progress.advance(len(kept.history) - 1)
        while len(kept.history) <= settings.epochs and not _stalled(kept.history, settings):
            loss = learner.epoch(training, len(kept.history))
            found = Epoch(loss, learner.look(folded))
            kept.history.append(found)
            if best_epoch(kept.history) == len(kept.history) - 1:
                kept.best = learner.state()
            kept.now = learner.state()
            if checkpoint:
                write_checkpoint(checkpoint, kept, identity, learner.optimiser)
            progress.advance()
    learner.restore(kept.best)
    learner.model.requires_grad_(False)
    return kept.history


def best_epoch(history: list[Epoch]) -> int:
    """The number of the epoch that did best on the validation clips, 0 for none."""
    best = 0
    for number, epoch in enumerate(history):
        if epoch.validation.loss < history[best].validation.loss - _LEAST_GAIN:
            best = number
    return best


def _stalled(history: list[Epoch], settings: TrainingSettings) -> bool:
    return len(history) - 1 - best_epoch(history) >= settings.patience


def _drawn(clips: TrainingClips, most: int, rng: np.random.Generator) -> TrainingClips:
    """All clips, or those of as many pairs, drawn at random, as need so many."""
    if len(clips) <= most:
        return clips
    used: set[int] = set()
    pairs = []
    for i in rng.permutation(len(clips.pairs)):
        pair = clips.pairs[i]
        if len(used | {pair.a, pair.b}) <= most:
            used |= {pair.a, pair.b}
            pairs.append(pair)
        if len(pairs) == 4 * most:
            break
    return clips.some(pairs)

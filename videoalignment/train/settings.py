"""What a training is told: numbers that stand together, checked when they are made."""

import math
from dataclasses import dataclass, fields

from videoalignment.errors import OptionError
from videoalignment.provenance import Digested


@dataclass(frozen=True, kw_only=True)
class TrainingSettings(Digested):
    """How a kernel is trained.

    Raises:
        OptionError: a number is out of range; the message names it.
    """

    epochs: int = 60
    """At most; it ends earlier where the validation clips gain nothing."""
    patience: int = 12
    """Epochs without a gain after which it ends."""
    batch: int = 32
    """Pairs whose gradients are averaged."""
    most_clips: int = 512
    """Clips that an epoch looks at, drawn anew for each."""
    learning_rate: float = 0.05
    """Of the logarithms of the weights; the strengths' is a fifth, the whitenings' a thousandth."""
    margin: float = 0.5
    """How far below a true offset's score the wrong ones are to stay, in units of how much the
    pair's scores vary over offsets."""
    tolerance: float = 1.5
    """Offsets within so many feature frames (0.1 s) of the true one are not wrong."""
    proposals: int = 4
    """Highest wrong maxima of a pair's scores that count."""
    videos_weight: float = 1.0
    """Of unrelated videos' highest scores, beside that of wrong offsets."""
    pull: float = 0.01
    """Back to weights of 1, against learning what only the training clips have."""
    smoothness: float = 0.3
    """Of the weights over the frequency, against the same: frequencies that are close to each other
    differ little in what they tell."""
    augment: bool = True
    """Cut clips, drop frames, add noise and change speed, anew for each epoch."""
    whiten: bool = False
    """Learn whitenings too, one a period. Far slower, as descriptors are made anew in each step."""
    seed: int = 0

    def __post_init__(self) -> None:
        least = {
            "epochs": 0,
            "seed": 0,
            "videos_weight": 0,
            "pull": 0,
            "smoothness": 0,
            "tolerance": 0,
        }
        for field in fields(self):
            value = getattr(self, field.name)
            if field.type is bool:
                continue
            number = isinstance(value, int) or (field.type is float and isinstance(value, float))
            if not number or not math.isfinite(value) or value < least.get(field.name, 1e-9):
                raise OptionError(f"`{field.name}` {value!r}: expected a number above 0")

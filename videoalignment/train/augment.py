"""Clips as somebody else would have filmed, cut and copied them, made from their features alone."""

from dataclasses import dataclass

import numpy as np

from videoalignment.datasets import FrameSequence

_LEAST_FRAMES = 16
_LEAST_SHARE = 0.5
_MOST_DROPPED = 0.3
_MOST_NOISE = 0.7
_MOST_SPEED = 0.02


@dataclass(frozen=True)
class Changed:
    """A changed clip, and where its moments went: the moment x is now (x - begin) * speed."""

    sequence: FrameSequence
    begin: float
    speed: float

    @property
    def end(self) -> float:
        """The last moment, on the clock of the clip before."""
        return self.begin + float(self.sequence.times[-1]) / self.speed

    def now(self, x: float) -> float:
        """Where the moment x of the clip before is now."""
        return (x - self.begin) * self.speed


def change(sequence: FrameSequence, rng: np.random.Generator) -> Changed:
    """Cut a clip, drop some of its frames, add noise to the rest, and change its speed.

    Args:
        sequence: its frames, at least one.
        rng: decides what is done.
    """
    count = len(sequence.times)
    kept = int(rng.integers(min(count, max(_LEAST_FRAMES, int(_LEAST_SHARE * count))), count + 1))
    first = int(rng.integers(0, count - kept + 1))
    chosen = np.arange(first, first + kept)
    if rng.random() < 0.5:
        stays = rng.random(kept) >= rng.uniform(0, _MOST_DROPPED)
        stays[0] = True  # the clip begins with it
        chosen = chosen[stays]
    descriptors = sequence.descriptors[chosen]
    if rng.random() < 0.5:
        noise = rng.standard_normal(descriptors.shape, dtype=np.float32)
        noise *= rng.uniform(0, _MOST_NOISE) / np.sqrt(descriptors.shape[1])
        descriptors = descriptors + noise
        descriptors /= np.linalg.norm(descriptors, axis=1, keepdims=True)
    speed = 1 + rng.uniform(-_MOST_SPEED, _MOST_SPEED) if rng.random() < 0.3 else 1.0
    begin = float(sequence.times[first])
    times = ((sequence.times[chosen] - begin) * speed).astype(np.float32)
    return Changed(FrameSequence(descriptors, times), begin, speed)


def unchanged(sequence: FrameSequence) -> Changed:
    """A clip as it is."""
    return Changed(sequence, 0.0, 1.0)


def offset_now(a: Changed, b: Changed, offset: float) -> float | None:
    """The true offset of two changed clips, in the middle of what they still share.

    Args:
        a, b: the clips.
        offset: x_a - x_b before.

    Returns:
        The offset in feature frames; None where they share nothing any more.
    """
    begin, end = max(a.begin, b.begin + offset), min(a.end, b.end + offset)
    if end <= begin:
        return None
    middle = (begin + end) / 2
    return a.now(middle) - b.now(middle - offset)

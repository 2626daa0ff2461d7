"""Made-up videos for indexes: random walks in the space of descriptors, known at every moment."""

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from videoalignment.features.frame_features import FrameFeatures
from videoalignment.index.describe import Description, describe
from videoalignment.index.records import VideoEntry
from videoalignment.index.settings import STORED
from videoalignment.index.whitening import Whitening

WHITENING = Whitening.shipped()
_BACK = np.linalg.pinv(WHITENING.matrix.astype(np.float64))


@dataclass(frozen=True)
class Story:
    """What happens in a video: shots around a place of its own, each a random walk."""

    seed: int
    length_s: float = 40.0
    shot_s: float = 3.0

    def at(self, times_s: np.ndarray) -> np.ndarray:
        """Whitened moments in whole numbers, not rounded, shape (n, width)."""
        rng = np.random.default_rng([self.seed, 20261125])
        knots = int(self.length_s * 2) + 2
        walk = 6 * rng.standard_normal((knots, STORED.width)).cumsum(axis=0) / 2
        shots = 12 * rng.standard_normal((int(self.length_s / self.shot_s) + 1, STORED.width))
        place = 8 * rng.standard_normal(STORED.width)
        walk -= walk.mean(axis=0)
        walk *= 5 / (walk.std() + 1e-9)
        knot = np.clip(times_s * 2, 0, knots - 1.001)
        share = (knot % 1)[:, None]
        moving = walk[knot.astype(int)] * (1 - share) + walk[knot.astype(int) + 1] * share
        shot = (times_s / self.shot_s).astype(int).clip(0, len(shots) - 1)
        return place + shots[shot] + moving


def features_of(
    story: Story,
    begin_s: float = 0.0,
    end_s: float | None = None,
    *,
    fps: float = 25.0,
    speed: float = 1.0,
    noise: float = 0.0,
) -> FrameFeatures:
    """Features of a stretch of a story, as a network would give them of its frames.

    Args:
        story: what is shown.
        begin_s, end_s: of the story.
        fps: frames a second.
        speed: seconds of the story that pass in one second.
        noise: added to every moment, as an edit does, in whole numbers.
    """
    end_s = story.length_s if end_s is None else end_s
    count = max(1, int((end_s - begin_s) / speed * fps))
    times_s = np.arange(count) / fps
    rows = story.at(begin_s + speed * times_s)
    rng = np.random.default_rng(story.seed + 1)
    rows = rows + noise * rng.standard_normal(rows.shape)
    return from_rows(rows, fps)


def from_rows(rows: np.ndarray, fps: float = 25.0) -> FrameFeatures:
    """Features whose whitened moments are these, shape (frames, width)."""
    descriptors = WHITENING.mean + rows * WHITENING.step @ _BACK
    times_s = np.arange(len(rows)) / fps
    return FrameFeatures(
        descriptors.astype(np.float32), times_s, fps, WHITENING.recipe, len(rows) / fps
    )


def joined(*features: FrameFeatures) -> FrameFeatures:
    """One video that shows several, one after the other."""
    fps = features[0].fps
    descriptors = np.concatenate([f.descriptors for f in features])
    times_s = np.arange(len(descriptors)) / fps
    return FrameFeatures(descriptors, times_s, fps, features[0].recipe, len(descriptors) / fps)


def entry_of(name: str, features: FrameFeatures) -> VideoEntry:
    """An entry whose content is told by its name."""
    content = blake2b(name.encode(errors="surrogateescape"), digest_size=16).hexdigest()
    return VideoEntry(name, content, features.duration_s)


def indexed(name: str, features: FrameFeatures) -> tuple[VideoEntry, Description]:
    """A video as `VideoIndex.add` takes it."""
    description = describe(features, WHITENING)
    content = entry_of(name, features).content
    return VideoEntry(name, content, description.duration_s), description

"""Made-up footage whose descriptors move smoothly and never come back, known at every moment."""

from collections.abc import Callable

import numpy as np

from videoalignment.features.store import FrameFeatures


class Scene:
    """Descriptors as a function of time: many slow waves, each with its own direction."""

    def __init__(self, seed: int, width: int = 48, waves: int = 60) -> None:
        generator = np.random.default_rng(seed)
        self._speeds = generator.uniform(0.02, 1.5, waves) * 2 * np.pi
        self._phases = generator.uniform(0, 2 * np.pi, waves)
        self._directions = generator.normal(size=(waves, width))

    def __call__(self, times_s: np.ndarray) -> np.ndarray:
        waves = np.sin(np.asarray(times_s)[:, None] * self._speeds + self._phases)
        return waves @ self._directions + 3 * np.abs(self._directions[0])


def filmed(
    scene: Callable[[np.ndarray], np.ndarray],
    length_s: float,
    fps: float,
    *,
    noise: float = 0.05,
    seed: int = 0,
) -> FrameFeatures:
    """Film a scene: its middle of every frame's span, with noise of its own."""
    times_s = np.arange(max(1, round(length_s * fps))) / fps
    frames = scene(times_s + 0.5 / fps)
    frames = frames / np.linalg.norm(frames, axis=1, keepdims=True)
    frames = frames + noise * np.random.default_rng(seed).normal(size=frames.shape) / 7
    frames /= np.linalg.norm(frames, axis=1, keepdims=True)
    return FrameFeatures(frames.astype(np.float32), times_s, fps, None, len(times_s) / fps)

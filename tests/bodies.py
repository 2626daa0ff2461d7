"""Made-up events of bodies that move in space, filmed from any side: the truth is exact."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from ramps import run_ffmpeg

from videoalignment.features.motion import follow, kept
from videoalignment.features.motion_features import MotionFeatures, MotionRecipe

FPS = 20.0
RECIPE = MotionRecipe()
_HEIGHT, _WIDTH = 200, 320
_BODY = 28


class Event:
    """Bodies that set out, turn and stop, each by itself."""

    def __init__(self, seed: int, bodies: int = 6, *, period_s: float | None = None) -> None:
        generator = np.random.default_rng(seed)
        # where a wave has gone around, the motion comes back
        cycles_s = generator.uniform(0.9, 7.0, (bodies, 3, 8))
        if period_s:
            cycles_s[:] = period_s / generator.integers(1, 3, cycles_s.shape)
        self._speeds = 2 * np.pi / cycles_s
        self._phases = generator.uniform(0, 2 * np.pi, self._speeds.shape)
        self._middles = generator.uniform(-1, 1, (bodies, 3)) * (90, 40, 90)

    def places(self, time_s: float) -> np.ndarray:
        """Where all bodies are, shape (bodies, 3): right, down, away."""
        return self._middles + 6 * np.sin(self._speeds * time_s + self._phases).sum(axis=-1)


def grain(seed: int, shape: tuple[int, int]) -> np.ndarray:
    """Something with corners, grey, uint8."""
    rough = np.random.default_rng(seed).integers(20, 235, shape).astype(np.uint8)
    return cv2.GaussianBlur(rough, (0, 0), 1.5)


def pictures(
    event: Event | None,
    side_deg: float,
    begin_s: float,
    length_s: float,
    *,
    pan: float = 0.0,
    pulse: int = 0,
    fade: bool = False,
) -> Iterator[tuple[np.ndarray, float]]:
    """Film an event.

    Args:
        event: what moves; None for nothing.
        side_deg: from where: the camera goes round the event.
        begin_s, length_s: which stretch, on the event's clock.
        pan: pixels a second that the camera pans, to and fro.
        pulse: every so many frames all pixels change, as at a key frame; 0 for never.
        fade: whether brightness rises and falls.
    """
    angle = np.deg2rad(side_deg)
    ours = np.array([[np.cos(angle), 0, np.sin(angle)], [0.3 * np.sin(angle), 0.95, 0.1]])
    room = grain(int(side_deg) + 1000, (3 * _HEIGHT, 3 * _WIDTH))
    skins = [grain(int(side_deg) * 50 + i, (_BODY, _BODY)) for i in range(30)]
    for frame in range(round(length_s * FPS)):
        time_s = begin_s + frame / FPS
        shift = round(pan * np.sin(1.7 * time_s + side_deg))
        left, top = _WIDTH + shift, _HEIGHT
        picture = room[top : top + _HEIGHT, left : left + _WIDTH].copy()
        if event is not None:
            for place, skin in zip(event.places(time_s) @ ours.T, skins, strict=False):
                corner = place + np.array([_WIDTH / 2 - shift, _HEIGHT / 2]) - _BODY / 2
                x, y = np.round(corner).astype(int)
                if 0 <= x < _WIDTH - _BODY and 0 <= y < _HEIGHT - _BODY:
                    picture[y : y + _BODY, x : x + _BODY] = skin
        if pulse:
            noise = np.random.default_rng(frame // pulse).normal(0, 4, picture.shape)
            picture = np.clip(picture + noise, 0, 255).astype(np.uint8)
        if fade:
            picture = (picture * (0.75 + 0.25 * np.sin(1.3 * time_s))).astype(np.uint8)
        yield picture, frame / FPS


def followed(*args, **options) -> MotionFeatures:
    """What moves in `pictures`."""
    frames = list(pictures(*args, **options))
    return kept(follow(frames, RECIPE), len(frames) / FPS, 1 / FPS, RECIPE)


def write_film(path: Path, *args, **options) -> Path:
    """Write `pictures` as a video without sound, its key frames at distances of its own."""
    size = f"{_WIDTH}x{_HEIGHT}"
    raw = ("-f", "rawvideo", "-pix_fmt", "gray", "-s", size, "-r", str(FPS), "-i", "-")
    keys = str(17 + sum(path.name.encode()) % 40)
    frames = b"".join(picture.tobytes() for picture, _ in pictures(*args, **options))
    run_ffmpeg(*raw, "-pix_fmt", "yuv420p", "-preset", "ultrafast", "-g", keys, path, given=frames)
    return path


def swings(seed: int, length_s: float = 15.0) -> MotionFeatures:
    """One thing that comes and goes, and swings once or twice each time: some points of it."""
    generator = np.random.default_rng(seed)
    samples, begin = round(length_s * RECIPE.rate_hz), int(generator.integers(40))
    velocities, begins, counts = [], [], []
    while (count := min(int(generator.integers(32, 60)), samples - begin)) >= 30:
        phases = 2 * np.pi * np.arange(count) / RECIPE.rate_hz / generator.uniform(1.5, 3.0)
        ways = phases[:, None] + generator.uniform(0, 2 * np.pi, 2)
        body = generator.uniform(0.03, 0.15, 2) * np.sin(ways)
        for _ in range(4):
            seen = body @ (np.eye(2) + generator.normal(0, 0.15, (2, 2)))
            velocities.append(seen + generator.normal(0, 0.003, seen.shape))
            begins.append(begin)
            counts.append(count)
        begin += count + int(generator.integers(20, 80))
    return MotionFeatures(
        np.concatenate(velocities).astype(np.float32),
        np.array(begins, np.int64),
        np.array(counts, np.int64),
        length_s,
        1 / FPS,
        RECIPE,
    )

"""Cameras that stand still before a wall on which things come and go, and what is said of them."""

from pathlib import Path

import cv2
import numpy as np
from moving import Scene, filmed
from ramps import write_grey

from videoalignment.align.options import AlignOptions
from videoalignment.align.pipeline import align_pictures
from videoalignment.align.reel import Reel
from videoalignment.media.probe import probe_video
from videoalignment.time_map import TimeMap

SIZE = (180, 240)


def pictures(
    begin_s: float, length_s: float, fps: int, *, scene: int = 0, things: int = 12
) -> list[np.ndarray]:
    """What is seen of a scene, from a moment of it on.

    Args:
        things: how many come and go; with none there is the wall and noise.
    """
    rng = np.random.default_rng(scene)
    wall = cv2.resize(rng.uniform(40, 160, (36, 48)).astype(np.float32), SIZE[::-1])
    speeds, phases = rng.uniform(0.3, 1.5, 12), rng.uniform(0, 6, 12)
    places = rng.uniform(20, 160, (12, 2))
    noise = np.random.default_rng(round(1000 * begin_s))
    frames = []
    for number in range(round(length_s * fps)):
        moment_s = begin_s + (number + 0.5) / fps
        picture = wall if things else wall + noise.normal(0, 4, SIZE)
        picture = picture.astype(np.float32)
        for (x, y), speed, phase in list(zip(places, speeds, phases, strict=True))[:things]:
            around = 14 * np.sin(speed * moment_s * np.array([1, 1.7]) + phase)
            cv2.circle(picture, (round(x + around[0] + 30), round(y + around[1])), 7, 230.0, -1)
        frames.append(picture)
    return frames


def typed(
    begin_s: float, length_s: float, fps: int, *, words: int, around: int = 1
) -> list[np.ndarray]:
    """A page that is typed line by line, as every page is, within a frame.

    Args:
        words: which ones.
        around: which frame.
    """
    rng = np.random.default_rng(words)
    letters = ["".join(rng.choice(list("ABCDEFGHKLMNOPRSTUVWXZ"), 26)) for _ in range(9)]
    page = np.random.default_rng(around).uniform(30, 120, (27, 36)).astype(np.float32)
    page = cv2.resize(page, SIZE[::-1], interpolation=cv2.INTER_NEAREST)
    page[20:-20, 20:-20] = 20
    page = page.astype(np.uint8)
    noise = np.random.default_rng(round(1000 * begin_s) + words)
    frames = []
    for number in range(round(length_s * fps)):
        shown = round(10 * (begin_s + (number + 0.5) / fps))
        picture = page.copy()
        for line, text in enumerate(letters):
            place = 24, 36 + 14 * line
            written = text[: max(0, shown - len(text) * line)]
            cv2.putText(picture, written, place, cv2.FONT_HERSHEY_PLAIN, 0.7, 200.0)
        frames.append(picture + noise.normal(0, 2, SIZE))
    return frames


def camera(path: Path, begin_s: float, length_s: float, fps: int, **what) -> Reel:
    """A video of a scene; see `pictures`."""
    return filed(path, pictures(begin_s, length_s, fps, **what), fps)


def filed(path: Path, frames: list[np.ndarray], fps: int) -> Reel:
    """Pictures as a video."""
    write_grey(path, frames, fps)
    return Reel(probe_video(path), len(frames) / fps)


def aligned(reels: tuple[Reel, Reel], expected_s: float | None):
    """The alignment of two videos of 7 and 30 s, by descriptors that know nothing of them and by
    their pictures."""
    a, b = filmed(Scene(1), 7, 25), filmed(Scene(2), 30, 30)
    expected = None if expected_s is None else TimeMap(expected_s)
    return align_pictures(a, b, AlignOptions(), reels, look_from=1.0, expected=expected)

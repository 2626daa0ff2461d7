"""Where in its picture a clip shows footage: inside black bars, inside a picture that frames it.

A letterbox or a picture in a picture changes all that a network sees. What lies inside can be
described by itself, where it can be told. Bars are black up to the picture's edge, at all moments.
The sides of an inset are straight lines at which the picture steps, at the same place at all
moments, wherever what lies on both sides differs.
"""

import os

import numpy as np

from videoalignment.media.frames import frame_size, read_frames
from videoalignment.media.inside import WHOLE, Inside
from videoalignment.media.probe import probe_video

_PIXELS = 60_000
_MOMENTS = 24
_BLACK = 30
"""Grey level that bars keep below: black is 0 or 16, and encoders ring beside footage."""
_BLACK_SHARE = 0.95  # of a line of pixels, that must be black
_LEAST_BAR = 0.02  # of the picture, from which a bar is worth describing what lies inside
_LEAST_BOX = 0.04  # of the picture, that each bar of a letterbox has
_UNLIKE = 0.02  # of the picture, by which the two may differ
_SMALLEST = 16  # pixels of a picture's side, below which nothing is looked for in it
_LEAST_SIDE = 0.3  # of the picture's, that an inset has
_LARGEST_INSET = 0.9  # of the picture's area
_STEPPING = 0.6
"""The share of each side at which the picture must step. Of twelve insets over a blurred picture
seven do, at 0.8 and more; some pictures without one have lines as straight, which costs a second
description and no more."""
_LINES = 16  # in either direction, that insets are looked for between
_LEAST_STEP = 1.0  # grey levels
_ABOVE_TEXTURE = 1.5  # times the steps two to four pixels away


def insides(path: str | os.PathLike[str]) -> list[Inside]:
    """The parts of a video's picture that seem to be a picture of their own, two at most.

    Raises:
        UnusableFileError: the video cannot be read.
    """
    frames = _moments(path)
    bars = inside_of_bars(frames)
    height, width = frames.shape[1:]
    rows = slice(round(bars.top * height), round(bars.bottom * height))
    columns = slice(round(bars.left * width), round(bars.right * width))
    inset = inset_in(frames[:, rows, columns])
    found = [] if bars == WHOLE else [bars]
    return found if inset is None else [*found, bars.part(inset)]


def without_bars(path: str | os.PathLike[str]) -> Inside | None:
    """What a letterbox or a pillarbox leaves of a video's picture; None where there is none.

    Raises:
        UnusableFileError: the video cannot be read.
    """
    return inside_of_box(inside_of_bars(_moments(path)))


def inside_of_box(inside: Inside) -> Inside | None:
    """What lies between two bars that are alike, where there is one such pair.

    What is black on all sides, or on one, may be a dark scene: the earth at night, cut out along
    its rim, was found less often than with the black around it.
    """
    level, upright = (inside.top, 1 - inside.bottom), (inside.left, 1 - inside.right)
    letterboxed, pillarboxed = _are_a_box(level), _are_a_box(upright)
    if letterboxed == pillarboxed:
        return None
    if letterboxed:
        return Inside(0.0, inside.top, 1.0, inside.bottom)
    return Inside(inside.left, 0.0, inside.right, 1.0)


def _are_a_box(bars: tuple[float, float]) -> bool:
    return min(bars) >= _LEAST_BOX and abs(bars[0] - bars[1]) <= _UNLIKE


def _moments(path: str | os.PathLike[str]) -> np.ndarray:
    """Grey pictures from all over a video, uint8, shape (n, height, width)."""
    info = probe_video(path)
    fps = min(info.fps, _MOMENTS / max(info.duration_s or 1.0, 1.0))
    size = frame_size(info.width, info.height, min(_PIXELS, info.width * info.height))
    video = read_frames(path, fps=fps, size=size, grey=True, batch=8, allow_truncated=True)
    return np.concatenate([batch.frames for batch in video])


def inside_of_bars(frames: np.ndarray) -> Inside:
    """What black bars leave of the picture; all of it where there are none, or nothing else.

    Args:
        frames: grey, uint8, shape (n, height, width).
    """
    black = (frames < _BLACK).astype(np.float32)
    rows = black.mean(axis=2).min(axis=0) >= _BLACK_SHARE
    top, bottom = _between(rows)
    columns = black[:, top:bottom].mean(axis=1).min(axis=0) >= _BLACK_SHARE
    left, right = _between(columns)
    height, width = frames.shape[1:]
    inside = Inside(left / width, top / height, right / width, bottom / height)
    bars = (inside.left, inside.top, 1 - inside.right, 1 - inside.bottom)
    return inside if max(bars) >= _LEAST_BAR else WHOLE


def _between(black: np.ndarray) -> tuple[int, int]:
    """The first line that is not black, and the one behind the last; all where all are black."""
    lit = np.flatnonzero(~black)
    return (int(lit[0]), int(lit[-1]) + 1) if len(lit) else (0, len(black))


def inset_in(frames: np.ndarray) -> Inside | None:
    """The likeliest picture in the picture, or one that fills all but two opposite strips.

    Args:
        frames: grey, uint8, shape (n, height, width).
    """
    height, width = frames.shape[1:]
    if min(height, width) < _SMALLEST:
        return None
    upright = _steps(frames)
    level = _steps(frames.transpose(0, 2, 1))
    lefts, rights = _pairs(_strongest(upright), width)
    tops, bottoms = _pairs(_strongest(level), height)
    if not len(lefts) or not len(tops):
        return None
    along_y, along_x = _sums(upright), _sums(level)  # (height + 1, width + 1) and turned
    left, top = np.meshgrid(lefts, tops, indexing="ij")
    right, bottom = np.meshgrid(rights, bottoms, indexing="ij")
    across, down = right - left, bottom - top
    sides = np.minimum(
        np.minimum(
            along_y[bottom, left] - along_y[top, left], along_y[bottom, right] - along_y[top, right]
        )
        / down,
        np.minimum(
            along_x[right, top] - along_x[left, top], along_x[right, bottom] - along_x[left, bottom]
        )
        / across,
    )
    sides[across * down > _LARGEST_INSET * width * height] = 0
    best = np.unravel_index(int(np.argmax(sides)), sides.shape)
    if sides[best] < _STEPPING:
        return None
    return Inside(
        float(left[best] / width),
        float(top[best] / height),
        float(right[best] / width),
        float(bottom[best] / height),
    )


def _steps(frames: np.ndarray) -> np.ndarray:
    """Where the picture steps from left to right at all moments, more than it does nearby.

    Args:
        frames: uint8, shape (n, height, width).

    Returns:
        0 or 1, shape (height, width + 1): before the first pixel, between two, after the last; the
        picture's own edges count as steps, and neighbours of a step as well, since scaling blurs.
    """
    size = np.abs(np.diff(frames.astype(np.float32), axis=2)).mean(axis=0)
    count = size.shape[1]
    around = np.pad(size, ((0, 0), (4, 4)), mode="edge")
    shifted = [around[:, 4 + off : 4 + off + count] for off in range(-4, 5)]
    texture = np.maximum(np.mean(shifted[:3], axis=0), np.mean(shifted[6:], axis=0))
    tallest = np.maximum(shifted[3], shifted[5])
    steps = (size > _ABOVE_TEXTURE * texture) & (size > _LEAST_STEP) & (size >= tallest)
    spread = np.pad(steps, ((0, 0), (1, 1)))
    spread[:, 1:-1] = spread[:, :-2] | steps | spread[:, 2:]
    spread[:, [0, -1]] = True
    return spread


def _strongest(steps: np.ndarray) -> np.ndarray:
    """The lines along which most steps lie, ascending, without the picture's own edges."""
    totals = steps.sum(axis=0).astype(float)
    totals[[0, -1]] = -1
    lines = []
    for _ in range(_LINES):
        line = int(np.argmax(totals))
        if totals[line] < 0:
            break
        lines.append(line)
        totals[max(0, line - 2) : line + 3] = -1
    return np.sort(lines)


def _pairs(lines: np.ndarray, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Two lines that may be opposite sides: both inside the picture, or both its own edges."""
    one, other = np.triu_indices(len(lines), 1)
    far = lines[other] - lines[one] >= _LEAST_SIDE * length
    firsts, lasts = lines[one][far], lines[other][far]
    return np.append(firsts, 0).astype(int), np.append(lasts, length).astype(int)


def _sums(steps: np.ndarray) -> np.ndarray:
    """Sums of steps along lines, before each row, shape (rows + 1, lines)."""
    return np.pad(np.cumsum(steps, axis=0), ((1, 0), (0, 0)))

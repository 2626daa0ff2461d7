"""How much each frame of A differs from the frames of B around its place: thumbnails compared."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import percentile_filter

from videoalignment.align.frame_cut import THUMBNAIL, Cut
from videoalignment.align.frame_path import Compared, Lane, interval_s
from videoalignment.media.frames import read_frames
from videoalignment.progress import Progress

_REACH_S = 1.5  # how far from its place on the line a frame is looked for, to either side, of B
_MOST_REACH = 120  # frames, to either side; bounds the work where frames come very fast
_BLOCK = 64  # frames of A that are compared at once
_SAMPLES = 300  # frames that tell how A's brightness relates to B's, and how unrelated ones differ
_FINEST = 0.01  # squared grey levels; below it a difference is rounding
_NOISE_S = 2.0  # how long coding noise is taken to be about the same
_UNLIKE = 0.25  # share of what unrelated frames differ by, up to which pictures tell frames apart
_LOOKS_UNLIKE = 6.0  # a frame that differs so many times more than matching ones usually do is none


@dataclass(frozen=True)
class Pictures:
    """All frames of a video, small."""

    thumbnails: np.ndarray
    """uint8, grey, shape (n, pixels)."""
    times_s: np.ndarray
    """When each is shown, seconds from the first, float64, shape (n,)."""


def read_pictures(path: str | os.PathLike[str], cut: Cut | None = None) -> Pictures:
    """Decode every frame of a video as a thumbnail.

    Args:
        path: the video.
        cut: what of the picture to show; None for all of it.

    Raises:
        UnusableFileError: it cannot be read, or breaks off.
    """
    video = read_frames(path, fps=None, size=cut.size if cut else THUMBNAIL, grey=True)
    expected = None if video.info.duration_s is None else round(video.info.duration_s)
    frames, times_s, done_s = [], [], 0
    with Progress("frames", expected, "s of video") as progress:
        for batch in video:
            small = np.stack([*map(cut.thumbnail, batch.frames)]) if cut else batch.frames
            frames.append(small.reshape(len(small), -1))
            times_s.append(batch.times_s)
            progress.advance(int(batch.times_s[-1]) - done_s)
            done_s = int(batch.times_s[-1])
    return Pictures(np.concatenate(frames), np.concatenate(times_s))


def compare_pictures(a: Pictures, b: Pictures, lanes: Sequence[Lane]) -> Compared:
    """Compare each frame of A with the frames of B around its place on each lane.

    Args:
        a, b: all frames of the two.
        lanes: where A lies in B, roughly.
    """
    reach = _reach(b.times_s)
    tones = _tones(a, b, lanes)
    differences = [_differences(a, b, lane, reach, tones) for lane in lanes]
    noise = [_noise(d, lane, a, b) for d, lane in zip(differences, lanes, strict=True)]
    sure = [n[lane.sure] for n, lane in zip(noise, lanes, strict=True) if lane.sure.any()]
    usual = float(np.median(np.concatenate(sure))) if sure else np.inf
    # Where even matching frames differ as much as others do (a crop, another camera), pictures
    # cannot tell that a frame is missing; there time alone decides.
    unrelated = _unrelated(b, tones)
    telling = usual < _UNLIKE * unrelated
    motion = _motion(a)
    scaled, unlike = [], []
    for lane, table, local in zip(lanes, differences, noise, strict=True):
        floor = np.clip(local, max(usual / 4, _FINEST), max(usual * 4, _FINEST))
        scaled.append(table / floor[:, None])
        most = np.maximum(_LOOKS_UNLIKE * floor, motion[lane.frames_a] / 2)
        unlike.append(most / floor if telling else np.full(len(floor), np.inf))
    return Compared(reach, scaled, unlike, usual / (unrelated + _FINEST))


def _noise(differences: np.ndarray, lane: Lane, a: Pictures, b: Pictures) -> np.ndarray:
    """How much matching frames differ around each frame of a lane, by coding and the like.

    That is what most frames of A differ from their nearest in B, or most of B from their nearest
    in A, whichever is less: the one who has frames that the other lacks has no match for them.

    Returns:
        Squared grey levels, shape (frames of the lane,).
    """
    rows, columns = differences.min(axis=1), np.full(len(b.times_s), np.inf, np.float32)
    reach = differences.shape[1] // 2
    for step in range(-reach, reach + 1):
        frames_b = lane.frames_b + step
        there = (frames_b >= 0) & (frames_b < len(columns))
        np.minimum.at(columns, frames_b[there], differences[there, step + reach])
    first, last = lane.frames_b.min(), lane.frames_b.max() + 1
    of_a = _usual(rows, interval_s(a.times_s))
    of_b = _usual(columns[first:last], interval_s(b.times_s))
    return np.minimum(of_a, of_b[lane.frames_b - first])


def _usual(values: np.ndarray, interval_s: float) -> np.ndarray:
    """The lower quartile of the values around each: at a cut, half of them are of no match."""
    size = 2 * round(_NOISE_S / interval_s) + 1
    return percentile_filter(values, 25, size=size, mode="nearest")


def _motion(a: Pictures) -> np.ndarray:
    """How much consecutive frames of A differ around each frame, shape (n,).

    The third least of the four nearest steps: a cut is not counted, nor that every frame is shown
    twice.
    """
    count = len(a.times_s)
    steps = np.zeros(count + 3)  # step i is from frame i - 2 to frame i - 1
    for begin in range(0, count - 1, _BLOCK):
        block = a.thumbnails[begin : begin + _BLOCK + 1].astype(np.float32)
        squares = np.square(np.diff(block, axis=0)).mean(axis=1)
        steps[begin + 2 : begin + 2 + len(squares)] = squares
    return np.sort(np.stack([steps[shift : shift + count] for shift in range(4)]), axis=0)[2]


def _reach(times_b_s: np.ndarray) -> int:
    return min(max(2, round(_REACH_S / interval_s(times_b_s))), _MOST_REACH)


def _differences(a: Pictures, b: Pictures, lane: Lane, reach: int, tones: np.ndarray) -> np.ndarray:
    """Mean squared differences, grey levels, of A's frames and B's around their places.

    Returns:
        Shape (frames of the lane, 2 reach + 1), float32; infinite outside B.
    """
    result = np.full((len(lane.frames_a), 2 * reach + 1), np.inf, np.float32)
    for begin, end, first, last in _blocks(lane.frames_b, reach, len(b.times_s)):
        ours = a.thumbnails[lane.frames_a[begin:end]].astype(np.float32) - 128
        theirs = tones[b.thumbnails[first:last]] - np.float32(128)
        squares = np.square(ours).sum(1)[:, None] + np.square(theirs).sum(1)
        table = np.maximum(squares - 2 * ours @ theirs.T, 0) / ours.shape[1]
        wanted = lane.frames_b[begin:end, None] + np.arange(-reach, reach + 1)
        there = (wanted >= 0) & (wanted < len(b.times_s))
        column = np.clip(wanted - first, 0, last - first - 1)
        near = np.take_along_axis(table, column, axis=1)
        result[begin:end] = np.where(there, near, np.inf)
    return result


def _blocks(places: np.ndarray, reach: int, frames_b: int) -> Iterator[tuple[int, int, int, int]]:
    """Consecutive frames of a lane, and the frames of B that they are compared with."""
    begin = 0
    while begin < len(places):
        # Frames of A that come seldom lie far apart in B; a block must stay small there too.
        within = np.searchsorted(places[begin : begin + _BLOCK], places[begin] + 8 * _BLOCK)
        end = begin + max(1, int(within))
        first = int(np.clip(places[begin] - reach, 0, frames_b - 1))
        last = int(np.clip(places[end - 1] + reach + 1, first + 1, frames_b))
        yield begin, end, first, last
        begin = end


def _tones(a: Pictures, b: Pictures, lanes: Sequence[Lane]) -> np.ndarray:
    """The grey level of A that each grey level of B became, shape (256,), float32.

    A grade, a fade or another range of levels is a rising curve; it maps the shares of B's pixels
    that are darker than a level to those of A's. Left out where it makes matching frames no more
    alike.
    """
    same = np.arange(256, dtype=np.float32)
    frames_a = np.concatenate([lane.frames_a[lane.sure] for lane in lanes] or [np.arange(0)])
    frames_b = np.concatenate([lane.frames_b[lane.sure] for lane in lanes] or [np.arange(0)])
    if not frames_a.size:
        return same
    chosen = np.linspace(0, len(frames_a) - 1, min(_SAMPLES, len(frames_a))).round().astype(int)
    ours, theirs = a.thumbnails[frames_a[chosen]], b.thumbnails[frames_b[chosen]]
    curve = np.interp(_middles(theirs), _middles(ours), same).astype(np.float32)

    def apart(tones: np.ndarray) -> float:
        squares = np.square(ours - tones[theirs]).mean(axis=1)
        return float(np.median(squares))

    return curve if apart(curve) < 0.8 * apart(same) else same


def _middles(pictures: np.ndarray) -> np.ndarray:
    """The share of pixels that are darker than each grey level, half of its own counted."""
    share = np.bincount(pictures.reshape(-1), minlength=256) / pictures.size
    return np.cumsum(share) - share / 2


def _unrelated(b: Pictures, tones: np.ndarray) -> float:
    """How much frames of B that have nothing to do with each other usually differ."""
    count = len(b.times_s)
    chosen = np.linspace(0, count - 1, min(_SAMPLES, count)).round().astype(int)
    shown = tones[b.thumbnails[chosen]]
    others = np.roll(shown, len(shown) // 2, axis=0)
    return float(np.median(np.square(shown - others).mean(axis=1)))

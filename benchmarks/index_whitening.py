"""Train the whitening of indexes on edited clips, and write what the package ships.

The clips' scenes are those of the half that is for fitting (scenes.py). Directions are scaled by
how much edits move a frame along them, and those are kept along which scenes differ most in that
scale (Fisher's linear discriminant). Footage that is known to be unrelated is drawn from the
statistics of that half, a random walk around a place of its own each, so that it can be nobody's
video; dull pictures (black, white, grey, bars, ramps, static) are described by the network.

example: python -m benchmarks.index_whitening clips-a clips-b
"""

import argparse
import tempfile
from collections.abc import Iterable
from pathlib import Path

import imageio
import numpy as np
from scipy.linalg import eigh

from benchmarks.edits import EditedPair, read_pairs
from benchmarks.scenes import half_of, scene_of
from videoalignment.align.footage import Footage
from videoalignment.features.cache import cached_features
from videoalignment.files import whole_file
from videoalignment.index.settings import STORED
from videoalignment.index.whitening import Whitening, unit

_SHIPPED = Path(__file__).parents[1] / "videoalignment" / "index" / "whitening.json"
_DAMPING = 0.3
"""Of the edits' mean variance, added in all directions: of 0.1, 0.3 and 1 no matter."""
_UNRELATED, _WALK_S = 400, 4


def _footage(paths: Iterable[Path]) -> dict[Path, Footage]:
    return {path: Footage.of(cached_features(path)) for path in paths}


def _moments(footage: Footage, edges_s: np.ndarray) -> np.ndarray:
    return unit(footage.averaged(edges_s))


def edit_covariance(pairs: list[EditedPair], footage: dict[Path, Footage]) -> np.ndarray:
    """How edits move frames, each clip's counted alike, shape (d, d)."""
    total, count = 0.0, 0
    for pair in pairs:
        for line in pair.lines:
            times_s = np.arange(line.begin_s + 0.25, line.end_s - 0.25, 0.25)
            if len(times_s) < 2:
                continue
            spans_s = np.stack([times_s - 0.1, times_s + 0.1], axis=1)
            spans_b_s = line.offset_s + line.speed * spans_s
            moved = (
                _moments(footage[pair.query], spans_s)[:, 0]
                - _moments(footage[pair.reference], spans_b_s)[:, 0]
            )
            total, count = total + moved.T @ moved / len(moved), count + 1
    return total / count / 2


def sampled(footage: Footage, rate_hz: float = 4.0) -> np.ndarray:
    """Moments of a video, unit norm, at most 80."""
    count = max(1, min(80, int((footage.end_s - footage.begin_s) * rate_hz)))
    return _moments(footage, footage.begin_s + np.arange(count + 1) / rate_hz)


def discriminant(samples: list[np.ndarray], edits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean, shape (d,), and matrix, shape (d, width); each video counts alike."""
    mean = np.mean([rows.mean(axis=0) for rows in samples], axis=0)
    scenes = np.mean([(r - mean).T @ (r - mean) / len(r) for r in samples], axis=0)
    damped = edits + _DAMPING * np.trace(edits) / len(edits) * np.eye(len(edits))
    _, directions = eigh(scenes, damped)
    return mean.astype(np.float32), directions[:, ::-1][:, : STORED.width].astype(np.float32)


def unrelated(samples: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Windows of footage that nobody has, shape (n, width)."""
    means = np.array([rows.mean(axis=0) for rows in samples])
    within = np.concatenate([rows - rows.mean(axis=0) for rows in samples])
    places = rng.multivariate_normal(means.mean(axis=0), np.cov(means.T), _UNRELATED // _WALK_S)
    steps = rng.multivariate_normal(np.zeros(within.shape[1]), np.cov(within.T), _UNRELATED)
    return np.repeat(places, _WALK_S, axis=0) + steps


def dull_pictures(rng: np.random.Generator) -> np.ndarray:
    """Pictures that look like many a video's dull moments, uint8, shape (n, 180, 320, 3)."""
    y, x = np.mgrid[0:180, 0:320]
    shades = [np.full((180, 320), value) for value in (0, 16, 64, 128, 192, 235, 255)]
    ramps = [x * 255 / 319, y * 255 / 179, np.hypot(x - 160, y - 90)]
    pictures = [np.stack([p] * 3, axis=2) for p in shades + ramps]
    for colour in ((0, 0, 180), (0, 120, 0), (160, 0, 0)):
        pictures.append(np.broadcast_to(np.array(colour), (180, 320, 3)))
    bars = np.array([(191, 191, 191), (191, 191, 0), (0, 191, 191), (0, 191, 0), (191, 0, 191)])
    pictures += [bars[x * 5 // 320], rng.integers(0, 256, (180, 320, 3))]
    return np.array(pictures).clip(0, 255).astype(np.uint8)


def described(pictures: np.ndarray) -> np.ndarray:
    """What the network makes of pictures, shape (n, d)."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dull.mp4"
        imageio.mimwrite(path, np.repeat(pictures, 10, axis=0), fps=10, macro_block_size=4)
        footage = Footage.of(cached_features(path))
    return footage.averaged(np.arange(len(pictures) + 1.0))


def main() -> None:
    """Train, and say what was trained on."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clips", type=Path, nargs="+", help="folders that benchmarks.edits wrote")
    options = parser.parse_args()
    rng = np.random.default_rng(11)
    pairs = [pair for folder in options.clips for pair in read_pairs(folder) if pair.shares]
    pairs = [pair for pair in pairs if half_of(scene_of(pair.reference)) == "fit"]
    references = sorted({pair.reference for pair in pairs})
    footage = _footage([*references, *(pair.query for pair in pairs)])
    samples = [sampled(footage[path]) for path in references]
    mean, matrix = discriminant(samples, edit_covariance(pairs, footage))
    white = (np.concatenate(samples) - mean) @ matrix
    dull = described(dull_pictures(rng))
    background = unit((np.concatenate([(unrelated(samples, rng)), dull]) - mean) @ matrix)
    whitening = Whitening(
        recipe=cached_features(references[0]).recipe,
        mean=mean,
        matrix=matrix,
        step=float(np.quantile(np.abs(white), 0.9995) / 127),
        background=np.rint(background * 127).astype(np.int8),
    )
    with whole_file(_SHIPPED, "w", encoding="ascii") as file:
        file.write(whitening.to_json())
    print(f"{len(references)} scenes, {len(pairs)} clips: {whitening.digest} in {_SHIPPED.name}")


if __name__ == "__main__":
    main()

"""Train the whitening of indexes on edited pictures, and write what the package ships.

Pictures of the videos are edited (picture_edits.py) and described. Directions are scaled by how
much edits move a picture along them, and those are kept along which scenes differ most in that
scale (Fisher's linear discriminant). Footage that is known to be unrelated is drawn from the
statistics of the same videos, a random walk around a place of its own each, so that it can be
nobody's video; dull pictures (black, white, grey, bars, ramps, static) are described as they are.

All videos are trained on: none of them, and no scene of theirs, may be reported on.

example: python -m benchmarks.index_whitening a.mp4 b.mp4
"""

import argparse
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
from scipy.linalg import eigh

from benchmarks.picture_edits import PICTURE_EDITS
from videoalignment.features.describe import FrameDescriber
from videoalignment.files import whole_file
from videoalignment.index.settings import STORED
from videoalignment.index.whitening import Whitening, unit
from videoalignment.media.frames import frame_size, read_frames
from videoalignment.progress import track

SHIPPED = Path(__file__).parents[1] / "videoalignment" / "index" / "whitening.json"
_LEVEL = 13
"""Where EfficientNet-Lite0 is cut. See benchmarks/REPORT.md for what others reach."""
_MOST_FPS = 15.0
"""Of videos that are indexed or asked for; moments are tenths of a second."""
_PICTURES_HZ, _MOST_PICTURES = 2.0, 12
_PIXELS = 57_600  # of the pictures that are edited; the network sees fewer
_SEEN_PIXELS = 12_000
_DAMPING = 0.3
"""Of the edits' mean variance, added in all directions: of 0.1, 0.3 and 1 no matter."""
_UNRELATED, _WALK_S = 400, 4


def pictures_of(video: Path) -> np.ndarray:
    """Pictures from all over a video, RGB, uint8, shape (n, height, width, 3)."""
    read = read_frames(video, fps=_PICTURES_HZ, image_area=_PIXELS, allow_truncated=True)
    pictures = np.concatenate([batch.frames for batch in read])
    count = min(_MOST_PICTURES, len(pictures))
    return pictures[np.linspace(0, len(pictures) - 1, count).astype(int)]


def described(describer: FrameDescriber, pictures: Iterable[np.ndarray]) -> np.ndarray:
    """What the network makes of pictures of one size, shape (n, d)."""
    small = []
    for picture in pictures:
        height, width = frame_size(picture.shape[1], picture.shape[0], _SEEN_PIXELS)
        small.append(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA))
    return describer.describe(np.stack(small))


def edit_covariance(own: np.ndarray, edited: Iterable[np.ndarray]) -> np.ndarray:
    """How edits move pictures of one video, each edit counted alike, shape (d, d)."""
    moved = [rows - own for rows in edited]
    return np.mean([rows.T @ rows / len(rows) / 2 for rows in moved], axis=0)


def discriminant(
    samples: list[np.ndarray], edits: np.ndarray, width: int
) -> tuple[np.ndarray, np.ndarray]:
    """Mean, shape (d,), and matrix, shape (d, width); each video counts alike."""
    mean = np.mean([rows.mean(axis=0) for rows in samples], axis=0)
    scenes = np.mean([(r - mean).T @ (r - mean) / len(r) for r in samples], axis=0)
    damped = edits + _DAMPING * np.trace(edits) / len(edits) * np.eye(len(edits))
    _, directions = eigh(scenes, damped)
    return mean.astype(np.float32), directions[:, ::-1][:, :width].astype(np.float32)


def unrelated(samples: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Windows of footage that nobody has, shape (n, d)."""
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


def trained(videos: list[Path]) -> Whitening:
    """The whitening that these videos teach."""
    rng = np.random.default_rng(11)
    describer = FrameDescriber("efficientnet_lite0", _LEVEL)
    samples, edits = [], []
    for video in track(videos, "describing", len(videos), "videos"):
        pictures = pictures_of(video)
        samples.append(described(describer, pictures))
        edited = (
            described(describer, (edit(picture, rng) for picture in pictures))
            for edit in PICTURE_EDITS.values()
        )
        edits.append(edit_covariance(samples[-1], edited))
    mean, matrix = discriminant(samples, np.mean(edits, axis=0), STORED.width)
    white = (np.concatenate(samples) - mean) @ matrix
    dull = described(describer, dull_pictures(rng))
    background = np.concatenate([unrelated(samples, np.random.default_rng(11)), dull])
    background = unit((background - mean) @ matrix)
    return Whitening(
        recipe=describer.recipe(image_area=_SEEN_PIXELS, max_fps=_MOST_FPS),
        mean=mean,
        matrix=matrix,
        step=float(np.quantile(np.abs(white), 0.9995) / 127),
        background=np.rint(background * 127).astype(np.int8),
    )


def main() -> None:
    """Train, and say what was trained on."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("videos", type=Path, nargs="+", help="real videos, a scene each")
    parser.add_argument("--out", type=Path, default=SHIPPED, help="the file to write")
    options = parser.parse_args()
    whitening = trained(options.videos)
    with whole_file(options.out, "w", encoding="ascii") as file:
        file.write(whitening.to_json())
    print(f"{len(options.videos)} videos: {whitening.digest} in {options.out}")


if __name__ == "__main__":
    main()

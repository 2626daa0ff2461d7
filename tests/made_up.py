"""A small made-up copy of the datasets, without videos, and the obvious way to score them.

The features are stretches of one smooth random walk an event, with noise, so that videos of one
event really align, at offsets that the annotations tell.
"""

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import obvious
import torch
from torch import Tensor

from videoalignment.provenance import FeatureRecipe
from videoalignment.temporal_match_kernel import von_mises_coefficients

FPS = 15
D = 24

RECIPE = FeatureRecipe(
    network="resnet34",
    level=29,
    weights="0123456789abcdef",
    rmac_levels=3,
    whitening=None,
    sum_before_pca=False,
    regional=False,
    image_area=12000,
    max_fps=15,
    precision="float32",
)


def event(rng: np.random.Generator, frames: int) -> np.ndarray:
    """A smooth walk of unit-norm descriptors, shape (frames, D)."""
    corners = rng.standard_normal((frames // 8 + 2, D))
    at = np.arange(frames) / 8
    left, share = at.astype(int), (at % 1)[:, None]
    return _unit(corners[left] * (1 - share) + corners[left + 1] * share)


def recording(rng: np.random.Generator, shown: np.ndarray, noise: float = 0.5) -> np.ndarray:
    """Descriptors of a video that shows a stretch of an event, its own way."""
    return _unit(shown + noise * event(rng, len(shown)))


def _unit(x: np.ndarray) -> np.ndarray:
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


def write_pickle(path: Path, array: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(array, 2))


def write_aligned(root: Path, name: str, seed: int = 0, *, events: int = 3, clips: int = 3) -> Path:
    """Climbing or Madonna: `clips` overlapping clips of each of some events."""
    rng, lines = np.random.default_rng(seed), []
    for e in range(events):
        shown = event(rng, 60 * FPS)
        for c in range(clips):
            start, frames = int(rng.integers(0, 30 * FPS)), int(rng.integers(12, 25)) * FPS
            # The clip begins some way into its video.
            lead = round(rng.uniform(0, 2), 2)
            begin = max(0, start - int(lead * FPS))
            video = recording(rng, shown[begin : start + frames])
            stem = f"clip{e}{c}"
            feature = stem if name == "Madonna" else f"cam{e}/{stem}"
            write_pickle(root / "rmac_resnet34_29" / f"{feature}.pkl", video)
            clock = 1000 * e + begin / FPS
            lines.append(f"cam{e}/{stem}.mp4 {lead:.2f} {len(video) / FPS:.2f} {clock:.3f}\n")
    (root / f"gt_{name.lower()}.align").write_text("".join(lines))
    return root


def write_vcdb(root: Path, seed: int = 0, *, groups: int = 2, videos: int = 5) -> Path:
    """VCDB: groups of videos that each hold one or two stretches of a source."""
    rng = np.random.default_rng(seed)
    for g in range(groups):
        source, copies = event(rng, 30 * FPS), []
        for v in range(videos):
            video = event(rng, int(rng.integers(40, 60)) * FPS)
            for place_s in (2, 22)[: 1 + v % 2]:
                length_s = int(rng.integers(16, 19))  # so that any two share some seconds
                source_s = int(rng.integers(0, 30 - length_s))
                stretch = source[source_s * FPS : (source_s + length_s) * FPS]
                begin = place_s * FPS
                video[begin : begin + len(stretch)] = recording(rng, stretch, noise=1.5)
                copies.append((f"video{v}", place_s, source_s, length_s))
            write_pickle(root / "rmac_resnet34_29" / f"group{g}" / f"video{v}.pkl", video)
        (root / "annotation").mkdir(parents=True, exist_ok=True)
        (root / "annotation" / f"group{g}.txt").write_text("".join(_copy_lines(copies)))
    return root


def _copy_lines(copies: list[tuple[str, int, int, int]]) -> list[str]:
    lines = []
    for i, (video_a, at_a, source_a, length_a) in enumerate(copies):
        for video_b, at_b, source_b, length_b in copies[i + 1 :]:
            begin = max(source_a, source_b)
            end = min(source_a + length_a, source_b + length_b)
            if video_a != video_b and end - begin >= 2:
                times = (t + at - s for at, s in ((at_a, source_a), (at_b, source_b))
                         for t in (begin, end))  # fmt: skip
                times = ",".join(f"00:00:{t:02d}" for t in times)
                lines.append(f"{video_a}.mp4,{video_b}.flv,{times}\n")
    return lines


def write_evve(root: Path, seed: int = 0, *, events: int = 2) -> Path:
    """EVVE: a few queries and some database videos with every label an event."""
    rng = np.random.default_rng(seed)
    for e in range(events):
        shown, lines = event(rng, 80 * FPS), []
        labels = [(1, "query")] * (2 + e)
        labels += [(int(rng.choice([1, 1, -1, 0])), "database") for _ in range(4)]
        labels += [(1, "database"), (-1, "database"), (0, "database")]
        for v, (label, split) in enumerate(labels):
            frames, start = int(rng.integers(8, 20)) * FPS, int(rng.integers(0, 50 * FPS))
            video = event(rng, frames)
            if label == 1 or rng.uniform() < 0.3:  # some others look like it
                video = recording(rng, shown[start : start + frames], noise=1.5)
            write_pickle(root / "rmac_resnet34_29" / f"event+{e}" / f"v{v}.pkl", video)
            lines.append(f"v{v} {label} {split}\n")
        (root / "annotations").mkdir(parents=True, exist_ok=True)
        (root / "annotations" / f"event+{e}.dat").write_text("".join(lines))
    return root


# ------------------------------------------------------------ the obvious way

PERIODS = {"TMK": (9767, 2731, 1039, 253), "TMK_Poullot": (2731, 4391, 9767, 14653)}
PERIODS["LAMV"] = PERIODS["TMK"]
NORMALISATIONS = {"TMK": "feat_freq", "LAMV": "feat_freq", "TMK_Poullot": "freq"}

Describe = Callable[[Tensor, Tensor], Tensor]
Score = Callable[[Tensor, Tensor, Tensor], Tensor]


def obvious_model(name: str, m: int = 16, fft_length: int = 0) -> tuple[Describe, Score]:
    """A model's descriptor of one video, and its scores of two of them, in float64.

    Returns:
        describe(frames (T, d), times (T,)) and score(fv_a, fv_b, offsets (n,)).
    """
    if name == "CTE":
        return (
            lambda frames, times: obvious.cte_descriptor(
                frames.double(), times.double(), m, fft_length
            ),
            lambda a, b, offsets: obvious.cte_scores(a, b, offsets.double(), fft_length),
        )
    if name == "SumAggregation":
        return (
            lambda frames, times: frames.double().sum(0) / frames.double().sum(0).norm(),
            lambda a, b, offsets: (a @ b).expand(len(offsets)),
        )
    coefficients = von_mises_coefficients(m).double()
    return (
        lambda frames, times: obvious.tmk_descriptor(
            frames.double(), times.double(), PERIODS[name], coefficients
        ),
        lambda a, b, offsets: obvious.tmk_scores(
            a, b, offsets.double(), PERIODS[name], coefficients, NORMALISATIONS[name]
        ),
    )


def own_times(frames: int, frame_rate: float = 25) -> Tensor:
    """Time stamps, in feature frames, of a video whose rate is assumed."""
    return torch.arange(frames).double().mul(frame_rate / FPS).round() / frame_rate * FPS


def sampled(begin_s: float, end_s: float) -> np.ndarray:
    """The hundredths of a second that the protocol compares."""
    return np.round(np.arange(begin_s, end_s, 0.01), 2)


def share_a_sample(a: tuple[float, float], b: tuple[float, float]) -> bool:
    return bool(np.isin(sampled(*a), sampled(*b)).any())

"""Made-up trees of VCSL and VSC2022: videos with cuts, and segments that are copied with changes.

Each query holds copies of some references: one to three segments a pair, in any order, some of them
played faster or slower, all with noise. Where they lie is known exactly.
"""

import csv
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from made_up import D

from videoalignment.features.store import FrameFeatures, write_features

SPEEDS = (1.0, 1.0, 1.25, 0.8)  # of the copy against its source
_SLOT_S = 30  # each segment has a slot of its own


@dataclass(frozen=True)
class Planted:
    """What a tree is made of."""

    features: dict[str, np.ndarray]
    segments: dict[tuple[str, str], list[list[float]]]
    """[q0, r0, q1, r1], seconds, of the pairs that share something."""
    queries: list[str]
    references: list[str]
    fps: float


def _unit(x: np.ndarray) -> np.ndarray:
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


def shots(rng: np.random.Generator, seconds: float, fps: float) -> np.ndarray:
    """A video of shots of 2 to 8 s with hard cuts between them; within one, things move slowly."""
    frames, rows = round(seconds * fps), []
    while len(rows) < frames:
        length = max(1, round(rng.uniform(2, 8) * fps))
        scene, way = rng.standard_normal((2, D))
        rows += list(scene + 1.5 * np.linspace(0, 1, length)[:, None] * way)
    return _unit(np.array(rows[:frames]))


def plant(
    seed: int = 0,
    *,
    fps: float = 1.0,
    queries: int = 4,
    most_segments: int = 3,
    speeds: tuple[float, ...] = SPEEDS,
    noise: float = 0.3,
) -> Planted:
    """Make a tree's videos; every query has a reference that it copies and one that it does not."""
    rng = np.random.default_rng(seed)
    features, segments, names = {}, {}, ([], [])
    for i in range(queries):
        query, source, other = f"Q{i}", f"R{i}", f"S{i}"
        slots = int(rng.integers(1, most_segments + 1))
        length_s = _SLOT_S * slots + 5
        for name in (query, source, other):
            features[name] = shots(rng, length_s, fps)
        order, boxes = rng.permutation(slots), []
        for slot in range(slots):
            speed, lasts_s = float(rng.choice(speeds)), float(rng.integers(16, 21))
            q0 = float(_SLOT_S * slot + rng.integers(0, 5))
            r0 = float(_SLOT_S * order[slot] + rng.integers(0, 5))
            frames = np.arange(round(lasts_s * fps))
            taken = np.round(r0 * fps + frames * speed).astype(int)
            copy = features[source][taken] + noise * _unit(rng.standard_normal((len(frames), D)))
            features[query][round(q0 * fps) + frames] = _unit(copy)
            boxes.append([q0, r0, q0 + lasts_s, r0 + lasts_s * speed])
        segments[query, source] = boxes
        names[0].append(query)
        names[1].extend((source, other))
    return Planted(features, segments, *names, fps)


def _write_features(root: Path, planted: Planted) -> None:
    (root / "features").mkdir(parents=True, exist_ok=True)
    for name, array in planted.features.items():
        path = root / "features" / name
        if planted.fps == 1:  # as files that do not state their rate are taken
            np.save(path.with_suffix(".npy"), array)
            continue
        times_s = np.arange(len(array)) / planted.fps
        features = FrameFeatures(array, times_s, planted.fps, None, len(array) / planted.fps)
        write_features(path.with_suffix(".npz"), features)


def write_vcsl(root: Path, planted: Planted) -> Path:
    """VCSL: each query with the reference that it copies, and one that it does not."""
    _write_features(root, planted)
    labels = {"-".join(pair): boxes for pair, boxes in planted.segments.items()}
    (root / "label_file_test.json").write_text(json.dumps(labels))
    rows = ["query_id,reference_id"]
    for i, query in enumerate(planted.queries):
        rows += [f"{query},R{i}", f"{query},S{i}"]
    (root / "pair_file_test.csv").write_text("\n".join(rows) + "\n")
    return root


def write_vsc(root: Path, planted: Planted) -> Path:
    """VSC2022: all queries against all references."""
    _write_features(root, planted)
    with (root / "train_matching_ground_truth.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        ends = ("query_start", "query_end", "ref_start", "ref_end")
        writer.writerow(["query_id", "ref_id", *ends])
        for pair, boxes in planted.segments.items():
            writer.writerows([*pair, q0, q1, r0, r1] for q0, r0, q1, r1 in boxes)
    for kind, names in (("query", planted.queries), ("reference", planted.references)):
        lines = [
            "video_id,duration_sec",
            *(f"{name},{len(planted.features[name])}" for name in names),
        ]
        (root / f"train_{kind}_metadata.csv").write_text("\n".join(lines) + "\n")
    return root

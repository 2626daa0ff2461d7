"""Made-up trees with the statistics of VCSL's labels, to measure finders of copied segments on.

A video is a *story*: shots with hard cuts, long and short, scenes that come back; it is known at
every moment, so that copies begin between frames and play at any speed. A copy differs from its
source by what an edit changes everywhere alike (a crop, a logo) and by what changes from moment to
moment. Some pairs hold several segments, cut, re-ordered, shown twice; half of all pairs share
nothing, some of these a scene (one studio, two broadcasts) or a black or still stretch.

What was counted stands as constants, with where; what was not is a choice, and marked as one.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from videoalignment.features.store import FrameFeatures

# Counted in VCSL's label_file_test.json of 2022 (27,765 pairs, 39,185 boxes).
PERCENTS = (1, 5, 10, 25, 50, 75, 90, 95, 99)
SEGMENTS_A_PAIR = (0.735, 0.179, 0.052, 0.017, 0.017)
"""Shares of the labelled pairs with 1, 2, 3, 4 and 5 or more boxes."""
LENGTHS_S = (3, 4, 5, 10, 19, 57, 116, 144, 432)
"""Percentiles of the boxes' length in the query."""
VIDEO_LENGTHS_S = (10, 22, 31, 60, 119, 224, 365, 900, 2792)
"""Percentiles of the last moment of a video that a box reaches: its length is not in the labels."""
SPEEDS = (0.44, 0.70, 0.88, 0.983, 1.0, 1.018, 1.14, 1.42, 3.0)
"""Percentiles of the ratio of a box's sides, of boxes of 30 s and more, where it is not rounding;
67 % lie within 5 % of 1."""
RE_ORDERED, SHOWN_TWICE = 0.16, 0.15
"""Shares of successive boxes that run backwards in the reference, and whose stretches of the query
overlap by more than half."""
POSITIVES = 0.5
"""27,765 of the 55,530 pairs of pair_file_test.csv."""

# Choices.
WIDTH = 64
_COMMON = 0.5  # all frames share a direction, as descriptors of networks do: unrelated ones are 0.2
_FASTEST = 2.5  # beyond, a box of VCSL's is a still or a loop
_LONGEST_S = 900.0  # of a video here: time, not difficulty, grows with it
_GAP_S = 10.0

Story = Callable[[np.ndarray], np.ndarray]
"""From moments, seconds, shape (n,), to descriptors, shape (n, WIDTH)."""


def drawn(rng: np.random.Generator, percentiles: tuple[float, ...]) -> float:
    """A number drawn from a distribution of which percentiles are known."""
    return float(np.interp(rng.uniform(PERCENTS[0], PERCENTS[-1]), PERCENTS, percentiles))


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def _walk(rng: np.random.Generator, seconds: float, every_s: float) -> Story:
    """What changes slowly and never comes back, of norm 1."""
    corners = rng.standard_normal((int(seconds / every_s) + 3, WIDTH)) / WIDTH**0.5

    def at(times_s: np.ndarray) -> np.ndarray:
        place = (times_s / every_s).clip(0, len(corners) - 2)
        left, share = place.astype(int), (place % 1)[:, None]
        return corners[left] * (1 - share) + corners[left + 1] * share

    return at


def story(
    rng: np.random.Generator, seconds: float, common: np.ndarray, setups: np.ndarray | None = None
) -> Story:
    """A video of its own.

    Args:
        rng: what to draw from.
        seconds: how long.
        common: the direction that all frames of all videos share.
        setups: scenes that come back, shape (k, WIDTH); some of its own unless given.
    """
    shot_s = float(np.exp(rng.normal(np.log(5), 0.7)))  # a talk has long shots, a trailer short
    begins_s = np.concatenate(
        [[0.0], np.cumsum(rng.exponential(shot_s, int(seconds / shot_s) + 9))]
    )
    scenes = _unit(rng.standard_normal((len(begins_s), WIDTH)))
    if setups is None and rng.uniform() < 0.3:
        setups = _unit(rng.standard_normal((rng.integers(2, 5), WIDTH)))
    if setups is not None:
        again = rng.uniform(size=len(scenes)) < 0.7
        scenes[again] = setups[rng.integers(len(setups), size=again.sum())]
    moving = rng.uniform(0.2, 0.9, len(scenes)) * (rng.uniform(size=len(scenes)) > 0.1)  # stills
    walk = _walk(rng, seconds, 2.0)
    dark_s = rng.uniform(1, 3) if rng.uniform() < 0.3 else 0.0  # fades in from black

    def at(times_s: np.ndarray) -> np.ndarray:
        shot = np.searchsorted(begins_s, times_s, side="right") - 1
        rows = scenes[shot] + moving[shot][:, None] * walk(times_s) * 1.2 + _COMMON * common
        return _unit(np.where((times_s < dark_s)[:, None], common, rows))

    return at


@dataclass
class Tree:
    """Videos, which pairs are judged, and what they share."""

    fps: float
    features: dict[str, np.ndarray] = field(default_factory=dict)
    segments: dict[tuple[str, str], list[list[float]]] = field(default_factory=dict)
    """[q0, r0, q1, r1], seconds, of the pairs that share something."""
    pairs: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Difficulty:
    """How much a copy differs from its source."""

    edit: tuple[float, float] = (0.2, 2.0)
    """What is changed everywhere alike, of the source's norm: drawn between these, a segment."""
    noise: tuple[float, float] = (0.1, 1.5)
    """What is changed from moment to moment."""


def _normed(shares: tuple[float, ...]) -> np.ndarray:
    return np.array(shares) / sum(shares)


def _gap_s(rng: np.random.Generator) -> float:
    return float(rng.exponential(_GAP_S))


def _meets(box: list[float], others: list[list[float]]) -> bool:
    """Whether a box shares an area with one of some others."""
    return any(box[0] < o[2] and o[0] < box[2] and box[1] < o[3] and o[1] < box[3] for o in others)


def _planted(
    rng: np.random.Generator, length_s: float, source_s: float
) -> tuple[list[list[float]], list[bool]]:
    """Boxes that lie apart in the query, and which of them have a cut inside."""
    count = 1 + int(rng.choice(len(SEGMENTS_A_PAIR), p=_normed(SEGMENTS_A_PAIR)))
    boxes: list[list[float]] = []
    for _ in range(20 * count):  # where there is room
        speed = 1.0 if rng.uniform() < 0.6 else float(np.clip(drawn(rng, SPEEDS), 0.4, _FASTEST))
        lasts_s = min(drawn(rng, LENGTHS_S), 0.9 * length_s, 0.9 * source_s / speed)
        q0 = rng.uniform(0, length_s - lasts_s) if not boxes else boxes[-1][2] + _gap_s(rng)
        r0 = rng.uniform(0, source_s - lasts_s * speed) if not boxes else boxes[-1][3] + _gap_s(rng)
        if boxes and rng.uniform() < SHOWN_TWICE:
            q0 = boxes[-1][0]
        if boxes and rng.uniform() < RE_ORDERED:
            r0 = rng.uniform(0, max(0.1, boxes[-1][1] - lasts_s * speed))
        box = [q0, r0, q0 + lasts_s, r0 + lasts_s * speed]
        if lasts_s >= 3 and box[2] <= length_s and box[3] <= source_s and not _meets(box, boxes):
            boxes.append(box)
        if len(boxes) == count:
            break
    cut = [b[2] - b[0] > 20 and rng.uniform() < 0.15 for b in boxes]
    return boxes, cut


def _place_in_source(times_s: np.ndarray, box: list[float], cut: bool) -> np.ndarray:
    """Which moment of the source each moment of a copy shows."""
    q0, r0, q1, r1 = box
    share = (times_s - q0) / (q1 - q0)
    if cut:  # a tenth of the source is left out in the middle: the rest plays slower by as much
        share = np.where(share < 0.5, share * 0.9, share * 0.9 + 0.1)
    return r0 + share * (r1 - r0)


def make_tree(
    seed: int,
    *,
    queries: int = 30,
    copies_a_query: int = 3,
    fps: float = 1.0,
    difficulty: Difficulty | None = None,
) -> Tree:
    """Make a tree; each query has as many references that share nothing as those that do.

    Args:
        seed: of all that is drawn.
        queries: how many.
        copies_a_query: pairs of each query that share something.
        fps: feature frames a second; frame k shows the moment k / fps.
        difficulty: how much a copy differs from its source.
    """
    rng, difficulty = np.random.default_rng([seed, 20220618]), difficulty or Difficulty()
    tree, common = Tree(fps), _unit(rng.standard_normal(WIDTH))

    def length_s() -> float:
        return max(12.0, min(drawn(rng, VIDEO_LENGTHS_S), _LONGEST_S))

    def frames(of_s: float) -> np.ndarray:
        return np.arange(max(2, int(of_s * fps))) / fps

    for i in range(queries):
        query, query_s = f"Q{seed}n{i}", length_s()
        setups = _unit(rng.standard_normal((3, WIDTH))) if rng.uniform() < 0.3 else None
        own = story(rng, query_s, common, setups)
        times_s = frames(query_s)
        tree.features[query] = own(times_s).astype(np.float32)
        for k in range(copies_a_query):
            # The reference holds what the query shows: which of the two is the source is no matter.
            name, reference_s = f"R{seed}n{i}n{k}", length_s()
            boxes, cut = _planted(rng, reference_s, query_s)
            at_s = frames(reference_s)
            rows = story(rng, reference_s, common)(at_s)
            for box, has_cut in zip(boxes, cut, strict=True):
                inside = (at_s >= box[0]) & (at_s < box[2])
                shown = own(_place_in_source(at_s[inside], box, has_cut))
                edit = rng.uniform(*difficulty.edit) * _unit(rng.standard_normal(WIDTH))
                changing = rng.uniform(*difficulty.noise) * rng.standard_normal(shown.shape)
                rows[inside] = _unit(shown + edit + changing / WIDTH**0.5)
            tree.features[name] = rows.astype(np.float32)
            if boxes:
                tree.segments[query, name] = [[r0, q0, r1, q1] for q0, r0, q1, r1 in boxes]
            tree.pairs.append((query, name))
            other, other_s = f"S{seed}n{i}n{k}", length_s()
            unrelated = story(rng, other_s, common, setups)  # the same studio, where there is one
            tree.features[other] = unrelated(frames(other_s)).astype(np.float32)
            tree.pairs.append((query, other))
    return tree


def tree_features(tree: Tree) -> dict[str, FrameFeatures]:
    """All videos' features, as files of that frame rate hold them."""
    return {
        name: FrameFeatures(
            rows, np.arange(len(rows)) / tree.fps, tree.fps, None, len(rows) / tree.fps
        )
        for name, rows in tree.features.items()
    }


def write_tree(root: Path, tree: Tree) -> Path:
    """Write a tree as the dataset VCSL reads it; features of one frame a second only."""
    (root / "features").mkdir(parents=True, exist_ok=True)
    for name, array in tree.features.items():
        np.save(root / "features" / f"{name}.npy", array)
    labels = {"-".join(pair): boxes for pair, boxes in tree.segments.items()}
    (root / "label_file_test.json").write_text(json.dumps(labels))
    lines = ["query_id,reference_id", *(",".join(pair) for pair in tree.pairs)]
    (root / "pair_file_test.csv").write_text("\n".join(lines) + "\n")
    return root

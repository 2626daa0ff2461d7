"""PDQF features and TMK folding, to the last bit."""

import math

import numpy as np
import pytest
from tmk_made_up import fold_obviously, folded, moving_features

from videoalignment.features.pdqf import TmkFold, pdqf_features
from videoalignment.tmk_files import to_bytes


def features_obviously(frame: np.ndarray) -> np.ndarray:
    """The features of a frame, a number at a time."""
    f32 = np.float32
    scale = f32(math.sqrt(2 / 64))
    transform = [
        [f32(float(scale) * math.cos(math.pi / 2 / 64 * (i + 1) * (2 * j + 1))) for j in range(64)]
        for i in range(16)
    ]
    red, green, blue = (frame[..., i].astype(f32) for i in range(3))
    grey = (f32(0.299) * red + f32(0.587) * green) + f32(0.114) * blue
    half = np.zeros((16, 64), f32)
    for i in range(16):
        for k in range(64):
            half[i] = half[i] + transform[i][k] * grey[k]
    both = np.zeros((16, 16), f32)
    for i in range(16):
        for j in range(16):
            for k in range(64):
                both[i, j] = both[i, j] + half[i, k] * transform[j][k]
    return both.ravel()


def random_frames(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 64, 64, 3), np.uint8)


def test_features_are_those_of_a_loop_over_all_numbers():
    frames = random_frames(2)
    features = pdqf_features(frames)
    assert features.dtype == np.float32
    for frame, feature in zip(frames, features, strict=True):
        assert np.array_equal(feature, features_obviously(frame))


def test_features_do_not_depend_on_the_frames_beside_them():
    frames = random_frames(131)
    together = pdqf_features(frames)
    assert together.shape == (131, 256)
    apart = np.concatenate([pdqf_features(frames[:1]), pdqf_features(frames[1:])])
    assert np.array_equal(together, apart)
    assert pdqf_features(frames[:0]).shape == (0, 256)


def test_features_are_the_published_ones(shared):
    known = np.load(shared / "golden" / "tmk" / "pdqf_frames.npz")
    assert np.array_equal(pdqf_features(known["frames"]), known["features"])


def test_folding_is_that_of_a_loop():
    features = moving_features(3, 0.8)
    assert to_bytes(folded(features)) == to_bytes(fold_obviously(features))


def test_folding_does_not_depend_on_how_the_frames_come():
    features = moving_features(3, 3)
    fold = TmkFold()
    for part in np.split(features, [1, 2, 17]):
        fold.add(part)
    assert to_bytes(fold.finish()) == to_bytes(folded(features))


def test_black_frames_add_nothing_but_time():
    features = moving_features(3, 1)
    black = np.zeros((5, 256), np.float32)
    tmk = folded(np.concatenate([features, black]))
    assert tmk.frames == 20
    assert np.array_equal(tmk.cosines, folded(features).cosines)
    assert tmk.mean == pytest.approx(folded(features).mean * 0.75, rel=1e-5)
    all_black = folded(black)
    assert not all_black.cosines.any()
    assert not all_black.mean.any()
    assert not folded(features[:1]).sines.any()

"""Laying one video's pictures over another's, with maps that are known."""

import cv2
import numpy as np
import pytest

from videoalignment.align.registration import Points, Registration, register

SIZE = (216, 384)
EDITS = {
    "same": [[1, 0, 0], [0, 1, 0]],
    "cropped": [[1.3, 0, -60], [0, 1.3, -20]],
    "in a picture": [[0.6, 0, 115], [0, 0.6, 54]],
    "stretched": [[0.75, 0, 0], [0, 1, 0]],
    "mirrored": [[-1, 0, 383], [0, 1, 0]],
    "mirrored and cropped": [[-1.2, 0, 430], [0, 1.2, -25]],
    "upside down": [[-1, 0, 383], [0, -1, 215]],
    "tilted": [[0.98, 0.06, 4], [-0.05, 1.02, -3]],
}


def picture(seed: int) -> np.ndarray:
    """Blobs of all sizes, each at random."""
    generator = np.random.default_rng(seed)
    total = np.zeros(SIZE)
    for size in (2, 4, 8, 16):
        grain = generator.normal(size=(SIZE[0] // size + 1, SIZE[1] // size + 1))
        total += cv2.resize(grain, SIZE[::-1], interpolation=cv2.INTER_CUBIC) * size**0.5
    return np.clip(128 + 15 * total, 0, 255).astype(np.uint8)


def noisy(shown: np.ndarray, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, 6, SIZE)
    return np.clip(shown + noise, 0, 255).astype(np.uint8)


def laid_over(ours: list[np.ndarray], theirs: list[np.ndarray]) -> Registration | None:
    return register([Points.of(shown) for shown in ours], [Points.of(shown) for shown in theirs])


@pytest.mark.parametrize("name", EDITS)
def test_edits_of_a_picture_are_found(name):
    to_a = np.array(EDITS[name], float)
    originals = [picture(seed) for seed in range(3)]
    edited = [
        noisy(cv2.warpAffine(shown, to_a, SIZE[::-1]), 10 + seed)
        for seed, shown in enumerate(originals)
    ]
    found = laid_over(edited, originals)
    corners = np.array([[0, 0, 1], [383, 0, 1], [0, 215, 1], [383, 215, 1]])
    assert np.abs((found.to_a - to_a) @ corners.T).max() < 2


@pytest.mark.parametrize("seed", range(6))
def test_unrelated_pictures_have_nothing_in_common(seed):
    ours, theirs = ([picture(100 * seed + k + n) for k in range(6)] for n in (0, 50))
    assert laid_over(ours, theirs) is None


def test_an_edit_must_be_the_same_at_all_moments():
    originals = [picture(seed) for seed in range(3)]
    maps = [EDITS[name] for name in ("upside down", "mirrored", "in a picture")]
    edited = [
        cv2.warpAffine(shown, np.array(to_a, float), SIZE[::-1])
        for shown, to_a in zip(originals, maps, strict=True)
    ]
    together = laid_over(edited, originals)
    alone = [laid_over([ours], [theirs]) for ours, theirs in zip(edited, originals, strict=True)]
    assert together.support < sum(one.support for one in alone) / 2


@pytest.mark.parametrize("level", [0, 255])
def test_pictures_without_anything_in_them(level):
    blank = np.full(SIZE, level, np.uint8)
    assert laid_over([blank], [blank]) is None
    assert laid_over([blank], [picture(1)]) is None
    assert laid_over([], []) is None


@pytest.mark.parametrize("name", ["cropped", "stretched", "mirrored", "tilted"])
def test_all_pixels_tell_an_edit_to_a_fraction_of_one(name):
    to_a = np.array(EDITS[name], float)
    theirs = [picture(seed) for seed in range(3)]
    ours = [noisy(cv2.warpAffine(shown, to_a, SIZE[::-1]), 9) for shown in theirs]
    rough = Registration(to_a + np.array([[0.01, -0.01, 2], [0.01, 0.01, -2]]), 20)
    sharp = rough.sharpened(list(zip(ours, theirs, strict=True)))
    corners = np.array([[0, 0, 1], [SIZE[1], 0, 1], [0, SIZE[0], 1], [SIZE[1], SIZE[0], 1]])
    assert np.abs(corners @ (sharp.to_a - to_a).T).max() < 0.3


def test_what_two_pictures_share_lies_over_each_other():
    """B's middle, twice as large, is all of A."""
    found = Registration(np.array([[2.0, 0, -192], [0, 2.0, -108]]), 20)
    of_a, of_b = found.onto_shared(SIZE, SIZE, (36, 64))
    np.testing.assert_allclose(of_a @ [0, 0, 1], [0, 0], atol=1e-9)
    np.testing.assert_allclose(of_a @ [384, 216, 1], [64, 36])
    np.testing.assert_allclose(of_b @ [96, 54, 1], [0, 0], atol=1e-9)
    np.testing.assert_allclose(of_b @ [288, 162, 1], [64, 36])
    assert (
        Registration(np.array([[1.0, 0, 380], [0, 1.0, 0]]), 20).onto_shared(SIZE, SIZE, (36, 64))
        is None
    )

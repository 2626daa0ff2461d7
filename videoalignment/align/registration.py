"""How one video's picture lies in another's: cropped, framed, stretched, mirrored or tilted.

What is done to a clip's picture is the same at all its moments. So the points that match are put
together over several moments, and one affine map has to explain them. Points of unrelated pictures
match by chance in a few places; those of one scene match all over it.

Source of the points: SIFT (Lowe, IJCV 2004), with the square roots of Arandjelovic and Zisserman
(CVPR 2012).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from videoalignment.align.settings import LOOK

_POINTS = 500  # the strongest ones of a picture, for speed
_CONTRAST = 0.02  # fainter points than OpenCV's usual 0.04: pictures are small and often soft
_SECOND_BEST = 0.85  # a match is nearer than its runner-up by this factor
_NEAR_PX = 4.0  # how far from where the map puts it a point may lie
_CELL_PX = 12  # points that lie in one cell count once
_MOST_SCALE, _MOST_STRETCH = 4.0, 2.5
# SIFT's 4 x 4 x 8 numbers of the mirrored surroundings of a point: rows and turns run backwards.
_MIRRORED = np.arange(128).reshape(4, 4, 8)[::-1][:, :, -np.arange(8) % 8].reshape(-1)


@dataclass(frozen=True)
class Registration:
    """Where in A's pictures each point of B's lies."""

    to_a: np.ndarray
    """Affine map of pixels (x, y, 1) of B to pixels of A, float64, shape (2, 3)."""
    support: int
    """Cells of A's picture in which points agree with it."""


@dataclass(frozen=True)
class Points:
    """What stands out in a picture."""

    places: np.ndarray
    """Pixels (x, y), shape (n, 2)."""
    descriptors: np.ndarray
    """Unit norm, shape (n, 128)."""

    @classmethod
    def of(cls, picture: np.ndarray) -> "Points":
        """Find the points of a grey picture, uint8, shape (height, width)."""
        points, descriptors = _sift().detectAndCompute(picture, None)
        if descriptors is None:
            return cls(np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32))
        shares = descriptors / (descriptors.sum(axis=1, keepdims=True) + 1e-6)
        return cls(np.array([point.pt for point in points], np.float32), np.sqrt(shares))

    def matching(self, other: np.ndarray) -> np.ndarray:
        """Pairs of a point and one of others' descriptors, each the other's nearest, (m, 2)."""
        if min(len(self.places), len(other)) < 2:
            return np.zeros((0, 2), int)
        similarity = self.descriptors @ other.T
        row = np.arange(len(similarity))
        second, nearest = np.argpartition(similarity, -2, axis=1)[:, -2:].T
        apart, apart_second = (
            np.sqrt(np.maximum(2 - 2 * similarity[row, column], 0)) for column in (nearest, second)
        )
        mutual = similarity.argmax(axis=0)[nearest] == row
        kept = mutual & (apart < _SECOND_BEST * apart_second)
        return np.stack([row, nearest], axis=1)[kept]


def register(a: Sequence[Points], b: Sequence[Points]) -> Registration | None:
    """Find the one map that lays pictures of B over those of A.

    Args:
        a, b: the points of pictures of the same moments.

    Returns:
        The map; None where the pictures show nothing in common.
    """
    found = [_registered(a, b, mirrored) for mirrored in (False, True)]
    return max(filter(None, found), key=lambda one: one.support, default=None)


def _registered(a: Sequence[Points], b: Sequence[Points], mirrored: bool) -> Registration | None:
    nothing = np.zeros((0, 2), np.float32)
    ours, theirs = [nothing], [nothing]
    for one, other in zip(a, b, strict=True):
        pairs = one.matching(other.descriptors[:, _MIRRORED] if mirrored else other.descriptors)
        ours.append(one.places[pairs[:, 0]])
        theirs.append(other.places[pairs[:, 1]])
    places_a, places_b = np.concatenate(ours), np.concatenate(theirs)
    if len(places_a) < LOOK.least_support:
        return None
    to_a, inside = cv2.estimateAffine2D(
        places_b, places_a, method=cv2.RANSAC, ransacReprojThreshold=_NEAR_PX, maxIters=3000
    )
    if to_a is None or not _is_plausible(to_a, mirrored):
        return None
    cells = np.unique(places_a[inside[:, 0] > 0] // _CELL_PX, axis=0)
    return Registration(to_a, len(cells)) if len(cells) >= LOOK.least_support else None


def _is_plausible(to_a: np.ndarray, mirrored: bool) -> bool:
    """Whether somebody may have done that to a picture: neither vanishing nor folded."""
    large, small = np.linalg.svd(to_a[:, :2], compute_uv=False)
    if (np.linalg.det(to_a[:, :2]) < 0) != mirrored:
        return False
    return 1 / _MOST_SCALE < small <= large < min(_MOST_SCALE, _MOST_STRETCH * small)


@cache
def _sift() -> cv2.SIFT:
    return cv2.SIFT.create(nfeatures=_POINTS, contrastThreshold=_CONTRAST)

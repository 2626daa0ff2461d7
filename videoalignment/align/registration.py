"""How one video's picture lies in another's: cropped, framed, stretched, mirrored or tilted.

What is done to a clip's picture is the same at all its moments. So the points that match are put
together over several moments, and one affine map has to explain them. Points of unrelated pictures
match by chance in a few places; those of one scene match all over it.

Source of the points: SIFT (Lowe, IJCV 2004), with the square roots of Arandjelovic and Zisserman
(CVPR 2012).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache

import cv2
import numpy as np

from videoalignment.align.settings import LOOK

_POINTS = 500  # the strongest ones of a picture, for speed
_CONTRAST = 0.02  # fainter points than OpenCV's usual 0.04: pictures are small and often soft
_SECOND_BEST = 0.85  # a match is nearer than its runner-up by this factor
_NEAR_PX = 4.0  # how far from where the map puts it a point may lie
_CELL_PX = 12  # points that lie in one cell count once
_OVER = 4  # pictures are mapped so many times as high and wide as what they are shrunk to
_LEAST_SHARED = 0.05  # of the longer side of A's picture, across and down
_MOST_SCALE, _MOST_STRETCH = 4.0, 2.5
_ECC_ENDS = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 50, 1e-5)
# SIFT's 4 x 4 x 8 numbers of the mirrored surroundings of a point: rows and turns run backwards.
_MIRRORED = np.arange(128).reshape(4, 4, 8)[::-1][:, :, -np.arange(8) % 8].reshape(-1)


@dataclass(frozen=True)
class Registration:
    """Where in A's pictures each point of B's lies."""

    to_a: np.ndarray
    """Affine map of pixels (x, y, 1) of B to pixels of A, float64, shape (2, 3)."""
    support: int
    """Cells of A's picture in which points agree with it."""
    cells: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))
    """The middles of these cells, pixels (x, y), shape (support, 2)."""

    def sharpened(self, moments: Sequence[tuple[np.ndarray, np.ndarray]]) -> "Registration":
        """The same to a fraction of a pixel, from all pixels of some pictures.

        Each moment is registered by its brightness (the enhanced correlation coefficient of
        Evangelidis and Psarakis, PAMI 2008), and the middle of what they say is taken.

        Args:
            moments: grey pictures of A and of B of the same moments, uint8.
        """
        to_b = cv2.invertAffineTransform(self.to_a).astype(np.float32)
        found = []
        for ours, theirs in moments:
            try:
                everywhere = np.full(theirs.shape, 255, np.uint8)
                _, better = cv2.findTransformECC(
                    *(ours, theirs, to_b.copy(), cv2.MOTION_AFFINE, _ECC_ENDS),
                    inputMask=everywhere,
                    gaussFiltSize=5,
                )
            except cv2.error:
                continue  # pictures without contrast, or too far apart
            found.append(cv2.invertAffineTransform(better))
        if not found:
            return self
        return replace(self, to_a=np.median(found, axis=0).astype(float))

    def corners(self, size_b: tuple[int, int]) -> np.ndarray:
        """Where in A's picture the corners of B's lie, pixels (x, y), shape (4, 2).

        Args:
            size_b: height and width of B's pictures, pixels.
        """
        height, width = size_b
        corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]])
        return corners @ self.to_a.T

    def onto_shared(
        self, size_a: tuple[int, int], size_b: tuple[int, int], size: tuple[int, int]
    ) -> tuple[np.ndarray, np.ndarray] | None:
        """Maps of A's and of B's pixels that lay what the two share over each other.

        Args:
            size_a, size_b: height and width of their pictures, pixels.
            size: height and width of what is shared, after mapping.

        Returns:
            Two affine maps, shape (2, 3); None where hardly anything is shared.
        """
        laid = self.corners(size_b)
        left, top = np.maximum(laid.min(axis=0), 0)
        right, bottom = np.minimum(laid.max(axis=0), size_a[::-1])
        if min(right - left, bottom - top) < _LEAST_SHARED * max(size_a):
            return None
        across, down = size[1] / (right - left), size[0] / (bottom - top)
        of_a = np.array([[across, 0, -left * across], [0, down, -top * down]])
        return of_a, of_a @ np.concatenate([self.to_a, [[0, 0, 1]]])


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
        nearest = similarity.argmax(axis=1)
        mutual = similarity.argmax(axis=0)[nearest] == row
        best = similarity[row, nearest]
        similarity[row, nearest] = -np.inf  # for the runners-up: twenty times faster than sorting
        apart, apart_second = (
            np.sqrt(np.maximum(2 - 2 * alike, 0)) for alike in (best, similarity.max(axis=1))
        )
        kept = mutual & (apart < _SECOND_BEST * apart_second)
        return np.stack([row, nearest], axis=1)[kept]


def softened(picture: np.ndarray) -> np.ndarray:
    """A picture before it is shrunk, grey, uint8: what is smaller than three pixels would flicker
    as it is mapped."""
    return cv2.blur(picture, (3, 3))


def shrunk(picture: np.ndarray, onto: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Lay a picture where a map says, small.

    Args:
        picture: softened, shape (height, width).
        onto: affine map of its pixels onto the result's.
        size: height and width of the result, in which every pixel is the mean of what lies in it.
    """
    height, width = size
    large = _OVER * width, _OVER * height
    mapped = cv2.warpAffine(picture, _OVER * onto, large)
    return cv2.resize(mapped, (width, height), interpolation=cv2.INTER_AREA)


def register(
    a: Sequence[Points], b: Sequence[Points], least_support: int = LOOK.least_support
) -> Registration | None:
    """Find the one map that lays pictures of B over those of A.

    Args:
        a, b: the points of pictures of the same moments.
        least_support: cells of A's picture that must agree with it.

    Returns:
        The map; None where the pictures show nothing in common.
    """
    found = [_registered(a, b, mirrored, least_support) for mirrored in (False, True)]
    return max(filter(None, found), key=lambda one: one.support, default=None)


def _registered(
    a: Sequence[Points], b: Sequence[Points], mirrored: bool, least_support: int
) -> Registration | None:
    nothing = np.zeros((0, 2), np.float32)
    ours, theirs = [nothing], [nothing]
    for one, other in zip(a, b, strict=True):
        pairs = one.matching(other.descriptors[:, _MIRRORED] if mirrored else other.descriptors)
        ours.append(one.places[pairs[:, 0]])
        theirs.append(other.places[pairs[:, 1]])
    places_a, places_b = np.concatenate(ours), np.concatenate(theirs)
    if len(places_a) < least_support:
        return None
    to_a, inside = cv2.estimateAffine2D(
        places_b, places_a, method=cv2.RANSAC, ransacReprojThreshold=_NEAR_PX, maxIters=3000
    )
    if to_a is None or not _is_plausible(to_a, mirrored):
        return None
    cells = np.unique(places_a[inside[:, 0] > 0] // _CELL_PX, axis=0)
    if len(cells) < least_support:
        return None
    return Registration(to_a, len(cells), (cells + 0.5) * _CELL_PX)


def _is_plausible(to_a: np.ndarray, mirrored: bool) -> bool:
    """Whether somebody may have done that to a picture: neither vanishing nor folded."""
    large, small = np.linalg.svd(to_a[:, :2], compute_uv=False)
    if (np.linalg.det(to_a[:, :2]) < 0) != mirrored:
        return False
    return 1 / _MOST_SCALE < small <= large < min(_MOST_SCALE, _MOST_STRETCH * small)


@cache
def _sift() -> cv2.SIFT:
    return cv2.SIFT.create(nfeatures=_POINTS, contrastThreshold=_CONTRAST)

"""What is small in pictures laid over each other: written words tell what shapes of text do not.

Whatever a page says, its lines fill alike: made small, two pages that are typed, two terminals or
two slides of one lecture look the same. What is small tells them apart, where it comes and goes (or
it would be a frame around, or a logo, that both have) and stays for a while (or it would be told
less well than by whatever moves). Both are compared tile by tile, wherever they are sure of it.
"""

import cv2
import numpy as np

from videoalignment.align.registration import Registration
from videoalignment.align.shot import Shot
from videoalignment.time_map import TimeMap

_MOMENTS = 10
_FINE_PX, _COARSE_PX = 1.0, 3.0  # of the blurs between which what is small lies
_TILE_PX = 24
_BESIDE_PX = 5  # what is laid over only roughly is looked for so far beside
# A tile is sure where it is much the same a little earlier and later, and not flat.
_ASIDE_S, _SAME, _LEAST_CONTRAST = 0.3, 0.7, 1.5
_LEAST_TILES = 50
# Of 3 pairs of typed text that is not the same, 0.53 to 0.82 of the tiles were less alike than
# this; of 195 pairs of takes where they meet, 0.28 at most.
_ALIKE, _MOST_UNLIKE = 0.6, 0.45
# Of the tiles that both pictures have, those that are another one at some moment must be more than
# subtitles of two languages cover, 0.19; of six of seven pairs of pages it was 0.31 and more.
_MOST_OVERLAID = 0.25


def are_others(shot: Shot, registration: Registration, line: TimeMap) -> bool:
    """Whether what is small in two videos comes and goes in the same places, but is not the same.

    Args:
        shot: the pictures of both.
        registration: how they lie over each other, to some pixels.
        line: when they meet.
    """
    (first_a_s, last_a_s), (first_b_s, last_b_s) = (
        (film.times_s[0] + _ASIDE_S, film.times_s[-1] - _ASIDE_S)
        for film in (shot.ours, shot.theirs)
    )
    first_s, last_s = line.overlap_s((first_a_s, last_a_s), (first_b_s, last_b_s))
    if last_s <= first_s:
        return False
    moments = [
        _laid_over(shot, registration, time_s, line.to_b(time_s))
        for time_s in np.linspace(first_s, last_s, _MOMENTS)
    ]
    ours, theirs, inside = (np.array(part) for part in zip(*moments, strict=True))
    everywhere = np.all(inside, axis=0)
    ours, theirs = (small - small.mean(axis=(0, 1)) for small in (ours, theirs))
    alike = np.array(
        [_alike(one, other, everywhere) for one, other in zip(ours, theirs, strict=True)]
    )
    differ, sure = alike < _ALIKE, np.isfinite(alike)
    covered = differ.any(axis=0).sum() / max(1, _tiles(everywhere).all(axis=1).sum())
    enough = sure.sum() >= _LEAST_TILES and covered > _MOST_OVERLAID
    return bool(enough and differ.sum() > _MOST_UNLIKE * sure.sum())


def _laid_over(
    shot: Shot, registration: Registration, time_a_s: float, time_b_s: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What is small in A's picture, and in B's as A would show it, a little earlier and later than
    a moment, shape (2, height, width); and which pixels B has, bool."""
    one, other = shot.ours.at(time_a_s), shot.theirs.at(time_b_s)
    # Each moment anew: cameras move.
    sharp = registration.sharpened([(one.astype(np.uint8), other.astype(np.uint8))])
    to_b, size = cv2.invertAffineTransform(sharp.to_a), one.shape[::-1]

    def laid(picture: np.ndarray) -> np.ndarray:
        return cv2.warpAffine(picture, to_b, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)

    asides_s = -_ASIDE_S, _ASIDE_S
    ours = np.array([_small(shot.ours.at(time_a_s + aside_s)) for aside_s in asides_s])
    theirs = np.array([_small(laid(shot.theirs.at(time_b_s + aside_s))) for aside_s in asides_s])
    return ours, theirs, laid(np.ones_like(other)) > 0.99


def _small(picture: np.ndarray) -> np.ndarray:
    """What is small in a picture."""
    return cv2.GaussianBlur(picture, (0, 0), _FINE_PX) - cv2.GaussianBlur(
        picture, (0, 0), _COARSE_PX
    )


def _alike(ours: np.ndarray, theirs: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """How alike tiles are, about 1 where they are the same, NaN where not both are sure of them.

    Args:
        ours, theirs: a little earlier and later, shape (2, height, width).
        inside: which pixels both have, bool, shape (height, width).
    """
    (own_a, spread_a), (own_b, spread_b) = (
        _sameness(_tiles(earlier), _tiles(later)) for earlier, later in (ours, theirs)
    )
    sure = _tiles(inside).all(axis=1) & (np.minimum(own_a, own_b) > _SAME)
    sure &= np.minimum(spread_a, spread_b) > _LEAST_CONTRAST
    one, around = ours.mean(axis=0), _BESIDE_PX
    other = cv2.copyMakeBorder(
        theirs.mean(axis=0), around, around, around, around, cv2.BORDER_REFLECT
    )
    across = one.shape[1] // _TILE_PX
    alike = np.full(len(sure), np.nan)
    for tile in np.flatnonzero(sure):
        top, left = (place * _TILE_PX for place in divmod(int(tile), across))
        wanted = one[top : top + _TILE_PX, left : left + _TILE_PX]
        reach = _TILE_PX + 2 * around
        searched = other[top : top + reach, left : left + reach]
        best = cv2.matchTemplate(searched, wanted, cv2.TM_CCOEFF_NORMED).max()
        alike[tile] = best / np.sqrt(own_a[tile] * own_b[tile])  # noise makes both less alike
    return alike


def _tiles(picture: np.ndarray) -> np.ndarray:
    """A picture's tiles, row by row, shape (tiles, pixels)."""
    down, across = (length // _TILE_PX for length in picture.shape)
    cut = picture[: down * _TILE_PX, : across * _TILE_PX]
    rows = cut.reshape(down, _TILE_PX, across, _TILE_PX).swapaxes(1, 2)
    return rows.reshape(down * across, _TILE_PX**2)


def _sameness(earlier: np.ndarray, later: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The correlation of tiles at two moments, and the spread of what they have in common, grey
    levels, shape (tiles,) each."""
    one, other = (tiles - tiles.mean(axis=1, keepdims=True) for tiles in (earlier, later))
    norms = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    correlation = (one * other).sum(axis=1) / (norms + 1e-6)
    return correlation, np.sqrt(np.maximum((earlier * later).mean(axis=1), 0))

"""When pictures meet, by all their pixels, found together with how they lie over each other.

Descriptors and small pictures know little of what is small or moves little: a face that speaks. And
pictures of what turns can be laid over each other a little earlier and later, too: a shift in time
is taken for one in space. What stays tells them apart: a limb, shading, a background. So the place
in time and the place in the picture are fitted at once, to the pixels of many moments, by least
squares: a step in time changes pixels as the footage does from moment to moment, a step in space as
their gradients say. Where the one can be had by the other, the normal equations say so, and the
place is as vague as they are.

Each video's derivatives are multiplied with the other's, since their noise is their own, and would
pass for something to hold on to. Tones are free, a rising or falling polygon, and so is blur.

Source: efficient second-order minimisation (Benhimane and Malis, IROS 2004), with a column for
time; standard errors from clusters (Liang and Zeger, Biometrika 1986), of pixels and of moments.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from videoalignment.align.reel import Pictures
from videoalignment.align.registration import Registration
from videoalignment.time_map import TimeMap

Stages = tuple[tuple[float, int], ...]
"""Standard deviation of the blur, pixels, and how many moments are compared, of each stage."""
FROM_AFAR: Stages = ((4.0, 32), (2.0, 48))
"""Where the place is known to some tenths of a second."""
CLOSE_BY: Stages = ((2.0, 36),)
"""Where it is known to a frame."""

_STEPS = 5  # at most, of each stage
_SETTLED_S = 2e-3  # the last step of a place that is told is shorter
_ASIDE_S = 0.04  # before and after, over which the change in time is measured
_KNOTS = 6  # of the tones
_LEAST_CONTRAST = 4.0  # grey levels of B from dark to bright
_TILES, _BLOCKS = (6, 8), 8  # down and across, and along time: clusters of errors
_LEAST_PIXELS, _LEAST_S = 200, 2.0
_MOST_SHIFT_S = 0.6
_MOST_BLUR = 6.0  # variance, pixels squared, that one stage may add
# Of the change in time, the share that no move of the picture makes. Of a plain that goes past it
# was 0.0003 and the place not told, of a globe without its limb 0.002, with it 0.05 and more.
_LEAST_OWN = 0.01
# Where a picture changes by so many times of what is usual, it is cut; of most moments none is.
_CUT, _CUT_S, _WHOLE = 4.0, 0.12, 0.8


@dataclass(frozen=True)
class Place:
    """Where pictures meet."""

    shift_s: float
    """How much later than a line said, seconds of B."""
    sigma_s: float
    """Standard error, as far as these pixels show it."""


def placed_together(
    a: Pictures, b: Pictures, registration: Registration, line: TimeMap, stages: Stages
) -> Place | None:
    """Find the place in time together with the one in the picture.

    Args:
        a, b: pictures of the two around the line.
        registration: how they lie over each other, to some pixels.
        line: when they meet.
        stages: `FROM_AFAR` or `CLOSE_BY`, by how well that is known.

    Returns:
        The place; None where nothing stays that tells it, or they share too little.
    """
    first_s, last_s = line.overlap_s(_span_s(a), _span_s(b))
    if last_s - first_s < _LEAST_S:
        return None
    to_b = np.vstack([cv2.invertAffineTransform(registration.to_a), [0, 0, 1]])
    fit = _Fit(to_b @ np.linalg.inv(_unit(a.frames.shape[1:])))
    try:
        for blur, moments in stages:
            stage = _Stage((a, b), line, moments, blur, fit)
            if not stage.is_enough:
                return None
            for _ in range(_STEPS):
                step_s, sigma_s = stage.step(fit)
                if stage.own < _LEAST_OWN:
                    return None  # where it was lost on the way it may end anywhere
                if abs(step_s) < _SETTLED_S / 5:
                    break
            fit.match_blur()
    except np.linalg.LinAlgError:
        return None
    if abs(step_s) >= _SETTLED_S or abs(fit.shift_s) > _MOST_SHIFT_S:
        return None
    return Place(fit.shift_s, sigma_s)


@dataclass
class _Fit:
    """What is fitted."""

    to_b: np.ndarray
    """Homography of A's pixels, the middle 0 and half the longer side 1, to pixels of B."""
    shift_s: float = 0.0
    knots: np.ndarray | None = None
    """Grey levels of B, ascending."""
    levels: np.ndarray | None = None
    """What they are in A; then how much of the Laplacian is added."""
    blur_a: float = 0.0
    blur_b: float = 0.0
    """Variance by which each is blurred to be as soft as the other, pixels squared."""

    def moved(self, picture: np.ndarray, shift_s: float, levels: np.ndarray) -> None:
        """Move by what the equations say: homography, place, tones."""
        x, across_x, across_y, y, down_x, down_y, far_x, far_y = picture
        change = [[1 + across_x, across_y, x], [down_x, 1 + down_y, y], [-far_x, -far_y, 1]]
        self.to_b = self.to_b @ np.array(change)
        self.to_b /= self.to_b[2, 2]
        self.shift_s += float(shift_s)
        self.levels = self.levels + levels

    def match_blur(self) -> None:
        """Turn what was added of the Laplacian into blur."""
        if self.knots is not None and self.levels is not None:
            contrast = np.polyfit(self.knots, self.levels[:-1], 1)[0]
            self.blur_b += float(np.clip(2 * self.levels[-1] / contrast, -_MOST_BLUR, _MOST_BLUR))
            common = min(self.blur_a, self.blur_b)
            self.blur_a, self.blur_b = self.blur_a - common, self.blur_b - common
        self.knots = self.levels = None


class _Stage:
    """The pixels that are compared at one blur, and what A shows in them."""

    def __init__(
        self, films: tuple[Pictures, Pictures], line: TimeMap, moments: int, blur: float, fit: _Fit
    ) -> None:
        a, self._b = films
        self._line = line
        self.own = 0.0
        """The share of the change in time that no move of the picture makes, once it was seen."""
        first_s, last_s = line.overlap_s(_span_s(a), _span_s(self._b))
        edges_s = np.linspace(first_s, last_s, moments + 1)
        moments_s = (edges_s[1:] + edges_s[:-1]) / 2
        whole = _is_whole(a, moments_s) & _is_whole(self._b, line.to_b(moments_s) + fit.shift_s)
        self._moments_s = moments_s[whole]
        height, width = self._size = a.frames.shape[1:]
        self._unit = _unit(self._size)
        blur_a, self._blur_b = (float(np.hypot(blur, x**0.5)) for x in (fit.blur_a, fit.blur_b))
        y, x = np.nonzero(self._shared(fit, max(blur_a, self._blur_b), int(blur)))
        tile = y * _TILES[0] // height * _TILES[1] + x * _TILES[1] // width
        order = np.argsort(tile, kind="stable")
        y, x = y[order], x[order]
        self._pixels = y, x
        self._edges = np.append(np.unique(tile[order], return_index=True)[1], len(x))
        self._fields = _fields(*(self._unit @ [x, y, np.ones(len(x))])[:2])
        self._ours = [self._seen(a, None, time_s, blur_a) for time_s in self._moments_s]

    @property
    def is_enough(self) -> bool:
        """Whether there is enough to compare."""
        return len(self._pixels[0]) >= _LEAST_PIXELS and len(self._ours) >= _BLOCKS

    def _shared(self, fit: _Fit, blur: float, every: int) -> np.ndarray:
        """Every so manieth pixel of A that shows what B does, away from the edges of both."""
        inside = _laid(np.ones(self._b.frames.shape[1:], np.float32), self._warp(fit), self._size)
        margin = 2 * (int(np.ceil(3 * blur)) + 2) + 1
        inside = cv2.copyMakeBorder((inside > 0.99).astype(np.uint8), 1, 1, 1, 1, 0, value=0)
        # cv2.erode takes what lies beyond for shared: the rim of zeros says that it is not
        kept = cv2.erode(inside, np.ones((margin, margin), np.uint8))[1:-1, 1:-1] > 0
        grid = np.zeros(self._size, bool)
        grid[::every, ::every] = True
        return kept & grid

    def _warp(self, fit: _Fit) -> np.ndarray:
        return fit.to_b @ self._unit

    def _seen(
        self, film: Pictures, warp: np.ndarray | None, time_s: float, blur: float
    ) -> np.ndarray:
        """What pixels show: grey, its change across, down and in time, its Laplacian, (5, n)."""

        def shown(picture: np.ndarray) -> np.ndarray:
            laid = picture if warp is None else _laid(picture, warp, self._size)
            return cv2.GaussianBlur(laid, (0, 0), blur)

        grey = shown(film.at(time_s))
        later, earlier = (film.at(time_s + step_s) for step_s in (_ASIDE_S, -_ASIDE_S))
        scale = 1 / (8 * self._unit[0, 0])
        across = cv2.Sobel(grey, cv2.CV_32F, 1, 0, ksize=3) * scale
        down = cv2.Sobel(grey, cv2.CV_32F, 0, 1, ksize=3) * scale
        changes = shown(later - earlier) / (2 * _ASIDE_S)
        every = (grey, across, down, changes, cv2.Laplacian(grey, cv2.CV_32F))
        return np.stack([field[self._pixels] for field in every])

    def step(self, fit: _Fit) -> tuple[float, float]:
        """Move a fit to where its normal equations say; that step in time, and the standard
        error of the place, seconds.

        Raises:
            numpy.linalg.LinAlgError: the equations have no one solution.
        """
        size = len(self._fields) + 1 + _KNOTS + 1
        tiles, blocks = len(self._edges) - 1, _BLOCKS
        normal = np.zeros((size, size))
        by_tile, by_block = np.zeros((tiles, size)), np.zeros((blocks, size))
        if fit.knots is None:
            self._match_tones(fit)
        for number, (time_s, ours) in enumerate(zip(self._moments_s, self._ours, strict=True)):
            theirs = self._theirs(fit, time_s)
            columns_a, columns_b, left = self._columns(fit, ours, theirs)
            product = columns_a @ columns_b.T
            normal += (product + product.T) / 2
            scores = (columns_a + columns_b) / 2 * left
            in_tiles = np.add.reduceat(scores, self._edges[:-1], axis=1).T
            by_tile += in_tiles
            by_block[number * blocks // len(self._ours)] += in_tiles.sum(axis=0)
        inverse = np.linalg.inv(normal)
        step = inverse @ by_tile.sum(axis=0)
        place = len(self._fields)
        if normal[place, place] <= 0 or not np.isfinite(step).all():
            raise np.linalg.LinAlgError("nothing changes, or the fit is lost")
        self.own = float(1 / (inverse[place, place] * normal[place, place]))
        variance = sum(
            np.square(scores @ inverse[place]).sum() * len(scores) / (len(scores) - 1)
            for scores in (by_tile, by_block)
        )
        fit.moved(step[:place], step[place], step[place + 1 :])
        return float(step[place]), float(np.sqrt(variance))

    def _theirs(self, fit: _Fit, time_s: float) -> np.ndarray:
        """What pixels show in B at a moment of A; see `_seen`."""
        place_s = self._line.to_b(time_s) + fit.shift_s
        return self._seen(self._b, self._warp(fit), place_s, self._blur_b)

    def _match_tones(self, fit: _Fit) -> None:
        """Begin with the tones that some moments have, of which the first may be black.

        Raises:
            numpy.linalg.LinAlgError: they have no contrast.
        """
        some = slice(None, None, max(1, len(self._moments_s) // _BLOCKS))
        theirs = np.hstack([self._theirs(fit, time_s) for time_s in self._moments_s[some]])
        spread = np.quantile(theirs[0], np.linspace(0.001, 0.999, _KNOTS))
        if spread[-1] - spread[0] < _LEAST_CONTRAST:
            raise np.linalg.LinAlgError("no contrast")
        fit.knots = (spread + np.linspace(spread[0], spread[-1], _KNOTS)) / 2
        tones, _ = _on_knots(fit, theirs)
        ours = np.concatenate([seen[0] for seen in self._ours[some]])
        fit.levels = np.linalg.lstsq(tones.T, ours, rcond=None)[0]

    def _columns(
        self, fit: _Fit, ours: np.ndarray, theirs: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The columns of the equations of one moment, by A's and by B's changes, and what is left
        between the two: shapes (columns, n), (columns, n) and (n,)."""
        tones, below = _on_knots(fit, theirs)
        assert fit.knots is not None and fit.levels is not None
        contrast = (np.diff(fit.levels[:-1]) / np.diff(fit.knots))[below].astype(np.float32)
        columns = [
            np.concatenate([dx * across + dy * down for dx, dy in self._fields] + [change])
            for _, across, down, change, _ in (ours, theirs)
        ]
        columns_a, columns_b = (c.reshape(-1, len(below)).astype(np.float32) for c in columns)
        both = np.concatenate([columns_a, tones]), np.concatenate([columns_b * contrast, tones])
        return *both, ours[0] - fit.levels.astype(np.float32) @ tones


def _on_knots(fit: _Fit, theirs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How much of each knot pixels of B show, and their Laplacian, shape (knots + 1, n); and which
    knot is below each."""
    assert fit.knots is not None
    grey, pixel = theirs[0], np.arange(theirs.shape[1])
    below = (np.searchsorted(fit.knots, grey) - 1).clip(0, _KNOTS - 2)
    share = (grey - fit.knots[below]) / np.diff(fit.knots)[below]
    tones = np.zeros((_KNOTS + 1, len(grey)), np.float32)
    tones[below, pixel], tones[below + 1, pixel], tones[-1] = 1 - share, share, theirs[4]
    return tones, below


def _fields(x: np.ndarray, y: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """How pixels move, across and down, for each of the numbers of a homography."""
    one, none = np.ones_like(x), np.zeros_like(x)
    affine = [(one, none), (x, none), (y, none), (none, one), (none, x), (none, y)]
    return [*affine, (x * x, x * y), (x * y, y * y)]


def _unit(size: tuple[int, ...]) -> np.ndarray:
    """From pixels to the middle 0 and half the longer side 1."""
    height, width = size
    half = max(size) / 2
    return np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, half]]) / half


def _laid(picture: np.ndarray, warp: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """A picture of B as A would show it."""
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return cv2.warpPerspective(
        picture, warp, size[::-1], flags=flags, borderMode=cv2.BORDER_CONSTANT
    )


def _span_s(film: Pictures) -> tuple[float, float]:
    """Between which moments pictures can be had, with changes."""
    return film.middles_s[0] + _ASIDE_S, film.middles_s[-1] - _ASIDE_S


def _is_whole(film: Pictures, moments_s: np.ndarray) -> np.ndarray:
    """Around which moments no cut is, bool, of the same shape."""
    changes = np.array(
        [
            float(np.square((film.at(t + _CUT_S) - film.at(t - _CUT_S))[::4, ::4]).mean()) ** 0.5
            for t in moments_s
        ]
    )
    return changes <= max(_CUT * float(np.median(changes)), float(np.quantile(changes, _WHOLE)))

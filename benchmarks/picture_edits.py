"""What edits do to single pictures: much as in edits.py, without encoding a clip for each.

A picture of a video and the same picture edited are what a whitening is trained on
(index_whitening.py). Every edit takes and gives RGB, uint8, shape (height, width, 3).
"""

from collections.abc import Callable

import cv2
import numpy as np

Picture = np.ndarray
PictureEdit = Callable[[Picture, np.random.Generator], Picture]

_BLUR = 1 / 180
"""Of a picture's width: 3 pixels of 540."""


def _toned(picture: Picture, tone: Callable[[np.ndarray], np.ndarray]) -> Picture:
    """Change brightness, 0..1, and leave colours."""
    ycc = cv2.cvtColor(picture, cv2.COLOR_RGB2YCrCb)
    ycc[..., 0] = np.rint(255 * tone(ycc[..., 0] / 255.0).clip(0, 1)).astype(np.uint8)
    return cv2.cvtColor(ycc, cv2.COLOR_YCrCb2RGB)


def _coarse(share: float, quality: int) -> PictureEdit:
    """Fewer pixels, of a low quality."""

    def edit(picture: Picture, _: np.random.Generator) -> Picture:
        size = [max(16, round(share * side)) for side in picture.shape[1::-1]]
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        code = cv2.imencode(".jpg", small[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        return cv2.imdecode(code, cv2.IMREAD_COLOR)[..., ::-1]

    return edit


def _crop(picture: Picture, _: np.random.Generator) -> Picture:
    height, width = picture.shape[:2]
    rows = slice(round(0.05 * height), round(0.85 * height))
    return picture[rows, round(0.15 * width) : round(0.95 * width)]


def _grey(picture: Picture, _: np.random.Generator) -> Picture:
    return cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)


def _colour(picture: Picture, _: np.random.Generator) -> Picture:
    """Bright, with strong contrast and strong colours."""
    ycc = cv2.cvtColor(picture, cv2.COLOR_RGB2YCrCb).astype(np.float32) - 128
    ycc = ycc * (1.3, 1.6, 1.6) + (128 + 0.12 * 255, 128, 128)
    return cv2.cvtColor(ycc.clip(0, 255).astype(np.uint8), cv2.COLOR_YCrCb2RGB)


def _dark(picture: Picture, _: np.random.Generator) -> Picture:
    return _toned(picture, lambda y: (y - 0.18).clip(0) ** (1 / 0.8))


def _pale(picture: Picture, _: np.random.Generator) -> Picture:
    return (0.4 * picture + 130).clip(0, 255).astype(np.uint8)


def _logo(picture: Picture, _: np.random.Generator) -> Picture:
    height, width = picture.shape[:2]
    shown = picture.copy()
    shown[height // 20 : height // 4, width // 20 : 3 * width // 10] = (255, 255, 0)
    return shown


def _boxed(down: float, across: float) -> PictureEdit:
    """Black bars above and below, or beside, so wide as shares of the picture."""

    def edit(picture: Picture, _: np.random.Generator) -> Picture:
        rows, columns = round(down * picture.shape[0]), round(across * picture.shape[1])
        return np.pad(picture, ((rows, rows), (columns, columns), (0, 0)))

    return edit


def _blurred(picture: Picture, share: float) -> Picture:
    return cv2.GaussianBlur(picture, (0, 0), share * picture.shape[1])


def _noisy(picture: Picture, strength: float, rng: np.random.Generator) -> Picture:
    return (picture + rng.normal(0, strength, picture.shape)).clip(0, 255).astype(np.uint8)


def _camcorder(picture: Picture, rng: np.random.Generator) -> Picture:
    """A screen filmed from the side, duller and with noise."""
    height, width = picture.shape[:2]
    seen = np.array([[0.04, 0.06], [0.97, 0.02], [0.02, 0.95], [0.96, 0.99]])
    corners = np.array([[0, 0], [1, 0], [0, 1], [1, 1]])
    sides = np.array([width, height])
    turned = cv2.getPerspectiveTransform(
        (seen * sides).astype(np.float32), (corners * sides).astype(np.float32)
    )
    filmed = cv2.warpPerspective(picture, turned, (width, height))
    return _noisy(0.9 * (filmed - 128.0) + 116, 7, rng)


def _pip(picture: Picture, _: np.random.Generator) -> Picture:
    """The picture small, over itself blurred."""
    height, width = picture.shape[:2]
    shown = _blurred(picture, 1 / 30)
    size = round(0.6 * width), round(0.6 * height)
    top, left = round(0.25 * height), round(0.3 * width)
    inset = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    shown[top : top + size[1], left : left + size[0]] = inset
    return shown


PICTURE_EDITS: dict[str, PictureEdit] = {
    "coarse": _coarse(0.5, 12),
    "tiny": _coarse(0.35, 18),
    "crop": _crop,
    "grey": _grey,
    "colour": _colour,
    "dark": _dark,
    "pale": _pale,
    "logo": _logo,
    "letterbox": _boxed(0.175, 0),
    "pillarbox": _boxed(0, 0.25),
    "blur": lambda picture, _: _blurred(picture, _BLUR),
    "noise": lambda picture, rng: _noisy(picture, 14, rng),
    "mirror": lambda picture, _: picture[:, ::-1],
    "stretch": lambda picture, _: cv2.resize(picture, None, fx=0.75, fy=1),
    "camcorder": _camcorder,
    "pip": _pip,
}

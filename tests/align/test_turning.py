"""A globe that turns: its pictures can be laid over each other a little earlier and later, too."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from ramps import write_grey

from videoalignment.align import align_pair
from videoalignment.align.pixel_place import FROM_AFAR, placed_together
from videoalignment.align.reel import Pictures
from videoalignment.align.registration import Registration, register
from videoalignment.time_map import TimeMap

pytestmark = pytest.mark.usefixtures("own_cache")

SIDE, TURN_S = 240, 40.0


def land(seed: int) -> np.ndarray:
    """Blobs of all sizes round a globe, seamless, shape (180, 720)."""
    generator = np.random.default_rng(seed)
    total = np.zeros((180, 720))
    for size in (4, 8, 16, 32):
        grain = generator.normal(size=(180 // size + 1, 720 // size))
        grain = np.concatenate([grain, grain[:, :1]], axis=1)
        total += cv2.resize(grain, (720, 180), interpolation=cv2.INTER_CUBIC) * size**0.5
    return np.clip(128 + 14 * total, 0, 255).astype(np.float32)


def globe(shown: np.ndarray, moment_s: float) -> np.ndarray:
    """The globe at a moment, lit from one side."""
    y, x = np.mgrid[-1.2 : 1.2 : SIDE * 1j, -1.2 : 1.2 : SIDE * 1j].astype(np.float32)
    inside = x**2 + y**2 < 1
    depth = np.sqrt(np.clip(1 - x**2 - y**2, 0, 1))
    longitude = np.arctan2(x, depth) / (2 * np.pi) + moment_s / TURN_S
    rows = (np.arcsin(y.clip(-1, 1)) / np.pi + 0.5) * 179
    surface = cv2.remap(shown, (longitude % 1 * 719).astype(np.float32), rows.astype(np.float32), 1)
    lit = (0.35 + 0.65 * np.clip(0.8 * depth + 0.6 * x, 0, 1)).astype(np.float32)
    return np.where(inside, surface * lit, 12.0)


def filmed(path: Path, begin_s: float, length_s: float, fps: int, *, crop: int = 0) -> Path:
    """A camera that films the globe, each with noise of its own."""
    shown, noise = land(3), np.random.default_rng(round(begin_s * 100))
    frames = []
    for number in range(round(length_s * fps)):
        picture = globe(shown, begin_s + (number + 0.5) / fps) + noise.normal(0, 6, (SIDE, SIDE))
        picture = np.clip(picture, 0, 255).astype(np.uint8)
        if crop:
            picture = cv2.resize(picture[crop:, crop:], (SIDE, SIDE))
        frames.append(picture)
    return write_grey(path, frames, fps)


@pytest.mark.parametrize(("begin_s", "crop"), [(3.37, 30), (5.08, 0)])
def test_what_turns_is_no_surer_of_its_place_than_it_is_right(begin_s, crop, tmp_path):
    a = filmed(tmp_path / "a.mp4", begin_s, 6.0, 25, crop=crop)
    b = filmed(tmp_path / "b.mp4", 0.0, 14.0, 30)
    found = align_pair(a, b, by="picture").alignment
    assert found.matched
    known = found.uncertainty
    error_s = found.time_map.to_b(known.best_at_s) - known.best_at_s - begin_s
    assert abs(error_s) < known.place_s
    assert abs(error_s) < 0.03
    assert known.place_s < 0.1
    assert found.rivals == ()


def seen(picture_at, begin_s: float, length_s: float, fps: float, *, seed: int) -> Pictures:
    """What a camera films, with noise of its own."""
    noise, frames = np.random.default_rng(seed), []
    times_s = np.arange(round(length_s * fps)) / fps
    for time_s in times_s:
        picture = picture_at(begin_s + time_s + 0.5 / fps)
        frames.append(np.clip(picture + noise.normal(0, 4, picture.shape), 0, 255))
    return Pictures(np.stack(frames).astype(np.uint8), times_s, 1 / fps)


def laid_over(a: Pictures, b: Pictures, line: TimeMap) -> Registration:
    """How pictures of the moments that a line names lie over each other."""
    moments_s = np.linspace(1, a.times_s[-1] - 1, 6)
    found = register(a.points_at(moments_s), b.points_at(line.to_b(moments_s)))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("texture", "begin_s", "wrong_s", "mirrored"),
    [(3, 3.371, 0.1, False), (7, 2.217, -0.15, True), (11, 4.056, 0.2, False)],
)
def test_what_stays_tells_when_a_globe_was_filmed(texture, begin_s, wrong_s, mirrored):
    shown = land(texture)

    def brighter(moment_s: float) -> np.ndarray:
        larger = cv2.resize(globe(shown, moment_s)[20:220, 10:230], (SIDE, SIDE)) * 1.1 + 5
        return larger[:, ::-1] if mirrored else larger

    a = seen(brighter, begin_s, 6.0, 25, seed=1)
    b = seen(lambda moment_s: globe(shown, moment_s), 0.0, 13.0, 30, seed=2)
    line = TimeMap(begin_s + wrong_s)
    found = placed_together(a, b, laid_over(a, b, line), line, FROM_AFAR)
    assert found is not None
    assert abs(found.shift_s + wrong_s) < 0.01
    assert abs(found.shift_s + wrong_s) < 1.96 * np.hypot(found.sigma_s, 0.004)
    assert found.sigma_s < 0.03


def test_where_nothing_stays_the_place_is_not_told():
    passing = np.tile(cv2.resize(land(5), (1440, SIDE)), 2)

    def past(moment_s: float) -> np.ndarray:
        """A plain that goes past the window, steadily."""
        onto = np.array([[1, 0, -40 * moment_s], [0, 1, 0]])
        return cv2.warpAffine(passing, onto, (SIDE, SIDE), flags=cv2.INTER_LINEAR)

    a = seen(past, 3.37, 6.0, 25, seed=1)
    b = seen(past, 0.0, 13.0, 30, seed=2)
    line = TimeMap(3.37 + 0.1)
    assert placed_together(a, b, laid_over(a, b, line), line, FROM_AFAR) is None


@pytest.mark.parametrize("grey", [None, 16])
def test_pictures_in_which_nothing_changes_tell_no_place(grey):
    still = globe(land(3), 1.0) if grey is None else np.full((SIDE, SIDE), grey)
    frames = np.repeat(still.astype(np.uint8)[None], 150, axis=0)
    film = Pictures(frames, np.arange(150) / 25, 1 / 25)
    same = Registration(np.array([[1.0, 0, 0], [0, 1, 0]]), 50)
    with np.errstate(all="raise"):
        assert placed_together(film, film, same, TimeMap(0.0), FROM_AFAR) is None

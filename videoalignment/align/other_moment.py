"""Pictures that show one place at two moments: what says that they meet there is wrong.

That pictures are not found where sounds say that they meet counts for little: of another viewpoint
they would not be found either. But where they can be laid over each other all over, they are of one
viewpoint, and the same moment looks the same. So where both move and nothing agrees, it is another
moment; and where what is small is not the same (details.py). Music made of loops sounds the same
twice, and no sound can tell; pages of typed text look the same when they are small.
"""

import logging

import numpy as np

from videoalignment.align import details
from videoalignment.align.reel import Reel
from videoalignment.align.refine import Fit
from videoalignment.align.settings import LOOK
from videoalignment.align.shot import Look, Shot
from videoalignment.errors import UnusableFileError
from videoalignment.time_map import TimeMap

# Of four by four blocks of the picture, in how many something must agree on how it lies: more than
# a logo, a scoreboard or the bars of a window have, above, below and at one side, which views of
# several sides may show.
_BLOCKS, _LEAST_BLOCKS = 4, 11
# Of 234 pairs of takes that move, laid over each other where they meet, the least alike had 0.39,
# and the most alike 2 s of each 0.60 and more; of four that music had put 10 s off, 0.01 and less.
_UNLIKE = 0.15
# Recordings that were cut meet along a part of a line only.
_NOWHERE_ALIKE, _PART_S = 0.45, 2.0
_LEAST_MOTION = 3.0  # mean square from the mean, whitened: of what stands still 1.5 and less
_LEAST_S = 4.0
_MOMENTS_PER_S = 16

_log = logging.getLogger(__name__)


def show_another_moment(a: Reel, b: Reel, line: TimeMap, window_s: float) -> bool:
    """Whether pictures, laid over each other along a line, are of one place and two moments.

    Args:
        a: the shorter video.
        b: the longer one.
        line: where they are said to meet, to some tenths of a second.
        window_s: the least overlap, seconds of A.
    """
    stretch = Fit(line, 0.0, *line.overlap_s((0.0, a.length_s), (0.0, b.length_s)))
    if stretch.end_a_s - stretch.begin_a_s < _LEAST_S:
        return False
    try:
        shot = Shot.along(stretch, a, b, window_s)
    except UnusableFileError as error:
        _log.warning("the pictures were not compared: %s", error)
        return False
    found = shot and shot.looked(line, stretch)
    if not shot or not found or not _lie_all_over(found, shot.ours.frames.shape[1:]):
        return False
    likeness = found.line.verification.likeness
    if likeness < _UNLIKE and _nothing_agrees(found, stretch):
        return True
    return likeness < LOOK.alike and details.are_others(shot, found.registration, line)


def _nothing_agrees(found: Look, stretch: Fit) -> bool:
    """Whether both move, and differ all along a stretch of A."""
    ours, theirs = _moments(found)
    parts = max(1, int((stretch.end_a_s - stretch.begin_a_s) / _PART_S))
    pieces = zip(np.array_split(ours, parts), np.array_split(theirs, parts), strict=True)
    both_move = all(moments.var(axis=0).sum() >= _LEAST_MOTION for moments in (ours, theirs))
    return both_move and all(_likeness(*piece) < _NOWHERE_ALIKE for piece in pieces)


def _lie_all_over(found: Look, size: tuple[int, ...]) -> bool:
    """Whether pictures agree on how they lie in most of A's picture, of this height and width."""
    blocks = np.floor(found.registration.cells / size[::-1] * _BLOCKS).clip(0, _BLOCKS - 1)
    return len(np.unique(blocks, axis=0)) >= _LEAST_BLOCKS


def _moments(found: Look) -> tuple[np.ndarray, np.ndarray]:
    """What the two show at the moments that meet, each centred, shape (moments, d)."""
    fit = found.line.fit
    count = max(2, round((fit.end_a_s - fit.begin_a_s) * _MOMENTS_PER_S))
    edges_s = np.linspace(fit.begin_a_s, fit.end_a_s, count + 1)
    shown = found.pair.a.averaged(edges_s), found.pair.b.averaged(fit.time_map.to_b(edges_s))
    ours, theirs = (moments - moments.mean(axis=0) for moments in shown)
    return ours, theirs


def _likeness(ours: np.ndarray, theirs: np.ndarray) -> float:
    return float((ours * theirs).sum() / (np.linalg.norm(ours) * np.linalg.norm(theirs) + 1e-6))

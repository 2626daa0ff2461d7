"""Noise that a program made, which is the same in all videos that it was added to.

Filters that add grain begin it anew with every file, mostly from one seed: so two clips that were
made to look old have every grain in common, frame by frame, from their first frames on. Where
little else moves, that agrees better than many a copy does. But it is gone with the next frames,
while what people film stays for some tenths of a second; and what copies show is alike on the
whole.
"""

import numpy as np

from videoalignment.align.footage import Footage
from videoalignment.align.refine import Fit
from videoalignment.align.verify import Verification, verify
from videoalignment.time_map import TimeMap

NEAR_S = 0.3
"""Lines so near to the one on which grain meets are drawn to it, at other speeds."""
NOTHING = Verification(0.0, 0.0, 0.0)
"""What agreement on such a line is worth."""

# So much later and earlier grain is gone,
_GONE_S = 0.1
# with less than this share of the likeness left: 0 to 0.26 in three pairs that shared nothing else,
# 0.40 to 1 in 346 that are of one moment.
_LEFT = 0.33
# Correlation of the mean of what is shown from which there is more in common. In these three pairs
# it was -0.6 to 0.17, though all show one man before one wall; in pairs of most scenes 0.5 to 1.
_ALIKE = 0.5
_LEAST_S = 1.0
_FAINT = 1e-9


def frame_by_frame(a: Footage, b: Footage) -> TimeMap:
    """The line on which two videos' first frames meet, their second ones, and so on.

    Args:
        a, b: the two videos.
    """
    frame_a_s, frame_b_s = (float(np.median(np.diff(one.edges_s))) for one in (a, b))
    return TimeMap(0.0, frame_b_s / frame_a_s)


def have_grain_in_common(a: Footage, b: Footage, line: TimeMap) -> bool:
    """Whether two videos agree from their first frames on in what is gone with the next.

    Args:
        a, b: the two videos, whitened.
        line: on which they meet frame by frame.
    """
    begin_s, end_s = line.overlap_s(a.span_s, b.span_s)
    if end_s - begin_s < _LEAST_S:
        return False

    def likeness(shift_s: float) -> float:
        moved = TimeMap(line.offset_s + shift_s, line.speed)
        return verify(a, b, Fit(moved, 0.0, begin_s, end_s)).likeness

    beside = max(likeness(-_GONE_S), likeness(_GONE_S))
    if beside >= _LEFT * likeness(0.0):
        return False
    ends_s = np.array([begin_s, end_s])
    ours, theirs = a.averaged(ends_s)[0], b.averaged(line.to_b(ends_s))[0]
    norm = np.linalg.norm(ours) * np.linalg.norm(theirs) + _FAINT
    return bool(ours @ theirs < _ALIKE * norm)

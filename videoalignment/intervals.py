"""Do two stretches of time overlap? The protocol's test, as arithmetic on integers.

The protocol samples a stretch every 0.01 s from its begin (the end left out), rounds the samples to
0.01 s, and says that two stretches overlap when they share a sample. Rounded samples are successive
hundredths, so the first and the last of each stretch decide. (But for stretches that begin at half
a hundredth: rounding half to even then leaves every other one out, and the protocol may miss an
overlap of one hundredth that is found here. Climbing's annotations never begin there.)
"""

import numpy as np
from numpy.typing import ArrayLike


def hundredths(begin_s: ArrayLike, end_s: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """First and last sample of stretches of time, in hundredths of a second.

    Args:
        begin_s, end_s: seconds, any equal shapes. A stretch that ends where it begins is empty.

    Returns:
        Two integer arrays of that shape; an empty stretch has its last before its first.
    """
    begin_s, end_s = np.asarray(begin_s, np.float64), np.asarray(end_s, np.float64)
    samples = np.ceil((end_s - begin_s) / 0.01)
    first = np.round(begin_s * 100).astype(np.int64)
    last = np.round((begin_s + (samples - 1) * 0.01) * 100).astype(np.int64)
    return first, np.where(samples > 0, last, first - 1)


def overlap(a: tuple[np.ndarray, np.ndarray], b: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Whether stretches, as `hundredths` gives them, share a sample; shapes broadcast."""
    first, last = np.maximum(a[0], b[0]), np.minimum(a[1], b[1])
    shared: np.ndarray = first <= last
    return shared

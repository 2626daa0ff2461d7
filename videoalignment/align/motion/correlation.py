"""How well a linear map takes the velocities of one point to those of another.

A camera that is far enough away, for what moves, maps velocities in space linearly to its picture
(the affine camera). So velocities of one point in two pictures are linear images of one thing, and
their canonical correlations (Hotelling, Biometrika 1936) are high whatever the two views are.
"""

import numpy as np

Moments = tuple[np.ndarray, np.ndarray, np.ndarray]


def canonical(
    a: Moments, b: Moments, ab: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """The two squared canonical correlations of pairs in the plane: their sum and their product.

    Args:
        a, b: second moments (xx, xy, yy) of either side, of any shape.
        ab: second moments of both, a's first: xx, xy, yx, yy.
    """
    (axx, axy, ayy), (bxx, bxy, byy), (xx, xy, yx, yy) = a, b, ab
    det_a, det_b = axx * ayy - axy * axy, bxx * byy - bxy * bxy
    det_ab = xx * yy - xy * yx
    # what b explains of a: moments of its projection
    pxx = (xx * xx * byy - 2 * xx * xy * bxy + xy * xy * bxx) / det_b
    pyy = (yx * yx * byy - 2 * yx * yy * bxy + yy * yy * bxx) / det_b
    pxy = (xx * yx * byy - (xx * yy + xy * yx) * bxy + xy * yy * bxx) / det_b
    return (ayy * pxx - 2 * axy * pxy + axx * pyy) / det_a, det_ab * det_ab / (det_a * det_b)

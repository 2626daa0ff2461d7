"""Draw what motion says of all offsets of pairs of videos, beside what chance would say.

example: python -m benchmarks.view_curves docs/views.png --pair A.mp4 B.mp4 4.0 "five pigeons"
"""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from videoalignment.align.motion.chance import chance
from videoalignment.align.motion.moving import Moving
from videoalignment.align.motion.search import score_curve
from videoalignment.features.motion_store import cached_motion
from videoalignment.files import whole_path

_EACH = 4  # offset of which it is drawn what chance says


def main() -> None:
    """Draw a row a pair."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("picture", type=Path)
    parser.add_argument(
        "--pair",
        nargs=4,
        action="append",
        metavar=("A", "B", "OFFSET_S", "TITLE"),
        required=True,
        help="OFFSET_S: the true one, or nan where there is none",
    )
    options = parser.parse_args()
    rows = len(options.pair)
    figure, axes = plt.subplots(rows, 2, figsize=(11, 2.1 * rows), squeeze=False, sharex="row")
    for (a, b, truth_s, title), (left, right) in zip(options.pair, axes, strict=True):
        one, other = Moving(cached_motion(a)), Moving(cached_motion(b))
        curve = score_curve(one, other)
        if curve is None:
            parser.error(f"{a} and {b} share too little at any offset")
        some = curve.offsets_s[::_EACH]
        lags = np.rint(some * one.features.recipe.rate_hz).astype(int)
        mean, deviation = chance(one, other, lags)
        left.fill_between(some, mean - deviation, mean + deviation, color="#ddc9a3")
        left.plot(some, mean, color="#a3701d", linewidth=1)
        left.plot(curve.offsets_s, curve.scores, color="#2a5db0", linewidth=1)
        left.set_title(f"{title}: score, and chance", fontsize=9)
        right.plot(curve.offsets_s, curve.clearness, color="#2a5db0", linewidth=1)
        right.set_title("how clear", fontsize=9)
        for axis in (left, right):
            axis.axvline(float(truth_s), color="#c43", linestyle="--", linewidth=1)
            axis.spines[["top", "right"]].set_visible(False)
            axis.tick_params(labelsize=8)
    figure.supxlabel("A starts at this moment of B (s)", fontsize=9)
    figure.tight_layout()
    with whole_path(options.picture) as path:
        figure.savefig(path, dpi=75)


if __name__ == "__main__":
    main()

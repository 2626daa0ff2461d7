"""Draw the figures of kernel.md: python docs/draw_kernel.py"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from videoalignment.lamv_weights import read_lamv_weights, shipped_weights_path
from videoalignment.periods import PeriodSet, documented_sets, kernel_curve
from videoalignment.temporal_match_kernel import von_mises_coefficients

HERE = Path(__file__).parent
BLUE, RED, GREEN = "#2a6f97", "#d1495b", "#5b8e3e"
CLIMBING = 18886
WINDOW = tuple(von_mises_coefficients(16).tolist())


def window(*periods: float) -> PeriodSet:
    """Periods with the window's own weights, as TMK has them."""
    return PeriodSet(periods, (WINDOW,) * len(periods))


DEFAULT = window(9767.0, 2731.0, 1039.0, 253.0)


def draw_comb() -> None:
    """How four combs make one peak, and where two of them meet again."""
    offsets = np.arange(0, 11000)
    figure, rows = plt.subplots(5, 1, figsize=(9, 6.2), sharex=True, layout="constrained")
    for axes, period in zip(rows, (9767.0, 2731.0, 1039.0, 253.0), strict=False):
        axes.plot(offsets / 15, kernel_curve(window(period), offsets), color=BLUE, linewidth=0.9)
        axes.set_ylabel(f"T = {period:g}", rotation=0, ha="right", va="center")
    rows[4].plot(offsets / 15, kernel_curve(DEFAULT, offsets), color=RED, linewidth=0.9)
    rows[4].set_ylabel("mean", rotation=0, ha="right", va="center")
    rows[4].set_xlabel("offset (s)")
    rows[4].annotate("0.57 at 624 s", (624, 0.57), (470, 0.75), fontsize=9, color=RED)
    for axes in rows:
        axes.set(ylim=(-0.1, 1.05), xlim=(0, 11000 / 15), yticks=[0, 1])
        axes.axvline(624, color="0.7", linestyle=":", zorder=0)
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(HERE / "kernel_comb.png", dpi=130)


def draw_sets() -> None:
    """The default, the first published and the documented set, near and far."""
    kernels = (
        ("TMK", DEFAULT, BLUE),
        ("TMK_Poullot", window(2731.0, 4391.0, 9767.0, 14653.0), GREEN),
        ("TMK --T auto", documented_sets()[CLIMBING], RED),
    )
    near, far = np.arange(0, 301), np.arange(0, CLIMBING + 1)
    figure, table = plt.subplots(
        3, 2, figsize=(10, 6), width_ratios=(1, 2.4), layout="constrained", sharey=True
    )
    for (name, kernel, colour), (left, right) in zip(kernels, table, strict=True):
        left.plot(near / 15, kernel_curve(kernel, near), color=colour)
        curve = kernel_curve(kernel, far)
        right.plot(far / 15, curve, color=colour, linewidth=0.6)
        rises = int(np.flatnonzero(np.diff(curve) > 0)[0])
        at = rises + int(curve[rises:].argmax())
        right.plot(at / 15, curve[at], "o", color="black", markersize=4)
        right.annotate(
            f"{curve[at]:.2f} at {at / 15:.0f} s", (at / 15, curve[at] + 0.06), fontsize=9,
            ha="center",
        )  # fmt: skip
        left.set_title(name, loc="left", fontsize=10, weight="bold")
        for axes in (left, right):
            axes.axhline(0, color="0.8", linewidth=0.8, zorder=0)
            axes.set_ylim(-0.3, 1.05)
            axes.spines[["top", "right"]].set_visible(False)
    table[2][0].set_xlabel("offset (s)")
    table[2][1].set_xlabel("offset (s), up to Climbing's longest video")
    figure.savefig(HERE / "kernel_sets.png", dpi=130)


def draw_learnt() -> None:
    """What training on real footage weighs, over the frequency."""
    figure, panels = plt.subplots(1, 3, figsize=(10, 3.4), layout="constrained", sharey=True)
    for axes, longest in zip(panels, (200, 1024, CLIMBING), strict=True):
        learnt = read_lamv_weights(shipped_weights_path("efficientnet_lite0", 12, longest))
        for period, row in zip(learnt.kernel.periods, learnt.weights.tolist(), strict=True):
            turns = 15 * np.arange(1, len(row)) / period
            axes.plot(turns, row[1:], ".-", color=BLUE, linewidth=0.6, markersize=4)
        axes.axhline(1, color="0.6", linestyle="--", linewidth=1)
        axes.set(xlabel="frequency (turns a second)", yscale="log")
        axes.set_title(f"up to {longest} frames", loc="left", fontsize=10, weight="bold")
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel("learnt weight")
    panels[0].set_yticks([0.1, 0.3, 1, 3], ["0.1", "0.3", "1", "3"])
    panels[0].minorticks_off()
    figure.savefig(HERE / "kernel_learnt.png", dpi=130)


if __name__ == "__main__":
    draw_comb()
    draw_sets()
    draw_learnt()

"""The constants of aligning by motion that its decision was fitted with: one place, one digest.

As in align/settings.py: who changes a number here fits the weights of worth.py anew
(`python -m benchmarks.calibrate_motion`).
"""

from dataclasses import dataclass

from videoalignment.provenance import Digested


@dataclass(frozen=True)
class MotionSettings(Digested):
    """All constants between points that move and confidence."""

    # ------------------------------------------------------------------ points
    fast: float = 0.02
    """Pictures' longer sides a second from which a speed hardly counts more: so a few bursts, which
    meet others by chance, do not outweigh all the rest. Of none, 0.005, 0.01, 0.02, 0.05 and 0.1,
    those around this told most."""
    noise: float = 0.03
    """Variance added to that of such compressed velocities: points are not followed exactly."""
    memory_s: float = 2.0
    """How far back a point's motion is looked at for how long it stays as it is."""
    least_moment_s: float = 0.25
    """Moments that are nearer to each other are one, whatever a point's memory says."""

    # ------------------------------------------------------------------ search
    together_s: float = 1.5
    """How long two points must be seen at once to be compared."""
    few_moments: float = 6.0
    """Of so many moments half count, of fewer less: two that each swing once agree by chance. Of
    none, 3, 6, 12 and 24, and of taking some away, this told most of views and of one body."""
    most_told: float = 0.01
    """Share of two points' motion that at least stays unexplained: points are not better known."""
    least_overlap_s: float = 5.0
    """Offsets at which two videos share less are not looked at, so that none is answered."""
    around_s: float = 4.0
    """A score stands out from the median of those within this span."""
    doubted: int = 12
    """Of so many offsets that stand out most it is measured what chance would say there."""
    alike_s: float = 1.0
    """And taken to be about the same at offsets so near."""
    least_noise: float = 0.05
    loud_noise: float = 0.3
    """What stands out is divided by how much all of the curve fluctuates, and what chance says, but
    where that is less than loud only by its root: by all of it, least moving had stood out most."""

    # ------------------------------------------------------------------ decision
    hardly: float = -2.5
    clear: float = 30.0
    """What is clearer than `hardly` speaks for an offset, and counts no more from `clear` on."""
    agree_s: float = 0.06
    agree_within_s: float = 0.15
    """Pairs agree about the places of three cameras to within so much: standard deviation, and what
    is looked at."""
    independent_s: float = 0.2
    """Offsets that are nearer to each other are one choice."""
    shares: float = 0.5
    """The odds that a video shares something with any of the others, before anything is seen."""
    same_s: float = 0.2
    """Places that differ by less are the same."""
    peaks: int = 6
    kept: int = 60
    kept_within: float = 8.0
    """Of each pair so many offsets are where placing several videos begins; of the ways to place so
    many videos so many are followed, and none that is less likely by so much (a logarithm)."""
    place_s: float = 0.06
    """Half width of the place's interval that 95 of 100 lie in, of cameras of many frames."""
    frames: float = 0.5
    """And of each camera so many times what lies between two of its frames."""


SETTINGS = MotionSettings()

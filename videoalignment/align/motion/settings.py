"""The constants of aligning by motion that its decision was fitted with: one place, one digest.

As in align/settings.py: who changes a number here fits the weights of decide.py anew
(`python -m benchmarks.calibrate_motion`).
"""

from dataclasses import dataclass

from videoalignment.provenance import Digested


@dataclass(frozen=True)
class MotionSettings(Digested):
    """All constants between points that move and confidence."""

    # ------------------------------------------------------------------ points
    fast: float = 0.01
    """Pictures' longer sides a second from which a speed hardly counts more: so a few bursts, which
    meet others by chance, do not outweigh all the rest. Of none, 0.005, 0.02 and 0.1, those around
    this told most."""
    noise: float = 0.01
    """Variance added to that of such compressed velocities: points are not followed exactly."""
    memory_s: float = 2.0
    """How far back a point's motion is looked at for how long it stays as it is."""
    least_moment_s: float = 0.25
    """Moments that are nearer to each other are one, whatever a point's memory says."""

    # ------------------------------------------------------------------ search
    together_s: float = 1.5
    """How long two points must be seen at once to be compared."""
    lost_moments: float = 3.0
    """Moments that fitting a map between two velocities takes away: its numbers, about."""
    most_told: float = 0.01
    """Share of two points' motion that at least stays unexplained: points are not better known."""
    least_overlap_s: float = 5.0
    """Offsets at which two videos share less are not looked at, so that none is answered."""
    around_s: float = 4.0
    """A score stands out from the median of those within this span."""
    rival_apart_s: float = 0.5
    """Offsets that lie further from the best one are its rivals."""

    # ------------------------------------------------------------------ decision
    clear: float = 20.0
    """What stands out more is clear, and counts no more."""
    place_s: float = 0.06
    """Half width of the place's interval that 95 of 100 lie in, of cameras of many frames."""
    frames: float = 0.5
    """And of each camera so many times what lies between two of its frames."""


SETTINGS = MotionSettings()

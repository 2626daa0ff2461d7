"""Two videos of one event from different sides, by what moves in both, without sound.

>>> from videoalignment.features.motion_store import cached_motion
>>> from videoalignment.align.motion import align_motion
>>> alignment = align_motion(cached_motion("a.mp4"), cached_motion("b.mp4"))  # doctest: +SKIP

Points that move are followed in each video, against its background; how they speed up and slow down
is seen from every side. `align_motion(a, b, min_confidence=0.5)` gives an `Alignment` of speed 1.
Symmetric: B with A gives the exact inverse. Videos that share less than five seconds, or in which
nothing moves, get confidence 0.
"""

from videoalignment.align.motion.moving import Moving
from videoalignment.align.motion.pipeline import align_motion

__all__ = ["Moving", "align_motion"]

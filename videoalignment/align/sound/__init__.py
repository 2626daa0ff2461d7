"""Two recordings by their sound: to a fraction of a millisecond, or that they share none.

>>> from videoalignment.features.sound_store import cached_sound
>>> from videoalignment.align.sound import Heard, align_sound
>>> a, b = (Heard(cached_sound(path)) for path in ("a.mp4", "b.wav"))  # doctest: +SKIP
>>> alignment = align_sound(a, b)  # doctest: +SKIP

`cached_sound(path)` gives `SoundFeatures` of a video's or a sound file's first track, raising
UnusableFileError where there is none; `features.silent` tells that there is nothing to hear.
`align_sound(a, b, min_confidence=0.5)` gives an `Alignment` of the clocks on which both tell their
times, the first picture frame being 0 where there is one: so the answer compares with that of
pictures, and differs from it by how late the sounds are. Many pairs of the same recordings share
what is computed once where they are given as `Heard`. Symmetric: B with A gives the exact inverse.
Silence is no evidence: confidence 0.
"""

from videoalignment.align.sound.heard import Heard
from videoalignment.align.sound.pipeline import align_sound

__all__ = ["Heard", "align_sound"]

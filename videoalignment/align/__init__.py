"""Two real videos: where they meet, to a fraction of a frame, or that they do not.

>>> from videoalignment.align import align_videos
>>> alignment = align_videos("a.mp4", "b.mp4")  # doctest: +SKIP
>>> alignment.matched, alignment.offset_s  # doctest: +SKIP
(True, 3.7)

Names are loaded on first use, so that what needs no torch starts without it.
"""

import importlib

_MODULE_OF = {
    "AlignOptions": "options",
    "AlignedPair": "pair",
    "Alignment": "alignment",
    "Evidence": "alignment",
    "Recording": "pair",
    "Segment": "alignment",
    "Uncertainty": "alignment",
    "align_features": "pipeline",
    "align_pair": "pipeline",
    "align_videos": "pipeline",
    "gather_evidence": "evidence",
}
__all__ = list(_MODULE_OF)


def __getattr__(name: str):
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULE_OF[name]}"), name)

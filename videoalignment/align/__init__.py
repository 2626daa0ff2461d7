"""Two real videos: where they meet, to a fraction of a frame, or that they do not.

>>> from videoalignment.align import align_videos
>>> alignment = align_videos("a.mp4", "b.mp4")  # doctest: +SKIP
>>> alignment.matched, alignment.offset_s  # doctest: +SKIP
(True, 3.7)

Names are loaded on first use, so that what needs no torch starts without it.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # from where type checkers, and the pages about the API, know the names
    from videoalignment.align.alignment import Alignment as Alignment
    from videoalignment.align.alignment import Evidence as Evidence
    from videoalignment.align.alignment import Segment as Segment
    from videoalignment.align.alignment import Uncertainty as Uncertainty
    from videoalignment.align.coarse import SharedSegment as SharedSegment
    from videoalignment.align.coarse import shared_segments as shared_segments
    from videoalignment.align.evidence import gather_evidence as gather_evidence
    from videoalignment.align.frame_map import FrameMap as FrameMap
    from videoalignment.align.options import AlignOptions as AlignOptions
    from videoalignment.align.pair import AlignedPair as AlignedPair
    from videoalignment.align.pair import Recording as Recording
    from videoalignment.align.pipeline import align_features as align_features
    from videoalignment.align.pipeline import align_pair as align_pair
    from videoalignment.align.pipeline import align_videos as align_videos

_MODULE_OF = {
    "AlignOptions": "options",
    "AlignedPair": "pair",
    "Alignment": "alignment",
    "Evidence": "alignment",
    "FrameMap": "frame_map",
    "Recording": "pair",
    "Segment": "alignment",
    "SharedSegment": "coarse",
    "Uncertainty": "alignment",
    "align_features": "pipeline",
    "align_pair": "pipeline",
    "align_videos": "pipeline",
    "gather_evidence": "evidence",
    "shared_segments": "coarse",
}
__all__ = list(_MODULE_OF)


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULE_OF[name]}"), name)

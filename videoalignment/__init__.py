"""Align and match videos in time.

The tour, in the order in which data flows:

    features            video files -> frame descriptors (T, d), kept in feature files
    datasets            which clips there are, where their features lie, what is true of them
    models              frame descriptors -> one descriptor a video: TMK, LAMV, TMK_Poullot, CTE
    matching            descriptors -> the best offset and its score, for all pairs at once
    train               features -> what a kernel learns about them: weights for LAMV
    eval, results       the published protocols, their tables, plots and files
    align               two real videos -> where they meet, in seconds; many -> one timeline
    present             an answer -> reports, plots, editors' files

`align_videos(a, b)` is the practical use in one call, `sync(paths)` the same for many recordings
of one event; `align_pair(a, b)` gives in addition what
`write_report` and the other writers take; `models.TMK` and `matching.best_offsets` are
the way in for one's own experiments. Errors that a user can mend are `VideoAlignmentError`s.

Names are loaded when they are first used, so that `import videoalignment` is quick.
"""

import importlib
from typing import TYPE_CHECKING, Any

from videoalignment.version import __version__ as __version__

if TYPE_CHECKING:  # from where type checkers, and the pages about the API, know the names
    from videoalignment.align.alignment import Alignment as Alignment
    from videoalignment.align.frame_map import FrameMap as FrameMap
    from videoalignment.align.pair import AlignedPair as AlignedPair
    from videoalignment.align.pipeline import align_features as align_features
    from videoalignment.align.pipeline import align_pair as align_pair
    from videoalignment.align.pipeline import align_videos as align_videos
    from videoalignment.align.timeline.records import Timeline as Timeline
    from videoalignment.align.timeline.sync import sync as sync
    from videoalignment.datasets.base import VideoDataset as VideoDataset
    from videoalignment.errors import VideoAlignmentError as VideoAlignmentError
    from videoalignment.features.frame_features import FrameFeatures as FrameFeatures
    from videoalignment.features.store import read_features as read_features
    from videoalignment.features.store import write_features as write_features
    from videoalignment.matching import BestOffsets as BestOffsets
    from videoalignment.matching import best_offsets as best_offsets
    from videoalignment.models.cte import CTE as CTE
    from videoalignment.models.lamv import LAMV as LAMV
    from videoalignment.models.sum_aggregation import SumAggregation as SumAggregation
    from videoalignment.models.tmk import TMK as TMK
    from videoalignment.models.tmk import TMK_Poullot as TMK_Poullot
    from videoalignment.present.cameras import write_camera_cuts as write_camera_cuts
    from videoalignment.present.editors import write_edl as write_edl
    from videoalignment.present.editors import write_fcpxml as write_fcpxml
    from videoalignment.present.editors import write_kdenlive as write_kdenlive
    from videoalignment.present.editors import write_otio as write_otio
    from videoalignment.present.editors import write_xmeml as write_xmeml
    from videoalignment.present.frame_map import write_frame_map as write_frame_map
    from videoalignment.present.plot import write_plot as write_plot
    from videoalignment.present.report import write_report as write_report
    from videoalignment.present.side_by_side import write_side_by_side as write_side_by_side
    from videoalignment.present.subtitles import carry_subtitles as carry_subtitles
    from videoalignment.present.timeline_page import write_timeline_page as write_timeline_page
    from videoalignment.time_map import TimeMap as TimeMap

_HOMES = {
    "align_videos": "videoalignment.align",
    "align_pair": "videoalignment.align",
    "align_features": "videoalignment.align",
    "Alignment": "videoalignment.align",
    "AlignedPair": "videoalignment.align",
    "FrameMap": "videoalignment.align",
    "sync": "videoalignment.align.timeline.sync",
    "Timeline": "videoalignment.align.timeline.records",
    "TimeMap": "videoalignment.time_map",
    "write_report": "videoalignment.present.report",
    "write_plot": "videoalignment.present.plot",
    "write_side_by_side": "videoalignment.present.side_by_side",
    "write_edl": "videoalignment.present.editors",
    "write_otio": "videoalignment.present.editors",
    "write_fcpxml": "videoalignment.present.editors",
    "write_xmeml": "videoalignment.present.editors",
    "write_kdenlive": "videoalignment.present.editors",
    "write_camera_cuts": "videoalignment.present.cameras",
    "write_timeline_page": "videoalignment.present.timeline_page",
    "write_frame_map": "videoalignment.present.frame_map",
    "carry_subtitles": "videoalignment.present.subtitles",
    "best_offsets": "videoalignment.matching",
    "BestOffsets": "videoalignment.matching",
    "TMK": "videoalignment.models",
    "TMK_Poullot": "videoalignment.models",
    "LAMV": "videoalignment.models",
    "CTE": "videoalignment.models",
    "SumAggregation": "videoalignment.models",
    "VideoDataset": "videoalignment.datasets",
    "FrameFeatures": "videoalignment.features.store",
    "read_features": "videoalignment.features.store",
    "write_features": "videoalignment.features.store",
    "VideoAlignmentError": "videoalignment.errors",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])

"""What was placed, for video editors: a pair of videos, or a timeline of many recordings.

Every writer takes an `AlignedPair` or a `Timeline`, lays each file on tracks of its own, at its
place to half a frame, retimes what would leave its place by half a frame or more, and returns the
files that it wrote: one, or one a group where a format holds a single sequence.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from videoalignment.present.editors.edl import write_edl
from videoalignment.present.editors.fcpxml import write_fcpxml
from videoalignment.present.editors.kdenlive import kdenlive_adapter, write_kdenlive
from videoalignment.present.editors.leftovers import clear_leftovers
from videoalignment.present.editors.otio import opentimelineio, write_otio
from videoalignment.present.editors.xmeml import write_xmeml, xmeml_adapter
from videoalignment.present.sequences import Placed

__all__ = [
    "WRITERS",
    "check_packages",
    "clear_leftovers",
    "write_edl",
    "write_fcpxml",
    "write_kdenlive",
    "write_otio",
    "write_xmeml",
]

WRITERS: Mapping[str, Callable[[str | os.PathLike[str], Placed], list[Path]]] = {
    "otio": write_otio,
    "fcpxml": write_fcpxml,
    "xmeml": write_xmeml,
    "edl": write_edl,
    "kdenlive": write_kdenlive,
}
"""By format."""

_PACKAGES = {"otio": opentimelineio, "xmeml": xmeml_adapter, "kdenlive": kdenlive_adapter}


def check_packages(formats: Iterable[str]) -> None:
    """See whether the packages that write these formats are there, before long work.

    Raises:
        MissingExtraError: one is not.
    """
    for name in formats:
        if name in _PACKAGES:
            _PACKAGES[name]()

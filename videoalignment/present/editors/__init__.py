"""What was placed, for video editors: a pair of videos, or a timeline of many recordings.

Every writer takes an `AlignedPair` or a `Timeline`, lays each file on tracks of its own, at its
place to half a frame, retimes what would leave its place by half a frame or more, and returns the
files that it wrote: one, or one a group where a format holds a single sequence.
"""

from videoalignment.present.editors.edl import write_edl
from videoalignment.present.editors.fcpxml import write_fcpxml
from videoalignment.present.editors.kdenlive import write_kdenlive
from videoalignment.present.editors.otio import opentimelineio, write_otio
from videoalignment.present.editors.xmeml import write_xmeml

__all__ = [
    "opentimelineio",
    "write_edl",
    "write_fcpxml",
    "write_kdenlive",
    "write_otio",
    "write_xmeml",
]

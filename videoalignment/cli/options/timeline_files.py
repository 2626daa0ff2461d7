"""Options of what `videoalignment sync` writes for people."""

from collections.abc import Mapping

from videoalignment.cli.declare import Option, panel
from videoalignment.cli.options.shared import FOLDER, SYNC

EDITORS: Mapping[str, str] = {
    "premiere": "xmeml",
    "resolve": "xmeml",
    "finalcut": "fcpxml",
    "kdenlive": "kdenlive",
    "otio": "otio",
    "edl": "edl",
    "all": "",
}
"""The format that each editor reads."""

TIMELINE_FILE_OPTIONS = (
    *panel(
        "For editing",
        (SYNC,),
        Option(
            "editors",
            "write a project for this editor into the folder of `out`, every file on tracks of its "
            "own; may be given several times",
            name="for",
            choices=tuple(EDITORS),
            metavar="EDITOR",
            repeated=True,
        ),
        Option(
            "cut",
            "cut all cameras to the span that they share, frame for frame, into this folder",
            **FOLDER,
        ),
        Option(
            "at_least",
            "cut to the longest span that so many cameras share, and leave the others out",
            kind=int,
            shown_default="all",
        ),
    ),
)

"""Options of placing many recordings on one timeline."""

from pathlib import Path

from videoalignment.cli.declare import Option, panel
from videoalignment.cli.options.shared import BY, FILE, FOLDER, SYNC

SYNC_OPTIONS = (
    *panel(
        "Placing",
        (SYNC,),
        Option(
            "paths",
            "recordings, and folders of them: videos and sound files",
            kind=Path,
            metavar="PATH",
            words="+",
        ),
        Option(
            "out",
            "write timeline.json, timeline.csv and the page timeline.html into this folder",
            required=True,
            **FOLDER,
        ),
        Option("by", **BY),
        Option(
            "min_overlap_s",
            "length of the stretches of pictures that are searched for; a shorter shared stretch "
            "is seldom found",
            name="min_overlap",
            kind=float,
            metavar="SECONDS",
            shown_default="3",
        ),
        Option(
            "min_confidence",
            "the probability from which recordings are put together, above 0 and below 1",
            kind=float,
            default=0.5,
        ),
        Option("json", "write the timeline as JSON; - for stdout, and nothing else there", **FILE),
    ),
)

"""Options of aligning two videos."""

from pathlib import Path

from videoalignment.cli.declare import Option, panel
from videoalignment.cli.options.shared import ALIGN, BY, FILE

ALIGNING, EVIDENCE, EDITING = "Aligning", "Answer and evidence", "For editing"

ALIGN_OPTIONS = (
    *panel(
        ALIGNING,
        (ALIGN,),
        Option("a", "a video or sound file", kind=Path, metavar="A"),
        Option("b", "the video or sound file to find it in", kind=Path, metavar="B"),
        Option("by", **BY),
        Option(
            "min_overlap_s",
            "length of the stretches that are searched for; a shorter shared stretch is seldom "
            "found",
            name="min_overlap",
            kind=float,
            metavar="SECONDS",
            shown_default="3",
        ),
        Option(
            "min_confidence",
            "the confidence from which the two match, above 0 and at most 1",
            kind=float,
            default=0.5,
        ),
        Option(
            "features",
            "feature files of A and B, used instead of describing their frames; the videos are "
            "then needed only for the report, the side-by-side video and editors' files",
            kind=Path,
            metavar="FILE_A FILE_B",
            words=2,
        ),
    ),
    *panel(
        EVIDENCE,
        (ALIGN,),
        Option("json", "write the answer as JSON; - for stdout, and nothing else there", **FILE),
        Option("report", "write an HTML page that shows why", **FILE),
        Option("plot", "draw the score over offsets and the frames' similarity", **FILE),
        Option("side_by_side", "write an MP4 of both in step, with A's sound", **FILE),
        Option("frames", "write a CSV of the frame of B that each frame of A shows", **FILE),
    ),
    *panel(
        EDITING,
        (ALIGN,),
        Option("edl", "write a CMX 3600 edit decision list, A on V, B on V2", **FILE),
        Option("otio", "write an OpenTimelineIO timeline, A on V1, B on V2", **FILE),
        Option("fcpxml", "write FCPXML, with a multicam clip, for Final Cut Pro", **FILE),
        Option("xmeml", "write Final Cut Pro 7 XML, for Premiere Pro and DaVinci Resolve", **FILE),
        Option("kdenlive", "write a Kdenlive project", **FILE),
        Option("subtitles", "B's subtitles (.srt, .vtt, .ass), to carry over to A", **FILE),
        Option("subtitles_out", "write A's subtitles, made from B's", **FILE),
    ),
)

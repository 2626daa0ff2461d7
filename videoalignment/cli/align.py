"""`videoalignment align A B`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from videoalignment.cli.outputs import Outputs, check_outputs, write_outputs

if TYPE_CHECKING:
    from videoalignment.align.pair import Recording

EXIT_MATCHED, EXIT_NO_MATCH = 0, 1
_EVIDENCE, _EDITING = "Evidence", "For editing"

EXAMPLES = """Examples:

videoalignment align phone.mp4 camera.mp4

videoalignment align phone.mp4 camera.mp4 --report report.html

videoalignment align phone.mp4 camera.mp4 --edl sync.edl --otio sync.otio

videoalignment align copy.mp4 original.mp4 --json - | jq .offset_s

videoalignment align copy.mp4 original.mp4 --features copy.npz original.npz
"""


def align(
    a: Annotated[Path, typer.Argument(metavar="A", help="A video file.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="The video file to find it in.")],
    json: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write the answer as JSON; - for stdout, and nothing else there."
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write an HTML page that shows why.", rich_help_panel=_EVIDENCE
        ),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Draw the score over offsets and the frames' similarity.",
            rich_help_panel=_EVIDENCE,
        ),
    ] = None,
    side_by_side: Annotated[
        Path | None,
        typer.Option(
            "--side_by_side",
            metavar="FILE",
            help="Write an MP4 of both in step, with A's sound.",
            rich_help_panel=_EVIDENCE,
        ),
    ] = None,
    edl: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write a CMX 3600 edit decision list, A on V, B on V2.",
            rich_help_panel=_EDITING,
        ),
    ] = None,
    otio: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write an OpenTimelineIO timeline, A on V1, B on V2.",
            rich_help_panel=_EDITING,
        ),
    ] = None,
    backbone: Annotated[
        Literal["efficientnet_lite0", "resnet34"],
        typer.Option(help="Network that describes the frames."),
    ] = "efficientnet_lite0",
    features: Annotated[
        tuple[Path, Path] | None,
        typer.Option(
            metavar="FILE_A FILE_B",
            help="Feature files of A and B, used instead of describing their frames. "
            "The videos themselves are then needed only for report, side_by_side, edl and otio.",
        ),
    ] = None,
    min_overlap: Annotated[
        float | None,
        typer.Option(
            "--min_overlap",
            metavar="SECONDS",
            help=r"Length of the stretches that are searched for; a shorter shared stretch is "
            r"seldom found. \[default: 3]",
        ),
    ] = None,
    device: Annotated[
        Literal["auto", "cpu", "cuda"], typer.Option(help="Where to compute.")
    ] = "auto",
) -> int:
    """Say when A starts in B, to a fraction of a frame, or that the two do not match.

    Exit status: 0 the videos match, 1 they do not, 2 an error. Features of a video are kept in
    a cache by its content, so that asking again is quick.
    """
    outputs = Outputs(json, report, plot, side_by_side, edl, otio)
    check_outputs(outputs, [a, b, *(features or ())])

    from videoalignment.align.pipeline import align_pair

    recordings = _described(a, b, features, outputs.need_videos) if features else (a, b)
    pair = align_pair(*recordings, backbone=backbone, min_overlap_s=min_overlap, device=device)
    write_outputs(outputs, pair)
    return EXIT_MATCHED if pair.alignment.matched else EXIT_NO_MATCH


def _described(
    a: Path, b: Path, files: tuple[Path, Path], need_videos: bool
) -> tuple["Recording", "Recording"]:
    """The two videos as their feature files describe them."""
    from videoalignment.align.pair import Recording
    from videoalignment.features.store import read_features
    from videoalignment.media.probe import probe_video

    # The videos first, so that a bad one is found before the minutes that reading may take.
    videos = [probe_video(path) if need_videos else None for path in (a, b)]
    features = [read_features(path) for path in files]
    one, other = map(Recording, (a, b), features, videos, files)
    return one, other

"""`videoalignment align A B`."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from videoalignment.cli.outputs import Answer, Outputs, check_outputs, write_outputs
from videoalignment.errors import VideoAlignmentError

if TYPE_CHECKING:
    from videoalignment.features.store import FrameFeatures
    from videoalignment.media.probe import VideoInfo

_PUBLISHED_FPS = 15.0
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
    if min_overlap is not None and not 0 < min_overlap < math.inf:
        raise VideoAlignmentError(
            f"--min_overlap {min_overlap:g}: expected a number of seconds above 0"
        )

    from videoalignment.align.pipeline import MIN_OVERLAP_S, align_features

    min_overlap_s = MIN_OVERLAP_S if min_overlap is None else min_overlap
    # First, so that a bad B is found before the minutes that A may take.
    videos = _probe(a, b) if outputs.need_videos or not features else None
    described = _features(a, b, backbone, features, device)
    if min_overlap is not None:
        _check_min_overlap(min_overlap, min(video.duration_s for video in described))
    alignment = align_features(*described, min_overlap_s=min_overlap_s, device=device)
    options = {
        "backbone": None if features else backbone,
        "features": [str(path) for path in features] if features else None,
        "min_overlap_s": min_overlap_s,
        "device": device,
    }
    write_outputs(outputs, Answer(a, b, alignment, described, videos, options))
    return EXIT_MATCHED if alignment.matched else EXIT_NO_MATCH


def _check_min_overlap(min_overlap_s: float, shorter_s: float) -> None:
    if min_overlap_s > shorter_s:
        raise VideoAlignmentError(
            f"--min_overlap {min_overlap_s:g}: the shorter video is only {shorter_s:.3f} s long"
        )


def _probe(a: Path, b: Path) -> tuple["VideoInfo", "VideoInfo"]:
    from videoalignment.media.probe import probe_video

    return probe_video(a), probe_video(b)


def _features(
    a: Path, b: Path, backbone: str, files: tuple[Path, Path] | None, device: str
) -> tuple["FrameFeatures", "FrameFeatures"]:
    """The features given, or those of the videos, from the cache where it has them."""
    if files:
        return _read(files[0]), _read(files[1])
    from videoalignment.features.cache import cached_features

    return (
        cached_features(a, backbone=backbone, device=device),
        cached_features(b, backbone=backbone, device=device),
    )


def _read(path: Path) -> "FrameFeatures":
    """A feature file; those that hold no times (.pkl, .npy) are sampled as the published ones."""
    import numpy as np

    from videoalignment.features.store import FrameFeatures, read_descriptors, read_features

    if path.suffix == ".npz":
        return read_features(path)
    descriptors = read_descriptors(path)
    edges_s = np.arange(len(descriptors) + 1) / _PUBLISHED_FPS
    return FrameFeatures(descriptors, edges_s[:-1], _PUBLISHED_FPS, {}, float(edges_s[-1]))

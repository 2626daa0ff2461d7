"""`videoalignment align A B`."""

from pathlib import Path
from typing import TYPE_CHECKING

from videoalignment.cli.outputs import Outputs, check_outputs, write_outputs
from videoalignment.errors import OptionError

if TYPE_CHECKING:
    from videoalignment.align.options import CompareBy
    from videoalignment.align.pair import Recording

EXIT_MATCHED, EXIT_NO_MATCH = 0, 1


def align(
    *,
    a: Path,
    b: Path,
    json: Path | None,
    report: Path | None,
    plot: Path | None,
    side_by_side: Path | None,
    edl: Path | None,
    otio: Path | None,
    fcpxml: Path | None,
    xmeml: Path | None,
    kdenlive: Path | None,
    frames: Path | None,
    subtitles: Path | None,
    subtitles_out: Path | None,
    by: "CompareBy",
    backbone: str,
    features: tuple[Path, Path] | None,
    min_overlap_s: float | None,
    min_confidence: float,
    device: str,
) -> int:
    """Align two recordings, print the answer, write the files asked for; status 1 for no match."""
    outputs = Outputs(
        *(json, report, plot, side_by_side),
        *(edl, otio, fcpxml, xmeml, kdenlive, frames, subtitles_out, subtitles),
    )
    check_outputs(outputs, [a, b, *(features or ())])
    if features and by in ("sound", "motion"):
        raise OptionError(f"`features` are of frames, which `by` {by} does not compare")

    from videoalignment.align.pipeline import align_pair

    recordings = _described(a, b, features, outputs.need_videos) if features else (a, b)
    pair = align_pair(
        *recordings,
        backbone=backbone,
        min_overlap_s=min_overlap_s,
        min_confidence=min_confidence,
        device=device,
        by=by,
    )
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
    videos = [probe_video(path) if need_videos or path.is_file() else None for path in (a, b)]
    features = [read_features(path) for path in files]
    one, other = map(Recording, (a, b), features, videos, files)
    return one, other

"""A frame map as a table, and as the filters with which ffmpeg compares what it pairs."""

import csv
import os
from collections.abc import Sequence
from typing import Literal

from videoalignment.align.frame_map import FrameMap, FrameRun
from videoalignment.errors import OptionError, VideoAlignmentError
from videoalignment.files import whole_file

COLUMNS = ("frame_a", "time_a_s", "frame_b", "time_b_s", "status")

Metric = Literal["psnr", "ssim", "libvmaf"]
_METRICS = ("psnr", "ssim", "libvmaf")


def write_frame_map(path: str | os.PathLike[str], frame_map: FrameMap) -> None:
    """Write a row for each frame of A, and one for each frame of B that A dropped, as CSV.

    Args:
        path: the file to write, ending in `.csv`. Its first row names the columns, `COLUMNS`;
            frames count from 0, times are seconds from each video's first frame. A cell is empty
            where there is no such frame.
        frame_map: as `AlignedPair.frame_map` finds it.

    Raises:
        UnusableFileError: the file cannot be written.
    """
    with whole_file(path, "w", encoding="ascii", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for row in frame_map.rows():
            times_s = ("" if t is None else f"{t:.6f}" for t in (row.time_a_s, row.time_b_s))
            time_a_s, time_b_s = times_s
            writer.writerow((row.frame_a, time_a_s, row.frame_b, time_b_s, row.status))


def comparing_filters(frame_map: FrameMap, metric: Metric = "psnr") -> str:
    """The filters with which ffmpeg compares the frames that A and B share, and no others.

    A frame that A repeats is compared once. Where A shows stretches of B in another order, only
    those after the last one so far are taken, because ffmpeg reads both videos forwards.

    Args:
        frame_map: which frames these are.
        metric: ffmpeg's filter: psnr, ssim or libvmaf.

    Returns:
        For `-filter_complex`, or from a file `-/filter_complex`, of an ffmpeg whose
        first input is A and whose second one is B. A is scaled to B's size.

    Raises:
        OptionError: there is no such metric.
        VideoAlignmentError: the two share no frame.
    """
    if metric not in _METRICS:
        raise OptionError(f"`metric` {metric}: expected one of {', '.join(_METRICS)}")
    runs = _forwards(frame_map.runs())
    if not runs:
        raise VideoAlignmentError("`frame_map`: A and B share no frame that could be compared")
    of_a = _selected([(run.first_a, run.frames) for run in runs])
    of_b = _selected([(run.first_b, run.frames) for run in runs])
    return (
        f"[0:v:0]{of_a}[a];[1:v:0]{of_b}[b];"
        f"[a][b]scale2ref=flags=bicubic[scaled][original];[scaled][original]{metric}"
    )


def _forwards(runs: Sequence[FrameRun]) -> list[FrameRun]:
    """The runs that go on behind all that were taken before them in B."""
    taken: list[FrameRun] = []
    for run in runs:
        if not taken or run.first_b >= taken[-1].first_b + taken[-1].frames:
            taken.append(run)
    return taken


def _selected(stretches: Sequence[tuple[int, int]]) -> str:
    """Filters that let frames of these stretches pass, and show one every second."""
    # As few as may be are summed: ffmpeg evaluates the whole sum for every frame.
    terms = [f"between(n,{first},{first + frames - 1})" for first, frames in stretches]
    return f"select='{'+'.join(terms)}',settb=1,setpts=N"

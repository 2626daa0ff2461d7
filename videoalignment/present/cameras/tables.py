"""What was cut, as tables."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from videoalignment.align.timeline.records import PlacedFile
from videoalignment.files import whole_file
from videoalignment.present.cameras.records import CameraCut, Span
from videoalignment.present.wording import names_of_all
from videoalignment.text import printable


def write_frames(path: Path, span: Span, cuts: Sequence[CameraCut]) -> None:
    """For each frame of the common clock: each camera's frame, and how much later it was taken."""
    cameras = [cut for cut in cuts if len(cut.shown)]
    names = names_of_all([cut.source for cut in cameras])
    with whole_file(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        columns = (f"{name} {column}" for name in names for column in ("frame", "error_s"))
        writer.writerow(("frame", "time_s", *columns))
        for frame in range(span.frames if cameras else 0):
            time_s = span.begin_s + float(frame / span.rate)
            cells = (
                cell
                for cut in cameras
                for cell in (int(cut.shown[frame]), f"{cut.errors_s[frame]:.6f}")
            )
            writer.writerow((frame, f"{time_s:.6f}", *cells))


def write_table(
    path: Path, span: Span, cuts: Sequence[CameraCut], left_out: Sequence[PlacedFile]
) -> None:
    """What became of each recording."""
    with whole_file(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("source", "file", "picture", "why", "frames", "fps", "worst_error_s"))
        for cut in cuts:
            worst_s = f"{np.abs(cut.errors_s).max():.6f}" if len(cut.shown) else ""
            frames, fps = (span.frames, f"{float(span.rate):.6g}") if len(cut.shown) else ("", "")
            source, name = printable(cut.source), printable(cut.path.name)
            writer.writerow((source, name, cut.became, cut.why, frames, fps, worst_s))
        for each in left_out:
            why = "it is not there all the time"
            writer.writerow((printable(each.file), "", "left out", why, "", "", ""))

"""What `videoalignment align` prints and writes."""

import logging
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from videoalignment.cli.answer import STDOUT, check_file
from videoalignment.cli.commands import VERBS, flags_of
from videoalignment.cli.console import with_flags
from videoalignment.cli.options.shared import ALIGN
from videoalignment.errors import OptionError, VideoAlignmentError
from videoalignment.files import whole_file

if TYPE_CHECKING:
    from videoalignment.align.pair import AlignedPair

logger = logging.getLogger(__name__)

_SUFFIXES = {
    "plot": (".png", ".pdf", ".svg", ".jpg"),
    "report": (".html", ".htm"),
    "side_by_side": (".mp4",),
    "edl": (".edl",),
    "otio": (".otio",),
    "fcpxml": (".fcpxml",),
    "xmeml": (".xml",),
    "kdenlive": (".kdenlive",),
    "frames": (".csv",),
    "subtitles_out": (".srt", ".vtt", ".ass"),
}

_EDITORS = ("edl", "otio", "fcpxml", "xmeml", "kdenlive")


@dataclass(frozen=True)
class Outputs:
    """The files asked for; None where one was not. Each is named as the option is."""

    json: Path | None
    report: Path | None
    plot: Path | None
    side_by_side: Path | None
    edl: Path | None
    otio: Path | None
    fcpxml: Path | None
    xmeml: Path | None
    kdenlive: Path | None
    frames: Path | None
    subtitles_out: Path | None
    subtitles: Path | None
    """Not written but read: the file that `subtitles_out` is made from."""

    @property
    def need_videos(self) -> bool:
        """Whether an output needs the videos themselves, not only their features."""
        asked = {option for option, _ in self.named()}
        return bool(asked & {"report", "side_by_side", "frames", *_EDITORS})

    def named(self) -> Iterator[tuple[str, Path]]:
        """The option and the file of each output that goes to a file."""
        for option, path in vars(self).items():
            to_stdout = option == "json" and path == STDOUT
            if path is not None and not to_stdout and option != "subtitles":
                yield option, path


def check_outputs(outputs: Outputs, inputs: list[Path]) -> None:
    """Refuse, before any work, what could not be written or would destroy something.

    Raises:
        VideoAlignmentError: a file is a folder, an input or asked for twice, its kind is unknown,
            its folder cannot be written into, or the package that writes it is missing; or
            the subtitles to carry over cannot be read.
    """
    if bool(outputs.subtitles) != bool(outputs.subtitles_out):
        one, other = ("subtitles", "subtitles_out")[:: 1 if outputs.subtitles else -1]
        raise OptionError(f"`{one}` was given without `{other}`: one is B's file, the other A's")
    inputs = [*inputs, *filter(None, [outputs.subtitles])]
    taken: dict[Path, str] = {}
    for option, path in outputs.named():
        first = taken.setdefault(path.resolve(), option)
        if first != option:
            raise OptionError(f"`{option}` {path}: would overwrite what `{first}` writes")
        check_file(option, path, inputs, _SUFFIXES.get(option, ()))
        check_folder(option, path.parent)
    editors = [option for option, _ in outputs.named() if option in _EDITORS]
    if editors:
        from videoalignment.present.editors import check_packages

        check_packages(editors)
    if outputs.subtitles and outputs.subtitles_out:
        from videoalignment.present.subtitles import read_subtitles

        read_subtitles(outputs.subtitles, outputs.subtitles_out)


def check_folder(option: str, folder: Path) -> None:
    """See whether files can be written into a folder, without making it.

    Args:
        option: the parameter that names the folder, or a file in it.
        folder: need not exist.

    Raises:
        VideoAlignmentError: it cannot be made, or not be written into.
    """
    folder = folder.resolve()
    nearest = next(place for place in (folder, *folder.parents) if os.path.exists(place))  # noqa: PTH110
    if not nearest.is_dir():
        raise VideoAlignmentError(f"`{option}`: {nearest} is a file, a folder was expected")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise VideoAlignmentError(f"`{option}`: {nearest} cannot be written into")


def write_outputs(outputs: Outputs, pair: "AlignedPair") -> None:
    """Print the answer and write all files that were asked for.

    Raises:
        VideoAlignmentError: a file cannot be written, or a video it needs cannot be read.
    """
    from videoalignment.present.document import alignment_document, as_json

    document = as_json(alignment_document(pair))
    # In one go, and before what takes longer: a reader such as `head` may leave after a line.
    sys.stdout.write(document if outputs.json == STDOUT else _answer_text(pair))
    sys.stdout.flush()
    if outputs.json not in (None, STDOUT):
        with whole_file(outputs.json, "w", encoding="ascii") as file:
            file.write(document)
        logger.info("wrote %s", outputs.json)
    _write_evidence(outputs, pair)
    _write_edits(outputs, pair)


def _answer_text(pair: "AlignedPair") -> str:
    """The sentence, the numbers, and the stretches that match."""
    from videoalignment.present.wording import (
        facts,
        names_of,
        segment_rows,
        sentence,
        short_video_advice,
    )

    alignment, names = pair.alignment, names_of(pair.a.path, pair.b.path)
    advice = short_video_advice(alignment, *names, pair.options.least_overlap_s)
    advice = with_flags(advice, flags_of(VERBS[ALIGN]))
    lines = [sentence(alignment, *names), *([advice] if advice else []), ""]
    rows = facts(alignment)
    width = max(len(label) for label, _ in rows)
    lines += [f"  {label:<{width}}  {value}" for label, value in rows]
    if alignment.matched:
        table = [("", "in A", "in B", "speed", "similarity"), *segment_rows(alignment)]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines.append("")
        for row in table:
            cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
            lines.append("  " + "  ".join(cells).rstrip())
    return "\n".join(lines) + "\n"


def _write_evidence(outputs: Outputs, pair: "AlignedPair") -> None:
    if outputs.plot:
        from videoalignment.present.plot import write_plot

        write_plot(outputs.plot, pair)
        logger.info("wrote %s", outputs.plot)
    if outputs.report:
        from videoalignment.present.report import write_report

        write_report(outputs.report, pair)
        logger.info("wrote %s", outputs.report)


def _write_edits(outputs: Outputs, pair: "AlignedPair") -> None:
    """Write what only makes sense for videos that match; say so where they do not."""
    from videoalignment.present.editors import WRITERS
    from videoalignment.present.frame_map import write_frame_map
    from videoalignment.present.side_by_side import write_side_by_side
    from videoalignment.present.subtitles import carry_subtitles

    writers: dict[str, Callable[[Path, AlignedPair], object]] = {
        "side_by_side": write_side_by_side,
        **WRITERS,
        "frames": lambda path, pair: write_frame_map(path, pair.frame_map()),
        "subtitles_out": lambda path, pair: carry_subtitles(pair, outputs.subtitles or path, path),
    }
    wanted = [(option, path) for option, path in outputs.named() if option in writers]
    if wanted and not pair.alignment.matched:
        options = ", ".join(f"`{option}`" for option, _ in wanted)
        logger.info("%s: not written, because the videos do not match", options)
        return
    for option, path in wanted:
        writers[option](path, pair)
        logger.info("wrote %s", path)

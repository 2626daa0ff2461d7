"""What `videoalignment sync` writes for people: a page, editors' files, cut cameras."""

import logging
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from videoalignment.cli.options.timeline_files import EDITORS
from videoalignment.cli.outputs import check_folder
from videoalignment.errors import OptionError, VideoAlignmentError

if TYPE_CHECKING:
    from videoalignment.align.timeline.records import Timeline

logger = logging.getLogger(__name__)

_SUFFIXES = {
    "otio": ".otio",
    "fcpxml": ".fcpxml",
    "xmeml": ".xml",
    "edl": ".edl",
    "kdenlive": ".kdenlive",
}
_NAME = "timeline"
PAGE = f"{_NAME}.html"


def check_timeline_files(
    editors: Sequence[str] | None, cut: Path | None, at_least: int | None
) -> None:
    """Refuse, before any work, what could not be written.

    Raises:
        VideoAlignmentError: a package that an editor's file needs is missing, the cameras cannot
            be written there, or `at_least` says nothing.
    """
    if at_least is not None and cut is None:
        raise OptionError("`at_least` was given without `cut`: it says which cameras are cut")
    if at_least is not None and at_least < 1:
        raise OptionError(f"`at_least` {at_least}: expected 1 or more")
    if cut is not None:
        check_folder("cut", cut)
    if editors:
        from videoalignment.present.editors import check_packages

        check_packages(_formats(editors))


def write_timeline_files(
    out: Path,
    timeline: "Timeline",
    editors: Sequence[str] | None,
    cut: Path | None,
    at_least: int | None,
) -> None:
    """Write the page, and what else was asked for; say what was written.

    Args:
        out: the folder that gets the page and the editors' files.
        timeline: what was placed.
        editors: for which, of `EDITORS`.
        cut: the folder that gets the cut cameras; None for none.
        at_least: how many cameras have to be there all the time; None for all.

    Raises:
        VideoAlignmentError: a recording is gone, or a file cannot be written; what can be written
            is, before that.
    """
    from videoalignment.present.timeline_page import write_timeline_page

    write_timeline_page(out / PAGE, timeline)
    logger.info("wrote %s", out / PAGE)
    if not timeline.groups:
        if editors or cut:
            logger.info("`editors` and `cut`: not written, because no two files share a moment")
        return
    problems = _write_projects(out, timeline, _formats(editors)) if editors else []
    if cut is not None:
        from videoalignment.present.cameras import write_camera_cuts

        write_camera_cuts(cut, timeline, at_least=at_least)
    if problems:
        raise problems[0]


def _formats(editors: Collection[str]) -> list[str]:
    """Each format once, in the order of `EDITORS`."""
    names = EDITORS if "all" in editors else [name for name in EDITORS if name in editors]
    return list(dict.fromkeys(EDITORS[name] for name in names if name != "all"))


def _write_projects(
    out: Path, timeline: "Timeline", formats: Sequence[str]
) -> list[VideoAlignmentError]:
    """Write all that can be written, and say so; returns what kept others from it."""
    from videoalignment.present.editors import WRITERS, clear_leftovers

    written: list[Path] = []
    problems = []
    for name in formats:
        try:
            paths = WRITERS[name](out / f"{_NAME}{_SUFFIXES[name]}", timeline)
        except VideoAlignmentError as problem:
            problems.append(problem)
            continue
        for path in paths:
            logger.info("wrote %s", path)
        written += paths
    for path in clear_leftovers(out, written):
        logger.info("removed %s, which an earlier run wrote of a group more", path)
    return problems

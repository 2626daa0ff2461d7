"""`videoalignment sync PATH... --out DIR`."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from videoalignment.cli.answer import check_answer, print_answer
from videoalignment.cli.outputs import check_folder
from videoalignment.cli.timeline_files import check_timeline_files, write_timeline_files

if TYPE_CHECKING:
    from videoalignment.align.options import CompareBy

EXIT_PLACED, EXIT_NOTHING_PLACED = 0, 1

logger = logging.getLogger(__name__)


def sync(
    *,
    paths: Sequence[Path],
    out: Path,
    by: "CompareBy",
    json: Path | None,
    backbone: str,
    min_overlap_s: float | None,
    min_confidence: float,
    editors: Sequence[str] | None,
    cut: Path | None,
    at_least: int | None,
    device: str,
) -> int:
    """Place recordings, print where, and write what shows it; status 1 where nothing was placed."""
    check_folder("out", out)
    check_answer(json, paths)
    check_timeline_files(editors, cut, at_least)

    from videoalignment.align.timeline.sync import sync
    from videoalignment.present.timeline_tables import (
        timeline_document,
        timeline_text,
        write_timeline_tables,
    )

    timeline = sync(
        paths,
        by=by,
        backbone=backbone,
        min_overlap_s=min_overlap_s,
        min_confidence=min_confidence,
        device=device,
    )
    for path in write_timeline_tables(out, timeline):
        logger.info("wrote %s", path)
    print_answer(json, lambda: timeline_document(timeline), lambda: timeline_text(timeline))
    write_timeline_files(out, timeline, editors, cut, at_least)
    return EXIT_PLACED if timeline.groups else EXIT_NOTHING_PLACED

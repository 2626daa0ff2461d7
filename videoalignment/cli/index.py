"""`videoalignment index`: many videos that can be searched for a clip."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from videoalignment.cli.answer import check_answer, check_file, print_answer
from videoalignment.cli.console import EXIT_BAD_INPUT

if TYPE_CHECKING:
    from videoalignment.index.records import Answer
    from videoalignment.index.video_index import VideoIndex

EXIT_FOUND, EXIT_NOT_FOUND = 0, 1

logger = logging.getLogger(__name__)


def add(
    *,
    index: str,
    sources: Sequence[Path],
    windows_only: bool | None,
    shard: str | None,
    ray: str | None,
    device: str,
) -> int:
    """Add videos; status 2 where one failed."""
    from videoalignment.index.adding import Shard, add_files
    from videoalignment.index.opening import create_index
    from videoalignment.index.writing import only_writer

    part = Shard.parse(shard) if shard is not None else None
    with only_writer(index), create_index(index, windows_only=bool(windows_only)) as opened:
        describer = None
        if ray is not None:
            from videoalignment.index.ray_cluster import cluster_describer

            describer = cluster_describer(ray, opened.whitening, device)
        added = add_files(opened, sources, shard=part, device=device, describer=describer)
    there = f", {added.there} there before" if added.there else ""
    failed = f", {len(added.failures)} failed" if added.failures else ""
    print(f"{added.added} videos added{there}{failed}", flush=True)
    return EXIT_BAD_INPUT if added.failures else 0


def search(
    *,
    index: str,
    videos: Sequence[Path],
    top: int,
    min_confidence: float,
    files: bool | None,
    json: Path | None,
    device: str,
) -> int:
    """Say which videos hold each query, and where; status 1 where none does."""
    check_answer(json, videos)
    from videoalignment.index.opening import open_index
    from videoalignment.present.index_tables import answers_document, answers_text
    from videoalignment.progress import track

    with open_index(index) as opened:
        found = [
            (query, _answers(opened, query, top, min_confidence, bool(files), device))
            for query in track(videos, "searching", len(videos), "queries")
        ]
    print_answer(json, lambda: answers_document(found), lambda: answers_text(found))
    return EXIT_FOUND if any(answers for _, answers in found) else EXIT_NOT_FOUND


def _answers(
    index: "VideoIndex", query: Path, top: int, min_confidence: float, files: bool, device: str
) -> "list[Answer]":
    from videoalignment.index.clip import search_clip
    from videoalignment.index.exactly import placed_by_files

    answers = search_clip(index, query, top=top, min_confidence=min_confidence, device=device)
    if not files:
        return answers
    return placed_by_files(query, answers, windows_only=index.windows_only, device=device)


def duplicates(*, index: str, out: Path | None, min_confidence: float, least_share: float) -> int:
    """Say which videos are the same, and what others share; status 1 where nothing is shared."""
    if out is not None:
        check_file("out", out, [], (".html", ".csv", ".json"))
    from videoalignment.index.duplicates import find_duplicates
    from videoalignment.index.opening import open_index
    from videoalignment.present.duplicates_page import write_duplicates_page
    from videoalignment.present.index_tables import (
        duplicates_text,
        write_duplicates_csv,
        write_duplicates_json,
    )

    with open_index(index) as opened:
        found = find_duplicates(opened, min_confidence=min_confidence, least_share=least_share)
    print(duplicates_text(found), end="", flush=True)
    if out is not None:
        writers: dict[str, Any] = {".csv": write_duplicates_csv, ".json": write_duplicates_json}
        writers.get(out.suffix.lower(), write_duplicates_page)(out, found)
        logger.info("wrote %s", out)
    return EXIT_FOUND if found.groups or found.shared else EXIT_NOT_FOUND


def remove(*, index: str, names: Sequence[str]) -> None:
    """Remove videos by name or by the digest of their content."""
    from videoalignment.index.opening import open_index
    from videoalignment.index.writing import only_writer

    with only_writer(index), open_index(index) as opened:
        gone = opened.remove(names)
    print(f"{len(gone)} videos removed")


def info(*, index: str, json: Path | None) -> None:
    """Say what is in an index."""
    check_answer(json, [])
    from videoalignment.index.opening import open_index
    from videoalignment.present.index_tables import info_document, info_text

    with open_index(index) as opened:
        size, entries = opened.size(), sorted(opened.videos(), key=lambda e: (e.name, e.content))
    print_answer(
        json,
        lambda: info_document(index, size, entries, opened.about),
        lambda: info_text(index, size, entries, opened.about),
    )


def compact(*, index: str) -> None:
    """Make many small additions and removals as fast as one large addition."""
    from videoalignment.index.opening import open_index
    from videoalignment.index.writing import only_writer

    with only_writer(index), open_index(index) as opened:
        opened.compact()


def export(*, index: str, file: Path) -> None:
    """Write an index into one file."""
    check_file("file", file, [], (".parquet",))
    from videoalignment.index.opening import open_index
    from videoalignment.index.transfer import export_index

    with open_index(index) as opened:
        count = export_index(opened, file)
    print(f"{count} videos exported")


def import_file(*, index: str, file: Path, windows_only: bool | None) -> None:
    """Add what another index exported."""
    from videoalignment.index.opening import create_index
    from videoalignment.index.transfer import import_index
    from videoalignment.index.writing import only_writer

    with only_writer(index), create_index(index, windows_only=bool(windows_only)) as opened:
        count = import_index(opened, file)
    print(f"{count} videos added")

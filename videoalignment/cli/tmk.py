"""`videoalignment tmk`: hashes that trust-and-safety teams exchange."""

import logging
from collections.abc import Sequence
from pathlib import Path

from videoalignment.cli.answer import check_answer, print_answer
from videoalignment.cli.console import EXIT_BAD_INPUT
from videoalignment.errors import OptionError, UnusableFileError, VideoAlignmentError

EXIT_FOUND, EXIT_NOT_FOUND = 0, 1

logger = logging.getLogger(__name__)


def make_hashes(
    *,
    sources: Sequence[Path],
    out: Path,
    at_once: int | None,
    overwrite: bool | None,
    allow_truncated: bool | None,
) -> int:
    """Make the hashes of videos; status 2 where a video failed."""
    if at_once is not None and at_once < 1:
        raise OptionError(f"`at_once` {at_once}: must be 1 or more")
    from videoalignment.features.tmk_hash import hash_videos
    from videoalignment.media.video_files import find_videos
    from videoalignment.progress import Progress

    videos = [video for source in sources for video in find_videos(source)]
    done, before, failed = 0, 0, []
    with Progress("hashing", len(videos), "videos") as progress:
        for hashed in hash_videos(
            videos,
            out,
            at_once=at_once,
            overwrite=bool(overwrite),
            allow_truncated=bool(allow_truncated),
        ):
            if hashed.failure:
                failed.append(hashed.failure)
            elif hashed.frames is None:
                before += 1
            else:
                done += 1
            progress.advance()
    counts = [f"{done} videos hashed"]
    counts += [f"{before} done before"] if before else []
    counts += [f"{len(failed)} failed"] if failed else []
    print(", ".join(counts), flush=True)
    if before:
        logger.info("`overwrite` makes again what was done before")
    for failure in failed:
        logger.error("%s", failure)
    return EXIT_BAD_INPUT if failed else 0


def score(*, hashes: Sequence[Path], against: Sequence[Path] | None, json: Path | None) -> None:
    """Score pairs of hashes: level 1, of mean features, and level 2, over all offsets."""
    from videoalignment.present.tmk_tables import pairs_document, pairs_text
    from videoalignment.progress import Progress
    from videoalignment.tmk_pairs import find_hashes, score_files

    files = find_hashes(hashes)
    others = find_hashes(against) if against else None
    check_answer(json, [*files, *(others or ())])
    if others is None and len(files) < 2:
        raise VideoAlignmentError(f"{files[0]}: one hash alone has no pair; give another")
    total = len(files) * (len(others) if others else len(files))
    with Progress("scoring", total, "pairs") as progress:
        pairs = list(score_files(files, others, progress=progress))
    print_answer(json, lambda: pairs_document(pairs), lambda: pairs_text(pairs))


def cluster(*, hashes: Sequence[Path], level1: float, level2: float, json: Path | None) -> None:
    """Group hashes: two are together if a chain of pairs that pass both levels joins them."""
    from videoalignment.present.tmk_tables import clusters_document, clusters_text
    from videoalignment.progress import Progress
    from videoalignment.tmk_clusters import cluster_hashes
    from videoalignment.tmk_pairs import find_hashes

    files = find_hashes(hashes)
    check_answer(json, files)
    with Progress("clustering", len(files) * (len(files) + 1) // 2, "pairs") as progress:
        clusters = cluster_hashes(files, level1=level1, level2=level2, progress=progress)
    print_answer(json, lambda: clusters_document(clusters), lambda: clusters_text(clusters))


def align(*, a: Path, b: Path, min_overlap_s: float, json: Path | None) -> int:
    """Say where A lies in B, from their hashes alone; status 1 where these cannot tell."""
    from videoalignment.align.hashes import align_hashes
    from videoalignment.present.tmk_tables import hash_alignment_document, hash_alignment_text
    from videoalignment.tmk_files import read_hash

    check_answer(json, [a, b])
    found = align_hashes(read_hash(a), read_hash(b), min_overlap_s=min_overlap_s)
    print_answer(
        json,
        lambda: hash_alignment_document(a, b, found),
        lambda: hash_alignment_text(a, b, found),
    )
    return EXIT_FOUND if found.found else EXIT_NOT_FOUND


def verify(*, video: Path, hash_file: Path, json: Path | None) -> int:
    """Make a video's hash and say how far it is from a given one; status 1 where they differ."""
    from videoalignment.features.tmk_hash import hash_video
    from videoalignment.present.tmk_tables import difference_document, difference_text
    from videoalignment.tmk_files import read_hash
    from videoalignment.tmk_scores import hash_difference

    check_answer(json, [video, hash_file])
    given = read_hash(hash_file)
    try:
        found = hash_difference(hash_video(video), given)
    except UnusableFileError as error:
        named = str(error).startswith(str(video))
        raise UnusableFileError(str(error) if named else f"{hash_file}: {error}") from None
    print_answer(
        json,
        lambda: difference_document(video, hash_file, found),
        lambda: difference_text(video, hash_file, found),
    )
    return EXIT_FOUND if found.identical else EXIT_NOT_FOUND

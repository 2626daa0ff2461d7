"""`videoalignment tmk`: hashes that trust-and-safety teams exchange."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from videoalignment.cli.console import EXIT_BAD_INPUT
from videoalignment.errors import UnusableFileError, VideoAlignmentError
from videoalignment.files import whole_file
from videoalignment.text import one_line

EXIT_FOUND, EXIT_NOT_FOUND = 0, 1
_STDOUT = Path("-")

app = typer.Typer(
    help="Make, compare and locate TMK+PDQF hashes (.tmk files).",
    no_args_is_help=True,
    context_settings={"token_normalize_func": lambda name: name.replace("_", "-")},
)

_Hashes = Annotated[
    list[Path], typer.Argument(metavar="FILE_OR_FOLDER...", help=".tmk files, or folders of them.")
]
_Json = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Write the answer as JSON; - for stdout, and nothing else there."
    ),
]


@app.command("hash")
def make_hashes(
    sources: Annotated[
        list[Path],
        typer.Argument(metavar="VIDEO_OR_FOLDER...", help="Videos, or trees of folders."),
    ],
    out: Annotated[
        Path,
        typer.Option(metavar="DIR", help="Gets NAME.tmk for every video, in the same folders."),
    ],
    at_once: Annotated[
        int | None,
        typer.Option(
            "--at-once", metavar="N", help=r"Videos at once. \[default: as many as cores]", min=1
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Make again what is there.")
    ] = False,
    allow_truncated: Annotated[
        bool, typer.Option("--allow-truncated", help="Keep what is left of broken videos.")
    ] = False,
) -> int:
    """Make the hashes of videos, to the byte as others make them.

    Hashes that are there already are not made again. Exit status: 0, or 2 where a video failed.
    """
    from videoalignment.features.tmk_hash import hash_videos
    from videoalignment.media.video_files import find_videos
    from videoalignment.progress import Progress

    videos = [video for source in sources for video in find_videos(source)]
    done, before, failed = 0, 0, []
    with Progress("hashing", len(videos), "videos") as progress:
        for hashed in hash_videos(
            videos, out, at_once=at_once, overwrite=overwrite, allow_truncated=allow_truncated
        ):
            if hashed.failure:
                failed.append(hashed.failure)
            elif hashed.frames is None:
                before += 1
            else:
                done += 1
            progress.advance()
    counts = [f"{done} videos hashed"]
    counts += [f"{before} done before (--overwrite makes them again)"] if before else []
    counts += [f"{len(failed)} failed"] if failed else []
    print(", ".join(counts), flush=True)
    for failure in failed:
        print(f"error: {one_line(failure)}", file=sys.stderr)
    return EXIT_BAD_INPUT if failed else 0


@app.command("score")
def score(
    hashes: _Hashes,
    against: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE_OR_FOLDER",
            help="Compare with these instead of with each other; may be given several times.",
        ),
    ] = None,
    json: _Json = None,
) -> None:
    """Score pairs of hashes: level 1, of mean features, and level 2, over all offsets."""
    from videoalignment.present.tmk_tables import pairs_document, pairs_text
    from videoalignment.progress import Progress
    from videoalignment.tmk_pairs import find_hashes, score_files

    files = find_hashes(hashes)
    others = find_hashes(against) if against else None
    _check_json(json, [*files, *(others or ())])
    if others is None and len(files) < 2:
        raise VideoAlignmentError(f"{files[0]}: one hash alone has no pair; give another")
    total = len(files) * (len(others) if others else len(files))
    with Progress("scoring", total, "pairs") as progress:
        pairs = list(score_files(files, others, progress=progress))
    _answer(json, lambda: pairs_document(pairs), lambda: pairs_text(pairs))


@app.command("cluster")
def cluster(
    hashes: _Hashes,
    level1: Annotated[float, typer.Option(help="The least level 1 of a pair, -1 to 1.")] = 0.7,
    level2: Annotated[float, typer.Option(help="The least level 2 of a pair, -1 to 1.")] = 0.7,
    json: _Json = None,
) -> None:
    """Group hashes: two are together if a chain of pairs that pass both levels joins them."""
    from videoalignment.present.tmk_tables import clusters_document, clusters_text
    from videoalignment.progress import Progress
    from videoalignment.tmk_clusters import cluster_hashes
    from videoalignment.tmk_pairs import find_hashes

    files = find_hashes(hashes)
    _check_json(json, files)
    with Progress("clustering", len(files) * (len(files) + 1) // 2, "pairs") as progress:
        clusters = cluster_hashes(files, level1=level1, level2=level2, progress=progress)
    _answer(json, lambda: clusters_document(clusters), lambda: clusters_text(clusters))


@app.command("align")
def align(
    a: Annotated[Path, typer.Argument(metavar="A.tmk", help="The hash of a video.")],
    b: Annotated[Path, typer.Argument(metavar="B.tmk", help="The hash of one to find it in.")],
    min_overlap: Annotated[
        float, typer.Option("--min-overlap", metavar="SECONDS", help="The least that both share.")
    ] = 3.0,
    json: _Json = None,
) -> int:
    """Say where A lies in B, from their hashes alone, or that these cannot tell.

    Exit status: 0 found, 1 the hashes cannot tell, 2 an error.
    """
    from videoalignment.align.hashes import align_hashes
    from videoalignment.present.tmk_tables import hash_alignment_document, hash_alignment_text
    from videoalignment.tmk_files import read_hash

    _check_json(json, [a, b])
    found = align_hashes(read_hash(a), read_hash(b), min_overlap_s=min_overlap)
    _answer(
        json,
        lambda: hash_alignment_document(a, b, found),
        lambda: hash_alignment_text(a, b, found),
    )
    return EXIT_FOUND if found.found else EXIT_NOT_FOUND


@app.command("verify")
def verify(
    video: Annotated[Path, typer.Argument(metavar="VIDEO", help="A video file.")],
    hash_file: Annotated[Path, typer.Argument(metavar="HASH.tmk", help="The hash it should have.")],
    json: _Json = None,
) -> int:
    """Make a video's hash and say how far it is from a given one.

    Exit status: 0 the same to the byte, 1 not, 2 an error.
    """
    from videoalignment.features.tmk_hash import hash_video
    from videoalignment.present.tmk_tables import difference_document, difference_text
    from videoalignment.tmk_files import read_hash
    from videoalignment.tmk_scores import hash_difference

    _check_json(json, [video, hash_file])
    given = read_hash(hash_file)
    try:
        found = hash_difference(hash_video(video), given)
    except UnusableFileError as error:
        named = str(error).startswith(str(video))
        raise UnusableFileError(str(error) if named else f"{hash_file}: {error}") from None
    _answer(
        json,
        lambda: difference_document(video, hash_file, found),
        lambda: difference_text(video, hash_file, found),
    )
    return EXIT_FOUND if found.identical else EXIT_NOT_FOUND


def _check_json(json: Path | None, inputs: Sequence[Path]) -> None:
    """Refuse, before any work, an answer that would destroy what it is about."""
    if json is None or json == _STDOUT:
        return
    if json.is_dir():
        raise VideoAlignmentError(f"--json {json}: is a folder, a file name was expected")
    if json.resolve() in {path.resolve() for path in inputs}:
        raise VideoAlignmentError(f"--json {json}: would overwrite the input of that name")


def _answer(
    json: Path | None, document: Callable[[], dict[str, object]], text: Callable[[], str]
) -> None:
    """Print the answer, or its JSON, or print the one and write the other."""
    from videoalignment.present.document import as_json

    sys.stdout.write(as_json(document()) if json == _STDOUT else text())
    sys.stdout.flush()
    if json not in (None, _STDOUT):
        with whole_file(json, "w", encoding="ascii") as file:
            file.write(as_json(document()))
        print(f"wrote {json}", file=sys.stderr)

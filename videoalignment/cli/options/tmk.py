"""Options of TMK+PDQF hashes, `videoalignment tmk`."""

from pathlib import Path

from videoalignment.cli.declare import Option, panel
from videoalignment.cli.options.shared import (
    ANSWER,
    COMPUTING,
    FILE,
    FILES,
    FOLDER,
    TMK_ALIGN,
    TMK_CLUSTER,
    TMK_HASH,
    TMK_SCORE,
    TMK_VERIFY,
    VIDEOS_AND_FOLDERS,
)

_PAIRS = "Pairs"

TMK_OPTIONS = (
    *panel(
        FILES,
        (TMK_HASH,),
        Option("sources", "videos, or trees of folders", **VIDEOS_AND_FOLDERS),
        Option(
            "out", "gets NAME.tmk for every video, in the same folders", required=True, **FOLDER
        ),
        Option("overwrite", "make again what is there already", kind=bool),
        Option("allow_truncated", "keep what is left of videos that break off", kind=bool),
    ),
    *panel(
        COMPUTING,
        (TMK_HASH,),
        Option("at_once", "videos at once", kind=int, shown_default="as many as cores"),
    ),
    *panel(
        _PAIRS,
        (TMK_SCORE, TMK_CLUSTER),
        Option(
            "hashes",
            ".tmk files, or folders of them",
            kind=Path,
            metavar="FILE_OR_FOLDER",
            words="+",
        ),
    ),
    *panel(
        _PAIRS,
        (TMK_SCORE,),
        Option(
            "against",
            "compare with these instead of with each other; may be given several times",
            kind=Path,
            metavar="FILE_OR_FOLDER",
            repeated=True,
        ),
    ),
    *panel(
        _PAIRS,
        (TMK_CLUSTER,),
        Option("level1", "the least level 1 of a pair, -1 to 1", kind=float, default=0.7),
        Option("level2", "the least level 2 of a pair, -1 to 1", kind=float, default=0.7),
    ),
    *panel(
        _PAIRS,
        (TMK_ALIGN,),
        Option("a", "the hash of a video", kind=Path, metavar="A.tmk"),
        Option("b", "the hash of one to find it in", kind=Path, metavar="B.tmk"),
        Option(
            "min_overlap_s",
            "the least that both share",
            name="min_overlap",
            kind=float,
            metavar="SECONDS",
            default=3.0,
        ),
    ),
    *panel(
        _PAIRS,
        (TMK_VERIFY,),
        Option("video", "a video file", kind=Path, metavar="VIDEO"),
        Option("hash_file", "the hash it should have", kind=Path, metavar="HASH.tmk"),
    ),
    *panel(
        ANSWER,
        (TMK_SCORE, TMK_CLUSTER, TMK_ALIGN, TMK_VERIFY),
        Option("json", "write the answer as JSON; - for stdout, and nothing else there", **FILE),
    ),
)

"""Options of an index of many videos, `videoalignment index`."""

from pathlib import Path

from videoalignment.cli.declare import Option, panel
from videoalignment.cli.options.shared import (
    ANSWER,
    COMPUTING,
    FILE,
    INDEX,
    INDEX_ADD,
    INDEX_DUPLICATES,
    INDEX_EXPORT,
    INDEX_IMPORT,
    INDEX_INFO,
    INDEX_REMOVE,
    INDEX_SEARCH,
    VIDEOS_AND_FOLDERS,
)

INDEX_OPTIONS = (
    *panel(
        "Index",
        INDEX,
        Option(
            "index",
            "a folder, an object store (s3://...), or milvus:ADDRESS",
            metavar="INDEX",
        ),
    ),
    *panel(
        "Index",
        (INDEX_ADD,),
        Option("sources", "videos, or trees of folders", **VIDEOS_AND_FOLDERS),
        Option("shard", "only every so many-th of the files, e.g. 3/16", metavar="N/M"),
    ),
    *panel(
        "Index",
        (INDEX_ADD, INDEX_IMPORT),
        Option(
            "windows_only",
            "keep nothing but windows of videos: a tenth of the size, and places to some tenths of "
            "a second; told when an index is made",
            kind=bool,
        ),
    ),
    *panel(
        COMPUTING,
        (INDEX_ADD,),
        Option(
            "ray",
            "describe videos on the Ray cluster at this address; local is this machine alone",
            metavar="ADDRESS",
        ),
    ),
    *panel(
        "Answers",
        (INDEX_SEARCH,),
        Option("videos", "clips to find", kind=Path, metavar="VIDEO", words="+"),
        Option("top", "answers of each clip, at most", kind=int, default=10),
        Option(
            "min_confidence",
            "the probability from which an answer is given, 0 to 1",
            kind=float,
            default=0.5,
        ),
        Option(
            "files",
            "place answers with the videos' files, where these are at hand, to a fraction of a "
            "frame",
            kind=bool,
        ),
    ),
    *panel(
        "Groups",
        (INDEX_DUPLICATES,),
        Option("out", "write a page (.html), a table (.csv) or the groups (.json)", **FILE),
        Option(
            "min_confidence",
            "the probability from which a shared segment counts, above 0",
            kind=float,
            default=0.9,
        ),
        Option(
            "least_share",
            "how much of both videos must be shared for them to be the same, above 0 to 1",
            kind=float,
            default=0.5,
        ),
    ),
    *panel(
        "Index",
        (INDEX_REMOVE,),
        Option(
            "names",
            "names of videos as `videoalignment index info` lists them, or digests of contents",
            metavar="NAME",
            words="+",
        ),
    ),
    *panel(
        "Index",
        (INDEX_EXPORT, INDEX_IMPORT),
        Option("file", "the exported index", kind=Path, metavar="FILE.parquet"),
    ),
    *panel(
        ANSWER,
        (INDEX_SEARCH, INDEX_INFO),
        Option("json", "write the answer as JSON; - for stdout, and nothing else there", **FILE),
    ),
)

"""The one table of options: what each is called, what it takes, what it is unless given.

It feeds main.py, rmac_features.py and all verbs (commands.py), and needs neither torch nor NumPy.
Where a script's published default differs from the verb's, both stand in the option's row. An
option without a default is passed on as None: the library decides, and `shown_default` says what.
"""

from videoalignment.cli.declare import Option, panel
from videoalignment.cli.options.align import ALIGN_OPTIONS
from videoalignment.cli.options.evaluate import EVALUATION_OPTIONS
from videoalignment.cli.options.features import FEATURE_OPTIONS
from videoalignment.cli.options.index import INDEX_OPTIONS
from videoalignment.cli.options.score import SCORE_OPTIONS
from videoalignment.cli.options.shared import (
    ALIGN,
    COMPUTING,
    EVALUATE,
    INDEX_ADD,
    INDEX_SEARCH,
    SYNC,
    TRAIN,
    VIDEOS,
)
from videoalignment.cli.options.sync import SYNC_OPTIONS
from videoalignment.cli.options.timeline_files import TIMELINE_FILE_OPTIONS
from videoalignment.cli.options.tmk import TMK_OPTIONS
from videoalignment.cli.options.train import TRAIN_OPTIONS

OPTIONS = (
    *ALIGN_OPTIONS,
    *SYNC_OPTIONS,
    *TIMELINE_FILE_OPTIONS,
    *FEATURE_OPTIONS,
    *EVALUATION_OPTIONS,
    *TRAIN_OPTIONS,
    *SCORE_OPTIONS,
    *TMK_OPTIONS,
    *INDEX_OPTIONS,
    *panel(
        COMPUTING,
        (ALIGN, SYNC, INDEX_ADD, INDEX_SEARCH, EVALUATE, TRAIN, *VIDEOS),
        Option(
            "device",
            "where to compute: auto (the GPU where there is one), cpu, cuda, or cuda:1 and so on",
            metavar="DEVICE",
            default="auto",
        ),
    ),
)


def options_of(*commands: str) -> tuple[Option, ...]:
    """The rows that one of these commands has."""
    return tuple(option for option in OPTIONS if set(option.of) & set(commands))

"""What rows of several parts of the table share: commands, panels, and frequent columns."""

from pathlib import Path
from typing import Any

ALIGN, EVALUATE, FEATURES, TRAIN_PCA = "align", "evaluate", "features", "train-pca"
RMAC_FEATURES = "rmac_features.py"
SCORE = "score"
SYNC = "sync"
TRAIN = "train"
TMK_HASH, TMK_SCORE, TMK_CLUSTER = "tmk hash", "tmk score", "tmk cluster"
TMK_ALIGN, TMK_VERIFY = "tmk align", "tmk verify"
INDEX_ADD, INDEX_SEARCH, INDEX_DUPLICATES = "index add", "index search", "index duplicates"
INDEX_REMOVE, INDEX_INFO, INDEX_COMPACT = "index remove", "index info", "index compact"
INDEX_EXPORT, INDEX_IMPORT = "index export", "index import"
INDEX = (
    *(INDEX_ADD, INDEX_SEARCH, INDEX_DUPLICATES, INDEX_REMOVE, INDEX_INFO, INDEX_COMPACT),
    *(INDEX_EXPORT, INDEX_IMPORT),
)
"""All that is done with an index."""
VIDEOS = (FEATURES, TRAIN_PCA)
"""What describes frames of videos."""

ANSWER, COMPUTING, FILES, NETWORK = "Answer", "Computing", "Files", "Network"

FILE: dict[str, Any] = {"kind": Path, "metavar": "FILE"}
FOLDER: dict[str, Any] = {"kind": Path, "metavar": "DIR"}
BY: dict[str, Any] = {
    "help": "what is compared: picture, sound, both of them, or what moves, as cameras on other "
    "sides of one event see it; auto tries both, then, where sound cannot tell, motion",
    "choices": ("auto", "both", "picture", "sound", "motion"),
    "default": "auto",
}
LEVEL: dict[str, Any] = {"kind": int, "metavar": "LEVEL"}
VIDEOS_AND_FOLDERS: dict[str, Any] = {"kind": Path, "metavar": "VIDEO_OR_FOLDER", "words": "+"}

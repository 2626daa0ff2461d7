"""Many videos: which of them hold a clip, where exactly, and how sure is that?

>>> from videoalignment.index import open_index
>>> with open_index("archive.index") as index:  # doctest: +SKIP
...     answers = index.search(features)

Names are loaded on first use, so that what needs no engine starts without one.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # from where type checkers, and the pages about the API, know the names
    from videoalignment.index.adding import Added as Added
    from videoalignment.index.adding import add_files as add_files
    from videoalignment.index.clip import search_clip as search_clip
    from videoalignment.index.describe import Description as Description
    from videoalignment.index.describe import describe as describe
    from videoalignment.index.duplicates import Duplicates as Duplicates
    from videoalignment.index.duplicates import find_duplicates as find_duplicates
    from videoalignment.index.engine import Engine as Engine
    from videoalignment.index.opening import create_index as create_index
    from videoalignment.index.opening import open_index as open_index
    from videoalignment.index.records import Answer as Answer
    from videoalignment.index.records import IndexedVideo as IndexedVideo
    from videoalignment.index.records import VideoEntry as VideoEntry
    from videoalignment.index.video_index import VideoIndex as VideoIndex
    from videoalignment.index.whitening import Whitening as Whitening

_MODULE_OF = {
    "Added": "adding",
    "Answer": "records",
    "Description": "describe",
    "Duplicates": "duplicates",
    "Engine": "engine",
    "IndexedVideo": "records",
    "VideoEntry": "records",
    "VideoIndex": "video_index",
    "Whitening": "whitening",
    "add_files": "adding",
    "create_index": "opening",
    "describe": "describe",
    "find_duplicates": "duplicates",
    "open_index": "opening",
    "search_clip": "clip",
}
__all__ = list(_MODULE_OF)


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULE_OF[name]}"), name)

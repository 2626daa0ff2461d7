"""Where an index is: a folder, an object store, or a Milvus server."""

import os
from pathlib import Path

from videoalignment.errors import OptionError, UnusableFileError
from videoalignment.index.about import About
from videoalignment.index.engine import Engine
from videoalignment.index.lance import TABLE, LanceEngine
from videoalignment.index.milvus import MilvusEngine
from videoalignment.index.video_index import VideoIndex
from videoalignment.index.whitening import Whitening

_MILVUS = "milvus:"
_COLLECTION = "videoalignment"


def open_index(address: str | os.PathLike[str]) -> VideoIndex:
    """Open an index.

    Args:
        address: a folder; the address of an object store, as s3://bucket/name; or
            milvus:ADDRESS#COLLECTION, where the address is a server's, as http://host:19530, or a
            file of Milvus Lite.

    Raises:
        VideoAlignmentError: there is none, it is damaged, of another kind or of another version, or
            its engine is not installed.
    """
    name = os.fspath(address)
    if name.startswith(_MILVUS):
        where, collection = _milvus(name)
        if "://" not in where and not Path(where).exists():
            raise UnusableFileError(f"{name}: no such index; `videoalignment index add` makes one")
        return VideoIndex(MilvusEngine(where, collection), name)
    if "://" not in name and not (Path(name) / f"{TABLE}.lance").is_dir():
        raise UnusableFileError(f"{name}: is no index; `videoalignment index add` makes one")
    return VideoIndex(LanceEngine(name), name)


def create_index(address: str | os.PathLike[str], *, windows_only: bool = False) -> VideoIndex:
    """Make an empty index, or open the one that is there; see `open_index`.

    Args:
        address: where.
        windows_only: whether an index is wanted that keeps nothing but windows of videos: a tenth
            of the size, with places that are known to some tenths of a second.

    Raises:
        OptionError: the index that is there keeps moments, and `windows_only` is wanted.
        VideoAlignmentError: something else is there, or it cannot be made or opened.
    """
    name = os.fspath(address)
    if is_there(name):
        index = open_index(name)
        if windows_only and not index.windows_only:
            index.engine.close()
            raise OptionError(f"`windows_only`: {name} is there, and keeps more than windows")
        return index
    about = About(Whitening.shipped(), windows_only).to_json()
    if name.startswith(_MILVUS):
        return VideoIndex(MilvusEngine.create(*_milvus(name), about), name)
    if "://" not in name:
        _check_free(Path(name))
    engine: Engine = LanceEngine.create(name, about)
    return VideoIndex(engine, name)


def is_there(name: str) -> bool:
    """Whether there is an index, as far as can be told without opening it."""
    if name.startswith(_MILVUS):
        where, collection = _milvus(name)
        if "://" not in where and not Path(where).exists():
            return False
        return MilvusEngine.has(where, collection)
    if "://" in name:
        return LanceEngine.has(name)
    return (Path(name) / f"{TABLE}.lance").is_dir()


def _milvus(name: str) -> tuple[str, str]:
    where, _, collection = name.removeprefix(_MILVUS).partition("#")
    if not where:
        raise OptionError(f"`index` {name}: expected milvus:ADDRESS, e.g. milvus:archive.db")
    return where, collection or _COLLECTION


def _check_free(folder: Path) -> None:
    """Refuse to make an index out of a folder that holds something else."""
    if folder.exists() and not folder.is_dir():
        raise UnusableFileError(f"{folder}: is a file; name a folder that the index is kept in")
    if folder.is_dir() and any(not path.name.startswith(".") for path in folder.iterdir()):
        raise UnusableFileError(f"{folder}: holds something else and no index; name a new folder")

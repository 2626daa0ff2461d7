"""Adding files to an index: whatever is interrupted goes on where it was."""

import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from videoalignment.errors import OptionError, VideoAlignmentError
from videoalignment.index.describe import Description, describe, video_features
from videoalignment.index.records import VideoEntry
from videoalignment.index.video_index import VideoIndex
from videoalignment.index.whitening import Whitening
from videoalignment.media.insides import without_bars
from videoalignment.media.video_files import each_once, find_videos
from videoalignment.progress import Progress
from videoalignment.provenance import content_digest

_WRITE_EVERY_S = 30.0
_MOST_WAITING = 64

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Added:
    """What came of adding files."""

    added: int
    there: int
    """Their content was in the index already."""
    failures: tuple[str, ...] = ()
    """One line a file that could not be added: its name and the reason."""


@dataclass(frozen=True)
class Described:
    """A file after its description, or why there is none."""

    path: Path
    entry: VideoEntry | None = None
    description: Description | None = None
    failure: str = ""


Describer = Callable[[Iterable[tuple[Path, str]]], Iterator[Described]]
"""Describes files, given with the digests of their contents, in any order."""


@dataclass(frozen=True)
class Shard:
    """Every so many-th file, so that several machines can share a list."""

    number: int = 1
    """From 1."""
    of: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.of:
            raise OptionError(f"`shard` {self.number}/{self.of}: expected e.g. 3/16")

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """The shard that "3/16" names.

        Raises:
            OptionError: the text names none.
        """
        number, _, of = text.partition("/")
        if not (number.isdecimal() and of.isdecimal() and len(text) < 20):
            raise OptionError(f"`shard` {text!r:.40}: expected e.g. 3/16")
        return cls(int(number), int(of))


def add_files(
    index: VideoIndex,
    sources: Iterable[str | os.PathLike[str]],
    *,
    shard: Shard | None = None,
    device: str | torch.device = "auto",
    describer: Describer | None = None,
) -> Added:
    """Add videos to an index; those whose content is there already are left out.

    What was described before the process ended is not described again.

    Args:
        index: where to.
        sources: files, and folders of them.
        shard: which of the files.
        device: where to compute.
        describer: what describes files, where that is not this process.

    Raises:
        UnusableFileError: a source does not exist, or the index cannot be written.
    """
    files = _files(sources)
    shard = shard or Shard()
    files = files[shard.number - 1 :: shard.of]
    describer = describer or _describer(index.whitening, device)
    failures: list[str] = []
    waiting: list[tuple[VideoEntry, Description]] = []
    added = 0
    with Progress("adding", len(files), "videos") as progress:
        for batch in _batches(files, _MOST_WAITING):
            fresh = list(_fresh(index, batch, failures))
            progress.advance(len(batch) - len(fresh))
            written_s = time.monotonic()
            for done in describer(fresh):
                if done.entry is None or done.description is None:
                    failures.append(done.failure)
                    logger.warning("%s; left out", done.failure)
                else:
                    waiting.append((done.entry, done.description))
                progress.advance()
                if time.monotonic() - written_s > _WRITE_EVERY_S:
                    added += index.add(waiting)
                    waiting, written_s = [], time.monotonic()
            added += index.add(waiting)
            waiting = []
    return Added(added, len(files) - added - len(failures), tuple(failures))


def described_file(
    path: Path, content: str, whitening: Whitening, device: str | torch.device
) -> Described:
    """Describe one file; what is wrong with it is told, not raised."""
    try:
        # Bars would hide that it is the same as a copy without them.
        features = video_features(path, whitening, inside=without_bars(path), device=device)
        description = describe(features, whitening)
        entry = VideoEntry(os.fspath(path), content, description.duration_s)
        return Described(path, entry, description)
    except VideoAlignmentError as error:
        told = str(error)
        return Described(path, failure=told if str(path) in told else f"{path}: {told}")


def _describer(whitening: Whitening, device: str | torch.device) -> Describer:
    def describe_here(files: Iterable[tuple[Path, str]]) -> Iterator[Described]:
        for path, content in files:
            yield described_file(path, content, whitening, device)

    return describe_here


def _files(sources: Iterable[str | os.PathLike[str]]) -> list[Path]:
    """Videos by name, each path once."""
    found = each_once(video.path for source in sources for video in find_videos(source))
    return sorted(found, key=os.path.abspath)


def _batches(files: Sequence[Path], size: int) -> Iterator[Sequence[Path]]:
    for begin in range(0, len(files), size):
        yield files[begin : begin + size]


def _fresh(
    index: VideoIndex, files: Iterable[Path], failures: list[str]
) -> Iterator[tuple[Path, str]]:
    """Files whose contents are not in the index, with their digests, each content once."""
    contents: dict[str, Path] = {}
    for path in files:
        try:
            contents.setdefault(content_digest(path), path)
        except VideoAlignmentError as error:
            failures.append(str(error))
            logger.warning("%s; left out", error)
    known = {entry.content for entry in index.entries_of(contents)}
    for content, path in contents.items():
        if content not in known:
            yield path, content

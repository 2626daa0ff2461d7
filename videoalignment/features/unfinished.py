"""The finished part of a long video's features, kept while the rest is being extracted.

Beside the target lies a hidden folder of parts, each a few batches of frames, written whole or not
at all. A run that is broken off loses what it did since its last part; the next one takes the parts
over and goes on. Parts are runs of whole batches, so that the network sees the same batches as in
one go and gives the same descriptors.

Several processes may extract one video at once: their parts say the same, however they are cut.
"""

import logging
import math
import os
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from videoalignment.errors import VideoAlignmentError
from videoalignment.features.arrays import read_npz
from videoalignment.features.frame_features import checked_descriptors
from videoalignment.files import whole_file
from videoalignment.provenance import content_digest, digest_of

logger = logging.getLogger(__name__)

PART_EVERY_S = 30.0
"""Seconds of work after which a part is written; well below the minute that may be lost."""


@dataclass
class Rows:
    """The descriptors of consecutive frames."""

    descriptors: list[np.ndarray] = field(default_factory=list)
    """Run by run, float32, shape (rows, d)."""
    times_s: list[np.ndarray] = field(default_factory=list)
    """Run by run, float64, shape (rows,)."""
    frames: int = 0
    """How many frames these are; there may be several rows a frame."""
    damaged: bool = False
    """Whether the video was found to be damaged there."""

    def add(
        self, descriptors: np.ndarray, times_s: np.ndarray, frames: int, *, damaged: bool = False
    ) -> None:
        """Take in the next frames."""
        self.damaged |= damaged
        self.descriptors.append(descriptors)
        self.times_s.append(times_s)
        self.frames += frames


class Unfinished:
    """The parts of one feature file; leaving the `with` block without an error removes them.

    Args:
        target: the feature file that is to be, written within the `with` block.
        video: the video file.
        every_s: seconds between parts.
        content: digest of the video's content where it is known already.
    """

    def __init__(
        self,
        target: Path,
        video: str | os.PathLike,
        *,
        every_s: float = PART_EVERY_S,
        content: str | None = None,
    ) -> None:
        name = digest_of(os.fsencode(target.name))  # a hidden name of bounded length
        self.folder = target.parent / f".parts-{name}"  # hidden, and nobody's leftover
        self._video, self._content, self._every_s = video, content, every_s
        self._key: str | None = None
        self._making = ""
        self._new = Rows()
        self._begin = 0  # frame with which the next part begins
        self._written_at = time.monotonic()

    def resume(self, making: str) -> Rows:
        """What an earlier run kept of these features; nothing where there was none.

        Args:
            making: all that the descriptors depend on but the video's content.

        Raises:
            VideoAlignmentError: there are parts, but the video cannot be read.
        """
        self._making = making
        kept = Rows()
        if self.folder.is_dir():
            while part := self._part_from(kept):
                kept.add(*part[:3], damaged=part[3])
        self._begin = kept.frames
        return kept

    def add(
        self, descriptors: np.ndarray, times_s: np.ndarray, frames: int, *, damaged: bool = False
    ) -> None:
        """Take in the next batch; write a part where it is time."""
        self._new.add(descriptors, times_s, frames, damaged=damaged)
        if time.monotonic() - self._written_at >= self._every_s:
            try:
                self._write()
            except (OSError, VideoAlignmentError) as error:  # the features may fit all the same
                self._every_s = math.inf
                logger.warning("%s: an interruption loses all (%s)", self._video, error)
            self._new, self._written_at = Rows(), time.monotonic()

    def __enter__(self) -> "Unfinished":
        return self

    def __exit__(self, error_type: type[BaseException] | None, *_) -> None:
        if error_type is None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _write(self) -> None:
        end = self._begin + self._new.frames
        with whole_file(self.folder / f"{self._begin}-{end}.npz") as file:
            np.savez(
                file,
                descriptors=np.concatenate(self._new.descriptors),
                times_s=np.concatenate(self._new.times_s),
                key=np.array(self._full_key()),
                damaged=np.array(self._new.damaged),
            )
        self._begin = end

    def _full_key(self) -> str:
        """What tells these parts from those of another video or another way."""
        if self._key is None:
            content = self._content or content_digest(self._video)
            self._key = digest_of(f"{content} {self._making}".encode())
        return self._key

    def _part_from(self, kept: Rows) -> tuple[np.ndarray, np.ndarray, int, bool] | None:
        """The part that goes on where `kept` ends, with its number of frames and its damage."""
        for path in self.folder.glob(f"{kept.frames}-*.npz"):
            try:
                frames = int(path.stem.split("-")[1]) - kept.frames
                part = read_npz(path, ("descriptors", "times_s", "key", "damaged"))
                descriptors = checked_descriptors(part["descriptors"])
            except Exception:
                continue
            widths = {rows.shape[1] for rows in (*kept.descriptors[:1], descriptors)}
            whole = frames > 0 and len(descriptors) % frames == 0 and len(widths) == 1
            if whole and str(part["key"]) == self._full_key():
                return descriptors, part["times_s"], frames, bool(part["damaged"])
        return None

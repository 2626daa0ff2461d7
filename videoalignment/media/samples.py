"""The sound of a file, as mono samples on the clock of its pictures, in blocks.

ffmpeg decodes one sound track and its messages say when each piece of it is heard, so that
gaps become silence of their length and a track that begins late begins late here. In the same run
it decodes the first picture, whose time is the zero of frames' times: what is 0 then depends
neither on which streams are read nor on how a container counts.

A file is mixed down by adding its channels. A channel in antiphase would be cancelled, so that
channel is subtracted.
"""

import logging
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

import numpy as np

from videoalignment.errors import OptionError, UnusableFileError
from videoalignment.media.ffmpeg import Ffmpeg, existing_file, input_arguments
from videoalignment.media.probe import FIRST_FRAME_ARGUMENTS, MediaInfo, probe_media

RATE_HZ = 8000
"""Samples a second: what voices and music have in common with any telephone."""

_log = logging.getLogger(__name__)

_BLOCK_S = 4
_OCTETS = 8  # of a moment: two channels of float32
# Threads of ffmpeg break into each other's lines: what is looked for is said in one breath each,
# but may stand anywhere, and without the speaker's name.
_PIECE = re.compile(
    rf"n:(\d+) pts:(-?\d+|NOPTS) pts_time:\S+ fmt:flt channels:2 chlayout:stereo rate:{RATE_HZ} "
    r"nb_samples:(\d{1,7})\b"
)
_FIRST_FRAME = re.compile(r"n: +0 pts: *\S+ pts_time:(\S+) +duration:.* s:\d+x\d+ ")
# Pieces whose times say that less lies between them follow on each other: containers round times.
# A lost packet, the shortest real gap, leaves 20 ms.
_GAP_S = 0.015
# No file is taken to have more sound than this, or than its size allows: no codec takes less.
_ANY_SOUND_S = 3 * 3600
_MOST_SOUND_S = 24 * 3600
_LEAST_OCTETS_A_SECOND = 50
_BREAK = re.compile(r"partial file|ended prematurely|Truncat|Error during demuxing")


@dataclass(frozen=True)
class SampleBlock:
    """Consecutive samples of a file; each block follows the one before."""

    samples: np.ndarray
    """Mono, float32, full scale at 1, shape (n,)."""


class Samples:
    """The sound of a file; each `iter` decodes it anew and yields `SampleBlock`s.

    Made by `read_samples`.

    Attributes:
        info: what the file holds.
        track: which of its sound tracks it is, from 0.
        begin_s: when the first sample is heard, seconds from the first frame where the file has a
            picture, else from the file's begin; negative where sound comes first. None until all
            are read.
        first_frame_s: when the first frame is shown, seconds after the file begins; None where it
            has no picture, or until all are read.
        truncated: the file breaks off there; set once all are read.
    """

    def __init__(self, info: MediaInfo, track: int) -> None:
        self.info = info
        self.track = track
        self.begin_s: float | None = None
        self.first_frame_s: float | None = None
        self.truncated = False

    def __iter__(self) -> Iterator[SampleBlock]:
        said = _Said()
        with Ffmpeg(self._arguments(), said.read_message, said.stop) as ffmpeg:
            mixed = _Mixed()
            read = 0
            for block in _blocks(_pieces(ffmpeg, said)):
                read += len(block)
                if read > self._most_samples():
                    raise UnusableFileError(
                        f"{self.info.path}: its time stamps run away, as if it had "
                        f"{read / RATE_HZ / 3600:.0f} hours of sound; copy or download it again, "
                        "or convert it with new time stamps"
                    )
                yield SampleBlock(mixed(block))
            self._check_end(ffmpeg, said, read)

    def _arguments(self) -> list[str]:
        chain = [
            f"aresample={RATE_HZ}",
            "aformat=sample_fmts=flt:channel_layouts=stereo",
            "ashowinfo@sound",
        ]
        if not self.info.sounds[self.track].layout_known:
            chain.insert(0, "pan=stereo|c0=c0|c1=c1")
        sound = ["-map", f"0:a:{self.track}", "-af", ",".join(chain), "-f", "f32le", "-"]
        picture = FIRST_FRAME_ARGUMENTS if self.info.has_picture else []
        return [*input_arguments(self.info.path), *sound, *picture]

    def _most_samples(self) -> float:
        by_size_s = self.info.path.stat().st_size / _LEAST_OCTETS_A_SECOND
        return RATE_HZ * min(_MOST_SOUND_S, max(_ANY_SOUND_S, by_size_s))

    def _check_end(self, ffmpeg: Ffmpeg, said: "_Said", read: int) -> None:
        status = ffmpeg.wait()
        if read == 0:
            raise UnusableFileError(
                f"{self.info.path}: its sound cannot be decoded; convert it, or copy or download "
                "it again"
            )
        if status < 0:
            raise UnusableFileError(
                f"{self.info.path}: ffmpeg was killed after {read / RATE_HZ:.2f} s of sound; try "
                "again, with more memory free"
            )
        self.truncated = any(map(_BREAK.search, ffmpeg.complaints))
        if self.truncated:
            _log.warning(
                "%s: breaks off after %.2f s of sound; what is there is used",
                *(self.info.path, read / RATE_HZ),
            )
        self.first_frame_s = said.first_frame_s
        self.begin_s = said.first_s - (said.first_frame_s or 0.0)


def read_samples(path: str | os.PathLike[str], track: int = 0) -> Samples:
    """The sound of a video or a sound file: one of its tracks, `RATE_HZ` samples a second.

    Args:
        path: the file.
        track: which of its sound tracks, from 0.

    Returns:
        An iterable of `SampleBlock`; iterating raises UnusableFileError where nothing decodes,
        where time stamps run away, or when ffmpeg is killed. What a file that breaks off has
        before the break is kept.

    Raises:
        UnusableFileError: no such file, nothing that ffmpeg can read, or without sound.
        OptionError: it has no such track.
    """
    info = probe_media(existing_file(Path(path)))
    if not info.has_sound:
        raise UnusableFileError(f"{info.path}: has no sound track")
    if not 0 <= track < len(info.sounds):
        raise OptionError(f"`track` {track}: {info.path} has {len(info.sounds)}, from 0")
    return Samples(info, track)


@dataclass
class _Said:
    """What ffmpeg's messages say about when pieces of sound are heard and pictures are shown."""

    first_s: float = 0.0
    first_frame_s: float | None = None
    _pieces: SimpleQueue[tuple[int, int] | None] = field(default_factory=SimpleQueue)
    _next: int | None = None
    _count: int = 0

    def read_message(self, line: str) -> None:
        """Take one line of ffmpeg's messages."""
        for piece in _PIECE.finditer(line):
            if int(piece[1]) < self._count:  # something that a file says of itself
                continue
            unheard = int(piece[1]) > self._count  # a message was lost, not the sound
            self._count = int(piece[1]) + 1
            count = int(piece[3])
            begin = (self._next or 0) if piece[2] == "NOPTS" else int(piece[2])
            if self._next is None:
                self.first_s = begin / RATE_HZ
                self._next = begin
            gap = begin - self._next
            if unheard and gap > 0:
                self._pieces.put((0, gap))
                self._next, gap = begin, 0
            if abs(gap) < _GAP_S * RATE_HZ:
                gap = 0
            self._next += gap + count
            self._pieces.put((gap, count))
        if self.first_frame_s is None and (frame := _FIRST_FRAME.search(line)):
            with suppress(ValueError):  # NOPTS
                self.first_frame_s = float(frame[1])

    def stop(self) -> None:
        """Say that no more messages come."""
        self._pieces.put(None)

    def next_piece(self) -> tuple[int, int] | None:
        """Samples that are missing before the next piece (or that it has twice), and its own."""
        return self._pieces.get()


def _pieces(ffmpeg: Ffmpeg, said: _Said) -> Iterator[np.ndarray]:
    """The pieces of sound, each of shape (n, 2), with silence where some is missing."""
    twice = 0
    while (piece := said.next_piece()) is not None:
        gap, count = piece
        raw = ffmpeg.stdout.read(count * _OCTETS)
        sound = np.frombuffer(raw[: len(raw) // _OCTETS * _OCTETS], np.float32).reshape(-1, 2)
        if gap > 0:
            # in parts: damaged time stamps may claim hours
            for begin in range(0, gap, _BLOCK_S * RATE_HZ):
                yield np.zeros((min(_BLOCK_S * RATE_HZ, gap - begin), 2), np.float32)
            twice = 0
        # what is heard again, of overlapping pieces, is left out
        twice += max(0, -gap)
        left_out = min(twice, len(sound))
        twice -= left_out
        yield sound[left_out:]
        if len(sound) < count:
            return  # ffmpeg died while it wrote


def _blocks(pieces: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    """Pieces put together to blocks of equal size, the last one shorter."""
    waiting: list[np.ndarray] = []
    size, count = _BLOCK_S * RATE_HZ, 0
    for piece in pieces:
        waiting.append(piece)
        count += len(piece)
        if count >= size:
            together = np.concatenate(waiting)
            for begin in range(0, count - count % size, size):
                yield together[begin : begin + size]
            waiting, count = [together[count - count % size :]], count % size
    if count:
        yield np.concatenate(waiting)


class _Mixed:
    """Mixes two channels to one, the second turned round where it mostly opposes the first."""

    # Of the energy: how far the channels must oppose each other, and agree again.
    _OPPOSED, _AGREED = -0.5, 0.0

    def __init__(self) -> None:
        self._products = self._energy = 0.0
        self._sign = 1.0

    def __call__(self, block: np.ndarray) -> np.ndarray:
        block = np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0)
        left, right = block[:, 0], block[:, 1]
        self._products += float(left.astype(np.float64) @ right)
        self._energy += float(np.square(block, dtype=np.float64).sum()) / 2
        opposed = self._products / self._energy if self._energy > 0 else 1.0
        if opposed < self._OPPOSED:
            self._sign = -1.0
        elif opposed > self._AGREED:
            self._sign = 1.0
        return np.asarray((left + np.float32(self._sign) * right) / 2, np.float32)

"""Video files to batches of small frames with their times, decoded ahead by ffmpeg.

A video is never whole in memory: ffmpeg samples and scales, a thread collects batches, and at most
a few of them wait. Frames are RGB as stored: rotation is applied, the shape of pixels that are not
square is not.
"""

import logging
import math
import os
import re
import threading
from collections.abc import Callable, Collection, Generator, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from queue import Empty, Queue
from typing import TypeVar

import numpy as np

from videoalignment.errors import OptionError, UnusableFileError
from videoalignment.media.clock import NATIVE, SAMPLED, FrameClock
from videoalignment.media.ffmpeg import DECODING, Ffmpeg, existing_file, input_arguments
from videoalignment.media.inside import WHOLE, Inside
from videoalignment.media.probe import VideoInfo, probe_video

__all__ = [
    "FrameBatch",
    "SeekError",
    "VideoFrames",
    "VideoInfo",
    "check_sampling",
    "frame_size",
    "probe_video",
    "read_frames",
]

Item = TypeVar("Item")

_log = logging.getLogger(__name__)

_BATCHES_AHEAD = 2
# A header gives the length of the longest stream, so a video may end somewhat earlier.
_SHORTER_S = 0.5
# Decoders give true pictures within this time after a seek, or not at all.
_SETTLED_S = 10
_BREAK = re.compile(r"partial file|ended prematurely|Truncat|Error during demuxing")


class SeekError(UnusableFileError):
    """Frames can be had only by decoding the video from its beginning."""


@dataclass(frozen=True)
class FrameBatch:
    """Consecutive frames of a video."""

    frames: np.ndarray
    """uint8, shape (n, height, width, 3), RGB; (n, height, width) where grey was asked for."""
    times_s: np.ndarray
    """When each is shown, seconds from the video's first frame, float64, shape (n,), ascending; a
    frame that is shown long enough to be sampled twice comes twice with the same time."""


def frame_size(width: int, height: int, image_area: float) -> tuple[int, int]:
    """The size, (height, width), to which frames are scaled to cover about `image_area` pixels.

    The shorter side is rounded, the longer one follows as in torchvision's `Resize`.
    """
    scale = math.sqrt(width * height / image_area)
    short, long = min(width, height), max(width, height)
    new_short = max(1, round(short / scale))
    new_long = int(new_short * long / short)
    return (new_short, new_long) if height <= width else (new_long, new_short)


def check_sampling(fps: float | None, image_area: float) -> None:
    """Refuse what `read_frames` cannot sample by.

    Raises:
        OptionError: frames a second or pixels are not a positive number.
    """
    if fps is not None and not 0 < fps < math.inf:
        raise OptionError(f"`fps` {fps}: frames a second must be a positive number")
    if not 0 < image_area < math.inf:
        raise OptionError(f"`image_area` {image_area}: pixels must be a positive number")


class VideoFrames:
    """The frames of a video; each `iter` decodes it anew and yields `FrameBatch`es.

    Made by `read_frames`.

    Attributes:
        info: what the header says.
        size: (height, width) of the frames.
        batch: frames a batch.
        duration_s: the end of the last frame, seconds from the first; None until all are read.
        truncated: the file breaks off there; set once all frames are read.
        missing_frames: of the video's own frames, how many do not decode although the time stamps
            around them, or the header, say that they should be there; known only where ffmpeg
            says that the file is damaged. None until all are read.
    """

    def __init__(
        self,
        info: VideoInfo,
        *,
        fps: Fraction | None,
        size: tuple[int, int],
        grey: bool,
        batch: int,
        threads: int,
        allow_truncated: bool,
        references_only: bool,
        inside: Inside | None,
    ) -> None:
        self.info = info
        self.size = size
        self.duration_s: float | None = None
        self.truncated = False
        self.missing_frames: int | None = None
        self.batch = batch
        self._fps, self._grey = fps, grey
        self._threads, self._allow_truncated = threads, allow_truncated
        self._skipped = ("-skip_frame", "noref") if references_only else ()
        self._inside = inside
        self._complaints: Collection[str] = ()

    @property
    def damaged(self) -> bool:
        """Whether ffmpeg has found any damage so far."""
        return len(self._complaints) > 0

    def __iter__(self) -> Generator[FrameBatch, None, None]:
        return self._decoded(FrameClock(self._fps), self._arguments())

    def after(self, count: int, time_s: float) -> Iterator[FrameBatch]:
        """Leave out frames without decoding all of them, by seeking.

        Times are those from the video's first frame, and batches are those of the whole video
        where `count` is a multiple of their size. Whether the frames are the true ones depends on
        the file: begin some frames earlier than need be, and compare.

        Args:
            count: how many sampled frames to leave out.
            time_s: when the next one is shown.

        Raises:
            SeekError: that is not possible here, or ffmpeg complains; decode from the beginning.
        """
        begin_s = math.floor(time_s) - _SETTLED_S
        if begin_s <= 0:
            raise SeekError(f"{self.info.path}: too near to the beginning")
        first = self._first()
        if first.place is None:
            raise SeekError(f"{self.info.path}: the first frame has no time")
        yield from self._sought(first, begin_s, first.place + count)

    def between(self, begin_s: float, end_s: float) -> Iterator[FrameBatch]:
        """The frames from one moment to another, decoded from a key frame before on.

        Times are those from the video's first frame. A file whose index is wrong may give pictures
        that are broken or missing: this is for looking, not for describing a video.

        Args:
            begin_s, end_s: seconds from the first frame.

        Raises:
            UnusableFileError: as iterating does.
        """
        from_s = math.floor(begin_s) - _SETTLED_S
        batches = self.__iter__() if from_s <= 0 else self._sought(self._first(), from_s)
        try:
            for batch in batches:
                inside = (batch.times_s >= begin_s) & (batch.times_s < end_s)
                if inside.any():
                    yield FrameBatch(batch.frames[inside], batch.times_s[inside])
                if batch.times_s[-1] >= end_s:
                    return
        finally:
            batches.close()

    def _first(self) -> FrameClock:
        """The clock of the first frame."""
        first = FrameClock(self._fps)
        with Ffmpeg([*self._arguments("-frames:v", "1")], first.read_message) as ffmpeg:
            ffmpeg.stdout.read()
            ffmpeg.wait()
        return first

    def _sought(
        self, first: FrameClock, begin_s: float, place: int | None = None
    ) -> Generator[FrameBatch, None, None]:
        """The frames from a moment on, or from a place of the grid on after it."""
        clock = FrameClock(self._fps, first=first.first, begin_s=begin_s)
        # Time stamps as in one go, for both the frames and the grid that they are sampled by.
        seek = ("-copyts", "-start_at_zero", "-ss", f"{first.first_s + begin_s:.6f}")
        return self._decoded(clock, self._arguments(seek=seek), place)

    def _decoded(
        self, clock: FrameClock, arguments: list[str], place: int | None = None
    ) -> Generator[FrameBatch, None, None]:
        """The frames that ffmpeg gives, from a place of the grid on where it has sought one."""
        with Ffmpeg(arguments, clock.read_message, clock.stop) as ffmpeg:
            self._complaints = ffmpeg.complaints
            batches = self._batches(ffmpeg, clock, place)
            yield from _ahead(batches, _BATCHES_AHEAD, ffmpeg.kill)

    def _arguments(self, *output: str, seek: tuple[str, ...] = ()) -> list[str]:
        height, width = self.size
        cut = [] if self._inside is None else [self._inside.crop_filter()]
        filters = [
            f"showinfo@{NATIVE}=checksum=0",
            *([f"fps={self._fps}", f"showinfo@{SAMPLED}=checksum=0"] if self._fps else []),
            *cut,
            f"scale={width}:{height}:flags=bilinear+accurate_rnd+full_chroma_int",
        ]
        return [
            *(
                *DECODING,
                "-threads",
                str(self._threads),
                *self._skipped,
                *seek,
                *input_arguments(self.info.path),
                "-map",
                "0:V:0",
            ),
            *("-vf", ",".join(filters), "-fps_mode", "passthrough", *output, "-f", "rawvideo"),
            *("-pix_fmt", "gray" if self._grey else "rgb24", "-"),
        ]

    def _batches(
        self, ffmpeg: Ffmpeg, clock: FrameClock, place: int | None
    ) -> Iterator[FrameBatch]:
        shape = self.size if self._grey else (*self.size, 3)
        count, complete = 0, True
        if place is not None:
            self._pass_over(ffmpeg, clock, place)
        while complete:
            frames = np.empty((self.batch, *shape), np.uint8)
            n, rest = divmod(ffmpeg.stdout.readinto(frames.reshape(-1).data), math.prod(shape))
            times_s = [clock.next_time_s() for _ in range(n)]
            self._check_time_stamps(clock)
            complete = n == self.batch
            if n == 0 or rest or None in times_s:
                break  # the end, or ffmpeg died while it wrote
            count += n
            yield FrameBatch(frames[:n], np.array(times_s, dtype=np.float64))
        status = ffmpeg.wait()
        if place is not None and (status != 0 or ffmpeg.complaints):
            raise SeekError(f"{self.info.path}: is damaged, or cannot be decoded from there")
        self._check_end(ffmpeg, status, clock, count)

    def _pass_over(self, ffmpeg: Ffmpeg, clock: FrameClock, place: int) -> None:
        """Leave out what ffmpeg gives before a place of the grid."""
        octets = math.prod(self.size) * (1 if self._grey else 3)
        passed, found = 0, place - 1
        while found + passed < place:
            got = len(ffmpeg.stdout.read(octets))
            if got < octets or clock.next_time_s() is None or clock.place is None:
                raise SeekError(f"{self.info.path}: has nothing there")
            found, passed = clock.place, passed + 1  # known from the first frame on
        if found + passed > place:
            raise SeekError(f"{self.info.path}: a later place was found")
        ffmpeg.complaints.clear()  # of pictures that lack what lies before the place sought

    def _check_time_stamps(self, clock: FrameClock) -> None:
        """Say why ffmpeg was stopped, if the clock stopped it."""
        if clock.runaway_s is not None:
            raise UnusableFileError(
                f"{self.info.path}: its time stamps run away after {clock.runaway_s:.2f} s, as if "
                "one picture stood there for hours; copy or download it again, or convert it with "
                "new time stamps"
            )

    def _check_end(self, ffmpeg: Ffmpeg, status: int, clock: FrameClock, count: int) -> None:
        """Tell a whole video from one that broke off or that ffmpeg failed on."""
        path, end_s = self.info.path, clock.end_s
        self.duration_s = end_s
        if count == 0:
            raise UnusableFileError(
                f"{path}: holds no frame that can be decoded; copy or download it again"
            )
        if status < 0:
            raise UnusableFileError(
                f"{path}: ffmpeg was killed after {end_s:.2f} s of video; try again, with more "
                "memory free"
            )
        said_break = any(map(_BREAK.search, ffmpeg.complaints))
        self.truncated = status != 0 or said_break or self._ends_early(end_s)
        if self.truncated and not self._allow_truncated:
            raise UnusableFileError(
                f"{path}: breaks off after {self.read_of()}; copy or download it again, "
                "or extract its features with `allow_truncated`, which keeps what is there"
            )
        self.missing_frames = self._count_missing(clock) if ffmpeg.complaints else 0
        if self.missing_frames:
            _log.warning(
                "%s: is damaged, %d of its frames do not decode; copy or download it again",
                *(path, self.missing_frames),
            )

    def _ends_early(self, end_s: float) -> bool:
        promised_s = self._promised_s()
        if promised_s is None or end_s >= promised_s - _SHORTER_S:
            return False
        return _last_packet_s(self.info.path) < promised_s - _SHORTER_S

    def _promised_s(self) -> float | None:
        """When the last stream ends, seconds after the first begins."""
        promised_s = self.info.duration_s
        return None if promised_s is None else promised_s - self.info.begin_s

    def _count_missing(self, clock: FrameClock) -> int:
        """The frames missing between those decoded, and at the end where sound is no longer."""
        promised_s = self._promised_s()
        if promised_s is None:
            return clock.gaps
        missing = clock.gaps
        if self.truncated or not self.info.has_audio:
            missing += max(0, round((promised_s - clock.end_s) * self.info.fps))
        # Time stamps may be what is damaged, and leave gaps where nothing was.
        return min(missing, max(0, round(promised_s * self.info.fps) - clock.decoded))

    def read_of(self) -> str:
        """How much was read, e.g. "3.20 s of 18.80 s"."""
        promised_s = self._promised_s()
        whole = "an unknown length" if promised_s is None else f"{promised_s:.2f} s"
        return f"{self.duration_s:.2f} s of {whole}"


def read_frames(
    path: str | os.PathLike,
    *,
    fps: float | None = 15.0,
    image_area: float = 12000,
    size: tuple[int, int] | None = None,
    grey: bool = False,
    batch: int = 64,
    threads: int = 0,
    allow_truncated: bool = False,
    references_only: bool = False,
    inside: Inside | None = None,
) -> VideoFrames:
    """Decode a video into batches of small frames with their true times.

    Args:
        path: the video file.
        fps: frames a second, sampled as ffmpeg's `fps` filter does; None for every frame there is.
        image_area: scale to about this many pixels, keeping the aspect ratio (`frame_size`).
        size: scale to this (height, width) instead.
        grey: deliver brightness only.
        batch: frames a batch.
        threads: that ffmpeg decodes with; 0 for as many as it likes.
        allow_truncated: keep the frames before the break of a file that breaks off.
        references_only: leave out the frames that no other one is predicted from, of which there
            are many in most files; it takes about half the time.
        inside: leave out all of the picture but this.

    Returns:
        An iterable of `FrameBatch`; iterating raises UnusableFileError where the file breaks off
        (unless `allow_truncated`), where its time stamps run away, where nothing decodes, or when
        ffmpeg is killed.

    Raises:
        UnusableFileError: no such file, not a video or no picture stream.
        OptionError: see `check_sampling`.
    """
    check_sampling(fps, image_area)
    info = probe_video(path)
    width, height = (inside or WHOLE).size(info.width, info.height)
    return VideoFrames(
        info,
        fps=None if fps is None else Fraction(fps).limit_denominator(100_000),
        size=size or frame_size(width, height, image_area),
        grey=grey,
        batch=batch,
        threads=threads,
        allow_truncated=allow_truncated,
        references_only=references_only,
        inside=inside,
    )


def _last_packet_s(path: Path) -> float:
    """Where the last packet of any stream ends, seconds; read without decoding."""
    end_s: float = 0.0
    bases: dict[str, Fraction] = {}
    arguments = [*input_arguments(existing_file(path)), "-map", "0:V:0", "-map", "0:a?"]
    with Ffmpeg([*arguments, "-c", "copy", "-f", "framecrc", "-"]) as ffmpeg:
        for line in ffmpeg.stdout:  # "#tb STREAM: 1/15360" or "STREAM, DTS, PTS, DURATION, ..."
            fields = line.decode(errors="replace").replace(":", ",").split(",")
            if fields[0].startswith("#tb"):
                bases[fields[0].split()[1]] = Fraction(fields[1].strip())
            elif fields[0].isdigit() and fields[0] in bases:
                end = int(fields[2]) + int(fields[3])
                end_s = max(end_s, float(end * bases[fields[0]]))
    return end_s


def _ahead(items: Iterator[Item], depth: int, stop: Callable[[], None]) -> Iterator[Item]:
    """Yield `items`, which a thread prepares up to `depth` ahead of the one who takes them.

    Args:
        items: iterated in the thread; what it raises is raised here.
        depth: items that may wait.
        stop: makes `items` end soon; called when nobody wants the rest.
    """
    queue: Queue[tuple[Item | None, BaseException | None]] = Queue(depth)

    def produce() -> None:
        try:
            for item in items:
                queue.put((item, None))
            queue.put((None, None))
        except BaseException as error:
            queue.put((None, error))

    thread = threading.Thread(target=produce, daemon=True)
    thread.start()
    try:
        while True:
            item, error = queue.get()
            if error is not None:
                raise error
            if item is None:
                return
            yield item
    finally:
        stop()
        while thread.is_alive():
            try:
                queue.get(timeout=0.05)
            except Empty:
                continue
        thread.join()

"""TMK+PDQF hashes of videos: one video, or many at once."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from videoalignment.errors import VideoAlignmentError
from videoalignment.features.pdqf import FRAME_SIZE, TmkFold, pdqf_features
from videoalignment.files import make_folder
from videoalignment.media.resampled import resampled_frames
from videoalignment.media.video_files import VideoFile
from videoalignment.tmk_files import FPS, SUFFIX, TmkHash, write_hash


def hash_video(
    path: str | os.PathLike,
    *,
    threads: int = 0,
    allow_truncated: bool = False,
    on_frames: Callable[[int], None] = lambda count: None,
) -> TmkHash:
    """Make the TMK+PDQF hash of a video.

    Args:
        path: the video file.
        threads: that ffmpeg decodes with; 0 for as many as it likes.
        allow_truncated: keep the frames before the break of a file that breaks off.
        on_frames: told how many more frames are folded; what it raises ends the work.

    Raises:
        UnusableFileError: no such file, no video, or it breaks off.
    """
    fold = TmkFold()
    for frames in resampled_frames(
        path, size=FRAME_SIZE, fps=FPS, threads=threads, allow_truncated=allow_truncated
    ):
        fold.add(pdqf_features(frames))
        on_frames(len(frames))
    return fold.finish()


@dataclass(frozen=True)
class HashedVideo:
    """What came of one video among many."""

    video: VideoFile
    target: Path
    """Where its hash is."""
    frames: int | None
    """How many frames were folded; None where the hash was there before, or could not be made."""
    failure: str | None = None
    """One line that names the file and the reason, where it could not be made."""


def hash_videos(
    videos: Iterable[VideoFile],
    out_folder: str | os.PathLike,
    *,
    at_once: int | None = None,
    overwrite: bool = False,
    allow_truncated: bool = False,
    on_frames: Callable[[int], None] = lambda count: None,
) -> Iterator[HashedVideo]:
    """Write the hash of every video, several at once; one that fails does not stop the others.

    Args:
        videos: from `find_videos`.
        out_folder: gets NAME.tmk for every video, in the same folders.
        at_once: videos at once; by default as many as there are cores.
        overwrite: make again what is already there.
        allow_truncated: keep the frames before the break of files that break off.
        on_frames: told how many more frames are folded, from any thread.

    Yields:
        What came of each video, those that are done first first.

    Raises:
        VideoAlignmentError: the folder cannot be written into.
    """
    make_folder(Path(out_folder))
    at_once = at_once or _cores()
    stopped = Event()

    def advance(count: int) -> None:
        if stopped.is_set():
            raise VideoAlignmentError("stopped")
        on_frames(count)

    def make(video: VideoFile, target: Path) -> HashedVideo:
        # One thread a decoder as soon as there are as many videos as cores.
        threads = 0 if at_once == 1 else 1
        try:
            tmk = hash_video(
                video.path, threads=threads, allow_truncated=allow_truncated, on_frames=advance
            )
            write_hash(target, tmk)
        except VideoAlignmentError as error:
            return HashedVideo(video, target, None, str(error))
        except OSError as error:  # a full disk, a drive that was unplugged
            return HashedVideo(video, target, None, f"{video.path}: {error.strerror or error}")
        return HashedVideo(video, target, tmk.frames)

    pool = ThreadPoolExecutor(at_once)
    try:
        yield from _as_done(pool, make, _targets(videos, Path(out_folder)), at_once, overwrite)
    finally:
        stopped.set()
        pool.shutdown(cancel_futures=True)


def _as_done(
    pool: ThreadPoolExecutor,
    make: Callable[[VideoFile, Path], HashedVideo],
    targets: Iterator[HashedVideo],
    at_once: int,
    overwrite: bool,
) -> Iterator[HashedVideo]:
    """Yield at once what needs no work, and the rest as it is done, a few ahead."""
    running: set[Future[HashedVideo]] = set()
    for planned in targets:
        if planned.failure or (planned.target.exists() and not overwrite):
            yield planned
            continue
        running.add(pool.submit(make, planned.video, planned.target))
        if len(running) > at_once:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)
    while running:
        done, running = wait(running, return_when=FIRST_COMPLETED)
        yield from (future.result() for future in done)


def _targets(videos: Iterable[VideoFile], out_folder: Path) -> Iterator[HashedVideo]:
    """Where each video's hash goes; two that would go to one place are refused."""
    claimed: dict[Path, Path] = {}
    for video in videos:
        target = out_folder / (video.name + SUFFIX)
        first = claimed.setdefault(target, video.path)
        failure = f"{video.path}: has the name of {first}; rename one of them"
        yield HashedVideo(video, target, None, None if first == video.path else failure)


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

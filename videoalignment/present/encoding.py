"""Running ffmpeg to a file that appears whole or not at all, with progress."""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from videoalignment.errors import VideoAlignmentError
from videoalignment.files import whole_path
from videoalignment.media.ffmpeg import Ffmpeg
from videoalignment.progress import Progress

_SPEAKER = re.compile(r"^(\[[^]]*\] ?)+")  # such as "[aac @ 0x55fa4cb45c80] [error] "


def encode(
    path: str | os.PathLike[str],
    arguments: list[str],
    *,
    label: str,
    duration_s: float,
    check: Callable[[Path], None] = lambda written: None,
) -> None:
    """Run ffmpeg.

    Args:
        path: the file to write.
        arguments: ffmpeg's, all but the output.
        label: what is being done, for the progress bar.
        duration_s: of the output.
        check: looks at what was written before it takes its place, and raises what is wrong.

    Raises:
        VideoAlignmentError: ffmpeg cannot do it; the message says why.
        UnusableFileError: the file cannot be written.
    """
    with whole_path(path) as temporary:
        arguments = [*arguments, "-progress", "pipe:1", "-y", f"file:{temporary}"]
        with Ffmpeg(arguments) as ffmpeg, Progress(label, round(duration_s), "s") as bar:
            for done_s in _seconds_done(ffmpeg.stdout):
                bar.advance(done_s)
            if ffmpeg.wait():
                raise VideoAlignmentError(f"{path}: not written: {_reason(ffmpeg.complaints)}")
        check(temporary)


def _reason(complaints: Sequence[str]) -> str:
    """Why ffmpeg failed, in its words without the parts of it that say so."""
    if any("No space left on device" in complaint for complaint in complaints):
        return "the disk is full; make room, or choose another folder"
    return _SPEAKER.sub("", complaints[0]) if complaints else "ffmpeg failed"


def _seconds_done(progress: Iterable[bytes]) -> Iterator[int]:
    """Yield how many more whole seconds of the output are done, as ffmpeg reports it."""
    done_s = 0
    for line in progress:
        key, _, value = line.decode(errors="replace").partition("=")
        if key == "out_time_us":
            with suppress(ValueError):  # "N/A" before the first frame
                now_s = int(value) // 1_000_000
                if now_s > done_s:
                    yield now_s - done_s
                    done_s = now_s

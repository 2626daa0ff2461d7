"""Running ffmpeg: safe with untrusted files, its messages drained, never left behind.

The program is the one that imageio-ffmpeg brings. Its raw output comes over a pipe, so that it
ends by itself when we are killed: its next write fails. Its messages are read by a thread, so
that a full pipe cannot stop it.
"""

import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from typing import cast

import imageio_ffmpeg

try:
    from resource import RLIM_INFINITY, RLIMIT_DATA, prlimit
except ImportError:  # Linux alone has it
    prlimit = None  # type: ignore[assignment]

from videoalignment.errors import UnusableFileError, VideoAlignmentError
from videoalignment.files import readable_file

# What ffmpeg may take a file for. Left out are play lists and scripts, which name other files
# and hosts, and formats that almost any file passes for, such as ANSI art and still pictures.
_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,flv,live_flv,mpeg,mpegts,mpegvideo,asf,asf_o,ogg,"
    "gif,apng,mxf,nut,yuv4mpegpipe,h261,h263,h264,hevc,vvc,m4v,vc1,obu,ivf,ivr,av1,dv,wtv,rm,swf,"
    "gxf,roq,nsv,nuv,mp3,aac,ac3,flac,wav,aiff,au,ape,amr"  # sound too, to name what is missing
)
_MESSAGES_KEPT = 20
_MOST_MEMORY = 8 << 30  # bytes: twice what decoding 8K video with many threads takes


# What a damaged or hostile header may claim is held to what cameras write: 16K pictures.
DECODING = ["-max_pixels", str(1 << 27), "-max_alloc", str(1 << 30)]


def input_arguments(path: str | os.PathLike) -> list[str]:
    """The arguments with which ffmpeg opens `path` as a video and touches nothing else.

    `file:` keeps a leading dash or a colon in the name from meaning something.
    """
    return [
        *("-protocol_whitelist", "file,pipe", "-format_whitelist", _FORMATS),
        *("-i", f"file:{os.fspath(path)}"),
    ]


class Ffmpeg:
    """One run of ffmpeg; leaving the `with` block ends it, whatever state it is in.

    Args:
        arguments: inputs and outputs; output "-" is the pipe `stdout`.
        on_message: called with each line that ffmpeg says, from another thread; a line looks like
            "[h264 @ 0x5f3a] [error] text". Returning True ends ffmpeg.
        on_silence: called once from that thread, after the last line.

    Attributes:
        stdout: the pipe with what ffmpeg writes to "-".
        complaints: the last messages of level error and above, and those of damage, ready once
            `wait` returned.
    """

    def __init__(
        self,
        arguments: list[str],
        on_message: Callable[[str], bool | None] = lambda line: None,
        on_silence: Callable[[], None] = lambda: None,
    ) -> None:
        self.complaints: deque[str] = deque(maxlen=_MESSAGES_KEPT)
        started = False
        try:
            with _interrupts_held():  # else one that comes meanwhile leaves ffmpeg running
                self._start(arguments, on_message, on_silence)
                started = True
        except KeyboardInterrupt:
            if started:  # else it came just before it would have been held
                self._end()
            raise

    def _start(
        self,
        arguments: list[str],
        on_message: Callable[[str], bool | None],
        on_silence: Callable[[], None],
    ) -> None:
        self._process = _started(arguments)
        _bound_memory(self._process.pid)
        self.stdout = cast(BufferedReader, self._process.stdout)
        self._messages = cast(BufferedReader, self._process.stderr)
        self._drain = threading.Thread(
            target=self._read_messages, args=(on_message, on_silence), daemon=True
        )
        self._drain.start()

    def _read_messages(
        self, on_message: Callable[[str], bool | None], on_silence: Callable[[], None]
    ) -> None:
        for raw in self._messages:
            line = raw.decode(errors="replace").rstrip()
            if "[error]" in line or "[fatal]" in line or "corrupt" in line:
                self.complaints.append(line)
            if on_message(line):
                self.kill()
        on_silence()

    def wait(self) -> int:
        """Wait until ffmpeg has ended and said all; returns its exit status."""
        status = self._process.wait()
        self._drain.join()
        return status

    def kill(self) -> None:
        """End ffmpeg now."""
        self._process.kill()

    def __enter__(self) -> "Ffmpeg":
        return self

    def __exit__(self, *_) -> None:
        self._end()

    def _end(self) -> None:
        self._process.kill()
        self.wait()
        self.stdout.close()
        self._messages.close()


def _started(arguments: list[str]) -> subprocess.Popen[bytes]:
    """Start ffmpeg.

    Raises:
        VideoAlignmentError: it cannot be started.
    """
    try:
        return subprocess.Popen(
            [
                *(imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-hide_banner", "-nostats"),
                *("-loglevel", "level+repeat+info", *arguments),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for us; we end ffmpeg
        )
    except (OSError, RuntimeError) as error:
        raise VideoAlignmentError(f"ffmpeg cannot be started: {error}") from error


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Let what ends us and comes within the block count at its end: a Ctrl-C, a termination signal.

    Only the main thread gets any; and a signal that no function of ours handles is left alone.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {}
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            handler = signal.getsignal(number)
            if callable(handler):
                before[number] = handler
                signal.signal(number, lambda number, frame: came.append(number))
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for arrived in came:
        signal.raise_signal(arrived)


def _bound_memory(pid: int) -> None:
    """Keep a broken video from filling the machine, even when nobody is left to stop ffmpeg."""
    if prlimit is not None:
        with suppress(ProcessLookupError, PermissionError):
            soft, hard = prlimit(pid, RLIMIT_DATA)
            if soft == RLIM_INFINITY or soft > _MOST_MEMORY:
                prlimit(pid, RLIMIT_DATA, (_MOST_MEMORY, hard))


def existing_file(path: str | os.PathLike) -> Path:
    """The path, once it is known to be a readable file with something in it.

    Raises:
        UnusableFileError: there is no such file, it is a folder, empty or not readable.
    """
    path = readable_file(path, "a video file")
    if path.stat().st_size == 0:
        raise UnusableFileError(f"{path}: the file is empty; copy or download it again")
    return path

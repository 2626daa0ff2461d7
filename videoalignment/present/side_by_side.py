"""One video of two: A on the left, B on the right, in step."""

import importlib.resources
import os
import re
from dataclasses import replace
from pathlib import Path

from videoalignment.align.pair import AlignedPair
from videoalignment.align.pieces import Piece, pieces_of_b
from videoalignment.errors import VideoAlignmentError
from videoalignment.media.ffmpeg import input_arguments
from videoalignment.media.probe import VideoInfo
from videoalignment.present.encoding import encode
from videoalignment.present.wording import names_of
from videoalignment.time_map import TimeMap

_MAX_HEIGHT = 720
_MAX_FPS = 60.0
# Of the labels, in heights of the picture: 0.6 of a font of 1/30, a little above the mean.
_LETTER_WIDTH = 0.6 / 30
_ENCODING = [
    *("-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p"),
    *("-c:a", "aac", "-b:a", "128k", "-movflags", "+faststart", "-f", "mp4"),
]


def write_side_by_side(path: str | os.PathLike, pair: AlignedPair) -> None:
    """Write an MP4 that shows A and B in step, at the same height, with the sound of A.

    It lasts while both are there: from the later beginning to the earlier end. A plays as it is
    and B is fitted to it, black where A has a part that B lacks. Each half carries its file name
    and its own running time.

    Args:
        path: the file to write; it appears whole or not at all.
        pair: two videos that match.

    Raises:
        VideoAlignmentError: they do not match, are never there at the same time, or of one only the
            features are at hand; or ffmpeg cannot do it.
    """
    pair.check_matched(path)
    a, b = pair.videos
    pieces = _within(pieces_of_b(pair.alignment), pair.alignment.duration_a_s)
    if not pieces:
        raise VideoAlignmentError(f"{path}: not written, the videos have no moment in common")
    whole = Piece(TimeMap(0.0), pieces[0].begin_a_s, pieces[-1].end_a_s)
    duration_s = whole.end_a_s - whole.begin_a_s
    arguments = [
        *_input(a, whole),
        *(argument for piece in pieces for argument in _input(b, piece)),
        *("-filter_complex", _graph(pair, whole, pieces), "-map", "[picture]"),
        *(("-map", "[sound]") if a.has_audio else ()),
        *("-t", f"{duration_s:.6f}", *_ENCODING),
    ]
    encode(path, arguments, label="side by side", duration_s=duration_s)


def _within(pieces: tuple[Piece, ...], duration_a_s: float) -> list[Piece]:
    """Cut the pieces of B to the time in which A is there."""
    cut = []
    for piece in pieces:
        begin_a_s, end_a_s = max(0.0, piece.begin_a_s), min(duration_a_s, piece.end_a_s)
        if end_a_s > begin_a_s:
            cut.append(replace(piece, begin_a_s=begin_a_s, end_a_s=end_a_s))
    return cut


def _input(video: VideoInfo, piece: Piece) -> list[str]:
    """Open a video at the beginning of a piece, which becomes time 0."""
    return ["-ss", f"{piece.begin_b_s + video.first_frame_s:.6f}", *input_arguments(video.path)]


def _graph(pair: AlignedPair, whole: Piece, pieces: list[Piece]) -> str:
    """ffmpeg's filter graph: input 0 is A, the others are the pieces of B."""
    a, b = pair.videos
    height = min(_MAX_HEIGHT, max(a.height, b.height)) // 2 * 2
    fps = min(_MAX_FPS, max(a.fps, b.fps))
    name_a, name_b = names_of(a.path, b.path)
    name_a, name_b = shortened(name_a, a), shortened(name_b, b)
    chains = [f"[0:V:0]{_panel(whole, name_a, height, fps)}[left]"]
    filled_to_s = whole.begin_a_s
    for number, piece in enumerate(pieces, start=1):
        gap_s, filled_to_s = piece.begin_a_s - filled_to_s, piece.end_a_s
        panel = _panel(piece, name_b, height, fps, gap_s)
        chains.append(f"[{number}:V:0]{panel}[b{number}]")
    parts = "".join(f"[b{number}]" for number in range(1, len(pieces) + 1))
    chains.append(f"{parts}concat=n={len(pieces)}[right]")
    chains.append("[left][right]hstack[picture]")
    if a.has_audio:
        track = pair.a.sound.track if pair.a.sound else 0
        chains.append(f"[0:a:{track}]aresample=async=1:first_pts=0,apad[sound]")
    return ";".join(chains)


def _panel(piece: Piece, name: str, height: int, fps: float, gap_s: float = 0.0) -> str:
    """The filters that turn a piece of a video into its half, `gap_s` of black before it."""
    duration_s = piece.end_a_s - piece.begin_a_s + gap_s
    return ",".join(
        [
            _label(name, "none", y="h/40"),
            _label(f"%{{pts:hms:{piece.begin_b_s:.6f}}}", "normal", y="h/40+h/22"),
            f"setpts=PTS/{piece.time_map.speed:.9f}",
            f"fps={fps:.6f}:start_time=0",
            f"scale=w=2*round({height}*dar/2):h={height}",
            "setsar=1,format=yuv420p",
            f"tpad=start_duration={gap_s:.6f}:stop=-1:color=black",
            f"trim=duration={duration_s:.6f}",
        ]
    )


def shortened(name: str, video: VideoInfo) -> str:
    """Leave out the middle of a name too long for its half; takes are told apart at the end."""
    room = int((video.width / video.height - 0.05) / _LETTER_WIDTH)
    tail = max(4, room // 2)
    return name if len(name) <= 2 * tail else f"{name[: tail - 1]}…{name[-tail:]}"


def _label(text: str, expansion: str, y: str) -> str:
    font = importlib.resources.files("matplotlib") / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"
    return (
        f"drawtext=fontfile={_quoted(Path(str(font)).as_posix())}:text={_quoted(text)}"
        f":expansion={expansion}:x=h/40:y={y}:fontsize=h/30"
        ":fontcolor=white:box=1:boxcolor=black@0.55:boxborderw=4"
    )


def _quoted(value: str) -> str:
    """Escape text twice, as a filter's option and again as part of the graph."""
    option = re.sub(r"([\\':])", r"\\\1", value)
    return re.sub(r"([\\'\[\],;])", r"\\\1", option)

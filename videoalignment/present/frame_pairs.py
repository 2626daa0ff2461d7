"""Pictures of both videos at moments that match."""

import os
from dataclasses import dataclass

from videoalignment.align.alignment import Alignment, Segment
from videoalignment.align.pair import AlignedPair
from videoalignment.align.pieces import stretches
from videoalignment.media.ffmpeg import Ffmpeg, input_arguments
from videoalignment.media.probe import VideoInfo
from videoalignment.progress import track

_LONGEST_SIDE = 480


@dataclass(frozen=True)
class FramePair:
    """A frame of A and the frame of B at the matching moment."""

    time_a_s: float
    time_b_s: float
    jpeg_a: bytes
    jpeg_b: bytes


def frame_pairs(pair: AlignedPair, *, count: int = 5) -> list[FramePair]:
    """Cut matching frames out of the two videos.

    Args:
        pair: the two videos, and where they meet.
        count: how many, spread evenly over what the two share.

    Returns:
        The pairs in A's order; without those of which ffmpeg cannot decode a frame.
    """
    a, b = pair.videos
    moments = matching_moments(pair.alignment, count)
    pairs = [
        FramePair(time_a_s, time_b_s, frame_jpeg(a, time_a_s), frame_jpeg(b, time_b_s))
        for time_a_s, time_b_s in track(moments, "frames to show", count)
    ]
    return [shown for shown in pairs if shown.jpeg_a and shown.jpeg_b]


def matching_moments(alignment: Alignment, count: int) -> list[tuple[float, float]]:
    """Spread moments evenly over the segments, or over the overlap where there are none.

    Returns:
        Pairs of a moment of A and its moment of B, seconds, in A's order.
    """
    segments = stretches(alignment)
    total_s = sum(segment.end_a_s - segment.begin_a_s for segment in segments)
    return [_moment(segments, (i + 0.5) / count * total_s) for i in range(count)]


def _moment(segments: tuple[Segment, ...], into_s: float) -> tuple[float, float]:
    """The moment that lies `into_s` seconds into the segments put together."""
    for segment in segments:
        length_s = segment.end_a_s - segment.begin_a_s
        if into_s <= length_s:
            break
        into_s -= length_s
    into_s = min(into_s, length_s)
    time_a_s = segment.begin_a_s + into_s
    return time_a_s, segment.time_map.to_b(time_a_s)


def frame_jpeg(video: VideoInfo, time_s: float, *, longest_side: int = _LONGEST_SIDE) -> bytes:
    """The frame nearest to a moment as JPEG, as players show it; empty where there is none.

    Args:
        video: the file.
        time_s: the moment, seconds from its first frame.
        longest_side: of the picture, pixels.
    """
    # ffmpeg seeks to the first frame at or after a moment.
    seek_s = max(0.0, time_s + video.first_frame_s - 0.5 / video.fps)
    side = f"{longest_side}:{longest_side}"
    arguments = [
        *("-ss", f"{seek_s:.6f}", *input_arguments(os.fspath(video.path)), "-map", "0:V:0"),
        *("-frames:v", "1", "-q:v", "4", "-pix_fmt", "yuvj420p"),
        *("-vf", f"scale=iw*sar:ih,scale={side}:force_original_aspect_ratio=decrease"),
        *("-f", "mjpeg", "-"),
    ]
    with Ffmpeg(arguments) as ffmpeg:
        return ffmpeg.stdout.read()

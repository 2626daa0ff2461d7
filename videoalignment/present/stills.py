"""Pictures spread evenly over a video."""

import os

from videoalignment.media.ffmpeg import Ffmpeg, input_arguments
from videoalignment.media.probe import VideoInfo
from videoalignment.present.frame_pairs import frame_jpeg

# Up to so far apart, decoding all in between takes less time than starting ffmpeg for each.
_READ_THROUGH_S = 2.0
_BETWEEN_JPEGS = b"\xff\xd9\xff\xd8"  # an end and a begin


def stills(video: VideoInfo, duration_s: float, count: int, *, longest_side: int) -> list[bytes]:
    """Cut pictures out of a video, each from the middle of its part.

    Args:
        video: the file.
        duration_s: from its first frame to its end.
        count: in how many parts of equal length it is divided.
        longest_side: of a picture, pixels.

    Returns:
        JPEGs in order, without those that ffmpeg cannot decode.
    """
    if duration_s / count <= _READ_THROUGH_S:
        return _read_through(video, duration_s, count, longest_side)
    moments_s = ((place + 0.5) / count * duration_s for place in range(count))
    jpegs = (frame_jpeg(video, at_s, longest_side=longest_side) for at_s in moments_s)
    return [jpeg for jpeg in jpegs if jpeg]


def _read_through(
    video: VideoInfo, duration_s: float, count: int, longest_side: int
) -> list[bytes]:
    side = f"{longest_side}:{longest_side}"
    # At a low rate, `fps` gives the last frame before the middle between two of its places.
    filters = [
        f"setpts=PTS-STARTPTS,fps={count / duration_s:.9f}:start_time=0",
        f"scale=iw*sar:ih,scale={side}:force_original_aspect_ratio=decrease",
    ]
    arguments = [
        *("-skip_frame", "noref", *input_arguments(os.fspath(video.path))),  # a frame off at most
        *("-map", "0:V:0", "-vf", ",".join(filters)),
        *("-frames:v", str(count), "-q:v", "4", "-pix_fmt", "yuvj420p"),
        *("-c:v", "mjpeg", "-f", "image2pipe", "-"),
    ]
    with Ffmpeg(arguments) as ffmpeg:
        pictures = ffmpeg.stdout.read().split(_BETWEEN_JPEGS)
    begin, end = _BETWEEN_JPEGS[2:], _BETWEEN_JPEGS[:2]
    last = len(pictures) - 1
    return [
        (begin if place else b"") + picture + (end if place < last else b"")
        for place, picture in enumerate(pictures)
        if picture
    ]

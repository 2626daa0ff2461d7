"""Frames behind a place that is sought are those of decoding from the beginning."""

from pathlib import Path

import numpy as np
import pytest
from ramps import run_ffmpeg

from videoalignment.media.frames import SeekError, read_frames

_CONTAINERS = {
    "mp4": (),
    "mkv": (),
    "avi": ("-c:v", "mpeg4"),
    "ts": (),
    "webm": ("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8"),
    "mpg": ("-r", "25"),
    "flv": ("-c:v", "flv"),
    "open.mp4": ("-x264-params", "open-gop=1:keyint=30:bframes=3"),
    "uneven.mp4": ("-vf", "select='mod(n,7)',setpts='PTS+0.02*mod(N,3)/TB'", "-fps_mode", "vfr"),
    "late.mp4": ("-output_ts_offset", "100.3"),
}


FPS, BATCH = 15, 16


@pytest.fixture(scope="module", params=_CONTAINERS)
def video(request, tmp_path_factory) -> Path:
    """Half a minute in which every frame is another."""
    path = tmp_path_factory.mktemp("seeking") / f"video.{request.param}"
    picture = "testsrc2=size=160x120:rate=30:duration=30"
    run_ffmpeg("-f", "lavfi", "-i", picture, "-g", "60", *_CONTAINERS[request.param], path)
    return path


def test_they_are_the_same_frames_at_the_same_times(video):
    frames = read_frames(video, fps=FPS, batch=BATCH)
    whole = list(frames)
    duration_s, truncated = frames.duration_s, frames.truncated
    for first in (len(whole) // 2, len(whole) - 1):
        sought = list(frames.after(first * BATCH, whole[first].times_s[0]))
        assert len(sought) == len(whole) - first
        for found, expected in zip(sought, whole[first:], strict=True):
            np.testing.assert_array_equal(found.frames, expected.frames)
            np.testing.assert_array_equal(found.times_s, expected.times_s)
        assert (frames.duration_s, frames.truncated) == (duration_s, truncated)
        assert not frames.damaged


@pytest.mark.parametrize("video", ["mp4"], indirect=True)
def test_places_that_cannot_be_sought(video):
    frames = read_frames(video, fps=FPS, batch=BATCH)
    for count, time_s in ((16, 16 / FPS), (1600, 1600 / FPS), (16, 20.0)):
        with pytest.raises(SeekError):
            list(frames.after(count, time_s))


def test_a_stretch_is_the_same_wherever_decoding_begins(video):
    frames = read_frames(video, fps=FPS, batch=BATCH)
    whole = list(frames)
    pictures = np.concatenate([batch.frames for batch in whole])
    times_s = np.concatenate([batch.times_s for batch in whole])
    for begin_s, end_s in ((2.0, 4.5), (21.3, 24.0), (28.0, 99.0)):
        stretch = list(frames.between(begin_s, end_s))
        inside = (times_s >= begin_s) & (times_s < end_s)
        np.testing.assert_array_equal(
            np.concatenate([batch.times_s for batch in stretch]), times_s[inside]
        )
        np.testing.assert_array_equal(
            np.concatenate([batch.frames for batch in stretch]), pictures[inside]
        )

"""Damaged and hostile videos: each gives frames with sensible times, or one line.

A few tiny videos are made once and damaged in many ways; ATTACK_SEEDS=500 tries as many as it says
of each.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hostile import mutated
from ramps import run_ffmpeg

from videoalignment.errors import VideoAlignmentError
from videoalignment.features.describe import FrameDescriber
from videoalignment.features.folders import ExtractionOptions, extract_all
from videoalignment.features.store import read_features
from videoalignment.media.frames import read_frames
from videoalignment.media.video_files import VideoFile, find_videos

SEEDS = int(os.environ.get("ATTACK_SEEDS", "6"))
_SOURCE = "testsrc2=size=64x48:rate=25:duration=2"
_CONTAINERS = {
    "a.mp4": (),
    "index_first.mp4": ("-movflags", "+faststart"),
    "fragments.mp4": ("-movflags", "frag_keyframe+empty_moov", "-g", "10"),
    "a.mov": ("-c:v", "mjpeg"),
    "a.mkv": ("-g", "10"),
    "a.webm": ("-c:v", "libvpx", "-deadline", "realtime", "-g", "10"),
    "a.avi": (),
    "a.flv": (),
    "h264.ts": ("-c:v", "libx264", "-g", "10"),
    "mpeg2.ts": ("-c:v", "mpeg2video"),
    "a.mpg": (),
    "a.nut": ("-c:v", "mpeg4"),
    "a.ogv": (),
    "a.wmv": (),
    "a.gif": (),
}
_MOST_FRAMES = 3 * 3600 * 15  # the two hours that a picture may stand, and more than is there


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    for name, options in _CONTAINERS.items():
        run_ffmpeg("-f", "lavfi", "-i", _SOURCE, "-threads", "1", *options, folder / name)
    return folder


def decode(path: Path) -> tuple[int, int | None] | str:
    """How many frames a video gave and how many it misses, or the line that refuses it."""
    frames = read_frames(path, fps=15, size=(4, 4), grey=True, threads=1, allow_truncated=True)
    count, last_s = 0, 0.0
    try:
        for batch in frames:
            assert np.isfinite(batch.times_s).all()
            assert (np.diff(batch.times_s, prepend=last_s) >= 0).all()
            last_s = batch.times_s[-1]
            count += len(batch.frames)
            assert count < _MOST_FRAMES
    except VideoAlignmentError as error:
        return str(error)
    assert frames.duration_s >= 0
    return count, frames.missing_frames


def attacked(path: Path) -> tuple[int, int | None] | str:
    try:
        return decode(path)
    except VideoAlignmentError as error:
        return str(error)


def test_damaged_videos_decode_or_are_refused_in_one_line(whole, tmp_path):
    paths = []
    for name in _CONTAINERS:
        content = (whole / name).read_bytes()
        for seed in range(SEEDS):
            paths.append(tmp_path / f"{seed}-{name}")
            paths[-1].write_bytes(mutated(content, name, seed))
    with ThreadPoolExecutor(2) as pool:
        for path, outcome in zip(paths, pool.map(attacked, paths), strict=True):
            if isinstance(outcome, str):
                assert path.name in outcome
                assert len(outcome.splitlines()) == 1, outcome
    assert len({*tmp_path.iterdir()}) == len(paths)


def test_whole_videos_miss_nothing(whole):
    for name in _CONTAINERS:
        count, missing = decode(whole / name)
        assert 29 <= count <= 31, name
        assert missing == 0, name


def disguises(video: Path) -> dict[str, bytes]:
    """Lists and scripts that name another video, under names of videos."""
    name = str(video).encode()
    return {
        "m3u8.mp4": b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n%b\n#EXT-X-ENDLIST\n" % name,
        "m3u8_file.ts": b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile:%b\n" % name,
        "m3u8_host.mp4": b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n",
        "concat.avi": b"ffconcat version 1.0\nfile '%b'\n" % name,
        "concat.mkv": b"ffconcat version 1.0\nfile file:%b\n" % name,
        "dash.mp4": b'<?xml version="1.0"?><MPD><Period><AdaptationSet><Representation><BaseURL>%b'
        b"</BaseURL></Representation></AdaptationSet></Period></MPD>" % name,
        "sdp.mov": b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=a\nm=video 9 RTP/AVP 96\n",
        "imf.mxf": b'<?xml version="1.0"?><AssetMap><Path>%b</Path></AssetMap>' % name,
        "avisynth.avi": b'AVISource("%b")\n' % name,
        "smil.wmv": b'<asx version="3.0"><entry><ref href="%b"/></entry></asx>' % name,
        "metadata.mp4": b";FFMETADATA1\ntitle=%b\n" % name,
        "subtitle.mkv": b"1\n00:00:00,000 --> 00:00:02,000\n%b\n" % name,
        "svg.gif": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="%b"/></svg>' % name,
        "picture.mp4": b"P6 8 8 255 " + bytes(192),
        "ansi.mp4": b"\x1b[31mred\n" * 99,
        "zeros.ts": bytes(9999),
    }


def test_a_list_in_disguise_opens_nothing(whole, tmp_path):
    video = tmp_path / "other" / "a.ts"
    video.parent.mkdir()
    video.write_bytes((whole / "h264.ts").read_bytes())
    os.utime(video, (1, 1))
    for name, content in disguises(video).items():
        path = tmp_path / name
        path.write_bytes(content)
        outcome = attacked(path)
        assert isinstance(outcome, str), (name, outcome)
        assert name in outcome
    assert video.stat().st_atime == 1  # nobody read it


def test_a_folder_of_broken_videos_leaves_whole_files_only(whole, tmp_path):
    videos, out = tmp_path / "videos", tmp_path / "out"
    videos.mkdir()
    for name in ("a.mkv", "h264.ts", "a.avi", "a.mp4"):
        content = (whole / name).read_bytes()
        (videos / name).write_bytes(content)
        for seed in range(6):
            (videos / f"{seed}-{name}").write_bytes(mutated(content, name, seed))
    describer = FrameDescriber("efficientnet_lite0", 1)
    options = ExtractionOptions(fps=5, image_area=400, threads=1, format="npz")
    found = [VideoFile(video.path, video.path.name) for video in find_videos(videos)]
    outcome = extract_all(found, out, describer, options)
    assert outcome.done + len(outcome.failures) == len(found) == 28
    assert outcome.done >= 4
    written = [path for path in out.rglob("*") if path.is_file() and path.suffix == ".npz"]
    assert len(written) == outcome.done
    assert not [*out.rglob(".unfinished*")]
    for path in written:
        assert len(read_features(path).descriptors) > 0

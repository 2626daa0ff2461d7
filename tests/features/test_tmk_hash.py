"""TMK+PDQF hashes of video files."""

import subprocess

import imageio_ffmpeg
import numpy as np
import pytest
from ramps import run_ffmpeg
from tmk_made_up import folded

from videoalignment.errors import UnusableFileError
from videoalignment.features.pdqf import pdqf_features
from videoalignment.features.tmk_hash import hash_video, hash_videos
from videoalignment.media.resampled import resampled_frames
from videoalignment.media.video_files import VideoFile, find_videos
from videoalignment.tmk_files import read_hash, to_bytes


def plain_frames(path) -> np.ndarray:
    """Frames as the program gets them that defines these hashes."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-i", path, "-s", "64:64", "-an"]
    command += ["-f", "rawvideo", "-c:v", "rawvideo", "-pix_fmt", "rgb24", "-r", "15", "-"]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, 64, 64, 3)


def test_a_video_in_batches_is_folded_as_a_whole(make_video):
    path = make_video("a.mp4", source="testsrc2=size=160x120:rate=30:duration=6")
    frames = plain_frames(path)
    batches = [batch.copy() for batch in resampled_frames(path, size=(64, 64), fps=15)]
    assert len(batches) > 1
    assert np.array_equal(np.concatenate(batches), frames)
    assert to_bytes(hash_video(path)) == to_bytes(folded(pdqf_features(frames)))


def test_hashes_of_the_sample_videos_are_the_published_ones(shared, tmp_path):
    published = shared / "data" / "tmk" / "hashes"
    done = list(hash_videos(find_videos(shared / "data" / "tmk" / "videos"), tmp_path))
    assert len(done) == 8
    for hashed in done:
        assert hashed.failure is None
        expected = (published / hashed.target.name).read_bytes()
        assert hashed.target.read_bytes() == expected, hashed.target.name


def test_one_bad_video_does_not_stop_the_others(make_video, tmp_path):
    videos = tmp_path / "videos"
    for name in ("a.mp4", "deep/b.mp4", "c.mkv"):
        make_video(f"videos/{name}", source="testsrc2=size=64x64:rate=15:duration=1")
    (videos / "bad.mp4").write_text("hello\n" * 100)
    make_video("videos/a.mkv", source="testsrc2=size=64x64:rate=15:duration=1")
    out = tmp_path / "out"
    done = list(hash_videos(find_videos(videos), out, at_once=2))
    failures = [hashed.failure for hashed in done if hashed.failure]
    assert len(failures) == 2
    assert any("bad.mp4: holds no video" in failure for failure in failures)
    assert any("has the name of" in failure for failure in failures)
    written = sorted(path.relative_to(out).as_posix() for path in out.rglob("*.tmk"))
    assert written == ["a.tmk", "c.tmk", "deep/b.tmk"]
    assert {h.frames for h in done if not h.failure} == {15}
    again = list(hash_videos(find_videos(videos), out, at_once=2))
    assert [h.frames for h in again if not h.failure] == [None] * 3
    (out / "a.tmk").write_bytes(b"old")
    anew = hash_videos([VideoFile(videos / "a.mp4", "a")], out, overwrite=True)
    assert [h.frames for h in anew] == [15]
    assert read_hash(out / "a.tmk").frames == 15


def test_leaving_early_ends_the_work(make_video, tmp_path):
    for n in range(5):
        make_video(f"videos/{n}.mp4", source="testsrc2=size=64x64:rate=15:duration=1")
    results = hash_videos(find_videos(tmp_path / "videos"), tmp_path / "out", at_once=1)
    next(results)
    results.close()
    left = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert "0.tmk" in left
    assert len(left) < 5
    assert not any(name.startswith(".") for name in left)


def test_a_video_that_breaks_off_is_refused_unless_wanted(make_video, tmp_path):
    whole = make_video("whole.mkv", "-g", "5", source="testsrc2=size=320x240:rate=30:duration=4")
    broken = tmp_path / "broken.mkv"
    broken.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(UnusableFileError, match="breaks off after"):
        hash_video(broken)
    assert 5 < hash_video(broken, allow_truncated=True).frames < 50


def test_sound_with_a_cover_is_no_video(make_video, tmp_path):
    picture = make_video("cover.png", "-frames:v", "1")
    song = tmp_path / "song.mp3"
    cover = ("-map", "0", "-map", "1", "-c:v", "png", "-disposition:v", "attached_pic")
    run_ffmpeg("-f", "lavfi", "-i", "sine=d=1", "-i", picture, *cover, song)
    with pytest.raises(UnusableFileError, match="only a picture on its cover"):
        hash_video(song)
    with pytest.raises(UnusableFileError, match="no such file"):
        hash_video(tmp_path / "none.mp4")


def test_a_play_list_reads_no_other_file(make_video, tmp_path):
    make_video("a.mp4")
    (tmp_path / "list.m3u8").write_text("#EXTM3U\n#EXTINF:2,\na.mp4\n#EXT-X-ENDLIST\n")
    with pytest.raises(UnusableFileError):
        hash_video(tmp_path / "list.m3u8")

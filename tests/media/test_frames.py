"""Decoding, against frames that carry their own number and against ffmpeg's own fps filter."""

import os
import re
import signal
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ramps import run_ffmpeg
from waiting import wait_until

from videoalignment.errors import OptionError, UnusableFileError, VideoAlignmentError
from videoalignment.media.clock import FrameClock
from videoalignment.media.frames import frame_size, probe_video, read_frames

# frame N is a grey picture of value 2 N
NUMBERED = "color=black:size=64x64:rate={rate}:duration={duration},geq=lum=2*N:cb=128:cr=128"


def numbered(rate: str = "25", duration: float = 4) -> str:
    return NUMBERED.format(rate=rate, duration=duration) + ",format=gray"


def read_all(path, **options):
    batches = list(read_frames(path, **options))
    frames = np.concatenate([batch.frames for batch in batches])
    return frames, np.concatenate([batch.times_s for batch in batches])


def numbers_seen(frames: np.ndarray) -> np.ndarray:
    """Which frame of a numbered video each picture is (one in full range grey)."""
    return np.round(frames.reshape(len(frames), -1).mean(axis=1) / 2).astype(int)


LOSSLESS = ("-c:v", "ffv1")


@pytest.mark.parametrize("rate", ["10", "24", "25", "30000/1001", "60"])
def test_times_are_those_of_the_frames_that_are_delivered(make_video, rate):
    path = make_video("numbers.nut", *LOSSLESS, source=numbered(rate, 2))
    frames, times_s = read_all(path, fps=15, grey=True)
    top, bottom = map(int, (rate + "/1").split("/")[:2])
    np.testing.assert_allclose(times_s, numbers_seen(frames) * bottom / top, atol=1e-9)


def test_times_of_a_variable_frame_rate(make_video):
    """Frame N is shown at N²/100 s."""
    path = make_video(
        "variable.mkv",
        *("-vf", "settb=1/1000,setpts=10*N*N", "-enc_time_base", "1/1000"),
        *("-fps_mode", "passthrough", *LOSSLESS),
        source=numbered("25", 0.8),
    )
    for fps in (15, None):
        frames, times_s = read_all(path, fps=fps, grey=True)
        np.testing.assert_allclose(times_s, numbers_seen(frames) ** 2 / 100, atol=1e-9)
    assert len(times_s) == 20


def test_every_native_frame_comes_once(make_video):
    path = make_video("numbers.nut", *LOSSLESS, source=numbered("30", 3))
    frames, times_s = read_all(path, fps=None, grey=True, size=(8, 12), batch=7)
    assert frames.shape == (90, 8, 12)
    np.testing.assert_array_equal(numbers_seen(frames), np.arange(90))
    np.testing.assert_allclose(times_s, np.arange(90) / 30)


@pytest.mark.parametrize("rate", ["7", "12.5", "24000/1001", "29.97", "50"])
def test_frames_are_those_of_ffmpegs_fps_filter(make_video, rate):
    path = make_video("numbers.mkv", *LOSSLESS, source=numbered(rate, 3))
    raw = run_ffmpeg(
        *("-i", path, "-vf", "fps=15", "-fps_mode", "passthrough"),
        *("-f", "rawvideo", "-pix_fmt", "gray", "-"),
    )
    expected = np.frombuffer(raw, np.uint8).reshape(-1, 64, 64)
    frames, _ = read_all(path, fps=15, grey=True, size=(64, 64))
    np.testing.assert_array_equal(numbers_seen(frames), numbers_seen(expected))


def test_audio_that_starts_before_the_video_does_not_move_the_times(make_video):
    path = make_video(
        "late.mkv",
        *("-f", "lavfi", "-i", "sine=duration=4", "-filter:v", "setpts=PTS+1.5/TB"),
        *("-map", "0:v", "-map", "1:a", "-c:v", "ffv1", "-fps_mode", "passthrough"),
        source=numbered("25", 2),
    )
    _, times_s = read_all(path, fps=None, grey=True)
    np.testing.assert_allclose(times_s, np.arange(50) / 25, atol=1e-3)
    assert probe_video(path).has_audio


def test_the_end_of_the_last_frame_is_the_duration(make_video):
    frames = read_frames(make_video("a.mp4"))
    assert sum(len(batch.frames) for batch in frames) == 30
    assert frames.duration_s == pytest.approx(2.0)
    assert not frames.truncated


@pytest.mark.parametrize(
    ("rate", "fps"), [("30000/1001", 30000 / 1001), ("24000/1001", 24000 / 1001), ("25", 25)]
)
def test_the_header_gives_the_exact_frame_rate(make_video, rate, fps):
    info = probe_video(make_video("a.mp4", source=f"testsrc=size=64x48:rate={rate}:duration=1"))
    assert info.fps == pytest.approx(fps, abs=1e-9)
    assert (info.width, info.height, info.rotation_degrees) == (64, 48, 0)
    assert not info.has_audio


def test_a_rotated_phone_video_is_upright(make_video, tmp_path):
    """A picture that is dark above and bright below, stored on its side."""
    upright = "color=black:size=96x160:rate=10:duration=1,geq=lum=255*gt(Y\\,80):cb=128:cr=128"
    stored = make_video("stored.mp4", "-vf", "transpose=2", source=upright)
    path = tmp_path / "phone.mp4"
    run_ffmpeg("-display_rotation", "-90", "-i", stored, "-c", "copy", path)
    info = probe_video(path)
    assert (info.width, info.height, info.rotation_degrees) == (96, 160, 90)
    frames, _ = read_all(path)
    assert frames.shape[1:3] == frame_size(96, 160, 12000)
    assert frames[:, :60].mean() < 30
    assert frames[:, -60:].mean() > 220


@pytest.mark.parametrize(
    "pixels", ["gray", "yuv420p10le", "yuv444p", "yuva420p", "gbrp", "gray10le", "rgba"]
)
def test_any_pixel_format_becomes_rgb(make_video, pixels):
    path = make_video(
        "a.mkv", "-pix_fmt", pixels, "-c:v", "ffv1", source="color=gray:size=61x43:duration=1"
    )
    frames, _ = read_all(path)
    assert frames.shape[3] == 3
    assert abs(frames.mean() - 128) < 4


def test_hdr_video_is_read(make_video):
    path = make_video(
        "hdr.mkv",
        *("-vf", "format=yuv420p10le,setparams=color_trc=smpte2084:color_primaries=bt2020"),
        *("-colorspace", "bt2020nc", "-c:v", "libx265", "-x265-params", "log-level=none"),
    )
    frames, _ = read_all(path)
    assert len(frames) == 30
    assert frames.std() > 20


@pytest.mark.parametrize(
    "name", ["with space.mp4", "-dash.mp4", "gräßlich 視頻.mp4", "a:b%03d.mp4"]
)
def test_odd_names(make_video, name, monkeypatch):
    path = make_video(name)
    monkeypatch.chdir(path.parent)
    frames, _ = read_all(Path(name))
    assert len(frames) == 30


def test_a_stream_without_a_duration_in_its_header(make_video, tmp_path):
    whole = make_video("a.mkv")
    path = tmp_path / "live.mkv"
    path.write_bytes(run_ffmpeg("-i", whole, "-c", "copy", "-f", "matroska", "-live", "1", "-"))
    assert probe_video(path).duration_s is None
    frames, _ = read_all(path)
    assert len(frames) == 30


@given(st.integers(1, 8000), st.integers(1, 8000), st.integers(100, 100_000))
def test_frame_size_follows_the_rule(width, height, area):
    new_height, new_width = frame_size(width, height, area)
    short = max(1, round(min(width, height) / (width * height / area) ** 0.5))
    assert min(new_height, new_width) == short
    assert (new_width >= new_height) == (width >= height) or new_width == new_height
    assert max(new_height, new_width) == int(short * max(width, height) / min(width, height))


# ------------------------------------------------------------------ broken files


def test_no_such_file(tmp_path):
    with pytest.raises(UnusableFileError, match=r"gone.mp4: no such file"):
        read_frames(tmp_path / "gone.mp4")


@pytest.mark.parametrize("path", ["", "x" * 5000, "nul\0.mp4"])
def test_names_that_no_file_can_have(path):
    with pytest.raises(UnusableFileError):
        read_frames(path)


def test_a_folder_is_refused_at_once(tmp_path):
    with pytest.raises(UnusableFileError, match="is a folder, a video file was expected"):
        probe_video(tmp_path)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"fps": 0}, "`fps` 0"),
        ({"fps": float("nan")}, "`fps` nan"),
        ({"image_area": -1}, "`image_"),
    ],
)
def test_sampling_by_no_number_names_the_parameter(options, named):
    with pytest.raises(OptionError, match=named):
        read_frames("never opened.mp4", **options)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.mp4", b"", "empty"),
        ("text.mp4", b"not a video at all\n" * 50, "not a video"),
        ("text.txt", b"ANSI art passes for a video with ffmpeg\n" * 50, "not a video"),
        ("list.m3u8", b"#EXTM3U\n#EXTINF:1,\nhttp://localhost/a.ts\n", "not a video"),
    ],
)
def test_files_that_are_no_video(tmp_path, name, content, reason):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(VideoAlignmentError, match=reason) as error:
        read_frames(path)
    assert name in str(error.value)
    assert "\n" not in str(error.value)


def test_sound_alone(tmp_path):
    path = tmp_path / "sound.mp4"
    run_ffmpeg("-f", "lavfi", "-i", "sine=duration=1", path)
    with pytest.raises(VideoAlignmentError, match="no video stream"):
        read_frames(path)


def test_no_frame_at_all(make_video):
    path = make_video("a.mp4", "-movflags", "+faststart")
    content = path.read_bytes()
    path.write_bytes(content[: content.index(b"mdat") + 4])
    with pytest.raises(VideoAlignmentError, match="no frame"):
        read_frames(path)


def cut_off(path: Path, share: float) -> Path:
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    return path


@pytest.mark.parametrize(
    ("name", "options"),
    [("a.mp4", ("-movflags", "+faststart")), ("a.mkv", ()), ("a.flv", ()), ("a.avi", ())],
)
def test_a_truncated_file(make_video, name, options):
    noise = "testsrc=size=160x120:rate=30:duration=6,noise=alls=20:allf=t"
    path = cut_off(make_video(name, *options, source=noise), 0.5)
    with pytest.raises(VideoAlignmentError, match=r"breaks off after \d.*`allow_truncated`"):
        list(read_frames(path))
    frames = read_frames(path, allow_truncated=True)
    count = sum(len(batch.frames) for batch in frames)
    assert 20 < count < 70
    assert frames.truncated
    assert frames.duration_s == pytest.approx(count / 15, abs=0.2)


def test_an_mp4_without_its_index_says_so(make_video):
    with pytest.raises(VideoAlignmentError, match="cut off"):
        read_frames(cut_off(make_video("a.mp4"), 0.5))


def test_sound_longer_than_the_picture_is_not_truncation(make_video):
    path = make_video("a.mp4", "-f", "lavfi", "-i", "sine=duration=6", "-map", "0:v", "-map", "1:a")
    frames = read_frames(path)
    assert sum(len(batch.frames) for batch in frames) == 30
    assert not frames.truncated


@pytest.mark.parametrize("name", ["late.mkv", "late.nut", "late.wmv", "late.mp4", "late.ts"])
def test_time_stamps_need_not_begin_at_zero(make_video, name):
    frames = read_frames(make_video(name, "-output_ts_offset", "100"))
    assert sum(len(batch.frames) for batch in frames) == 30
    assert not frames.truncated
    assert frames.duration_s == pytest.approx(2.0, abs=0.05)


def test_a_late_video_that_breaks_off_is_still_noticed(make_video):
    noise = "testsrc=size=160x120:rate=30:duration=6,noise=alls=20:allf=t"
    path = cut_off(make_video("late.mkv", "-output_ts_offset", "100", source=noise), 0.5)
    with pytest.raises(UnusableFileError, match=r"of 6\.00 s"):
        list(read_frames(path))


def test_a_header_without_a_frame_says_so(make_video):
    path = make_video("a.nut")
    content = path.read_bytes()
    path.write_bytes(content[: content.index(b"NK\xe4\xad\xee\xca\x45\x69")])  # before its frames
    with pytest.raises(UnusableFileError, match="holds a header but no frame"):
        read_frames(path)


@pytest.mark.parametrize("name", ["a.mp4", "a.mov"])
def test_frames_missing_in_the_middle_are_counted(make_video, name, caplog):
    """Of pictures that each stand alone, some are wiped out."""
    path = make_video(name, "-c:v", "mjpeg", source=numbered("25", 4))
    content = bytearray(path.read_bytes())
    pictures = [found.start() for found in re.finditer(rb"\xff\xd8\xff", bytes(content))]
    assert len(pictures) == 100
    for number in (20, 21, 50):
        content[pictures[number] : pictures[number + 1]] = bytes(
            pictures[number + 1] - pictures[number]
        )
    path.write_bytes(content)
    frames = read_frames(path)
    assert sum(len(batch.frames) for batch in frames) == 60
    assert frames.missing_frames == 3
    assert caplog.messages == [
        f"{path}: is damaged, 3 of its frames do not decode; copy or download it again"
    ]


def test_nothing_is_missing_of_whole_videos(make_video, caplog):
    variable = ("-vf", "settb=1/1000,setpts=10*N*N", "-enc_time_base", "1/1000")
    for name, options in {
        "a.mp4": (),
        "a.mkv": (*variable, "-fps_mode", "passthrough", *LOSSLESS),
        "a.ts": (),
    }.items():
        frames = read_frames(make_video(name, *options, source=numbered("25", 0.8)))
        assert frames.missing_frames is None
        for _ in frames:
            pass
        assert frames.missing_frames == 0
    assert not caplog.messages


def jumping(make_video, jump_s: float) -> Path:
    """A video whose second half is shown some time after the first."""
    return make_video(
        "jump.mkv",
        *("-vf", f"settb=1/1000,setpts=40*N+{round(1000 * jump_s)}*gte(N\\,10)"),
        *("-enc_time_base", "1/1000", "-fps_mode", "passthrough", *LOSSLESS),
        source=numbered("25", 0.8),
    )


def test_a_picture_may_stand_for_a_minute_but_not_for_days(make_video):
    _, times_s = read_all(jumping(make_video, 90.0), fps=2, grey=True)
    assert times_s[-1] > 90
    path = jumping(make_video, 86_400.0)
    with pytest.raises(UnusableFileError, match=r"run away after 0\.36 s"):
        read_all(path, fps=15, grey=True)
    frames, times_s = read_all(path, fps=None, grey=True)
    np.testing.assert_array_equal(numbers_seen(frames), np.arange(20))
    assert times_s[10] == pytest.approx(86_400.4)


def test_the_clock_stops_a_stream_whose_end_runs_away():
    """After the last frame, ffmpeg samples it on and on up to the time of the end."""
    clock = FrameClock(Fraction(15))
    say = "[showinfo@{} @ 0x0] [info] n:{:4d} pts:{:7d} pts_time:0 duration: {:6d} fmt:gray"
    for number in range(25):
        assert not clock.read_message(say.format("native", number, number, 1))
    stopped = next(n for n in range(10**6) if clock.read_message(say.format("sampled", n, n, 1)))
    assert 60 * 15 < stopped - 24 * 15 < 70 * 15


# ------------------------------------------------------------------ processes


def children_of(pid: int) -> set[int]:
    listing = Path(f"/proc/{pid}/task/{pid}/children")
    if not listing.exists():
        pytest.skip("needs Linux's /proc")
    return {
        int(child)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for child in (task / "children").read_text().split()
    }


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


LONG = "testsrc=size=320x240:rate=30:duration=120"


def test_leaving_early_ends_ffmpeg(make_video):
    path = make_video("long.mp4", "-preset", "ultrafast", source=LONG)
    for _ in read_frames(path, batch=4):
        assert children_of(os.getpid())
        break
    wait_until(lambda: not children_of(os.getpid()))


def test_ffmpeg_that_is_killed_is_an_error(make_video):
    path = make_video("long.mp4", "-preset", "ultrafast", source=LONG)
    with pytest.raises(VideoAlignmentError, match="killed"):
        for number, _ in enumerate(read_frames(path, batch=4)):
            if number == 0:
                for child in children_of(os.getpid()):
                    os.kill(child, signal.SIGKILL)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_killing_us_leaves_no_ffmpeg(make_video, how):
    path = make_video("long.mp4", "-preset", "ultrafast", source=LONG)
    program = (
        "import sys, time; from videoalignment.media.frames import read_frames\n"
        "for _ in read_frames(sys.argv[1], batch=4): print(flush=True); time.sleep(100)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE
    ) as process:
        process.stdout.readline()
        children = children_of(process.pid)
        assert children
        process.send_signal(how)
    wait_until(lambda: not any(map(is_running, children)))

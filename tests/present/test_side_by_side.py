import numpy as np
import pytest
from ramps import line_alignment, moments_shown, pair_of, segment

from videoalignment.errors import VideoAlignmentError
from videoalignment.media.probe import probe_video
from videoalignment.present.side_by_side import shortened, write_side_by_side

# Brightness is rounded to a step of 1/48 s, and a frame may be a frame of either video early.
_TOLERANCE_S = 0.075


def _halves(path):
    width = probe_video(path).width
    left = moments_shown(path, columns=slice(8, width // 2 - 8))
    right = moments_shown(path, columns=slice(width // 2 + 8, width - 8))
    return left, right


@pytest.mark.parametrize(
    ("moment_of_a", "offset_s", "speed"),
    [("T+1.2", 1.2, 1.0), ("0.4+T*1.25", 0.4, 1.25), ("0.4+T*0.5", 0.4, 0.5)],
    ids=["same speed", "A is faster", "A is slower"],
)
def test_both_show_the_same_moment(tmp_path, make_ramp, moment_of_a, offset_s, speed):
    a = probe_video(make_ramp("a.mp4", 2.5, moment_of_a, fps="25", sound=True))
    b = probe_video(make_ramp("b.mp4", 4.0))
    out = tmp_path / "both.mp4"
    write_side_by_side(out, pair_of(line_alignment(offset_s, speed, 2.5, 4.0), a, b))
    left, right = _halves(out)
    assert np.abs(left - right).max() < _TOLERANCE_S
    assert left[0] == pytest.approx(offset_s, abs=_TOLERANCE_S)
    assert left[-1] == pytest.approx(offset_s + 2.5 * speed, abs=_TOLERANCE_S)
    info = probe_video(out)
    assert info.duration_s == pytest.approx(2.5, abs=0.06)
    assert info.has_audio


def test_only_what_both_have(tmp_path, make_ramp):
    """A begins a second before B and ends a second before it."""
    a = probe_video(make_ramp("a.mp4", 3.0))
    b = probe_video(make_ramp("b.mp4", 3.0, "T+1"))
    out = tmp_path / "both.mp4"
    write_side_by_side(out, pair_of(line_alignment(-1.0, 1.0, 3.0, 3.0), a, b))
    left, right = _halves(out)
    assert len(left) == pytest.approx(60, abs=1)
    assert np.abs(left - right).max() < _TOLERANCE_S
    assert left[0] == pytest.approx(1.0, abs=_TOLERANCE_S)
    assert not probe_video(out).has_audio  # A has none


def test_reordered_footage_is_cut_and_black_where_b_has_none(tmp_path, make_ramp):
    """A shows B's end, then goes on alone, then shows B's beginning."""
    a = probe_video(make_ramp("a.mp4", 3.0, "if(lt(T,2),2+T,T-2)"))
    b = probe_video(make_ramp("b.mp4", 3.0))
    segments = (segment(0, 1, 2), segment(2, 3, 0))
    out = tmp_path / "both.mp4"
    write_side_by_side(out, pair_of(line_alignment(2, 1.0, 3.0, 3.0, segments=segments), a, b))
    left, right = _halves(out)
    assert len(left) == pytest.approx(90, abs=1)
    both = [*range(1, 29), *range(62, 89)]
    assert np.abs(left - right)[both].max() < _TOLERANCE_S
    assert (right[32:58] < 0).all()


def test_sound_before_the_picture_stays_in_step(tmp_path, make_ramp):
    """B's picture begins 0.5 s into its file."""
    late = ("-output_ts_offset", "0", "-filter:v", "setpts=PTS+0.5/TB")
    a = probe_video(make_ramp("a.mp4", 1.5, "T+1"))
    b = probe_video(make_ramp("b.mp4", 3.0, sound=True, extra=late))
    assert b.first_frame_s == pytest.approx(0.5, abs=0.01)
    out = tmp_path / "both.mp4"
    write_side_by_side(out, pair_of(line_alignment(1.0, 1.0, 1.5, 3.0), a, b))
    left, right = _halves(out)
    assert np.abs(left - right).max() < _TOLERANCE_S


@pytest.mark.parametrize(
    ("size_a", "size_b", "expected"),
    [
        ("162x122", "90x160", (212 + 90, 160)),
        ("1600x1200", "160x120", (960 + 960, 720)),
        ("101x77", "64x48", (100 + 102, 76)),
    ],
    ids=["landscape and portrait", "large", "odd"],
)
def test_sizes(tmp_path, make_ramp, size_a, size_b, expected):
    odd = ("-pix_fmt", "yuv444p")
    a = probe_video(make_ramp("a.mp4", 0.2, size=size_a, extra=odd))
    b = probe_video(make_ramp("b.mp4", 0.2, size=size_b))
    out = tmp_path / "both.mp4"
    write_side_by_side(out, pair_of(line_alignment(0, 1.0, 0.2, 0.2), a, b))
    info = probe_video(out)
    assert (info.width, info.height) == expected


@pytest.mark.parametrize("name", ["-a b.mp4", "ünï ☕.mp4", "it's 100%: [x],;\\n{pts}.mp4"])
def test_odd_names(tmp_path, make_ramp, name):
    a = probe_video(make_ramp(name, 0.3))
    out = tmp_path / f"out {name}"
    write_side_by_side(out, pair_of(line_alignment(0, 1.0, 0.3, 0.3), a, a))
    assert len(moments_shown(out)) >= 8


def test_a_long_name_keeps_its_end(tmp_path, make_ramp):
    video = probe_video(make_ramp("a.mp4", 1.0))
    assert shortened("short.mp4", video) == "short.mp4"
    cut = shortened("x" * 300 + "take_12.mp4", video)
    assert cut.startswith("xxx")
    assert "…" in cut
    assert cut.endswith("take_12.mp4")
    assert len(cut) < 100


def test_a_failure_leaves_what_was_there(tmp_path, make_ramp):
    a = probe_video(make_ramp("a.mp4", 0.3))
    gone = probe_video(make_ramp("gone.mp4", 0.3))
    gone.path.write_bytes(b"no video any more" * 100)
    out = tmp_path / "both.mp4"
    out.write_text("old")
    with pytest.raises(VideoAlignmentError, match=r"both\.mp4: not written"):
        write_side_by_side(out, pair_of(line_alignment(0, 1.0, 0.3, 0.3), a, gone))
    assert out.read_text() == "old"
    assert list(tmp_path.iterdir()) == [out]


def test_videos_that_never_meet(tmp_path, make_ramp):
    a = probe_video(make_ramp("a.mp4", 0.3))
    with pytest.raises(VideoAlignmentError, match="no moment in common"):
        write_side_by_side(tmp_path / "x.mp4", pair_of(line_alignment(50, 1.0, 0.3, 0.3), a, a))


def test_videos_that_do_not_match_are_not_shown_together(tmp_path, make_ramp):
    a = probe_video(make_ramp("a.mp4", 0.3))
    pair = pair_of(line_alignment(0, 1.0, 0.3, 0.3, matched=False), a, a)
    with pytest.raises(VideoAlignmentError, match=r"x\.mp4: not written, because .* do not match"):
        write_side_by_side(tmp_path / "x.mp4", pair)

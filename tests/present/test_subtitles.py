"""Subtitles carried over: cues land where A shows their moment; bad files are one line."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ramps import line_alignment, pair_of, run_ffmpeg, segment

from videoalignment import align_pair, carry_subtitles
from videoalignment.errors import OptionError, UnusableFileError, VideoAlignmentError
from videoalignment.present.subtitles import CarriedCues, Shown, carried_to

pysubs2 = pytest.importorskip("pysubs2", reason="the subtitles extra is not installed")


def _pair(*segments, duration_a_s=60.0, duration_b_s=60.0):
    alignment = line_alignment(0.0, 1.0, duration_a_s, duration_b_s, segments=segments)
    return pair_of(alignment, "a.mp4", "b.mp4")


def _write(path: Path, *cues: tuple[float, float, str]) -> Path:
    events = [pysubs2.SSAEvent(round(b * 1000), round(e * 1000), text) for b, e, text in cues]
    subtitles = pysubs2.SSAFile()
    subtitles.events = events
    subtitles.save(str(path))
    return path


def _cues(path: Path) -> list[tuple[float, float, str]]:
    read = pysubs2.load(str(path))
    return [(cue.start / 1000, cue.end / 1000, cue.plaintext) for cue in read]


@pytest.mark.parametrize("suffix", [".srt", ".vtt", ".ass"])
@pytest.mark.parametrize("to", [".srt", ".vtt", ".ass"])
def test_cues_follow_cuts_order_and_speed(tmp_path, suffix, to):
    pair = _pair(segment(0, 10, 40), segment(10, 20, 5), segment(30, 40, 40, speed=1.25))
    b = _write(tmp_path / f"b{suffix}", (6, 8, "early"), (30, 31, "gone"), (42.5, 45, "twice"))
    counts = carry_subtitles(pair, b, tmp_path / f"a{to}")
    assert _cues(tmp_path / f"a{to}") == [
        (2.5, 5, "twice"),
        (11, 13, "early"),
        (32, 34, "twice"),
    ]
    assert counts == CarriedCues(of_b=3, left_out=1, clipped=0, of_a=3)


def test_a_cue_over_what_a_lacks_is_one_cue(tmp_path):
    pair = _pair(segment(0, 10, 0), segment(10, 20, 15))
    b = _write(tmp_path / "b.srt", (9, 16, "over the hole"))
    carry_subtitles(pair, b, tmp_path / "a.srt")
    assert _cues(tmp_path / "a.srt") == [(9, 11, "over the hole")]


@pytest.mark.parametrize(
    ("begin_s", "end_s", "expected"),
    [
        (2.0, 4.0, [Shown(2.0, 4.0, False)]),
        (9.0, 14.0, [Shown(9.0, 10.0, True)]),  # half a second is inside
        (9.6, 14.0, []),  # neither that nor half of it
        (9.8, 10.2, [Shown(9.8, 10.2, False)]),  # half of it; the overhang is short
        (10.1, 12.0, []),
    ],
)
def test_a_cue_at_a_cut(begin_s, end_s, expected):
    found = carried_to(begin_s, end_s, [segment(0, 10, 0)])
    assert found == [
        Shown(pytest.approx(s.begin_s), pytest.approx(s.end_s), s.clipped) for s in expected
    ]


@given(
    st.floats(-20, 80),
    st.floats(0, 10),
    st.floats(0.8, 1.25),
    st.lists(st.floats(0, 50), min_size=1, max_size=4),
)
@settings(max_examples=200)
def test_a_cue_is_shown_where_its_moments_are(begin_s, length_s, speed, begins_b_s):
    segments = [segment(10 * i, 10 * i + 9, b, speed) for i, b in enumerate(begins_b_s)]
    for shown in carried_to(begin_s, begin_s + length_s, segments):
        assert shown.begin_s <= shown.end_s
        assert shown.end_s - shown.begin_s <= length_s / speed + 1e-6
        middle_s = (shown.begin_s + shown.end_s) / 2
        near = min(segments, key=lambda s: abs((s.begin_a_s + s.end_a_s) / 2 - middle_s))
        at_b_s = near.time_map.to_b(middle_s)
        assert begin_s - 1e-6 <= at_b_s <= begin_s + length_s + 1e-6


def test_styles_and_tags_stay(tmp_path):
    text = "1\n00:00:01,000 --> 00:00:02,000\n<font color=red>Hi</font> {\\an8}\nthere\n"
    (tmp_path / "b.srt").write_text(text)
    carry_subtitles(_pair(segment(0, 60, 0)), tmp_path / "b.srt", tmp_path / "a.srt")
    assert (tmp_path / "a.srt").read_text().strip() == text.strip()
    subtitles = pysubs2.SSAFile()
    subtitles.styles["Sign"] = pysubs2.SSAStyle(fontname="Serif", italic=True)
    subtitles.events = [pysubs2.SSAEvent(1000, 2000, r"{\pos(4,5)}X", style="Sign")]
    subtitles.save(str(tmp_path / "b.ass"))
    carry_subtitles(_pair(segment(0, 60, 0)), tmp_path / "b.ass", tmp_path / "a.ass")
    read = pysubs2.load(str(tmp_path / "a.ass"))
    assert read.styles["Sign"] == subtitles.styles["Sign"]
    assert (read[0].text, read[0].style) == (r"{\pos(4,5)}X", "Sign")


def test_notes_and_names_of_webvtt_are_no_text(tmp_path):
    (tmp_path / "b.vtt").write_text(
        "WEBVTT - a title\n\nSTYLE\n::cue { color: red }\n\nintro\n00:01.000 --> 00:02.000 "
        "align:left\nHello\n\nNOTE not\nshown\n\nsecond\n00:03.000 --> 00:04.000\nagain\n"
    )
    carry_subtitles(_pair(segment(0, 60, 0)), tmp_path / "b.vtt", tmp_path / "a.srt")
    assert _cues(tmp_path / "a.srt") == [(1, 2, "Hello"), (3, 4, "again")]


TEXT = "1\n00:00:01,000 --> 00:00:02,000\nÀ bientôt\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings(tmp_path, encoding, end):
    (tmp_path / "b.srt").write_bytes(TEXT.replace("\n", end).encode(encoding))
    carry_subtitles(_pair(segment(0, 60, 0)), tmp_path / "b.srt", tmp_path / "a.srt")
    assert (tmp_path / "a.srt").read_bytes().decode("utf-8").strip() == TEXT.strip()


ASS = "[Script Info]\n[V4+ Styles]\n{}\n[Events]\n{}\n"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("b.srt", b"", "holds no cue"),
        ("b.srt", b"just words\n", "holds no cue"),
        ("b.srt", b"\x00\x01\x02" * 50, "holds no text"),
        ("b.srt", TEXT.encode("utf-16")[:-1], "breaks off"),
        ("b.srt", TEXT.encode() + b"<" * 100_000, "letters"),
        ("b.vtt", b"WEBVTT\n\n00:01.000 --> 00:02.000\n" + b"{" * 100_000, "letters"),
        ("b.vtt", b"9999:00:01.000 --> 9999:00:02.000\nlate\n", "time stamps are broken"),
        ("b.ass", ASS.format("", "Dialogue: 0,x,y,Default,,0,0,0,,Hi").encode(), "no .ass file"),
        ("b.ass", ASS.format("Style: S,F,big", "").encode(), "no .ass file"),
        ("b.srt", b" " * (17 * 2**20), "MiB"),
    ],
)
def test_a_file_that_is_none_is_one_line(tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnusableFileError, match=said) as error:
        carry_subtitles(_pair(segment(0, 60, 0)), tmp_path / name, tmp_path / "a.srt")
    assert str(error.value).startswith(str(tmp_path / name))
    assert "\n" not in str(error.value)
    assert not (tmp_path / "a.srt").exists()


def test_many_empty_lines_take_no_time_that_grows_with_their_square(tmp_path):
    (tmp_path / "b.srt").write_bytes(TEXT.encode() + b"\n" * 1_000_000 + b"x")
    carry_subtitles(_pair(segment(0, 60, 0)), tmp_path / "b.srt", tmp_path / "a.srt")
    assert _cues(tmp_path / "a.srt") == [(1, 2, "À bientôt\nx")]


@given(st.binary(max_size=300), st.sampled_from([".srt", ".vtt", ".ass"]))
@settings(max_examples=150)
def test_any_bytes_are_carried_or_refused(tmp_path_factory, content, suffix):
    folder = tmp_path_factory.mktemp("bytes")
    head = {".srt": b"", ".vtt": b"WEBVTT\n\n", ".ass": b"[Events]\nDialogue: "}[suffix]
    timing = {".ass": b"0,0:00:01.00,0:00:02.00,"}.get(suffix, b"00:00:01.000 --> 00:00:02.000\n")
    (folder / f"b{suffix}").write_bytes(head + timing + content)
    try:
        carry_subtitles(_pair(segment(0, 60, 0)), folder / f"b{suffix}", folder / "a.srt")
    except UnusableFileError:
        assert not (folder / "a.srt").exists()


def test_other_kinds_of_files_are_refused(tmp_path):
    (tmp_path / "b.txt").write_text(TEXT)
    with pytest.raises(OptionError, match=r"b\.txt: its name must end in \.srt or \.vtt"):
        carry_subtitles(_pair(segment(0, 60, 0)), tmp_path / "b.txt", tmp_path / "a.srt")
    with pytest.raises(UnusableFileError, match=r"none\.srt: no such file"):
        carry_subtitles(_pair(segment(0, 60, 0)), tmp_path / "none.srt", tmp_path / "a.srt")


def test_videos_that_do_not_match_have_no_common_cues(tmp_path):
    pair = pair_of(line_alignment(0.0, 1.0, 9.0, 9.0, matched=False), "a.mp4", "b.mp4")
    b = _write(tmp_path / "b.srt", (1, 2, "one"))
    with pytest.raises(VideoAlignmentError, match="do not match"):
        carry_subtitles(pair, b, tmp_path / "a.srt")


# ------------------------------------------------------------------ a film and its other version

LENGTH_S, SLOWER = 10.0, 25 * 1001 / 24000


@pytest.fixture(scope="module")
def film(shared, tmp_path_factory) -> tuple[Path, Path]:
    """A: at 24000/1001, its cold open first; B: at 25, the cold open after the first scene."""
    folder = tmp_path_factory.mktemp("film")
    footage = shared / "data" / "footage" / "single"
    scenes = [footage / "skateboarding_dog.mp4", footage / "making_cake.mp4"]
    inputs = [word for scene in scenes for word in ("-i", scene)]
    for name, order, rate in (("b", "[x][y]", "25"), ("a", "[y][x]", "24000/1001")):
        parts = ";".join(
            f"[{i}:v:0]setpts=N/25/TB,fps=25,scale=320:176,setsar=1,trim=end_frame=250[{label}]"
            for i, label in enumerate("xy")
        )
        graph = f"{parts};{order}concat=n=2,settb=1/24000,setpts=N/({rate})/TB"
        out = ("-fps_mode", "passthrough", "-an", "-crf", "20", f"file:{folder / name}.mkv")
        run_ffmpeg(*inputs, "-filter_complex", graph, *out)
    return folder / "a.mkv", folder / "b.mkv"


def test_a_film_in_two_versions_with_its_cold_open_moved(film, tmp_path, monkeypatch):
    monkeypatch.setenv("VIDEOALIGNMENT_CACHE", str(tmp_path / "cache"))
    said = [(0.5, 1.5), (4.0, 5.2), (8.5, 9.6), (10.2, 11.0), (14.4, 17.4), (18.0, 19.2)]
    b = _write(tmp_path / "b.srt", *((*times, str(n)) for n, times in enumerate(said)))
    counts = carry_subtitles(align_pair(*film), b, tmp_path / "a.srt")
    moved = {
        str(n): (t + (LENGTH_S if t < LENGTH_S else -LENGTH_S)) * SLOWER
        for n, (t, _) in enumerate(said)
    }
    found = {text: (begin_s, end_s) for begin_s, end_s, text in _cues(tmp_path / "a.srt")}
    assert found.keys() == moved.keys()
    for number, (begin_s, end_s) in enumerate(said):
        truth = moved[str(number)]
        assert found[str(number)] == pytest.approx(
            (truth, truth + (end_s - begin_s) * SLOWER), abs=0.05
        )
    assert counts == CarriedCues(of_b=6, left_out=0, clipped=0, of_a=6)

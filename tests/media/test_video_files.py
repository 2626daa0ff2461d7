"""Which files of a folder are videos, and which is the one of a name."""

from pathlib import Path

import pytest

from videoalignment.errors import UnusableFileError
from videoalignment.media.video_files import VIDEO_SUFFIXES, find_video, find_videos


def test_the_video_of_a_name_has_any_known_suffix(tmp_path):
    for suffix in VIDEO_SUFFIXES:
        path = tmp_path / f"clip.1{suffix}"
        path.touch()
        assert find_video(tmp_path / "clip.1") == path
        path.unlink()


def test_other_files_of_that_name_are_no_videos(tmp_path):
    for name in ("a.txt", "a.b.mp4", "ab.mp4", "a", "a.pkl"):
        (tmp_path / name).touch()
    (tmp_path / "a.mp4").mkdir()
    assert find_video(tmp_path / "a") is None
    assert find_video(tmp_path / "gone" / "a") is None
    assert find_video("x" * 5000 + "/a") is None
    (tmp_path / "a.MKV").touch()
    assert find_video(tmp_path / "a") == tmp_path / "a.MKV"


def test_of_several_the_first_suffix_counts(tmp_path):
    for suffix in (".webm", ".mp4", ".flv"):
        (tmp_path / f"a{suffix}").touch()
    first = min((".webm", ".mp4", ".flv"), key=VIDEO_SUFFIXES.index)
    assert find_video(str(tmp_path / "a")) == tmp_path / f"a{first}"


@pytest.mark.parametrize(
    ("source", "reason"),
    [("", "no file was named"), ("gone", "no such file"), ("x" * 5000, "cannot be a file")],
)
def test_what_holds_no_videos_is_one_line_at_once(source, reason):
    with pytest.raises(UnusableFileError, match=reason) as error:
        find_videos(source)
    assert len(str(error.value)) < 400


def test_one_video_may_have_any_name(tmp_path):
    path = tmp_path / "a.b.unknown"
    path.touch()
    (video,) = find_videos(path)
    assert (video.path, video.name) == (Path(path), "a.b")


def test_what_is_hidden_or_was_cut_out_is_not_found(tmp_path):
    def make(*names):
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()

    make("a.mp4", "card/b.mov", ".trash/gone.mp4", "card/._b.mov", ".unfinished-x.mp4")
    make("cut/a.mp4", "cut/cuts.csv", "cut/frames.csv", "other/c.mp4", "other/frames.csv")
    found = [path.path.relative_to(tmp_path).as_posix() for path in find_videos(tmp_path)]
    assert found == ["a.mp4", "card/b.mov", "other/c.mp4"]
    assert [path.path.name for path in find_videos(tmp_path / "cut")] == ["a.mp4"]  # if named

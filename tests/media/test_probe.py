"""What files say about themselves is asked once, and anew once they are others."""

import pytest

from videoalignment.errors import UnusableFileError
from videoalignment.media.probe import probe_media, probe_video


def test_a_file_that_is_written_anew_is_asked_anew(make_video, tmp_path):
    path = make_video("a.mp4")
    assert (probe_video(path).duration_s, probe_media(path).duration_s) == (2.0, 2.0)
    make_video("b.mp4", source="testsrc=size=64x48:rate=25:duration=3").replace(path)
    video, media = probe_video(path), probe_media(path)
    assert (video.width, video.fps, video.duration_s) == (64, 25, 3.0)
    assert media.duration_s == 3.0
    path.unlink()
    for probe in (probe_video, probe_media):
        with pytest.raises(UnusableFileError, match="no such file"):
            probe(path)


def test_a_file_that_could_not_be_read_is_asked_again(make_video, tmp_path):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"not yet whole")
    for probe in (probe_video, probe_media):
        with pytest.raises(UnusableFileError):
            probe(path)
    make_video("b.mp4").replace(path)
    assert probe_video(path).width == 160
    assert probe_media(path).has_picture


def test_one_name_is_another_file_in_another_folder(make_video, tmp_path, monkeypatch):
    make_video("one/a.mp4")
    make_video("other/a.mp4", source="testsrc=size=64x48:rate=25:duration=1")
    widths = []
    for folder in ("one", "other"):
        monkeypatch.chdir(tmp_path / folder)
        widths.append(probe_video("a.mp4").width)
    assert widths == [160, 64]

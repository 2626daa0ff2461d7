"""What is said where ffmpeg cannot write."""

import pytest

from videoalignment.errors import VideoAlignmentError
from videoalignment.present.encoding import encode


def test_a_failure_is_told_without_ffmpegs_addresses(tmp_path):
    picture = ("-f", "lavfi", "-i", "testsrc=d=1", "-vf", "no_such_filter", "-f", "mp4")
    with pytest.raises(VideoAlignmentError, match=r"x\.mp4: not written: [^\[]") as raised:
        encode(tmp_path / "x.mp4", [*picture], label="x", duration_s=1.0)
    assert "no_such_filter" in str(raised.value)
    assert "0x" not in str(raised.value)
    assert list(tmp_path.iterdir()) == []

"""The frame map as a table, and the comparison of pictures that it makes possible."""

import csv
import re
import subprocess

import imageio_ffmpeg
import numpy as np
import pytest
from ramps import run_ffmpeg

from videoalignment.align.frame_map import FrameMap
from videoalignment.errors import OptionError, VideoAlignmentError
from videoalignment.present.frame_map import COLUMNS, comparing_filters, write_frame_map


def _map(shown: list[int], frames_b: int) -> FrameMap:
    return FrameMap(np.arange(len(shown)) / 25, np.arange(frames_b) / 25, np.array(shown))


def test_the_table(tmp_path):
    write_frame_map(tmp_path / "map.csv", _map([1, 1, 3, -1], 5))
    with (tmp_path / "map.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        list(COLUMNS),
        ["0", "0.000000", "1", "0.040000", "matched"],
        ["1", "0.040000", "1", "0.040000", "repeated"],
        ["", "", "2", "0.080000", "dropped"],
        ["2", "0.080000", "3", "0.120000", "matched"],
        ["3", "0.120000", "", "", "unmatched"],
    ]


def _average_psnr(a, b, filters: str) -> str:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-i", a, "-i", b]
    command += ["-filter_complex", filters, "-fps_mode", "passthrough", "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    return re.search(r"average:(\S+)", said)[1]


def test_ffmpeg_compares_the_shared_frames_and_no_others(tmp_path):
    lossless = ("-frames:v", "40", "-c:v", "ffv1")
    run_ffmpeg("-f", "lavfi", "-i", "testsrc=size=64x48:rate=25", *lossless, tmp_path / "b.mkv")
    order = [*range(3, 12), 11, *range(20, 30), *range(33, 40)]
    terms = "+".join(f"eq(n,{frame})" for frame in set(order))
    chosen = f"select='{terms}',loop=loop=1:size=1:start=9,setpts=N/25/TB"
    run_ffmpeg("-i", tmp_path / "b.mkv", "-vf", chosen, *lossless, tmp_path / "a.mkv")
    right = comparing_filters(_map(order, 40))
    assert _average_psnr(tmp_path / "a.mkv", tmp_path / "b.mkv", right) == "inf"
    wrong = comparing_filters(_map([frame + 1 for frame in order], 41))
    assert float(_average_psnr(tmp_path / "a.mkv", tmp_path / "b.mkv", wrong)) < 60


def test_what_ffmpeg_cannot_read_forwards_is_left_out():
    filters = comparing_filters(_map([5, 6, 7, 0, 1, 8, 9], 10), "ssim")
    assert "between(n,0,2)+between(n,5,6)" in filters
    assert "between(n,5,7)+between(n,8,9)" in filters


def test_nothing_to_compare_and_other_metrics_are_refused():
    with pytest.raises(VideoAlignmentError, match="share no frame"):
        comparing_filters(_map([-1, -1], 3))
    with pytest.raises(OptionError, match="`metric` vif: expected one of psnr, ssim, libvmaf"):
        comparing_filters(_map([0], 3), "vif")

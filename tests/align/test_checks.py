"""What the library refuses, in one line that names the parameter."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from moving import Scene, filmed
from ramps import line_alignment, pair_of

from videoalignment.align import align_features, align_pair, align_videos
from videoalignment.align.options import MIN_OVERLAP_S, AlignOptions
from videoalignment.errors import FeatureMismatchError, VideoAlignmentError

A, B = filmed(lambda t: Scene(1)(t + 5), 4, 30), filmed(Scene(1), 12, 25)


def refused(**options) -> str:
    with pytest.raises(VideoAlignmentError) as caught:
        AlignOptions(**options)
    message = str(caught.value)
    assert "\n" not in message
    assert "--" not in message
    return message


@pytest.mark.parametrize("value", [0, -1, math.nan, math.inf, "3", [3]])
def test_a_least_overlap_is_a_number_above_0(value):
    assert "`min_overlap_s` " in refused(min_overlap_s=value)
    with pytest.raises(VideoAlignmentError, match=r"`min_overlap_s` .*: expected a number"):
        align_features(A, B, min_overlap_s=value)


def test_a_least_overlap_fits_into_the_shorter_video():
    with pytest.raises(VideoAlignmentError, match=r"`min_overlap_s` 5: .* only 4\.000 s long"):
        align_features(A, B, min_overlap_s=5)
    with pytest.raises(VideoAlignmentError, match=r"`min_overlap_s` 5: .* only 4\.000 s long"):
        align_features(B, A, min_overlap_s=5)
    short = filmed(lambda t: Scene(1)(t + 5), MIN_OVERLAP_S / 2, 30)
    assert align_features(short, B).offset_s == pytest.approx(5, abs=0.1)  # the default gives way


@pytest.mark.parametrize("value", [0, -25, math.nan, math.inf, None, "25"])
def test_a_frame_rate_is_a_number_above_0(value):
    assert "`fps` " in refused(fps=value)


@pytest.mark.parametrize("value", ["vgg", None, "", 34])
def test_a_backbone_has_a_name(value):
    message = refused(backbone=value)
    assert "backbone" in message
    assert "efficientnet_lite0" in message


@pytest.mark.parametrize("value", ["tpu", "cuda:x", None])
def test_a_device_has_a_name(value):
    assert "`device` " in refused(device=value)
    with pytest.raises(VideoAlignmentError, match="`device` "):
        align_features(A, B, device=value)


def test_a_device_may_be_torchs():
    assert align_features(A, B, device=torch.device("cpu")) == align_features(A, B, device="cpu")


def test_bad_options_are_said_before_a_video_is_looked_for():
    for function in (align_videos, align_pair):
        with pytest.raises(VideoAlignmentError, match="`fps` 0"):
            function("no such a.mp4", "no such b.mp4", fps=0)


def test_both_videos_are_looked_for_before_one_is_described(make_ramp):
    with pytest.raises(VideoAlignmentError, match=r"gone\.mp4: no such file"):
        align_pair(make_ramp("a.mp4", 0.2), Path("gone.mp4"))


def test_features_of_different_width_are_refused():
    with pytest.raises(FeatureMismatchError, match="40 and 48 numbers a frame"):
        align_features(filmed(Scene(1, width=40), 5, 30), B)


def test_a_single_frame_matches_nothing():
    one = filmed(lambda t: Scene(1)(t + 5), 1 / 30, 30)
    for found in (align_features(one, B), align_features(B, one), align_features(one, one)):
        assert np.isfinite([found.offset_s, found.speed, found.uncertainty_s]).all()
        assert not found.matched


def test_an_alignment_belongs_to_its_recordings():
    pair = pair_of(line_alignment(3.0, 1.0, 5.0, 12.0), "a.mp4", "b.mp4")
    with pytest.raises(VideoAlignmentError, match=r"b\.mp4: its features last 12\.000 s"):
        replace(pair, a=pair.b, b=pair.a)

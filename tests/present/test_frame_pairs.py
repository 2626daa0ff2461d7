import io

import numpy as np
import pytest
from PIL import Image
from ramps import line_alignment, pair_of, segment

from videoalignment.media.probe import probe_video
from videoalignment.present.frame_pairs import frame_pairs, matching_moments


def _brightness(jpeg: bytes) -> float:
    return float(np.median(np.asarray(Image.open(io.BytesIO(jpeg)).convert("L"))))


def test_the_pictures_show_their_moments(make_ramp):
    """Pairs of one event are equally bright, and brighter from pair to pair."""
    a = probe_video(make_ramp("a.mp4", 2.0, "0.5+T*1.25", fps="25"))
    b = probe_video(make_ramp("b.mp4", 4.0))
    pairs = frame_pairs(pair_of(line_alignment(0.5, 1.25, 2.0, 4.0), a, b))
    assert [pair.time_a_s for pair in pairs] == pytest.approx([0.2, 0.6, 1.0, 1.4, 1.8])
    seen = [(_brightness(pair.jpeg_a), _brightness(pair.jpeg_b)) for pair in pairs]
    for bright_a, bright_b in seen:
        assert bright_a == pytest.approx(bright_b, abs=4)  # a frame is 1.9 levels
    assert np.diff(seen, axis=0).min() > 20


def test_sound_before_the_picture_does_not_shift_it(make_ramp):
    late = ("-filter:v", "setpts=PTS+0.5/TB")
    plain = probe_video(make_ramp("plain.mp4", 2.0))
    delayed = probe_video(make_ramp("late.mp4", 2.0, sound=True, extra=late))
    assert delayed.first_frame_s > 0.4
    for pair in frame_pairs(pair_of(line_alignment(0, 1, 2.0, 2.0), plain, delayed)):
        assert _brightness(pair.jpeg_a) == pytest.approx(_brightness(pair.jpeg_b), abs=2)


def test_moments_spread_over_all_segments():
    alignment = line_alignment(10, 1, 12, 20, segments=(segment(0, 2, 10), segment(9, 12, 1)))
    moments = matching_moments(alignment, 5)
    expected = [(0.5, 10.5), (1.5, 11.5), (9.5, 1.5), (10.5, 2.5), (11.5, 3.5)]
    np.testing.assert_allclose(moments, expected)


def test_a_video_that_ends_early_gives_fewer_pairs(make_ramp):
    """Its header, or features made elsewhere, promised more."""
    a, b = probe_video(make_ramp("a.mp4", 1.0)), probe_video(make_ramp("b.mp4", 4.0))
    pairs = frame_pairs(pair_of(line_alignment(0, 1, 4.0, 4.0), a, b))
    assert [pair.time_a_s for pair in pairs] == pytest.approx([0.4])

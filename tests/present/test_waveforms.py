"""How loud recordings are over time, decoded or as they were described."""

import numpy as np
import pytest
from ramps import run_ffmpeg

from videoalignment.features.sound_store import cached_sound
from videoalignment.media.probe import probe_video
from videoalignment.present.waveforms import drawn, loudness

pytestmark = pytest.mark.usefixtures("own_cache")


def test_waveforms_show_when_it_is_loud(tmp_path):
    path = tmp_path / "clap.wav"
    run_ffmpeg("-f", "lavfi", "-i", "aevalsrc='0.5*between(t,1,1.1)*sin(3000*t)':d=3", path)
    levels = loudness(path)
    assert levels.shape == (150,)
    assert np.flatnonzero(levels > 0.2) * 0.02 == pytest.approx(np.arange(1, 1.09, 0.02), abs=0.021)
    for bins in (1, 7, 100, 1000):
        columns = drawn(levels, bins)
        assert len(columns) == min(bins, 150)
        assert columns.max() == levels.max()


def test_waveforms_begin_with_the_picture(make_ramp, tmp_path):
    """Its picture begins half a second after its sound."""
    late = make_ramp("late.mp4", 2.0, sound=True, extra=("-filter:v", "setpts=PTS+0.5/TB"))
    assert probe_video(late).first_frame_s > 0.4
    assert len(loudness(late)) * 0.02 == pytest.approx(1.5, abs=0.05)
    early = tmp_path / "early.mp4"
    delayed = ("-itsoffset", "0.5", "-i", make_ramp("b.mp4", 2.0, sound=True))
    run_ffmpeg("-i", make_ramp("a.mp4", 2.0), *delayed, *("-map", "0:v", "-map", "1:a"), early)
    assert np.flatnonzero(loudness(early) > 0.05)[0] * 0.02 == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("delay_s", [0.0, 0.5])
def test_a_described_sound_has_the_same_waveform(make_ramp, tmp_path, delay_s):
    """It is not decoded again, but for another track than the one that was described."""
    path = tmp_path / "a.mkv"
    claps = "aevalsrc='0.5*gt(sin(5*t),0.6)*sin(3000*t)':d=4"
    late = ("-itsoffset", str(delay_s), "-f", "lavfi", "-i", claps)
    run_ffmpeg("-i", make_ramp("a.mp4", 3.0), *late, "-map", "0:v", "-map", "1:a", path)
    decoded = loudness(path)
    cached_sound(path)
    described = loudness(path)
    assert len(described) == pytest.approx(len(decoded), abs=1)
    together = min(len(described), len(decoded))
    assert described[:together] == pytest.approx(decoded[:together], abs=1e-3)
    assert decoded.max() > 0.2 and (described == 0).any()


def test_no_sound_has_no_waveform(make_ramp):
    assert len(loudness(make_ramp("a.mp4", 1.0))) == 0

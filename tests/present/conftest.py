"""Files that many tests of editors' formats lay on a timeline."""

from dataclasses import replace
from pathlib import Path

import pytest
from placed import NASTY, group_of, placed, timeline_of
from ramps import run_ffmpeg, write_ramp

from videoalignment.align.timeline.records import PlacedFile, Timeline
from videoalignment.time_map import TimeMap


@pytest.fixture(scope="session")
def edit_files(tmp_path_factory) -> tuple[PlacedFile, ...]:
    """Two groups' worth of files: of all rates, with timecodes, drift, lags and odd names."""
    folder = tmp_path_factory.mktemp("edited")

    def video(name: str, fps: str, duration_s: float, *extra: str, sound: bool = True) -> Path:
        options = {"fps": fps, "size": "64x48", "sound": sound}
        return write_ramp(folder / name, duration_s, **options, extra=extra)

    recorder = folder / "recorder zoom.wav"
    run_ffmpeg("-f", "lavfi", "-i", "sine=d=9", "-ar", "48000", recorder)
    rough = folder / "phone.mp4"
    varying = ("-vf", "select='mod(n,7)',setpts=PTS", "-fps_mode", "vfr")
    return (
        placed(recorder, 0.0, 9.0, picture=False),
        placed(video("film.mp4", "24000/1001", 4.0), 0.5137, 4.0),
        placed(video("pal.mov", "25", 3.0, "-timecode", "10:20:30:04"), 1.017, 3.0),
        placed(
            video(NASTY, "30000/1001", 5.0, "-timecode", "01:02:03;06"),
            2.2222,
            5.0,
            sound_lag_s=0.1,
        ),
        placed(video("fast.mp4", "60", 2.0, sound=False), 3.3333, 2.0, sound=False, weak=True),
        placed(video("ntsc.mp4", "30000/1001", 4.0), 3.9, 4.0, rate=0.96),
        placed(video(rough.name, "30", 4.0, *varying, sound=False), 4.4, 4.0, 1.00004, sound=False),
    )


@pytest.fixture(scope="session")
def edit_timeline(edit_files) -> Timeline:
    other = replace(edit_files[1], time_map=TimeMap(0.0))
    return timeline_of(
        group_of(*edit_files), group_of(other, replace(other, file=edit_files[2].file))
    )

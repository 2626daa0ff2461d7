"""How long a clip takes to be found in a recording of hours, by sound, and how much memory.

The recording is made of events one after the other, again and again under noise of its own; the
clip is a piece of it, with another clock and other noise. The command line is run twice with an own
cache: from nothing, and with the sounds whitened by the first run. Processor time, its programs'
included, says more than the clock where the machine does something else too.

example: python -m benchmarks.sound_speed OUT music/*.ogg --minutes 120
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.measuring import describe_machine, run_process
from benchmarks.scenes import FFMPEG
from benchmarks.sound_takes import read_sound
from videoalignment.align.sound import Heard, align_sound
from videoalignment.features.sound_store import cached_sound

_RATE_HZ = 48_000
_CLIP_HZ = 48_003
_NOISE = 0.02


def make_recording(out: Path, events: list[Path], minutes: float) -> Path:
    """Write the long recording, as AAC."""
    path = out / "long.m4a"
    if path.exists():
        return path
    generator = np.random.default_rng(0)
    command = [FFMPEG, "-y", "-v", "error", "-f", "f32le", "-ar", str(_RATE_HZ), "-ac", "1"]
    with subprocess.Popen(
        [*command, "-i", "-", "-b:a", "96k", str(path)], stdin=subprocess.PIPE
    ) as ffmpeg:
        left = int(minutes * 60 * _RATE_HZ)
        sounds = [read_sound(event) for event in events]
        while left > 0:
            for sound in sounds:
                part = sound[:left]
                noise = _NOISE * generator.standard_normal(len(part), dtype=np.float32)
                ffmpeg.stdin.write((part * generator.uniform(0.3, 1) + noise).tobytes())
                left -= len(part)
    return path


def make_clip(out: Path, recording: Path, begin_s: float, length_s: float) -> Path:
    """Write a piece of the recording, by a clock that runs 62.5 parts in a million fast."""
    path = out / "clip.ogg"
    noise = f"anoisesrc=color=pink:amplitude={_NOISE}:sample_rate={_RATE_HZ}:duration={length_s}"
    graph = (
        f"[0:a]atrim={begin_s}:{begin_s + length_s},asetpts=PTS-STARTPTS,asetrate={_CLIP_HZ},"
        f"aresample={_RATE_HZ},highpass=f=120[s];{noise}[n];"
        "[s][n]amix=inputs=2:duration=first:normalize=0"
    )
    command = [FFMPEG, "-y", "-v", "error", "-i", str(recording), "-filter_complex", graph]
    subprocess.run([*command, str(path)], check=True)
    return path


def main() -> None:
    """Make the two, align them twice, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("events", type=Path, nargs="+", metavar="EVENT", help="a file with sound")
    parser.add_argument("--minutes", type=float, default=120, help="length of the recording")
    parser.add_argument("--clip", type=float, default=20, help="length of the clip, seconds")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    recording = make_recording(options.out, options.events, options.minutes)
    begin_s = options.minutes * 60 * 2 / 3
    clip = make_clip(options.out, recording, begin_s, options.clip)
    cache = options.out / "cache"
    shutil.rmtree(cache, ignore_errors=True)
    print(describe_machine())
    command = [sys.executable, "-m", "videoalignment", "align", str(clip), str(recording)]
    for name in ("from nothing", "features at hand"):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        wall_s, peak_gib, said = run_process(
            [*command, "--by", "sound", "--json", "-"], {"VIDEOALIGNMENT_CACHE": str(cache)}
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        processor_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        found = json.loads(said)
        off_ms = 1000 * abs(found["offset_s"] - begin_s)
        print(
            f"{name}, the command line: {wall_s:.1f} s, {processor_s:.1f} s of processors, peak "
            f"{peak_gib:.2f} GiB; confidence {found['confidence']:.3f}, off by {off_ms:.2f} ms, "
            f"rate by {1e6 * abs(found['speed'] - _CLIP_HZ / _RATE_HZ):.1f} ppm"
        )
    print(f"aligning alone: {_aligning_s(cache, clip, recording):.1f} s of one processor")


def _aligning_s(cache: Path, clip: Path, recording: Path) -> float:
    os.environ["VIDEOALIGNMENT_CACHE"] = str(cache)
    a, b = (Heard(cached_sound(path)) for path in (clip, recording))
    started = time.process_time()
    align_sound(a, b)
    return time.process_time() - started


if __name__ == "__main__":
    main()

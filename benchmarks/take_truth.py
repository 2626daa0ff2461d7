"""Make a set of takes, and measure where their sounds and pictures really lie.

A generator of takes asks ffmpeg to cut and to change frame rates, and writes down what it asked
for. What it got may be something else: sound is cut by time stamps, which in some files are off by
milliseconds here and there, a first picture may be lost, and pictures that are put on another frame
rate lie off by milliseconds as a whole. So each take's sound is laid over the sound that it was cut
from, by the phases of the two alone, and each of its frames is found in the footage by its content,
before anything but time was changed.

Runs the generator TOOL (../shared/tools/takes.py), whose first argument is the folder of the set,
and writes into it delays.csv with the columns file, sound_delay_s, picture_delay_s, heard: the
sound comes so much later than takes.csv says, and the pictures show moments that are so much later.
The last is by how many standard deviations the clearest stretch of a take's sound stands above
chance in what it was cut from, where its place is known to 0.1 s: far below 15 nobody can place it
by its sound. Takes that are there already are measured only. `benchmarks.sync_sets` reads what was
measured.

example: python -m benchmarks.take_truth ../shared/tools/takes.py SET EVENT... --seed 5 --lag 0.2
"""

import csv
import re
import runpy
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.scenes import FFMPEG

_RATE_HZ = 48_000
_BAND_HZ = 150, 6000
_REACH = 4800  # samples to either side: 0.1 s
_HEARD_S = 2.5  # of a take's begin, so short that clocks do not matter
_CLEAR = 15.0  # standard deviations of a correlation from which it tells a delay
_TIMING = ("trim=", "setpts=", "fps=")  # filters that change nothing but time


@dataclass(frozen=True)
class Cut:
    """What ffmpeg was asked to make a take of."""

    path: Path
    inputs: list[str]
    graph: str

    def of(self, kind: str) -> tuple[Path, list[str]] | None:
        """The file and the filters, in order, that its picture ("v") or sound ("a") comes from."""
        for chain in self.graph.split(";"):
            found = re.match(rf"\[(\d):{kind}:0\](.*)\[\w\]$", chain)
            if found:
                return Path(self.inputs[int(found[1])]), found[2].split(",")
        return None


@dataclass
class Recorder:
    """Stands for `subprocess.run` while the generator runs, and notes what it asks for."""

    run: Any
    cuts: list[Cut] = field(default_factory=list)

    def __call__(self, command: Sequence[str], *args: object, **options: object) -> Any:
        words = [str(word) for word in command]
        if "-filter_complex" not in words:
            return self.run(command, *args, **options)
        inputs = [words[place + 1] for place, word in enumerate(words) if word == "-i"]
        cut = Cut(Path(words[-1]), inputs, words[words.index("-filter_complex") + 1])
        self.cuts.append(cut)
        return None if cut.path.exists() else self.run(command, *args, **options)


def sound_delay_s(cut: Cut) -> float | None:
    """How much later a take's sound comes than asked for; None where that cannot be heard."""
    if cut.of("a") is None:
        return None
    delay_s, clear = _delay(cut, 0.0, 1.0)
    return delay_s if clear > _CLEAR else None


def heard(cut: Cut, rate: float) -> float | None:
    """How clearly a take's sound is heard in what it was cut from, where it is heard best.

    Args:
        cut: the take.
        rate: of its clock.

    Returns:
        Standard deviations above chance; None for a take without sound.
    """
    if cut.of("a") is None:
        return None
    length_s = len(_samples(cut.path)) / _RATE_HZ
    steps = np.arange(0, max(length_s - _HEARD_S, _HEARD_S / 2), _HEARD_S)
    return max(_delay(cut, float(at_s), rate)[1] for at_s in steps)


def _delay(cut: Cut, at_s: float, rate: float) -> tuple[float, float]:
    """How much later a stretch of a take's sound comes than asked for, and how clearly.

    Args:
        cut: the take; it has sound.
        at_s: where the stretch begins.
        rate: of the take's clock.
    """
    source, filters = cut.of("a") or (cut.path, [])
    begin_s = _asked(filters, "atrim=start=") + rate * at_s
    count = int(_HEARD_S * _RATE_HZ)
    asked = _samples(source)[round(begin_s * _RATE_HZ) :][:count]
    got = _samples(cut.path)[round(at_s * _RATE_HZ) :][:count]
    size = 1 << (len(asked) + len(got)).bit_length()
    product = np.fft.rfft(got, size) * np.fft.rfft(asked, size).conj()
    frequencies_hz = np.fft.rfftfreq(size, 1 / _RATE_HZ)
    kept = (frequencies_hz > _BAND_HZ[0]) & (frequencies_hz < _BAND_HZ[1])
    curve = np.fft.irfft(np.where(kept, product / (np.abs(product) + 1e-12), 0))
    near = np.concatenate([curve[-_REACH:], curve[:_REACH]])
    best = int(np.argmax(np.abs(near)))
    return (best - _REACH) / _RATE_HZ, float(np.abs(near[best]) / (near.std() + 1e-12))


def picture_delay_s(cut: Cut, rate: float) -> float | None:
    """How much later a moment is that a take shows than asked for, in the mean over the take.

    Args:
        cut: the take.
        rate: of its clock.

    Returns:
        Seconds; None for a take without a picture.
    """
    found = cut.of("v")
    if found is None:
        return None
    source, filters = found
    timing = ",".join(each for each in filters if each.startswith(_TIMING))
    footage, shown = _frames(source, "null"), _frames(source, timing)
    first_s = footage[0][0]
    places_s: dict[str, list[float]] = {}
    for time_s, content in footage:
        places_s.setdefault(content, []).append(time_s - first_s)
    times_s = np.array([time_s for time_s, _ in shown]) - shown[0][0]
    # takes.py cuts a tenth of a millisecond before the frame with which it begins
    asked_s = _asked(filters, "trim=start=") + 1e-4 - first_s + rate * times_s
    moments_s = np.array(
        [
            min(places_s[content], key=lambda place_s: abs(place_s - wanted_s))
            for (_, content), wanted_s in zip(shown, asked_s, strict=True)
        ]
    )
    spans_s = np.diff(times_s, append=times_s[-1] + np.median(np.diff(times_s)))
    frame_s = float(np.median(np.diff([time_s for time_s, _ in footage])))
    # a frame stands for the whole span until the next, here as there
    off_s = (moments_s + frame_s / 2) - (asked_s + rate * spans_s / 2)
    return float(np.average(off_s, weights=spans_s))


def _asked(filters: Sequence[str], begin: str) -> float:
    (found,) = (each for each in filters if each.startswith(begin))
    return float(found.removeprefix(begin).split(":")[0])


@lru_cache(maxsize=8)
def _samples(path: Path) -> np.ndarray:
    command = [FFMPEG, "-v", "error", "-i", str(path), "-map", "0:a:0", "-ac", "1"]
    command += ["-ar", str(_RATE_HZ), "-f", "f32le", "-"]
    return np.frombuffer(subprocess.run(command, check=True, capture_output=True).stdout, "<f4")


@lru_cache(maxsize=8)
def _frames(path: Path, filters: str) -> list[tuple[float, str]]:
    """When each frame is shown, and a digest of what it shows."""
    command = [FFMPEG, "-v", "error", "-i", str(path), "-map", "0:v:0", "-vf", filters]
    command += ["-fps_mode", "passthrough", "-enc_time_base", "1:90000", "-f", "framemd5", "-"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    (ticks, a_second) = re.findall(r"^#tb 0: (\d+)/(\d+)", printed, re.MULTILINE)[0]
    rows = [line.split(",") for line in printed.splitlines() if not line.startswith("#")]
    return [(int(row[2]) * int(ticks) / int(a_second), row[5].strip()) for row in rows]


def common_delays_s(events: Sequence[str], delays_s: Sequence[float]) -> dict[str, float]:
    """What the sounds of an event's takes have in common: the footage's own, a gap, say."""
    of_event: dict[str, list[float]] = {}
    for event, delay_s in zip(events, delays_s, strict=True):
        of_event.setdefault(event, []).append(delay_s)
    return {event: float(np.median(each_s)) for event, each_s in of_event.items()}


def made_takes(tool: str, arguments: Sequence[str]) -> list[Cut]:
    """Run the generator; returns what it asked ffmpeg for."""
    recorder = Recorder(subprocess.run)
    before, sys.argv = sys.argv, [tool, *arguments]
    subprocess.run = recorder  # type: ignore[assignment]
    try:
        runpy.run_path(tool, run_name="__main__")
    finally:
        subprocess.run, sys.argv = recorder.run, before
    return recorder.cuts


def main() -> None:
    """Make the set, measure, write."""
    if len(sys.argv) < 4 or "--help" in sys.argv:
        sys.exit(__doc__)
    folder = Path(sys.argv[2])
    cuts = made_takes(sys.argv[1], sys.argv[2:])
    with (folder / "takes.csv").open(newline="") as file:
        rows = {row["file"]: row for row in csv.DictReader(file)}
    sounds_s = {cut.path.name: sound_delay_s(cut) or 0.0 for cut in cuts if cut.of("a")}
    common_s = common_delays_s([rows[name]["event"] for name in sounds_s], [*sounds_s.values()])
    with (folder / "delays.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "sound_delay_s", "picture_delay_s", "heard"])
        for cut in cuts:
            row, sound_s = rows[cut.path.name], sounds_s.get(cut.path.name, 0.0)
            if cut.path.name in sounds_s:
                sound_s -= common_s[row["event"]]
            rate = float(row["rate"])
            picture_s = picture_delay_s(cut, rate) or 0.0
            clear = heard(cut, rate)
            cells = [f"{sound_s:.6f}", f"{picture_s:.6f}", "" if clear is None else f"{clear:.1f}"]
            writer.writerow([cut.path.name, *cells])


if __name__ == "__main__":
    main()

"""Whether what `videoalignment sync` writes for others says what its timeline says.

Makes recordings that are hard to lay on a timeline (benchmarks/hard_recordings.py), runs the
command with every output, and reads each back: editors' files with parsers that are not this
package's (benchmarks/editors_files.py), and cut cameras by the moments that their pictures and
sounds tell. With --interrupts the command is run again and again, stopped by Ctrl-C while it
writes, and what is there then must be whole.

example: python -m benchmarks.sync_outputs OUT --at-least 9 --interrupts 20
"""

import argparse
import contextlib
import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from benchmarks.editors_files import (
    Clip,
    read_edl,
    read_fcpxml,
    read_fcpxml_as_written,
    read_kdenlive,
    read_otio,
    read_xmeml,
)
from benchmarks.hard_recordings import (
    RECORDERS,
    Recorder,
    moment_heard_s,
    moments_shown,
    write_recordings,
)
from benchmarks.scenes import FFMPEG
from videoalignment.time_map import TimeMap

_RECORDER = {one.name: one for one in RECORDERS}
_TIMECODES_S = {"pal.mov": 10 * 3600 + 20 * 60 + 30}
_HEARD_FROM_S, _HEARD_S = 3.0, 4.0  # of a cut sound
_ONE_KIND = "FCPXML, adapter"  # which takes all clips for pictures


@dataclass(frozen=True)
class Lying:
    """A file on its group's clock, as timeline.json says."""

    recorder: Recorder
    time_map: TimeMap
    lag_s: float
    uncertainty_s: float

    def map_of(self, kind: str) -> TimeMap:
        """Of its picture or its sound onto the group's clock."""
        late = kind == "A" and self.recorder.fps
        return TimeMap(-self.lag_s if late else 0.0).then(self.time_map)


Groups = list[dict[str, Lying]]


def run_sync(recordings: Path, out: Path, *options: str) -> subprocess.Popen[str]:
    """Begin the command.

    Args:
        recordings: the folder.
        out: for the timeline.
        options: further ones.
    """
    command = [sys.executable, "-m", "videoalignment", "sync", str(recordings), "--out", str(out)]
    return subprocess.Popen(
        [*command, *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def read_timeline(out: Path) -> Groups:
    """The groups of timeline.json, by files' names."""
    read = json.loads((out / "timeline.json").read_text())
    return [
        {
            (name := Path(file["file"]).name): Lying(
                _RECORDER[name],
                TimeMap(file["begin_s"], file["rate"]),
                file["sound_lag_s"] or 0.0,
                file["uncertainty_s"],
            )
            for file in group["files"]
        }
        for group in read["groups"]
    ]


# ------------------------------------------------------------------ the timeline and the truth


def print_timeline(groups: Groups) -> None:
    """How far files lie from the truth, each group as a whole moved to it."""
    print("\n| file | place off | at most, it says | clock off | sound's lag off |")
    print("|---|---|---|---|---|")
    for group in groups:
        middle_s = {name: one.recorder.length_s / 2 for name, one in group.items()}
        late_s = _late_s(group)
        for name, one in group.items():
            truth = one.recorder.time_map
            at_s = middle_s[name]
            off_s = one.time_map.to_b(at_s) + late_s - truth.to_b(at_s)
            ppm = 1e6 * (one.time_map.speed / truth.speed - 1)
            lag = f"{1e3 * (one.lag_s - one.recorder.lag_s):+.1f} ms"
            print(
                f"| {name} | {1e3 * off_s:+.2f} ms | {1e3 * one.uncertainty_s:.2f} ms "
                f"| {ppm:+.1f} ppm | {lag if one.recorder.fps and one.recorder.sound else '–'} |"
            )


def _late_s(group: dict[str, Lying]) -> float:
    """How much later a group's clock begins than the event's."""
    return float(
        np.median(
            [
                one.recorder.time_map.to_b(at_s) - one.time_map.to_b(at_s)
                for one in group.values()
                for at_s in [one.recorder.length_s / 2]
            ]
        )
    )


# ------------------------------------------------------------------ editors' files


def clips_of(out: Path, groups: int) -> dict[str, list[list[Clip]]]:
    """What each parser reads of each format, a list of clips a group."""
    numbered = [f"timeline{'' if k == 0 else f'-{k + 1}'}" for k in range(groups)]
    xmeml = read_xmeml(out / "timeline.xml")
    rates = [clips[0].rate for clips in xmeml]
    return {
        "OTIO": [read_otio(out / f"{name}.otio") for name in numbered],
        "xmeml": xmeml,
        _ONE_KIND: read_fcpxml(out / "timeline.fcpxml"),
        "FCPXML, as written": read_fcpxml_as_written(out / "timeline.fcpxml"),
        "Kdenlive": [read_kdenlive(out / f"{name}.kdenlive") for name in numbered],
        "EDL": [
            read_edl(out / f"{name}.edl", rate, _TIMECODES_S)
            for name, rate in zip(numbered, rates, strict=True)
        ],
    }


def off_s(clip: Clip, one: Lying, counted_from_s: float) -> float:
    """How far what a clip plays lies from where the timeline puts it, the worst along it.

    Args:
        clip: what was read.
        one: its file.
        counted_from_s: the file's first picture, as the format counts.
    """
    line = one.map_of(clip.kind)
    times_s = clip.begin_s + np.array([0.0, 0.5, 0.999]) * clip.duration_s
    return float(max(abs(line.to_b(clip.moment_s(t) - counted_from_s) - t) for t in times_s))


def print_editors(out: Path, groups: Groups) -> None:
    """How far each file lies in each format from where the timeline has it."""
    print("\n| read | files missing | off: median | most | in frames | the worst |")
    print("|---|---|---|---|---|---|")
    for name, read in clips_of(out, len(groups)).items():
        rows, missing = [], []
        for clips, group in zip(read, groups, strict=True):
            wanted = {(k, f) for f, one in group.items() for k in _kinds(one.recorder)}
            if name == _ONE_KIND:
                clips = [c for c in clips if ("V", c.file) in wanted]
                wanted = {each for each in wanted if each[0] == "V"}
            missing += sorted(wanted ^ {(clip.kind, clip.file) for clip in clips})
            for clip in clips:
                one = group[clip.file]
                first_s = 0.0 if name == "Kdenlive" else one.recorder.picture_late_s
                apart_s = off_s(clip, one, first_s)
                rows.append((apart_s, apart_s * clip.rate, f"{clip.kind} {clip.file}"))
        apart_s, frames, worst = max(rows)
        print(
            f"| {name} | {', '.join(' '.join(each) for each in missing) or 'none'} "
            f"| {1e3 * np.median([row[0] for row in rows]):.1f} ms | {1e3 * apart_s:.1f} ms "
            f"| {frames:.2f} | {worst} |"
        )


def _kinds(one: Recorder) -> str:
    return "V" * bool(one.fps) + "A" * bool(one.sound)


# ------------------------------------------------------------------ cut cameras


def print_cuts(folder: Path, groups: Groups) -> None:
    """What the pictures and sounds of cut cameras tell of when they were taken."""
    print(
        "\n| cut | frames | unread | first moment off | in its frames | any moment off "
        "| in its frames | sound off | picture |\n|---|---|---|---|---|---|---|---|---|"
    )
    for number, group in enumerate(groups, start=1):
        at = folder / f"group-{number}" if len(groups) > 1 else folder
        if not at.exists():
            print(f"| group {number} | not cut | | | | | | | |")
            continue
        times_s = np.array([float(row["time_s"]) for row in _table(at / "frames.csv")])
        for row in _table(at / "cuts.csv"):
            if row["file"]:
                _print_cut(at / row["file"], row, group, times_s)


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _print_cut(
    path: Path, row: dict[str, str], group: dict[str, Lying], times_s: np.ndarray
) -> None:
    one = group[Path(row["source"]).name].recorder
    wanted_s = times_s + _late_s(group)
    cells = ["–"] * 6
    if one.fps:
        shown_s = moments_shown(path)
        same = min(len(shown_s), len(wanted_s))
        late_s = shown_s[:same] - wanted_s[:same]
        most_s = float(np.nanmax(np.abs(late_s)))
        cells = [f"{len(shown_s)} of {len(wanted_s)}", str(int(np.isnan(shown_s).sum()))]
        for apart_s in (float(late_s[0]), most_s):
            cells += [f"{1e3 * apart_s:+.1f} ms", f"{apart_s / one.frame_s:+.2f}"]
    heard = "–"
    if one.sound:
        sound_s = _sound_off_s(path, one, float(wanted_s[0]))
        heard = f"{1e3 * sound_s:+.2f} ms"
    print(f"| {path.name} | {' | '.join(cells)} | {heard} | {row['picture']} |")


def _sound_off_s(path: Path, one: Recorder, begin_s: float) -> float:
    """How much later than it should a cut file's sound is heard, some seconds after its begin."""
    from_s = max(_HEARD_FROM_S, one.begin_s - begin_s + 1, one.begin_s + one.heard[0] - begin_s + 1)
    command = [FFMPEG, "-v", "error", "-i", f"file:{path}", "-map", "0:a:0", "-ac", "1"]
    command += ["-af", "aresample=48000:async=1:first_pts=0", "-f", "f32le", "-"]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    samples = np.frombuffer(raw, "<f4")[round(from_s * 48_000) :][: round(_HEARD_S * 48_000)]
    return begin_s + from_s - moment_heard_s(samples, one.event, begin_s + from_s)


# ------------------------------------------------------------------ Ctrl-C


def written_when(process: subprocess.Popen[str]) -> list[float]:
    """When a run says that it has written something, seconds; the run goes on to its end."""
    began, when = time.monotonic(), []
    assert process.stderr is not None
    for line in process.stderr:
        if "wrote " in line:
            when.append(time.monotonic() - began)
    if process.wait() != 0:
        sys.exit("the command failed")
    return when


def interrupted(process: subprocess.Popen[str], after: int, wait_s: float) -> int:
    """Stop a run some time after it has written so many files; returns its exit status."""
    assert process.stderr is not None
    for line in process.stderr:
        after -= "wrote " in line
        if after <= 0:
            break
    time.sleep(wait_s)
    with contextlib.suppress(ProcessLookupError):  # it has ended
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: ffmpeg gets it, too
    process.stderr.read()
    return process.wait()


def not_whole(out: Path, complete: Path) -> list[str]:
    """What is wrong with the files that a run has left.

    Args:
        out: what was left.
        complete: the folder of a run that went to its end.
    """
    known = {path.relative_to(complete) for path in complete.rglob("*")}
    problems = []
    for path in sorted(out.rglob("*")):
        name = path.relative_to(out)
        if name not in known:
            problems.append(f"{name}: left over")
        elif path.is_file() and not _is_whole(path, complete / name):
            problems.append(f"{name}: not whole")
    return problems


def _is_whole(path: Path, example: Path) -> bool:
    """Whether a file can be read to its end."""
    if path.suffix in (".xml", ".fcpxml", ".kdenlive"):
        return ElementTree.parse(path) is not None
    if path.suffix in (".json", ".otio"):
        return bool(json.loads(path.read_text()))
    if path.suffix in (".html", ".csv", ".edl"):
        return path.read_bytes()[-8:] == example.read_bytes()[-8:]
    return _decoded(path) == _decoded(example)


def _decoded(path: Path) -> Counter[str]:
    """How many frames, or pieces of sound, each stream of a file gives."""
    command = [FFMPEG, "-v", "error", "-i", f"file:{path}", "-map", "0:V?", "-map", "0:a?"]
    command += ["-fps_mode", "passthrough", "-f", "framecrc", "-"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return Counter(line.split(",")[0] for line in printed.splitlines() if line[0] != "#")


def print_interrupts(recordings: Path, folder: Path, count: int, options: Sequence[str]) -> None:
    """Stop runs at moments drawn among those at which they write, and look at what they left."""
    complete = folder / "complete"
    when_s = written_when(run_sync(recordings, complete, *options, str(complete / "cut")))
    rng = np.random.default_rng(0)
    wrong = []
    statuses = []
    for number in range(count):
        out = folder / f"interrupted-{number}"
        after = int(rng.integers(0, len(when_s) - 1))
        takes_s = when_s[after] - (when_s[after - 1] if after else 0.0)
        process = run_sync(recordings, out, *options, str(out / "cut"))
        statuses.append(interrupted(process, after, float(rng.uniform(0, takes_s))))
        wrong += [f"run {number}, {each}" for each in not_whole(out, complete)]
    print(f"\n{count} runs stopped while they wrote, exit statuses {sorted(set(statuses))}:")
    print("\n".join(wrong) or "all that they left is whole, and nothing else is there")


def main() -> None:
    """Make the recordings, run, read back, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--at-least", type=int, default=9, help="cameras of a second cut")
    parser.add_argument("--interrupts", type=int, default=0, help="runs that are stopped")
    given = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    # a shell that starts this in the background has it and what it starts ignore Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)
    recordings, out = given.out / "recordings", given.out / "synced"
    write_recordings(recordings)
    options = ("--for", "all", "--cut")
    written_when(run_sync(recordings, out, *options, str(out / "cut")))
    groups = read_timeline(out)
    print_timeline(groups)
    print_editors(out, groups)
    print_cuts(out / "cut", groups)
    fewer = given.out / "at-least"
    at_least = ("--at-least", str(given.at_least))
    written_when(run_sync(recordings, fewer, *at_least, "--cut", str(fewer / "cut")))
    print_cuts(fewer / "cut", read_timeline(fewer))
    if given.interrupts:
        print_interrupts(recordings, given.out, given.interrupts, options)


if __name__ == "__main__":
    main()

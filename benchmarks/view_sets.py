"""Cut takes out of cameras that film one event from several sides, with exact truth.

Each take is a stretch of one camera's file, drawn at random, at a frame rate of its own, encoded
anew: in another codec, coarser or finer, small or as it was, and above all with key frames at
distances of its own, since files of one encoder pulse together. Writes OUT/*.{mp4,avi} without
sound, and OUT/views.csv with the columns file, event, camera, moves, begin_s, length_s: the moment
t of a take is the event's moment begin_s + t.

The cameras' files are those of ../shared/data/footage/views: their names say when they begin.

example: python -m benchmarks.view_sets OUT ../shared/data/footage/views --takes 3 --seed 1
"""

import argparse
import csv
import itertools
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np

from benchmarks.scenes import FFMPEG
from videoalignment.media.probe import probe_video
from videoalignment.progress import track

_STARTED_AT = re.compile(r"_(?P<camera>[a-z]+\d+)_(?P<frame>\d+)_\d+_\d+$")
_MOUSE = re.compile(r"Camera(?P<camera>[A-Z])_(?P<frame>\d+)$")
_LATE_S = {"left": 0.0096, "right": 0.0}  # of pulsejet, as their sound says
# How much later cameras begin than is said of them. Of 3dpop's: only so do the birds bob their
# heads at once in all three, and the three pairs agree about it round the loop. Of caliscope's: so
# the person's keypoints say (benchmarks.pose_points), against each of the three others; its
# pictures are stamped when they reach the computer.
_LATER_S = {"sequence69_n05_cam02": -0.2, "sequence69_n05_cam03": 0.2, "cam_1": -0.13}
_SHORTEST_S = 2.0
_CODECS = {
    "x264": ("mp4", "-c:v libx264 -preset veryfast -sc_threshold 0 -crf {crf}"),
    "x265": ("mp4", "-c:v libx265 -preset ultrafast -x265-params log-level=error -crf {crf}"),
    "mpeg4": ("avi", "-c:v mpeg4 -q:v {quantiser}"),
}
_FASTEST_FPS = 60.0
_HANG_TOGETHER_S = 8.0


@dataclass(frozen=True)
class Camera:
    """One camera's file, and where it lies on the event's clock."""

    path: Path
    event: str
    name: str
    moves: bool
    begin_s: float
    fps: float
    length_s: float


@dataclass(frozen=True)
class View:
    """A take of a camera."""

    file: str
    event: str
    camera: str
    moves: int
    """1 where the camera moves, else 0."""
    begin_s: float
    length_s: float

    def shared_s(self, other: "View") -> float:
        """How many seconds of the event both have; negative where they are apart."""
        end_s = min(self.begin_s + self.length_s, other.begin_s + other.length_s)
        return end_s - max(self.begin_s, other.begin_s)

    def offset_s(self, other: "View") -> float:
        """The moment of another take of the event at which this one begins."""
        return self.begin_s - other.begin_s


def cameras_of(folder: Path) -> list[Camera]:
    """The cameras of all events in a folder of folders."""
    return [
        camera for path in sorted(folder.glob("*/*.mp4")) if (camera := _camera(path)) is not None
    ]


def _camera(path: Path) -> Camera | None:
    """What a file's name says; None where it says nothing."""
    info, event = probe_video(path), path.parent.name
    fps, length_s = float(info.fps or 0), float(info.duration_s or 0)
    if named := _STARTED_AT.search(path.stem) or _MOUSE.match(path.stem):
        name = named["camera"]
        begin_s = int(named["frame"]) / fps + _LATER_S.get(path.stem[:20], 0.0)
    elif path.stem in _LATE_S:
        name, begin_s = path.stem, _LATE_S[path.stem]
    elif path.stem.startswith("cam_"):
        name, begin_s = path.stem, _LATER_S.get(path.stem, 0.0)
    else:
        return None
    moves = name.startswith("aria") or path.stem in _LATE_S
    return Camera(path, event, name, moves, begin_s, fps, length_s)


def make_views(out: Path, cameras: Sequence[Camera], takes: int, seed: int) -> list[View]:
    """Cut the takes of cameras, or read what an earlier call left in the folder.

    Args:
        out: the folder; taken to hold takes of these cameras.
        cameras: the files to cut out of.
        takes: of each file; the first is long, at least nine tenths of it.
        seed: what is drawn.
    """
    table = out / "views.csv"
    if not table.exists():
        out.mkdir(parents=True, exist_ok=True)
        jobs = list(itertools.product(enumerate(cameras), range(takes)))
        views = []
        for (place, camera), number in track(jobs, "takes", len(jobs), "takes"):
            generator = np.random.default_rng([seed, place, number])
            stem = out / f"{camera.event}-{camera.path.stem}-{number}"
            views.append(_take(stem, camera, number == 0, generator))
        with table.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([field.name for field in fields(View)])
            writer.writerows(asdict(view).values() for view in views)
    return read_views(table)


def read_views(table: Path) -> list[View]:
    """Read what `make_views` wrote."""
    with table.open(newline="") as file:
        return [
            View(**{field.name: field.type(row[field.name]) for field in fields(View)})
            for row in csv.DictReader(file)
        ]


def loners(videos: Sequence[Path], shortest_s: float) -> list[View]:
    """Videos of so many seconds and more as takes of an event of their own each."""
    lengths_s = [float(probe_video(video).duration_s or 0) for video in videos]
    return [
        View(str(video.resolve()), video.stem, "", 0, 0.0, length_s)
        for video, length_s in zip(videos, lengths_s, strict=True)
        if length_s >= shortest_s
    ]


def sharing(views: Sequence[View], shortest_s: float) -> Iterator[tuple[View, View]]:
    """Pairs of different cameras of one event that share so many seconds of it or more."""
    for one, other in itertools.combinations(views, 2):
        seen_twice = one.event == other.event and one.camera != other.camera
        if seen_twice and one.shared_s(other) >= shortest_s:
            yield one, other


def strangers(views: Sequence[View], count: int, seed: int) -> list[tuple[View, View]]:
    """Pairs that share no moment: all of one event, and so many of different ones, drawn."""
    pairs = list(itertools.combinations(views, 2))
    apart = [(one, other) for one, other in pairs if one.event != other.event]
    drawn = np.random.default_rng(seed).permutation(len(apart))[:count]
    same = [pair for pair in pairs if pair[0].event == pair[1].event]
    return [pair for pair in same if pair[0].shared_s(pair[1]) <= 0] + [apart[i] for i in drawn]


def sets_of(
    views: Sequence[View], per_event: int, further: int, least_s: float, seed: int
) -> Iterator[tuple[View, ...]]:
    """Sets of a take of each camera of an event that has three, and further takes of these, which
    hang together by stretches of 8 s.

    Args:
        views: takes of all events.
        per_event: sets of each, at most.
        further: takes of each set beyond one of each camera.
        least_s: no take is shorter.
        seed: what is drawn.
    """
    generator = np.random.default_rng(seed)
    for event in dict.fromkeys(view.event for view in views):
        cameras: dict[str, list[View]] = {}
        for view in views:
            if view.event == event and view.length_s >= least_s:
                cameras.setdefault(view.camera, []).append(view)
        if len(cameras) < 3:
            continue
        takes = [take for of in cameras.values() for take in of]
        sets = [*itertools.product(*cameras.values())]
        drawn = [sets[i] for i in generator.permutation(len(sets))]
        more = (_with_further(one, takes, further, generator) for one in drawn)
        yield from itertools.islice(filter(_hang_together, more), per_event)


def _with_further(
    views: tuple[View, ...], takes: Sequence[View], count: int, generator: np.random.Generator
) -> tuple[View, ...]:
    others = [take for take in takes if take not in views]
    return (*views, *(others[i] for i in generator.permutation(len(others))[:count]))


def _hang_together(views: tuple[View, ...]) -> bool:
    reached = {0}
    for _ in views:
        reached |= {
            b
            for a, b in itertools.permutations(range(len(views)), 2)
            if a in reached and views[a].shared_s(views[b]) >= _HANG_TOGETHER_S
        }
    return len(reached) == len(views)


def _take(stem: Path, camera: Camera, long: bool, generator: np.random.Generator) -> View:
    """Draw and encode one take."""
    shortest_s = 0.9 * camera.length_s if long else min(_SHORTEST_S, camera.length_s)
    frames = int(generator.uniform(shortest_s, camera.length_s) * camera.fps)
    first = int(generator.integers(max(1, round(camera.length_s * camera.fps) - frames)))
    fps = min(camera.fps * generator.choice([1.0, 1.0, 0.8, 1.5]), _FASTEST_FPS)
    codec = str(generator.choice(list(_CODECS)))
    suffix, encoder = _CODECS[codec]
    encoder = encoder.format(crf=generator.integers(18, 31), quantiser=generator.integers(2, 9))
    keys = int(generator.integers(5, 90))
    filters = (
        f"trim=start_frame={first}:end_frame={first + frames},setpts=PTS-STARTPTS,fps={fps:.6f},"
        f"scale=-2:'min(ih,{generator.choice([360, 480, 720])})'"
    )
    path = stem.with_suffix(f".{suffix}")
    command = [FFMPEG, "-y", "-v", "error", "-i", str(camera.path), "-an", "-vf", filters]
    command += [*encoder.split(), "-pix_fmt", "yuv420p", "-g", str(keys), "-threads", "1"]
    subprocess.run([*command, str(path)], check=True, stderr=subprocess.DEVNULL)
    begin_s = camera.begin_s + first / camera.fps
    return View(
        path.name, camera.event, camera.name, int(camera.moves), begin_s, frames / camera.fps
    )


def main() -> None:
    """Cut takes as asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("events", type=Path, help="folder of a folder of cameras' files per event")
    parser.add_argument("--takes", type=int, default=3, help="of every file")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    views = make_views(options.out, cameras_of(options.events), options.takes, options.seed)
    print(f"{len(views)} takes of {len({view.event for view in views})} events in {options.out}")
    for event in dict.fromkeys(view.event for view in views):
        here = [view for view in views if view.event == event]
        pairs = [len([*sharing(here, shortest_s)]) for shortest_s in (1.0, 4.0, 8.0)]
        print(f"{event}: {len(here)} takes; pairs that share 1, 4, 8 s: {pairs}")


if __name__ == "__main__":
    main()

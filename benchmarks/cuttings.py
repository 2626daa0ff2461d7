"""How much of what two versions of one programme share is found, by picture, by sound and by both.

Of every video that lasts long enough two versions are made: from each some parts are cut out, at
moments of its own, and the second one gets a stretch of another video put in, another frame, grade
and encoding. What is shared is then known to a frame. It is counted how much of it lies within
0.1 s of where `align_pair` puts it, and how much is put where nothing is shared; and whether
`align_pair` calls versions of different programmes a match.

example: python -m benchmarks.cuttings OUT film.mp4 show.mp4 scene.mp4 --seed 1
"""

import argparse
import itertools
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.scenes import FFMPEG
from videoalignment.align import Alignment, align_pair
from videoalignment.align.options import CompareBy
from videoalignment.media.probe import probe_video
from videoalignment.progress import track

_FPS = 25
_SHORTEST_S, _PROGRAMME_S = 24.0, 60.0
_OUT_S, _KEPT_S = (2.0, 7.0), (4.0, 12.0)  # what is cut out, and what is kept in between
_INSERT_S = 4.0
_NEAR_S = 0.1
_STEP_S = 1 / _FPS
_EDIT = ",crop=iw*0.9:ih*0.9,eq=contrast=0.9:brightness=0.05,scale=480:270,setsar=1"
_BY: tuple[CompareBy, ...] = ("picture", "sound", "both")


@dataclass(frozen=True)
class Part:
    """A stretch of a video in a version."""

    video: Path
    begin_s: float
    end_s: float


def version(rng: np.random.Generator, video: Path, length_s: float) -> list[Part]:
    """What is left of a programme after some parts were cut out, whole frames of 25 a second."""
    parts, at_s = [], float(rng.choice([0.0, rng.uniform(*_OUT_S)]))
    while at_s < length_s - _KEPT_S[0]:
        end_s = min(length_s, at_s + rng.uniform(*_KEPT_S))
        parts.append(Part(video, round(at_s * _FPS) / _FPS, round(end_s * _FPS) / _FPS))
        at_s = end_s + rng.uniform(*_OUT_S)
    return parts


def write(path: Path, parts: list[Part], sounds: bool, edit: str = "") -> None:
    """Cut parts out of videos and put them one after the other."""
    if path.exists():
        return
    inputs, filters, chain = [], [], ""
    for n, part in enumerate(parts):
        inputs += ["-i", f"file:{part.video}"]
        filters.append(
            f"[{n}:v]fps={_FPS},trim={part.begin_s}:{part.end_s},setpts=PTS-STARTPTS,"
            f"scale=640:360,setsar=1{edit}[v{n}]"
        )
        chain += f"[v{n}]"
        if sounds:
            filters.append(
                f"[{n}:a]aresample=44100,aformat=channel_layouts=mono,"
                f"atrim={part.begin_s}:{part.end_s},asetpts=PTS-STARTPTS[a{n}]"
            )
            chain += f"[a{n}]"
    outputs = ["-map", "[v]", *(["-map", "[a]"] if sounds else [])]
    filters.append(f"{chain}concat=n={len(parts)}:v=1:a={int(sounds)}[v]{'[a]' * sounds}")
    command = [FFMPEG, "-y", "-loglevel", "error", *inputs]
    command += ["-filter_complex", ";".join(filters), *outputs, "-crf", "26", f"file:{path}"]
    subprocess.run(command, check=True)


def moments(parts: list[Part]) -> tuple[np.ndarray, np.ndarray]:
    """For every step of a version which video it shows, by its number of `parts`, and when."""
    lengths_s = [part.end_s - part.begin_s for part in parts]
    edges_s = np.cumsum([0.0, *lengths_s])
    times_s = np.arange(0, edges_s[-1], _STEP_S) + _STEP_S / 2
    part = (np.searchsorted(edges_s, times_s, side="right") - 1).clip(0, len(parts) - 1)
    begins_s = np.array([p.begin_s for p in parts])
    return part, begins_s[part] + times_s - edges_s[part]


def counted(found: Alignment, one: list[Part], two: list[Part]) -> tuple[float, float, float]:
    """Seconds of the first version that are shared, that are found, and that are put wrongly."""
    part, shown_s = moments(one)
    theirs, theirs_s = moments(two)
    video = np.array([str(p.video) for p in one])[part]
    their_video = np.array([str(p.video) for p in two])[theirs]
    truth_s = np.full(len(part), np.nan)
    for number, shown in enumerate(shown_s):
        same = (np.abs(theirs_s - shown) < _STEP_S) & (their_video == video[number])
        if same.any():
            truth_s[number] = (np.argmax(same) + 0.5) * _STEP_S
    shared = ~np.isnan(truth_s)
    times_s = (np.arange(len(part)) + 0.5) * _STEP_S
    told_s = np.full(len(part), np.nan)
    for segment in found.segments:
        inside = (times_s >= segment.begin_a_s) & (times_s < segment.end_a_s)
        told_s[inside] = segment.time_map.to_b(times_s[inside])
    right = shared & (np.abs(told_s - truth_s) < _NEAR_S)
    wrong = ~np.isnan(told_s) & ~right
    return shared.sum() * _STEP_S, right.sum() * _STEP_S, wrong.sum() * _STEP_S


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("videos", type=Path, nargs="+")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(given.seed)
    about = {video: probe_video(video) for video in given.videos}
    programmes = [v for v, info in about.items() if info.duration_s >= _SHORTEST_S]
    versions: dict[Path, tuple[list[Part], list[Part]]] = {}
    for number, video in enumerate(programmes):
        length_s = min(_PROGRAMME_S, about[video].duration_s)
        one, two = (version(rng, video, length_s) for _ in range(2))
        other = given.videos[(number + 1) % len(given.videos)]
        two.insert(len(two) // 2, Part(other, 0.0, min(_INSERT_S, about[other].duration_s)))
        versions[video] = one, two
        sounds = all(about[part.video].has_audio for part in (*one, *two))
        write(given.out / f"{video.stem}-one.mp4", one, sounds)
        write(given.out / f"{video.stem}-two.mp4", two, sounds, _EDIT)
    sums = {by: np.zeros(4) for by in _BY}
    for video, (one, two) in track(versions.items(), "aligning", len(versions), "programmes"):
        a, b = (given.out / f"{video.stem}-{which}.mp4" for which in ("one", "two"))
        for by in _BY if probe_video(a).has_audio else ("picture",):
            found = align_pair(a, b, by=by).alignment
            shared_s, right_s, wrong_s = counted(found, one, two)
            sums[by] += found.matched, shared_s, right_s, wrong_s
            print(
                f"{video.stem} by {by}: {'match' if found.matched else 'no match'} "
                f"({found.confidence:.2f}), of {shared_s:.1f} s shared {right_s:.1f} s found, "
                f"{wrong_s:.1f} s put wrongly"
            )
    for by, (matched, shared_s, right_s, wrong_s) in sums.items():
        print(
            f"by {by}: {matched:.0f} matched, of {shared_s:.0f} s shared {right_s:.0f} s found, "
            f"{wrong_s:.1f} s put wrongly"
        )
    pairs = list(itertools.combinations(versions, 2))
    false = []
    for x, y in track(pairs, "aligning different programmes", len(pairs), "pairs"):
        found = align_pair(
            given.out / f"{x.stem}-one.mp4", given.out / f"{y.stem}-one.mp4", by="both"
        ).alignment
        if found.matched:
            false.append((x.stem, y.stem, round(found.confidence, 2)))
    print(f"different programmes: {len(false)} of {len(pairs)} called a match: {false}")


if __name__ == "__main__":
    main()

"""How many frames of edited clips the frame map names rightly, by what was done to their frames.

Cuts a stretch out of each video, does to its frames what the table names, aligns clip and video,
and compares the frame that `AlignedPair.frame_map` names for every frame with the one that ffmpeg
was told to take. Frames of a source whose thumbnails do not differ cannot be told apart by anybody;
they count as any other.

example: python -m benchmarks.frame_maps clips ../shared/data/footage/single/*.mp4
"""

import argparse
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.measuring import describe_machine
from benchmarks.scenes import FFMPEG, half_of, scene_of
from videoalignment import VideoAlignmentError, align_pair
from videoalignment.media.frame_times import frame_times
from videoalignment.media.probe import probe_video
from videoalignment.progress import track

_FEWEST, _MOST = 100, 240  # frames of a clip


@dataclass(frozen=True)
class Done:
    """What is done to the frames of a clip."""

    kept: Callable[[np.ndarray], np.ndarray]
    """From the numbers of the clip's frames to those that stay, bool."""
    select: str = "1"
    """The same, in ffmpeg's words; {n} is a frame's number."""
    filters: str = "null"
    """{fps} are the source's frames a second."""
    options: str = "-crf 23"
    repeats: int = 1
    """How often each frame is shown."""
    holds: bool = False
    """Whether a frame that was dropped shows the one before again."""


def _all(n: np.ndarray) -> np.ndarray:
    return np.ones(len(n), bool)


def _most(n: np.ndarray) -> np.ndarray:
    return n * 7919 % 101 > 30


_RENUMBERED = "setpts=N/{fps}/TB"  # at the source's own frames a second
DONE = {
    "copy": Done(_all),
    "coarse": Done(_all, options="-crf 34"),
    "small and coarse": Done(_all, filters="scale=iw/2:-2", options="-crf 30"),
    "graded": Done(_all, filters="eq=brightness=0.06:contrast=0.85:gamma=1.15"),
    "re-timed": Done(_all, filters="setpts=PTS/0.96"),
    "10 frames cut out": Done(
        lambda n: (n < 50) | (n >= 60), "not(between({n},50,59))", _RENUMBERED
    ),
    "every fifth gone": Done(lambda n: n % 5 != 0, "mod({n},5)"),
    "every fifth gone, renumbered": Done(lambda n: n % 5 != 0, "mod({n},5)", _RENUMBERED),
    "three of ten gone": Done(_most, "gt(mod({n}*7919,101),30)"),
    "every frame twice": Done(_all, filters=f"{_RENUMBERED},fps=2*{{fps}}:round=near", repeats=2),
    "three of ten shown before": Done(
        _most, "gt(mod({n}*7919,101),30)", "fps={fps}:round=near", holds=True
    ),
    "cropped": Done(_all, filters="crop=iw*0.9:ih*0.9"),
    "padded": Done(_all, filters="pad=iw:ih*1.3:0:(oh-ih)/2"),
}


def cut(video: Path, clip: Path, first: int, count: int, done: Done) -> np.ndarray:
    """Make a clip, and say which frame of the video each of its frames shows, shape (frames,)."""
    fps = f"{probe_video(video).fps:.6f}"
    numbers = np.arange(count)
    kept = done.kept(numbers)
    before = f"select=between(n\\,{first}\\,{first + count - 1}),setpts=PTS-STARTPTS"
    if done.holds:
        before += "," + _RENUMBERED.format(fps=fps)
        kept[0] = kept[-1] = True
        shown = np.maximum.accumulate(np.where(kept, numbers, 0))
    else:
        shown = np.repeat(numbers[kept], done.repeats)
    chosen = done.select.format(n="n")
    if done.holds:
        chosen = f"eq(n,0)+eq(n,{count - 1})+{chosen}"
    filters = done.filters.format(fps=fps)
    chain = f"{before},select='{chosen}',{filters},scale=trunc(iw/2)*2:trunc(ih/2)*2,setsar=1"
    command = [FFMPEG, "-y", "-v", "error", "-i", str(video), "-vf", chain, "-an"]
    command += ["-fps_mode", "passthrough", "-enc_time_base", "1:90000", "-preset", "veryfast"]
    command += ["-pix_fmt", "yuv420p", *done.options.split(), str(clip)]
    subprocess.run(command, check=True)
    return first + shown


def main() -> None:
    """Cut, map and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, help="folder for the clips")
    parser.add_argument("videos", type=Path, nargs="+", help="real videos")
    parser.add_argument("--seed", type=int, default=0, help="of where clips begin")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(options.seed)
    found: dict[str, list[tuple[int, int, int]]] = {name: [] for name in DONE}
    off = []
    videos = [v for v in options.videos if half_of(scene_of(v)) == "test"]
    for video in track(videos, "mapping frames", len(videos), "videos"):
        total = len(frame_times(video).stamps_us)
        if total < _FEWEST:
            continue
        count = min(_MOST, total * 3 // 4)
        for number, (name, done) in enumerate(DONE.items()):
            clip = options.out / f"{video.stem}.{number}.mp4"
            truth = cut(video, clip, int(generator.integers(total - count)), count, done)
            try:
                shown = align_pair(clip, video, by="picture").frame_map().shown
            except VideoAlignmentError:
                shown = np.full(len(truth), -(10**6))
            length = min(len(shown), len(truth))  # ffmpeg's fps ends a frame early
            errors = np.abs(shown[:length] - truth[:length])
            right = int((errors == 0).sum()), int((errors <= 1).sum()), length
            found[name].append(right)
            if right[0] < 0.99 * length:
                off.append(f"- {video.name}, {name}: {right[0]} of {length}, worst {errors.max()}")
    print(f"{describe_machine()}\nseed {options.seed}, {len(found['copy'])} videos\n")
    print(
        "| done to the frames | clips | frames | named rightly | off by 1 at most | whole clips |"
    )
    print("|---|---|---|---|---|---|")
    for name, clips in found.items():
        exact, near, frames = np.array(clips).sum(axis=0)
        whole = sum(right == length for right, _, length in clips)
        shares = f"{exact / frames:.2%} | {near / frames:.2%} | {whole} of {len(clips)}"
        print(f"| {name} | {len(clips)} | {frames} | {shares} |")
    print("\n" + "\n".join(off))


if __name__ == "__main__":
    main()

"""Cut edited clips out of real videos, and write where each was cut: ground truth for aligning.

Writes OUT/clips/*.mp4 and OUT/pairs.csv with the columns query, reference, offset_s, edit, speed:
the moment t of the query is the moment offset_s + t * speed of the reference. Rows with an empty
offset_s pair a clip with another video than its own. A clip starts on a frame of its source, so
offset_s is exact to the source's own clock; in general it lies between two frames of a 15 fps grid.

example: python -m benchmarks.edits clips a.mp4 b.mp4 --clips 19
"""

import argparse
import csv
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
import numpy as np

from videoalignment.progress import track

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()


@dataclass(frozen=True)
class Edit:
    """What is done to a clip."""

    video_filter: str
    crf: int
    """Quality of the encoding; higher is worse."""
    speed: float = 1.0


EDITS = {
    "none": Edit("null", 20),
    "recompress": Edit("scale=iw/2:-2", 38),
    "crop": Edit("crop=iw*0.8:ih*0.8:iw*0.15:ih*0.05", 24),
    "grey": Edit("hue=s=0", 26),
    "colour": Edit("eq=brightness=0.12:contrast=1.3:saturation=1.6", 26),
    "dark": Edit("eq=brightness=-0.18:gamma=0.8", 26),
    "logo": Edit("drawbox=x=iw*0.05:y=ih*0.05:w=iw*0.25:h=ih*0.2:color=yellow:t=fill", 26),
    "letterbox": Edit("pad=iw:ih*1.35:0:(oh-ih)/2", 26),
    "pillarbox": Edit("pad=iw*1.5:ih:(ow-iw)/2:0", 26),
    "blur": Edit("gblur=sigma=3", 28),
    "noise": Edit("noise=alls=25:allf=t", 26),
    "mirror": Edit("hflip", 26),
    "stretch": Edit("scale=iw*0.75:ih", 26),
    "fps12": Edit("fps=12", 26),
    "fps50": Edit("fps=50", 26),
    "camcorder": Edit(
        "perspective=x0=W*0.04:y0=H*0.06:x1=W*0.97:y1=H*0.02:x2=W*0.02:y2=H*0.95:x3=W*0.96:y3=H*0.99,"
        "eq=brightness=-0.05:contrast=0.9,noise=alls=12:allf=t",
        30,
    ),
    "pip": Edit(
        "split[a][b];[a]gblur=sigma=20[bg];[b]scale=iw*0.6:-2[fg];[bg][fg]overlay=W*0.3:H*0.25", 26
    ),
    "pal": Edit("setpts=PTS*24/25", 24, 25 / 24),
    "slow": Edit("setpts=PTS/0.95", 24, 0.95),
}


@dataclass(frozen=True)
class EditedPair:
    """An edited clip and a video that it may come from."""

    query: Path
    reference: Path
    edit: str
    offset_s: float | None
    """Where in the reference the clip begins; None where the two are to share nothing."""
    speed: float

    @property
    def related(self) -> bool:
        """Whether the two names start with the same word: perhaps the same footage after all."""
        return _family(self.query) == _family(self.reference)


def _family(path: Path) -> str:
    return re.split(r"[-_.]", path.name)[0]


def make_pairs(
    out: Path, videos: list[Path], *, clips: int, seed: int, least_s: float = 3.0
) -> list[EditedPair]:
    """Cut and edit clips, or read what an earlier call left in the folder.

    Args:
        out: the folder; its name should say how it was made.
        videos: the sources.
        clips: how many a video; the edits take turns.
        seed: of where clips begin and how long they are.
        least_s: the shortest clip, seconds.
    """
    table = out / "pairs.csv"
    if not table.exists():
        (out / "clips").mkdir(parents=True, exist_ok=True)
        rows = list(_cut_all(out, videos, clips, seed, least_s))
        with table.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["query", "reference", "offset_s", "edit", "speed"])
            writer.writerows(rows)
    with table.open(newline="") as file:
        return [
            EditedPair(
                query=out / "clips" / row["query"],
                reference=Path(row["reference"]),
                edit=row["edit"],
                offset_s=float(row["offset_s"]) if row["offset_s"] else None,
                speed=float(row["speed"] or 1),
            )
            for row in csv.DictReader(file)
        ]


def _cut_all(
    out: Path, videos: list[Path], clips: int, seed: int, least_s: float
) -> Iterator[list[str]]:
    """Cut the clips; yields the rows of the table."""
    generator = np.random.default_rng(seed)
    names = list(EDITS)
    turn = int(generator.integers(len(names)))
    made = []
    for video in track(videos, "cutting clips", len(videos), "videos"):
        times_s, first_s = _frame_times(video)
        for number in range(clips):
            edit = names[turn % len(names)]
            turn += 1
            longest_s = max(least_s, 0.7 * times_s[-1])
            span_s = min(float(generator.uniform(least_s, longest_s)), times_s[-1])
            latest_s = max(0, times_s[-1] - span_s)
            begin_s = times_s[np.searchsorted(times_s, generator.uniform(0, latest_s))]
            clip = out / "clips" / f"{video.stem}.{number}.{edit}.mp4"
            _cut(video, clip, begin_s + first_s, span_s, EDITS[edit])
            made.append((clip, video, edit))
            yield [clip.name, str(video), f"{begin_s:.4f}", edit, f"{EDITS[edit].speed:.6f}"]
    for clip, video, edit in made:
        others = [str(v) for v in videos if v.stem != video.stem]
        if others:
            yield [clip.name, others[int(generator.integers(len(others)))], "", edit, ""]


def _cut(video: Path, clip: Path, begin_s: float, span_s: float, edit: Edit) -> None:
    """Cut one clip; the picture sizes that the encoder takes are even."""
    chain = (
        f"[0:v]trim=start={begin_s - 1e-4}:duration={span_s},setpts=PTS-STARTPTS,"
        f"{edit.video_filter},scale=trunc(iw/2)*2:trunc(ih/2)*2"
    )
    command = [FFMPEG, "-y", "-v", "error", "-i", str(video), "-filter_complex", chain]
    encoder = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-preset", "veryfast"]
    subprocess.run([*command, *encoder, "-crf", str(edit.crf), str(clip)], check=True)


def _frame_times(video: Path) -> tuple[np.ndarray, float]:
    """Presentation times of all frames, seconds from the first, and that of the first."""
    command = [FFMPEG, "-hide_banner", "-i", str(video), "-map", "0:v:0", "-vf", "showinfo"]
    run = subprocess.run(
        [*command, "-fps_mode", "passthrough", "-f", "null", "-"], capture_output=True, text=True
    )
    times_s = np.array([float(t) for t in re.findall(r"pts_time:(-?[\d.]+)", run.stderr)])
    return times_s - times_s[0], float(times_s[0])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of every program that makes edited clips."""
    parser.add_argument("out", type=Path, help="folder for the clips; used again if it is there")
    parser.add_argument("videos", type=Path, nargs="+", help="real videos")
    parser.add_argument("--clips", type=int, default=19, help="clips a video")
    parser.add_argument("--seed", type=int, default=0, help="of their places and lengths")


def main() -> None:
    """Cut the clips and say how many."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_arguments(parser)
    options = parser.parse_args()
    pairs = make_pairs(options.out, options.videos, clips=options.clips, seed=options.seed)
    print(f"{len({pair.query for pair in pairs})} clips, {len(pairs)} pairs in {options.out}")


if __name__ == "__main__":
    main()

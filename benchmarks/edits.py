"""Cut edited clips out of real videos, and write where each was cut: ground truth for aligning.

Writes OUT/clips/*.mp4 and OUT/pairs.csv with the columns query, reference, offset_s, edit, speed,
begin_s, end_s: the moment t of the query, begin_s to end_s, is the moment offset_s + t * speed of
the reference. A clip that was cut and re-ordered has several numbers in a column, with semicolons.
Rows with an empty offset_s pair a clip with another video than its own. A clip starts on a frame of
its source and every frame keeps its own time, so offset_s is exact to the source's own clock; in
general it lies between two frames of a 15 fps grid.

example: python -m benchmarks.edits clips a.mp4 b.mp4 --clips 19
"""

import argparse
import csv
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.scenes import FFMPEG, scene_of
from videoalignment.progress import track


@dataclass(frozen=True)
class Edit:
    """What is done to a clip."""

    video_filter: str
    crf: int
    """Quality of the encoding; higher is worse."""
    speed: float = 1.0
    options: str = ""
    """Of the encoder, beyond the quality."""
    longest_s: float = float("inf")
    order: tuple[int, ...] = (0,)
    """Of the equal parts that the clip is cut into."""
    leader_s: float = 0.0
    """Seconds of another video that come first."""

    def lines(self, bounds_s: np.ndarray) -> list["SharedLine"]:
        """Where the clip lies in its source.

        Args:
            bounds_s: where its parts begin in its source, and where the last one ends.
        """
        lines, own_s = [], self.leader_s
        for part in self.order:
            played_s = float(bounds_s[part + 1] - bounds_s[part]) / self.speed
            offset_s = float(bounds_s[part]) - self.speed * own_s
            lines.append(SharedLine(offset_s, self.speed, own_s, own_s + played_s))
            own_s += played_s
        return lines


@dataclass(frozen=True)
class SharedLine:
    """The moment t of a clip, begin_s <= t <= end_s, is the moment offset_s + t * speed."""

    offset_s: float
    speed: float
    begin_s: float
    end_s: float

    @property
    def middle_s(self) -> float:
        """The moment of the clip in the middle of the line."""
        return (self.begin_s + self.end_s) / 2

    def place_s(self, time_s: float) -> float:
        """The moment of the source, seconds, that a moment of the clip shows."""
        return self.offset_s + self.speed * time_s


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
    "ntsc": Edit("setpts=PTS*1001/1000", 24, 1000 / 1001),
    "speed1.03": Edit("setpts=PTS/1.03", 24, 1.03),
    "speed0.97": Edit("setpts=PTS/0.97", 24, 0.97),
    "speed1.4": Edit("setpts=PTS/1.4", 24, 1.4),
    "tiny": Edit("scale=-2:144", 34),
    "pulse": Edit("scale=-2:240", 34, options="-g 12 -keyint_min 12 -sc_threshold 0"),
    "dropped": Edit("select=eq(n\\,0)+gt(random(1)\\,0.3)", 26),
    "stutter": Edit("select=eq(n\\,0)+gt(random(2)\\,0.3),fps=30", 26),
    "uneven": Edit("select=lt(mod(n\\,16)\\,6)+eq(mod(n\\,3)\\,0)", 28),
    "short": Edit("null", 28, longest_s=3.5),
    "short-crop": Edit("crop=iw*0.85:ih*0.85,scale=-2:180", 32, longest_s=5.0),
    "reordered": Edit("null", 26, order=(2, 0, 1)),
    "inserted": Edit("null", 26, longest_s=5.0, leader_s=4.0),
}


@dataclass(frozen=True)
class EditedPair:
    """An edited clip and a video that it may come from."""

    query: Path
    reference: Path
    edit: str
    lines: tuple[SharedLine, ...]
    """Where in the reference the clip lies; none where the two are to share nothing."""

    @property
    def shares(self) -> bool:
        """Whether the two share footage."""
        return bool(self.lines)

    @property
    def related(self) -> bool:
        """Whether the two are of one scene: perhaps the same footage after all."""
        return scene_of(self.query) == scene_of(self.reference)


def make_pairs(
    out: Path,
    videos: list[Path],
    *,
    clips: int,
    seed: int,
    least_s: float = 3.0,
    edits: Sequence[str] = tuple(EDITS),
) -> list[EditedPair]:
    """Cut and edit clips, or read what an earlier call left in the folder.

    Args:
        out: the folder; its name should say how it was made.
        videos: the sources.
        clips: how many a video; the edits take turns.
        seed: of where clips begin and how long they are.
        least_s: the shortest clip, seconds.
        edits: names of the edits that take turns.
    """
    table = out / "pairs.csv"
    if not table.exists():
        (out / "clips").mkdir(parents=True, exist_ok=True)
        rows = list(_cut_all(out, videos, clips, seed, least_s, edits))
        with table.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["query", "reference", "offset_s", "edit", "speed", "begin_s", "end_s"])
            writer.writerows(rows)
    return read_pairs(out)


def read_pairs(out: Path) -> list[EditedPair]:
    """The pairs that `make_pairs` left in a folder."""
    with (out / "pairs.csv").open(newline="") as file:
        return [
            EditedPair(
                query=out / "clips" / row["query"],
                reference=Path(row["reference"]),
                edit=row["edit"],
                lines=_lines(row),
            )
            for row in csv.DictReader(file)
        ]


def _lines(row: dict[str, str]) -> tuple[SharedLine, ...]:
    """The lines that a row of the table tells of."""
    columns = [row[name] for name in ("offset_s", "speed", "begin_s", "end_s")]
    numbers = [[float(number) for number in column.split(";") if number] for column in columns]
    return tuple(SharedLine(*line) for line in zip(*numbers, strict=True))


def _cut_all(
    out: Path, videos: list[Path], clips: int, seed: int, least_s: float, edits: Sequence[str]
) -> Iterator[list[str]]:
    """Cut the clips; yields the rows of the table."""
    generator = np.random.default_rng(seed)
    turn = int(generator.integers(len(edits)))
    made = []
    for index, video in enumerate(track(videos, "cutting clips", len(videos), "videos")):
        times_s, first_s = _frame_times(video)
        leader = videos[(index + 1) % len(videos)]
        for number in range(clips):
            name = edits[turn % len(edits)]
            edit = EDITS[name]
            turn += 1
            longest_s = max(least_s, min(0.7 * times_s[-1], edit.longest_s))
            span_s = min(float(generator.uniform(least_s, longest_s)), times_s[-1])
            latest_s = max(0, times_s[-1] - span_s)
            first = int(np.searchsorted(times_s, generator.uniform(0, latest_s)))
            end = int(np.searchsorted(times_s, times_s[first] + span_s))
            frames = (end - first) // len(edit.order)  # of a part
            clip = out / "clips" / f"{video.stem}.{number}.{name}.mp4"
            span_s = float(times_s[first + frames * len(edit.order) - 1] - times_s[first])
            _cut(video, leader, clip, times_s[first] + first_s, span_s, frames, edit)
            shown = {scene_of(video), *([scene_of(leader)] if edit.leader_s else [])}
            made.append((clip, name, shown))
            bounds = first + frames * np.arange(len(edit.order) + 1)
            lines = edit.lines(times_s[bounds.clip(max=len(times_s) - 1)])
            columns = [
                ";".join(f"{getattr(line, column):.6f}" for line in lines)
                for column in ("offset_s", "speed", "begin_s", "end_s")
            ]
            yield [clip.name, str(video), columns[0], name, *columns[1:]]
    for clip, name, shown in made:
        others = [str(v) for v in videos if scene_of(v) not in shown]
        if others:
            yield [clip.name, others[int(generator.integers(len(others)))], "", name, "", "", ""]


def _cut(
    video: Path, leader: Path, clip: Path, begin_s: float, span_s: float, frames: int, edit: Edit
) -> None:
    """Cut one clip; the picture sizes that the encoder takes are even.

    Args:
        video: the source.
        leader: what is shown first, where the edit wants that.
        clip: the file to write.
        begin_s: when its first frame is shown in the source.
        span_s: from there to its last frame.
        frames: of one of the parts that are re-ordered.
        edit: what is done to it.
    """
    # Fine units of time first: a video that counts in frames would round the new times to frames.
    chain = f"[0:v]settb=1/90000,trim=start={begin_s - 1e-4}:duration={span_s + 2e-4}"
    chain += ",setpts=PTS-STARTPTS"
    if len(edit.order) > 1:
        chain += f",{_shuffled(edit.order, frames)}"
    chain += f",{edit.video_filter},scale=trunc(iw/2)*2:trunc(ih/2)*2,setsar=1"
    if edit.leader_s:
        # 25 frames a second, so that it ends exactly when it should.
        chain += (
            "[own];[1:v]setpts=PTS-STARTPTS,fps=25,tpad=stop=-1:stop_mode=clone,"
            f"trim=end_frame={round(25 * edit.leader_s)}[first];"
            "[first][own]scale2ref[first][own];[first]setsar=1[first];[first][own]concat"
        )
    inputs = ["-i", str(video), *(["-i", str(leader)] if edit.leader_s else [])]
    command = [FFMPEG, "-y", "-v", "error", *inputs, "-filter_complex", chain, "-an"]
    encoder = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-preset", "veryfast", "-threads", "1"]
    # Every frame keeps its own time; the frames of a clip that was sped up would lag otherwise.
    rate = ["-fps_mode", "passthrough", "-enc_time_base", "1:90000", *edit.options.split()]
    subprocess.run([*command, *encoder, *rate, "-crf", str(edit.crf), str(clip)], check=True)


def _shuffled(order: tuple[int, ...], frames: int) -> str:
    """A filter that plays equal parts of a clip, each of so many frames, in another order."""
    parts = [
        f"[i{part}]trim=start_frame={part * frames}:end_frame={(part + 1) * frames},"
        f"setpts=PTS-STARTPTS[o{part}]"
        for part in order
    ]
    split = "".join(f"[i{part}]" for part in range(len(order)))
    joined = "".join(f"[o{part}]" for part in order)
    return f"split={len(order)}{split};{';'.join(parts)};{joined}concat=n={len(order)}"


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


def _edits(text: str) -> list[str]:
    names = text.split(",")
    if unknown := [name for name in names if name not in EDITS]:
        raise argparse.ArgumentTypeError(f"no edit {unknown[0]!r}; there are {', '.join(EDITS)}")
    return names


def main() -> None:
    """Cut the clips and say how many."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_arguments(parser)
    parser.add_argument("--least", type=float, default=3.0, help="the shortest clip, seconds")
    parser.add_argument("--edits", type=_edits, default=list(EDITS), help="names, with commas")
    options = parser.parse_args()
    pairs = make_pairs(
        options.out,
        options.videos,
        clips=options.clips,
        seed=options.seed,
        least_s=options.least,
        edits=options.edits,
    )
    print(f"{len({pair.query for pair in pairs})} clips, {len(pairs)} pairs in {options.out}")


if __name__ == "__main__":
    main()

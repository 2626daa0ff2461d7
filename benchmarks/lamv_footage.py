"""Edited clips of real footage in two roots like Demo's, OUT/fit and OUT/test: other scenes each.

Which half a scene belongs to, `scenes.half_of` says. The descriptors of both are whitened by a PCA
of the scenes of fit. LAMV's weights that ship with the package were trained on OUT/fit, with
`--ship`, which writes them into the package.

example: python -m benchmarks.lamv_footage OUT a.mp4 b.mp4 c.mp4
"""

import argparse
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from benchmarks.scenes import half_of, scene_of
from videoalignment.datasets import Demo
from videoalignment.datasets.make_demo import RECIPE, Source, cut_clip, plan_clips
from videoalignment.features.describe import FrameDescriber
from videoalignment.features.folders import extract_all
from videoalignment.lamv_weights import __file__ as package
from videoalignment.media.frames import read_frames
from videoalignment.media.video_files import find_videos
from videoalignment.pca import PcaSums
from videoalignment.train import TrainingSettings, train_lamv

RANGES = {200: None, 1024: None, 4096: 45.0, 9085: 45.0, 18886: 45.0, 40000: None}
"""Longest video, and the shortest period where periods are searched instead of documented."""


def make_clips(root: Path, videos: list[Path]) -> None:
    """Cut and edit clips, and write where each lies in its scene."""
    sources = tuple(Source(video.name, scene_of(video)) for video in videos)
    clips = list(plan_clips(replace(RECIPE, sources=sources, seed=1), videos))
    for clip in clips:
        (root / "videos" / clip.name).parent.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda c: cut_clip(c, root / "videos" / f"{c.name}.mp4"), clips))
    (root / Demo.annotation).write_text("".join(f"{clip.annotation}\n" for clip in clips))


def main() -> None:
    """Make both roots, then train where asked to."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("videos", type=Path, nargs="*", help="none where OUT is made already")
    parser.add_argument("--ship", action="store_true", help="train the weights of the package")
    arguments = parser.parse_args()
    if arguments.videos:
        describer = FrameDescriber(RECIPE.backbone, RECIPE.level)
        sums = PcaSums(describer.channels)
        halves = {
            half: [video for video in arguments.videos if half_of(scene_of(video)) == half]
            for half in ("fit", "test")
        }
        for video in halves["fit"]:
            for batch in read_frames(video):
                sums.add(describer.training_rows(batch.frames))
        describer.whiten_with(sums.fit(describer.channels))
        for half, videos in halves.items():
            root = arguments.out / half
            make_clips(root, videos)
            extract_all(find_videos(root / "videos"), root / Demo.features_folder, describer)
    if arguments.ship:
        for longest, shortest in RANGES.items():
            _ship(arguments.out / "fit", longest, shortest)


def _ship(root: Path, longest: int, shortest: float | None) -> None:
    settings = TrainingSettings(epochs=40, patience=10)
    trained = train_lamv(
        Demo, root=root, longest_frames=longest, shortest_period=shortest, settings=settings
    )
    clips = sum(trained.weights.training["clips"].values())
    about = f"{clips} clips cut out of real footage and edited"
    record = {**trained.weights.training, "dataset": about}
    name = f"lamv_{RECIPE.backbone}_{RECIPE.level}_{longest}.safetensors"
    path = Path(package).with_name("models") / "weights" / name
    replace(trained.weights, training=record).write(path)
    print(f"{path.name}: {trained.best} of {len(trained.history) - 1} epochs")
    print(f"  before {trained.before.validation}\n  after  {trained.after.validation}", flush=True)


if __name__ == "__main__":
    main()

"""Speed and memory of frame features: decoding, network, both together.

    python -m benchmarks.features VIDEO [--weights FILE] [--backbone resnet34] [--level 29]

Prints a Markdown section. Processor seconds are printed beside wall seconds, because they stay
comparable on a machine that does other work too.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import torch

from benchmarks.measuring import describe_machine
from videoalignment.features.describe import FrameDescriber
from videoalignment.features.extract import extract_video
from videoalignment.media.frames import probe_video, read_frames
from videoalignment.workers import map_in_order

_HEIGHTS = (360, 720, 1080)
_LENGTHS_S = (60, 240, 960)


@dataclass(frozen=True)
class Measured:
    """What one action took."""

    wall_s: float
    processor_s: float
    """Of this process and of the ffmpegs that it started."""


def measure(action: Callable[[], object], rounds: int = 3) -> Measured:
    """The fastest of some rounds, after one that warms up."""
    results = []
    for _ in range(rounds + 1):
        wall, processor = time.perf_counter(), _processor_s()
        action()
        results.append(Measured(time.perf_counter() - wall, _processor_s() - processor))
    return min(results[1:], key=lambda result: result.wall_s)


def _processor_s() -> float:
    usages = (resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def scaled_copy(video: Path, height: int, folder: Path) -> Path:
    """The video at another size, upscaled where need be."""
    path = folder / f"{height}.mp4"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-y", "-i", video]
    command += ["-vf", f"scale=-2:{height}", "-an", "-preset", "veryfast", path]
    subprocess.run(list(map(str, command)), check=True)
    return path


def measure_speed(video: Path, describer: FrameDescriber) -> None:
    """Print a table row: decoding alone, network alone, together."""
    batches = list(read_frames(video, batch=describer.batch))
    count = sum(len(batch.frames) for batch in batches)

    def describe_all() -> None:
        for _ in map_in_order(describer.describe, (b.frames for b in batches), describer.threads):
            pass

    decode = measure(lambda: list(read_frames(video, batch=describer.batch)))
    network = measure(describe_all)
    both = measure(lambda: extract_video(video, describer))
    cores = torch.get_num_threads()
    bound = (decode.processor_s + network.processor_s) / cores
    info = probe_video(video)
    print(
        f"| {info.width}×{info.height} | {describer.precision} | {count} "
        f"| {decode.wall_s:.2f} ({decode.processor_s:.2f}) "
        f"| {network.wall_s:.2f} ({network.processor_s:.2f}) "
        f"| {both.wall_s:.2f} ({both.processor_s:.2f}) "
        f"| {count / both.wall_s:.0f} | {both.wall_s / bound:.2f} "
        f"| {both.processor_s / cores:.2f} |",
        flush=True,
    )


def peak_memory_mib(video: Path, length_s: int, folder: Path) -> float:
    """Peak memory of a process of its own that extracts the video repeated to a length."""
    path = folder / f"{length_s}s.mp4"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-y", "-stream_loop", "-1"]
    command += ["-i", video, "-t", length_s, "-an", "-c", "copy", path]
    subprocess.run(list(map(str, command)), check=True)
    program = (
        "import resource, sys\n"
        "from videoalignment.features.describe import FrameDescriber\n"
        "from videoalignment.features.extract import extract_video\n"
        "extract_video(sys.argv[1], FrameDescriber('efficientnet_lite0', 4))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )
    printed = subprocess.run(
        [sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, text=True, check=True
    )
    return float(printed.stdout)


def bfloat16_cosine(video: Path, exact: FrameDescriber, short: FrameDescriber) -> float:
    """The smallest cosine of a frame's descriptors in the two precisions."""
    frames = np.concatenate([batch.frames for batch in read_frames(video)])
    return float((exact.describe(frames) * short.describe(frames)).sum(axis=1).min())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("video", type=Path)
    parser.add_argument("--backbone", default="resnet34")
    parser.add_argument("--level", type=int)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--skip_sizes", action="store_true", help="the video's own size alone")
    parser.add_argument("--skip_memory", action="store_true")
    arguments = parser.parse_args()
    exact, short = (
        FrameDescriber(
            arguments.backbone, arguments.level, weights=arguments.weights, precision=precision
        )
        for precision in ("float32", "bfloat16")
    )
    print(f"{exact.network} on {describe_machine()}\n")
    print("Seconds of wall clock (of processor).\n")
    print(
        "| size | precision | frames | decoding | network | together | frames/s | ratio | floor |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        videos = [arguments.video]
        if not arguments.skip_sizes:
            videos += [scaled_copy(arguments.video, height, folder) for height in _HEIGHTS]
        for video in videos:
            for describer in (exact, short):
                measure_speed(video, describer)
        cosine = bfloat16_cosine(arguments.video, exact, short)
        print(f"\nSmallest cosine between float32 and bfloat16 descriptors: {cosine:.4f}")
        if not arguments.skip_memory:
            print("\n| length, s | peak memory, MiB |\n|---|---|")
            for length_s in _LENGTHS_S:
                memory = peak_memory_mib(arguments.video, length_s, folder)
                print(f"| {length_s} | {memory:.0f} |", flush=True)


if __name__ == "__main__":
    main()

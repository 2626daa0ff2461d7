"""Features as they are usually made: JPEG files on disk, a data loader, a network.

    python -m benchmarks.features_from_jpegs VIDEO [--weights FILE]

Times that way and `extract_video` in turn, with the same network and pooling.
"""

import argparse
import subprocess
import tempfile
from pathlib import Path

import imageio_ffmpeg
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset

from benchmarks.measuring import alternate, describe_machine
from videoalignment.features.describe import FrameDescriber
from videoalignment.features.extract import extract_video
from videoalignment.features.torchvision_import import torchvision


class JpegFrames(Dataset):
    """Frames of a folder, scaled to about 12,000 pixels, uint8, shape (height, width, 3)."""

    def __init__(self, folder: Path) -> None:
        self._paths = sorted(folder.glob("*.jpg"))

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, index: int) -> torch.Tensor:
        with Image.open(self._paths[index]) as image:
            width, height = image.size
            shorter = round(min(width, height) / (width * height / 12000) ** 0.5)
            frame = torchvision.transforms.functional.pil_to_tensor(image.convert("RGB"))
        scaled = torchvision.transforms.functional.resize(frame, shorter, antialias=True)
        return scaled.permute(1, 2, 0)


def extract_from_jpegs(video: Path, describer: FrameDescriber) -> None:
    """Write every sampled frame to disk, read them back with two workers, describe them."""
    with tempfile.TemporaryDirectory() as name:
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-i", str(video)]
        command += ["-vf", "fps=15", "-q:v", "2", f"{name}/%06d.jpg"]
        subprocess.run(command, check=True)
        for frames in DataLoader(JpegFrames(Path(name)), batch_size=32, num_workers=2):
            describer.describe(frames.numpy())


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("video", type=Path)
    parser.add_argument("--backbone", default="resnet34")
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    print(describe_machine())
    print("\n| precision | JPEG files | this package | ratio |\n|---|---|---|---|")
    for precision in ("float32", "bfloat16"):
        describer = FrameDescriber(
            arguments.backbone, weights=arguments.weights, precision=precision
        )
        slow, fast = alternate(
            lambda d=describer: extract_from_jpegs(arguments.video, d),
            lambda d=describer: extract_video(arguments.video, d),
            rounds=arguments.rounds,
        )
        print(f"| {precision} | {slow:.2f} s | {fast:.2f} s | {slow / fast:.2f} |", flush=True)


if __name__ == "__main__":
    main()

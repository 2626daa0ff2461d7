"""How long aligning two long videos takes, and how much memory, with features at hand.

The features are made up: smooth descriptors that never repeat, B from a third of A's length on.

example: python -m benchmarks.align_speed --minutes 10 --fps 30
"""

import argparse
import resource
import time

import numpy as np

from benchmarks.measuring import describe_machine
from videoalignment.align import align_features
from videoalignment.features.store import FrameFeatures


def made_up(begin_s: float, length_s: float, fps: float, width: int, seed: int) -> FrameFeatures:
    """Descriptors that change all the time: straight lines between random ones, a second apart."""
    generator = np.random.default_rng(0)
    stations = generator.normal(size=(int(3 * length_s) + 2, width)).astype(np.float32)
    times_s = np.arange(round(length_s * fps)) / fps
    station, share = np.divmod(times_s + begin_s, 1)
    station, share = station.astype(int), share.astype(np.float32)[:, None]
    frames = (1 - share) * stations[station] + share * stations[station + 1]
    own = np.random.default_rng(seed)
    frames += 0.3 * own.standard_normal(frames.shape, dtype=np.float32)
    frames /= np.linalg.norm(frames, axis=1, keepdims=True)
    return FrameFeatures(frames, times_s, fps, None, length_s)


def main() -> None:
    """Align once and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10, help="length of each video")
    parser.add_argument("--fps", type=float, default=30, help="described frames a second")
    parser.add_argument("--width", type=int, default=112, help="numbers a frame")
    options = parser.parse_args()
    length_s = options.minutes * 60
    a = made_up(length_s / 3, length_s, options.fps, options.width, seed=1)
    b = made_up(0.0, length_s, options.fps, options.width, seed=2)
    started = time.perf_counter()
    found = align_features(a, b)
    seconds = time.perf_counter() - started
    peak_gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(describe_machine())
    print(
        f"{options.minutes:g} minutes at {options.fps:g} fps: {seconds:.1f} s, "
        f"peak {peak_gib:.2f} GiB, offset {found.offset_s:.4f} s of {length_s / 3:.4f} s"
    )


if __name__ == "__main__":
    main()

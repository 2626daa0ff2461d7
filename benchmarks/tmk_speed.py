"""Speed of TMK+PDQF hashes: hashing against decoding alone, scoring against a plain C loop.

The program that defines the scores is not at hand. In its place stands its arithmetic in plain C:
for a pair, the products of the rows once, then a sum over harmonics at every offset of every
period, from tables of cosines and sines, or calling these functions. It is compiled with -O2 here.

example: python -m benchmarks.tmk_speed ../shared/data/tmk/videos/*.mp4 --hashes 1000 --means 100000
"""

import argparse
import ctypes
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import torch

from benchmarks.measuring import alternate, describe_machine, peak_memory_gib
from videoalignment.features.pdqf import TmkFold
from videoalignment.features.tmk_hash import hash_videos
from videoalignment.media.video_files import VideoFile
from videoalignment.tmk_clusters import cluster_hashes
from videoalignment.tmk_files import TmkHash, to_bytes
from videoalignment.tmk_scores import hash_rows, level2_scores

_PLAIN = r"""
#include <math.h>
float plain(const float *ca, const float *sa, const float *cb, const float *sb,
            const float *tables, const int *periods, int p_count, int m, int d) {
    float best = -1e30f;
    for (int p = 0; p < p_count; p++) {
        float even[64], odd[64];
        for (int j = 0; j < m; j++) {
            even[j] = odd[j] = 0;
            for (int k = 0; k < d; k++) {
                int i = (p * m + j) * d + k;
                even[j] += ca[i] * cb[i] + sa[i] * sb[i];
                odd[j] += sa[i] * cb[i] - ca[i] * sb[i];
            }
        }
        for (int t = 0; t < periods[p]; t++, tables += 2 * m) {
            float score = 0;
            for (int j = 0; j < m; j++) {
#ifdef EACH_TIME
                double u = 6.283185307179586 * j * t / periods[p];
                score += even[j] * cos(u) + odd[j] * sin(u);
#else
                score += even[j] * tables[j] + odd[j] * tables[m + j];
#endif
            }
            if (score > best) best = score;
        }
    }
    return best;
}
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("videos", type=Path, nargs="+", help="videos to hash")
    parser.add_argument("--hashes", type=int, default=1000, help="scored each with each")
    parser.add_argument("--means", type=int, default=100_000, help="clustered at level 1")
    options = parser.parse_args()
    print(describe_machine())
    _hashing(options.videos)
    _scoring(options.hashes)
    _clustering(options.means)


def _hashing(videos: list[Path]) -> None:
    listed = [VideoFile(video, video.stem) for video in videos]
    with tempfile.TemporaryDirectory() as folder:
        decoding, hashing = alternate(
            lambda: [_decode(video) for video in videos],
            lambda: list(hash_videos(listed, folder, overwrite=True)),
            rounds=3,
        )
    print(f"decoding alone, one after the other: {decoding / len(videos):.2f} s a video")
    print(
        f"hashing, several at once: {hashing / len(videos):.2f} s, {hashing / decoding:.2f} times"
    )


def _decode(video: Path) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-i", str(video)]
    command += ["-s", "64:64", "-an", "-pix_fmt", "rgb24", "-r", "15", "-f", "null", "-"]
    subprocess.run(command, check=True)


def _scoring(count: int) -> None:
    """Processor seconds on one core, since other programs may use the cores too."""
    torch.set_num_threads(1)
    hashes = [_random_hash(seed) for seed in range(min(count, 128))]
    rows = hash_rows(hashes)
    ours = _processor_s(lambda: level2_scores(rows, rows)) / len(hashes) ** 2
    expected = level2_scores(rows[:5], rows[5:10])
    for name, each_time in (("tables of", False), ("calls of", True)):
        plain = _plain(hashes[0], each_time)
        few = hashes[:5] if not each_time else hashes[:2]
        theirs = _processor_s(lambda few=few, plain=plain: [plain(a, b) for a in few for b in few])
        error = max(abs(plain(hashes[i], hashes[5 + i]) - expected[i, i]) for i in range(2))
        print(
            f"level 2: {ours * 1e6:.1f} us a pair, plain C with {name} cos and sin "
            f"{theirs / len(few) ** 2 * 1e6:.0f} us: {theirs / len(few) ** 2 / ours:.0f} times; "
            f"they differ by {error:.0e}"
        )


def _processor_s(action: Callable[[], object]) -> float:
    """The least processor seconds of three runs."""
    seconds = []
    for _ in range(3):
        started = time.process_time()
        action()
        seconds.append(time.process_time() - started)
    return min(seconds)


def _plain(like: TmkHash, each_time: bool) -> Callable[[TmkHash, TmkHash], float]:
    """The plain C loop, compiled; `each_time` calls cos and sin at every offset."""
    folder = Path(tempfile.mkdtemp())
    (folder / "plain.c").write_text(_PLAIN)
    library = folder / "plain.so"
    compiler = ["cc", "-O2", "-shared", "-fPIC", "-o", str(library), str(folder / "plain.c")]
    compiler += [*(["-DEACH_TIME"] if each_time else []), "-lm"]
    subprocess.run(compiler, check=True)
    function = ctypes.CDLL(str(library)).plain
    function.restype = ctypes.c_float
    m = len(like.coefficients)
    angles = [
        2 * np.pi * np.multiply.outer(np.arange(period), np.arange(m)) / period
        for period in like.periods
    ]
    tables = np.concatenate([np.hstack([np.cos(x), np.sin(x)]) for x in angles])
    tables = np.ascontiguousarray(tables, np.float32)
    weights = like.coefficients.astype(float)
    highest = weights[0] + 2 * weights[1:].sum()

    def score(a: TmkHash, b: TmkHash) -> float:
        arrays = (a.cosines, a.sines, b.cosines, b.sines, tables, a.periods)
        sizes = (*a.cosines.shape,)
        return function(*(x.ctypes.data_as(ctypes.c_void_p) for x in arrays), *sizes) / highest

    return score


def _random_hash(seed: int) -> TmkHash:
    fold = TmkFold()
    generator = np.random.default_rng(seed)
    walk = generator.normal(size=(300, 256)).cumsum(0) + 10 * generator.normal(size=256)
    fold.add(walk.astype(np.float32))
    return fold.finish()


def _clustering(count: int) -> None:
    """Hashes with usual means, but one period and harmonic, so that the files fit a disk."""
    generator = np.random.default_rng(0)
    small = _random_hash(0)
    small = replace(
        small,
        periods=small.periods[:1],
        coefficients=small.coefficients[:1],
        cosines=np.ascontiguousarray(small.cosines[:1, :1]),
        sines=np.ascontiguousarray(small.sines[:1, :1]),
    )
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, f"{i:06}.tmk") for i in range(count)]
        for i, file in enumerate(files):
            if i % 5 == 0:
                mean = generator.normal(size=256)
            seen = mean + 0.2 * generator.normal(size=256)
            file.write_bytes(to_bytes(replace(small, mean=seen.astype(np.float32))))
        before, started = peak_memory_gib(), time.perf_counter()
        clusters = cluster_hashes(files)
        seconds = time.perf_counter() - started
    print(
        f"clustering {count} hashes ({count * (count - 1) // 2:,} pairs): {seconds:.0f} s, "
        f"peak {peak_memory_gib():.2f} GiB ({before:.2f} before), {len(clusters)} clusters"
    )


if __name__ == "__main__":
    main()

"""Matching at EVVE's size: random descriptors of 620 queries and 2,373 videos, all offsets.

example: python -m benchmarks.evve_matching --model TMK
"""

import argparse
import time
from types import SimpleNamespace

import torch

from benchmarks.measuring import describe_machine, peak_memory_gib
from videoalignment.devices import DEVICES, choose_device
from videoalignment.eval.steps import Run, match_all
from videoalignment.models import MODELS, Model


def random_descriptors(model: Model, videos: int, frames: int = 300) -> torch.Tensor:
    """Descriptors of random frames, made in blocks."""
    xs = torch.arange(frames).float()[None]
    return torch.cat([model.single_fv(torch.randn(1, frames, 512), xs) for _ in range(videos)])


def main() -> None:
    """Measure and print one line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", choices=["TMK", "TMK_Poullot", "CTE"], default="TMK")
    parser.add_argument("--queries", type=int, default=620)
    parser.add_argument("--videos", type=int, default=2373)
    parser.add_argument("--longest", type=int, default=16000, help="L: offsets -L..L-1")
    parser.add_argument("--device", choices=DEVICES, default="auto")
    arguments = parser.parse_args()
    run = Run(choose_device(arguments.device))
    print(describe_machine())
    torch.manual_seed(0)
    with torch.inference_mode():
        model = MODELS[arguments.model](SimpleNamespace(fft_length=2 * arguments.longest))
        queries, database = (
            random_descriptors(model, videos) for videos in (arguments.queries, arguments.videos)
        )
        started = time.perf_counter()
        match_all(
            model.query_spectra(queries.to(run.device)),
            model.spectra(database.to(run.device)),
            arguments.longest,
            run,
        )
        seconds = time.perf_counter() - started
    pairs = arguments.queries * arguments.videos
    print(
        f"{arguments.model}: {pairs:,} pairs, {2 * arguments.longest:,} offsets: {seconds:.1f} s, "
        f"{seconds / pairs * 1e6:.1f} µs a pair, peak memory {peak_memory_gib():.1f} GiB"
    )


if __name__ == "__main__":
    main()

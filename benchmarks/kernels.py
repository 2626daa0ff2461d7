"""Descriptors and pair scores against an obvious per-pair implementation of the same formulas.

example: python -m benchmarks.kernels --frames 3400 --longest 18886
"""

import argparse

import torch

from benchmarks.measuring import alternate, describe_machine
from tests.obvious import tmk_descriptor, tmk_descriptor_at_once, tmk_scores
from videoalignment.matching import best_offsets
from videoalignment.models import TMK


def measure_descriptor(model: TMK, frames: int, rounds: int) -> list[float]:
    """Seconds for the descriptor of one video: all at once, in a loop, ours."""
    ts, xs = torch.randn(1, frames, 512), torch.arange(frames).float()[None]
    kernel = model.kernel
    periods, coefficients = kernel.periods.tolist(), kernel.coefficients
    return alternate(
        lambda: tmk_descriptor_at_once(ts[0], xs[0], periods, coefficients),
        lambda: tmk_descriptor(ts[0], xs[0], periods, coefficients),
        lambda: model.single_fv(ts, xs),
        rounds=rounds,
    )


def measure_pairs(
    model: TMK, videos: int, longest: int, rounds: int, obvious_pairs: int = 10
) -> tuple[float, float]:
    """Seconds a pair for the best of 2 `longest` offsets: the obvious way, ours all-pairs."""
    ts, xs = torch.randn(videos, 600, 512), torch.arange(600).float().expand(videos, -1)
    fv = model.single_fv(ts, xs)
    offsets = torch.arange(-longest, longest).float()
    kernel = model.kernel
    periods, coefficients = kernel.periods.tolist(), kernel.coefficients

    def obvious() -> None:
        for i in range(obvious_pairs):
            scores = tmk_scores(
                fv[i], fv[i + 1], offsets, periods, coefficients, kernel.normalisation
            )
            scores.max(0)

    def ours() -> None:
        best_offsets(model.query_spectra(fv), model.spectra(fv), offsets)

    slow, fast = alternate(obvious, ours, rounds=rounds)
    return slow / obvious_pairs, fast / videos**2


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--frames", type=int, default=3400, help="frames of the described video")
    parser.add_argument("--videos", type=int, default=300, help="videos, each against each")
    parser.add_argument("--longest", type=int, default=18886, help="L: offsets -L..L-1")
    parser.add_argument("--rounds", type=int, default=5, help="timed rounds; medians are printed")
    arguments = parser.parse_args()
    print(describe_machine())
    print("\n| | obvious way | this package | ratio |\n|---|---|---|---|")
    with torch.inference_mode():
        model = TMK()
        *obvious, fast = measure_descriptor(model, arguments.frames, arguments.rounds)
        for how, slow in zip(("at once", "in a loop"), obvious, strict=True):
            print(
                f"| TMK descriptor of {arguments.frames} frames, weighted frames summed {how} "
                f"| {slow * 1e3:.0f} ms | {fast * 1e3:.2f} ms | {slow / fast:.0f} |"
            )
        slow, fast = measure_pairs(model, arguments.videos, arguments.longest, arguments.rounds)
        print(
            f"| a pair over {2 * arguments.longest:,} offsets, all pairs of {arguments.videos} "
            f"| {slow * 1e3:.1f} ms | {fast * 1e6:.1f} µs | {slow / fast:.0f} |"
        )


if __name__ == "__main__":
    main()

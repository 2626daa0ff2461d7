"""How time and memory of `main.py --dataset_test VSC` grow with the number of videos.

Made-up features of one frame a second, as many queries and references as some share of VSC2022's
training part (8,404 and 40,311 videos), of lengths drawn from its metadata's percentiles.

example: python -m benchmarks.vsc_growth --shares 80 40 20
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.copied_trees import drawn
from benchmarks.measuring import describe_machine, run_process

_QUERIES, _REFERENCES = 8404, 40311
# Percentiles 1, 5, 10, 25, 50, 75, 90, 95, 99 of duration_sec, train_query_metadata.csv and
# train_reference_metadata.csv.
_QUERY_S = (6, 8, 11, 18, 31, 53, 60, 67, 91)
_REFERENCE_S = (6, 7, 10, 15, 27, 47, 60, 60, 60)


def write_tree(root: Path, share: int, width: int) -> None:
    """A tree of one in `share` videos; each query holds half of one of the references."""
    rng = np.random.default_rng(share)
    (root / "features").mkdir(parents=True)

    def video(seconds: float) -> np.ndarray:
        scenes = rng.standard_normal((int(seconds / 4) + 2, width))
        rows = np.repeat(scenes, 4, axis=0)[: max(4, int(seconds))]
        rows = rows + 0.5 * rng.standard_normal(rows.shape)
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

    truth = ["query_id,ref_id,query_start,query_end,ref_start,ref_end"]
    references = [f"R{i}" for i in range(_REFERENCES // share)]
    queries = [f"Q{i}" for i in range(_QUERIES // share)]
    for i, name in enumerate(references):
        rows = video(drawn(rng, _REFERENCE_S))
        np.save(root / "features" / f"{name}.npy", rows)
        if i < len(queries):
            own = video(drawn(rng, _QUERY_S))
            half = max(2, min(len(own), len(rows)) // 2)
            noise = rng.standard_normal((half, width)) / width**0.5
            own[:half] = rows[-half:] + 0.7 * noise
            own /= np.linalg.norm(own, axis=1, keepdims=True)
            np.save(root / "features" / f"{queries[i]}.npy", own)
            truth.append(f"{queries[i]},{name},0,{half},{len(rows) - half},{len(rows)}")
    (root / "train_matching_ground_truth.csv").write_text("\n".join(truth) + "\n")
    for kind, names in (("query", queries), ("reference", references)):
        (root / f"train_{kind}_metadata.csv").write_text("\n".join(["video_id", *names]) + "\n")


def main() -> None:
    """Write trees, run the command on each, print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shares", type=int, nargs="+", default=[80, 40, 20], help="one in N")
    parser.add_argument("--models", nargs="+", default=["align", "TMK"])
    parser.add_argument("--width", type=int, default=512, help="of the descriptors")
    options = parser.parse_args()
    print(describe_machine())
    print("\n| | queries x references | s | peak GiB | segment AP | pair AP |")
    print("|---|---|---|---|---|---|")
    for share in options.shares:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "VSC"
            write_tree(root, share, options.width)
            for model in options.models:
                command = [sys.executable, "main.py", "--dataset_test", "VSC", "--model", model]
                command += ["--output_dir", f"{folder}/out"]
                seconds, gib, printed = run_process(command, {"VIDEOALIGNMENT_VSC": str(root)})
                scores = dict(
                    line.split() for line in printed.splitlines() if line.startswith(("seg", "pai"))
                )
                size = f"{_QUERIES // share:,} x {_REFERENCES // share:,}"
                values = " | ".join(scores.values())
                print(f"| {model} | {size} | {seconds:.0f} | {gib:.2f} | {values} |", flush=True)


if __name__ == "__main__":
    main()
